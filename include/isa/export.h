/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: how public functions are exported and how C++ sees them.
 * Used by: every header in include/isa.
 * Must not know: anything else.
 */
#ifndef ISA_EXPORT_H
#define ISA_EXPORT_H

#if defined(__GNUC__)
#define ISA_API __attribute__((visibility("default")))
#else
#define ISA_API
#endif

#ifdef __cplusplus
#define ISA_BEGIN_DECLS extern "C" {
#define ISA_END_DECLS }
#else
#define ISA_BEGIN_DECLS
#define ISA_END_DECLS
#endif

#endif
