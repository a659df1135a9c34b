/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: reading and checking a specification from memory, for the fuzzers. */
/* Called by: fuzz_spec, fuzz_run, fuzz_diff. */
/* Must not know: what is done with the machine. */
#include "fuzz_load.h"

#include <string.h>

int fuzz_load(struct fg_arena *arena, const char *text, size_t len, struct fg_model **ret_model)
{
    struct fg_spec *spec = FG_NEW(arena, struct fg_spec);
    struct fg_model *model = FG_NEW(arena, struct fg_model);
    char *copy = fg_arena_strndup(arena, text, len);

    model->spec = spec;
    spec->arena = arena;
    spec->diag = fg_diag_new(arena, "m.fsm", copy);
    spec->file_name = "m.fsm";
    spec->is_lax = len % 2 == 1;
    (void)fg_diag_option(spec->diag, "equivalent");
    fg_parse(spec, copy, len);
    fg_check(model, spec);
    *ret_model = model;
    return fg_diag_errors(spec->diag);
}

const char *fuzz_split(const char *text, size_t size, size_t *ret_first, size_t *ret_second)
{
    const size_t len = sizeof(FUZZ_SEPARATOR) - 1;

    for (size_t at = 0; at + len <= size; at++)
        if (memcmp(text + at, FUZZ_SEPARATOR, len) == 0) {
            *ret_first = at;
            *ret_second = size - at - len;
            return text + at + len;
        }
    return NULL;
}
