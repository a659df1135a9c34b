/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: protobuf-c's own options in a .proto: (pb_c_file) and (pb_c_msg).
 * Used by: what has to name things as protobuf-c does.
 * Must not know: what C is written.
 */
#ifndef PGI_OPTION_H
#define PGI_OPTION_H

#include "job.h"

/** (pb_c_file).no_generate: there are no messages in C. */
bool pgi_has_no_c(const pgi_file *file);
/** (pb_c_file).c_package. @return NULL: none */
const char *pgi_c_package(struct pgi_arena *arena, const pgi_file *file);
/** (pb_c_field).string_as_bytes. */
bool pgi_is_string_as_bytes(const pgi_field *field);
/** The member that holds the message's own head: (pb_c_msg).base_field_name, or "base". */
const char *pgi_base_member(struct pgi_arena *arena, const pgi_message *message);
void pgi_set_base_member(struct pgi_arena *arena, pgi_message *message, const char *name);

#endif
