/* Made by protoc-gen-isa from parts/parts.proto, do not edit. */
#ifndef ISA_STUBS_parts_2fparts_2eproto
#define ISA_STUBS_parts_2fparts_2eproto

#include <isa/isa.h>

#include "parts/parts.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#endif
