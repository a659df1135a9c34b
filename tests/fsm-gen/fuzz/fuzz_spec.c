/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: feeding arbitrary bytes to fsm-gen: reading, checking, complaining, writing. */
/* Called by: libFuzzer. */
/* Must not know: what makes a specification good. */
#include "../../../tools/fsm-gen/outputs.h"
#include "fuzz_load.h"

#include <stdlib.h>
#include <string.h>

#define EMITTER(id, option, help, emitter) emitter,
static void (*const emitters[])(const struct fg_model *, struct fg_out *,
                                const struct fg_choice *) = { FG_OUTPUT_MAP(EMITTER) };
#undef EMITTER

static void write_all(const struct fg_model *model)
{
    const struct fg_spec *spec = model->spec;
    const struct fg_choice choice = { .self = "m_fsm.c",
                                      .header = "m_fsm.h",
                                      .dispatch = (enum fg_dispatch)(model->trans_count % 3) };

    for (size_t i = 0; i < sizeof(emitters) / sizeof(emitters[0]); i++)
        emitters[i](model, fg_out_new(spec->arena, spec->prefix->text, spec->context->text),
                    &choice);
}

/* JSON as fsm-gen writes it: a flat object a line, its notes one level deeper. */
static void check_json(const char *text)
{
    int depth = 0;
    bool in_string = false;

    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;

        if (c < ' ' && (c != '\n' || depth != 0 || in_string))
            abort();
        if (in_string && c == '\\' && (*++text == '\0' || strchr("\"\\u", *text) == NULL))
            abort();
        if (c == '"')
            in_string = !in_string;
        else if (!in_string && strchr("{[", c) != NULL)
            depth++;
        else if (!in_string && strchr("}]", c) != NULL && depth-- == 0)
            abort();
    }
    if (in_string || depth != 0)
        abort();
}

static char *print(struct fg_diag *diag, void (*print_fn)(struct fg_diag *, FILE *))
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    if (stream == NULL)
        abort();
    print_fn(diag, stream);
    (void)fclose(stream);
    if (fg_diag_errors(diag) > 0 && size == 0)
        abort(); /* an error that nobody is told of */
    return text;
}

static void complain(struct fg_diag *diag)
{
    char *text = print(diag, fg_diag_print), *json = print(diag, fg_diag_print_json);

    check_json(json);
    free(text);
    free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fg_arena *arena;
    struct fg_model *model;
    int errors;

    if (memchr(data, 0, size) != NULL)
        return -1; /* refused before it is read */
    arena = fg_arena_new();
    errors = fuzz_load(arena, (const char *)data, size, &model);
    complain(model->spec->diag);
    if (errors == 0)
        write_all(model);
    fg_arena_free(arena);
    return 0;
}
