/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: comparing arbitrary machines: the verb diff. */
/* Called by: libFuzzer. */
/* Must not know: in what two machines should differ. */
#include "../../../tools/fsm-gen/simulate.h"
#include "fuzz_load.h"

#include <stdlib.h>
#include <string.h>

/* The status says whether something was printed. */
static int compare(const struct fg_model *a, const struct fg_model *b)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    int status;

    if (out == NULL)
        abort();
    status = fg_compare(a, b, out);
    (void)fclose(out);
    if (status != (size > 0))
        abort();
    free(text);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A machine does not differ from itself, and two machines differ whichever is named first. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fg_arena *arena;
    struct fg_model *a, *b;
    size_t first = 0, second = 0;
    const char *other = fuzz_split((const char *)data, size, &first, &second);

    if (other == NULL || memchr(data, 0, size) != NULL)
        return -1;
    arena = fg_arena_new();
    if (fuzz_load(arena, (const char *)data, first, &a) == 0) {
        if (compare(a, a) != 0)
            abort();
        if (fuzz_load(arena, other, second, &b) == 0 && compare(a, b) != compare(b, a))
            abort();
    }
    fg_arena_free(arena);
    return 0;
}
