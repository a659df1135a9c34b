/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: feeding arbitrary scripts to arbitrary machines: the verb run. */
/* Called by: libFuzzer. */
/* Must not know: what a script should do. */
#include "../../../tools/fsm-gen/simulate.h"
#include "fuzz_load.h"

#include <stdlib.h>
#include <string.h>

/* What it prints ends with a whole line, and says why when the status is 1. */
static void judge(int status, const char *text, size_t size)
{
    const bool complained = strstr(text, "\n  unexpected\n") != NULL ||
                            strstr(text, "\n  lost: no room to keep it\n") != NULL;

    if (status < 0 || status > 2 || size == 0 || text[size - 1] != '\n')
        abort();
    if ((status == 1 && !complained) || (status == 0 && complained))
        abort();
}

static void simulate(const struct fg_model *model, const char *script, size_t len)
{
    char *copy = malloc(len + 1), *text = NULL;
    size_t size = 0;
    FILE *in, *out = open_memstream(&text, &size);

    if (copy == NULL || out == NULL)
        abort();
    memcpy(copy, script, len);
    copy[len] = '\n'; /* a stream in memory cannot be empty */
    in = fmemopen(copy, len + 1, "r");
    if (in == NULL)
        abort();
    const int status = fg_simulate(model, in, out);

    (void)fclose(in);
    (void)fclose(out);
    judge(status, text, size);
    free(text);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fg_arena *arena;
    struct fg_model *model;
    size_t spec_len = 0, script_len = 0;
    const char *script = fuzz_split((const char *)data, size, &spec_len, &script_len);

    if (script == NULL || memchr(data, 0, spec_len) != NULL)
        return -1;
    arena = fg_arena_new();
    if (fuzz_load(arena, (const char *)data, spec_len, &model) == 0)
        simulate(model, script, script_len);
    fg_arena_free(arena);
    return 0;
}
