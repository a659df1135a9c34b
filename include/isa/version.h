/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the version of the headers and of the library.
 * Used by: programs that check what they were built with and what they run with.
 * Must not know: anything else.
 */
#ifndef ISA_VERSION_H
#define ISA_VERSION_H

#include <isa/export.h>

ISA_BEGIN_DECLS

#define ISA_VERSION_MAJOR 0
#define ISA_VERSION_MINOR 1
#define ISA_VERSION_PATCH 0
#define ISA_VERSION_STRING "0.1.0"

/**
 * Version of the library that runs, as "MAJOR.MINOR.PATCH".
 *
 * @return a static string, never NULL
 * @thread any
 * @since  0.1
 */
ISA_API const char *isa_version(void);

ISA_END_DECLS

#endif
