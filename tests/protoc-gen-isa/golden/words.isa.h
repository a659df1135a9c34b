/* Made by protoc-gen-isa from words.proto, do not edit. */
#ifndef ISA_STUBS_words_2eproto
#define ISA_STUBS_words_2eproto

#include <isa/isa.h>

#include "words.pb-c.h"

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
