/* Made by protoc-gen-isa from words.proto, do not edit. */
#include "words.isa.h"
