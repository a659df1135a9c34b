/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the table of the cases.
 * Used by: args.c, main.c.
 * Must not know: how a case does its work.
 */
#include "cases.h"

#define INTEROP_CASE(name) { #name, case_##name },
const struct interop_case interop_cases[] = { INTEROP_CASES(INTEROP_CASE) };
const size_t interop_case_count = sizeof interop_cases / sizeof interop_cases[0];
