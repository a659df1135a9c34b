/* Made by protoc-gen-isa from optional.proto, do not edit. */
#include "optional.isa.h"
