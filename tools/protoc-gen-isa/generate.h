/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the run from protoc's request to the answer.
 * Used by: main.c, the fuzzer.
 * Must not know: how any step works.
 */
#ifndef PGI_GENERATE_H
#define PGI_GENERATE_H

#include "text.h"

#include <stdint.h>

/** What the files of messages are written by: takes and gives what protoc-gen-c does. */
typedef const char *pgi_run_fn(struct pgi_arena *arena, const char *program, const uint8_t *input,
                               size_t input_size, struct pgi_text *ret_output);

/** @param run  pgi_run_child(), or what stands for it in tests
 *  @return NULL, and ret_answer is what protoc is to be given: files, or an error in a .proto; or
 *          what is wrong with the request as a whole */
const char *pgi_generate(struct pgi_arena *arena, const uint8_t *bytes, size_t size,
                         pgi_run_fn *run, struct pgi_text *ret_answer);

#endif
