/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the log hook.
 * Used by: every room, through isa__log().
 * Must not know: what is being logged; it prints nothing itself.
 */
#include "base.h"

#include <stdio.h>

enum { LINE_BYTES = 1024 };

enum isa_log_level isa__log_level;
static isa_log_fn *hook;
static void *hook_user;

int isa_set_log(isa_log_fn *fn, enum isa_log_level level, void *user)
{
    if (level < ISA_LOG_ERROR || level > ISA_LOG_DEBUG)
        return ISA_EINVAL;
    hook = fn;
    hook_user = user;
    isa__log_level = fn ? level : (enum isa_log_level)0;
    return 0;
}

void isa__log_write(enum isa_log_level level, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (hook)
        hook(level, line, hook_user);
}
