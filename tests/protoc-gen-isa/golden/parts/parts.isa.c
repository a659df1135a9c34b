/* Made by protoc-gen-isa from parts/parts.proto, do not edit. */
#include "parts/parts.isa.h"
