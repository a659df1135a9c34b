/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what can be said of a target and of options before a handle is opened.
 * Used by: applications that read them from a user or a file.
 * Must not know: handles.
 */
#include <isa/conn.h>

#include "settings.h"

enum { WHY_BYTES = 256 };

/* Into the caller's buffer, or into one that nobody reads. */
static void init_why(struct isa__text *why, char *ret_why, size_t size_bytes,
                     char unread[WHY_BYTES])
{
    bool is_wanted = ret_why && size_bytes > 0;
    isa__text_init(why, is_wanted ? ret_why : unread, is_wanted ? size_bytes : WHY_BYTES);
}

int isa_conn_options_check(const struct isa_conn_options *options, char *ret_why, size_t size_bytes)
{
    struct isa_conn_options settings;
    struct isa__link_config config;
    char unread[WHY_BYTES];
    struct isa__text why;
    init_why(&why, ret_why, size_bytes, unread);
    return isa__settings_read(options, &settings, &config, &why);
}

int isa_target_check(const char *target, char *ret_why, size_t size_bytes)
{
    char canonical[ISA__TR_TARGET_MAX + 32];
    char unread[WHY_BYTES];
    struct isa__text out;
    struct isa__text why;
    isa__text_init(&out, canonical, sizeof canonical);
    init_why(&why, ret_why, size_bytes, unread);
    if (!target) {
        isa__text_add(&why, "the target is NULL: pass \"host:port\"");
        return ISA_EINVAL;
    }
    return isa__tr_target_parse(target, &out, &why);
}
