/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: feeding arbitrary bytes to fsm-gen: reading, checking, complaining, writing. */
/* Called by: libFuzzer. */
/* Must not know: what makes a specification good. */
#include "outputs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EMITTER(id, option, help, emitter) emitter,
static void (*const emitters[])(const struct fg_model *, struct fg_out *,
                                const struct fg_choice *) = { FG_OUTPUT_MAP(EMITTER) };
#undef EMITTER

static void write_all(const struct fg_model *model)
{
    const struct fg_choice choice = { .self = "m_fsm.c", .header = "m_fsm.h" };
    const struct fg_spec *spec = model->spec;

    for (size_t i = 0; i < sizeof(emitters) / sizeof(emitters[0]); i++)
        emitters[i](model, fg_out_new(spec->arena, spec->prefix->text, spec->context->text),
                    &choice);
}

static void complain(struct fg_diag *diag)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    if (stream == NULL)
        abort();
    fg_diag_print(diag, stream);
    (void)fclose(stream);
    if (fg_diag_errors(diag) > 0 && size == 0)
        abort(); /* an error that nobody is told of */
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fg_arena *arena;
    struct fg_spec *spec;
    struct fg_model *model;
    char *text;

    if (memchr(data, 0, size) != NULL)
        return -1; /* refused before it is read */
    arena = fg_arena_new();
    spec = FG_NEW(arena, struct fg_spec);
    model = FG_NEW(arena, struct fg_model);
    text = fg_arena_strndup(arena, (const char *)data, size);
    spec->arena = arena;
    spec->diag = fg_diag_new(arena, "m.fsm", text);
    spec->file_name = "m.fsm";
    fg_parse(spec, text, size);
    fg_check(model, spec);
    complain(spec->diag);
    if (fg_diag_errors(spec->diag) == 0)
        write_all(model);
    fg_arena_free(arena);
    return 0;
}
