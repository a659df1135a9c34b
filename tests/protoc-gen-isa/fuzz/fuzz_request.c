/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: protoc-gen-isa under libFuzzer: whatever the request, the answer is one that protoc can read, and
 *       the C in it is not broken by what stood in the request.
 * Called by: tools/check/fuzz.sh.
 * Must not know: how the plugin works.
 */
#include "../../../tools/protoc-gen-isa/generate.h"
#include "../../../tools/protoc-gen-isa/wire.h"

#include <google/protobuf/compiler/plugin.pb-c.h>

#include <stdlib.h>
#include <string.h>

#define RESPONSE_TYPE (&google__protobuf__compiler__code_generator_response__descriptor)

/* Stands for protoc-gen-c: one file, whose text is what it was told, as far as that is text. */
static const char *answer_with_request(struct pgi_arena *arena, const char *program,
                                       const uint8_t *input, size_t input_size,
                                       struct pgi_text *ret_output)
{
    Google__Protobuf__Compiler__CodeGeneratorResponse response =
        GOOGLE__PROTOBUF__COMPILER__CODE_GENERATOR_RESPONSE__INIT;
    Google__Protobuf__Compiler__CodeGeneratorResponse__File file =
        GOOGLE__PROTOBUF__COMPILER__CODE_GENERATOR_RESPONSE__FILE__INIT;
    Google__Protobuf__Compiler__CodeGeneratorResponse__File *files[] = { &file };
    char *content = pgi_copy(arena, (const char *)input, input_size);

    (void)program;
    for (size_t i = 0; i < input_size; i++)
        if (content[i] == '\0')
            content[i] = '/';
    file.name = pgi_copy(arena, "x", 1);
    file.content = content;
    response.file = files;
    response.n_file = 1;
    ret_output->arena = arena;
    ret_output->size = protobuf_c_message_get_packed_size(&response.base);
    ret_output->bytes = pgi_alloc(arena, ret_output->size + 1);
    (void)protobuf_c_message_pack(&response.base, (uint8_t *)ret_output->bytes);
    return NULL;
}

/* Comments and strings end, brackets match, and nothing is written that no text has. */
static void check_c(const char *text)
{
    int depth = 0;

    while (*text != '\0') {
        if (strncmp(text, "/*", 2) == 0) {
            const char *end = strstr(text + 2, "*/"), *inner = strstr(text + 2, "/*");

            if (end == NULL || (inner != NULL && inner < end))
                abort();
            text = end + 2;
            continue;
        }
        if (*text == '"') {
            text += strcspn(text + 1, "\"\n\\") + 1;
            if (*text != '"')
                abort();
        }
        if ((unsigned char)*text < ' ' && *text != '\n')
            abort();
        depth += strchr("({", *text) != NULL;
        depth -= strchr(")}", *text) != NULL;
        if (depth < 0)
            abort();
        text++;
    }
    if (depth != 0)
        abort();
}

static void check_answer(struct pgi_arena *arena, const struct pgi_text *answer)
{
    Google__Protobuf__Compiler__CodeGeneratorResponse *response;

    if (pgi_wire_fault(arena, RESPONSE_TYPE, (const uint8_t *)answer->bytes, answer->size) != NULL)
        abort();
    response = (void *)protobuf_c_message_unpack(RESPONSE_TYPE, pgi_arena_allocator(arena),
                                                 answer->size, (const uint8_t *)answer->bytes);
    if (response == NULL || (response->error == NULL && response->n_file == 0))
        abort();
    for (size_t i = 0; response->error == NULL && i < response->n_file; i++) {
        const char *name = response->file[i]->name, *dot = strrchr(name, '.');

        /* Those of protoc-gen-isa end so; the header is C++ outside of extern "C" too. */
        if (dot != NULL && dot - name > 3 && strncmp(dot - 4, ".isa", 4) == 0 &&
            (strcmp(dot, ".c") == 0 || strcmp(dot, ".h") == 0))
            check_c(response->file[i]->content);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pgi_arena *arena = pgi_arena_new();
    struct pgi_text answer = { .arena = arena };

    if (pgi_generate(arena, data, size, answer_with_request, &answer) == NULL)
        check_answer(arena, &answer);
    pgi_arena_free(arena);
    return 0;
}
