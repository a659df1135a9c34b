/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what protoc-gen-c 1.4 does not take, said in a way that it takes, with the same bytes on the
 *       wire: optional fields of proto3, numbers that C spells otherwise, comments.
 * Called by: generate.c, before the child is asked.
 * Must not know: what is written.
 */
#include "job.h"
#include "names.h"
#include "option.h"

#include <string.h>

struct rewriting {
    struct pgi_job *job;
    const pgi_file *file;
    bool is_proto3;
};

static void remember(struct rewriting *rewriting, const char *full_name, const pgi_field *field,
                     const pgi_oneof *oneof)
{
    struct pgi_presence *presence = pgi_alloc(rewriting->job->arena, sizeof(*presence));

    *presence =
        (struct pgi_presence){ NULL, rewriting->file,
                               pgi_names_find(&rewriting->job->types, full_name), field, oneof };
    *rewriting->job->presences_end = presence;
    rewriting->job->presences_end = &presence->next;
}

/* protoc has put each optional field into a oneof of its own. Without the flag that is a plain oneof,
 * which protoc-gen-c knows. A message says by its pointer whether it is there, and needs none. */
static void take_optional(struct rewriting *rewriting, pgi_message *message, const char *full_name)
{
    struct pgi_arena *arena = rewriting->job->arena;
    bool *is_gone = pgi_alloc(arena, message->n_oneof_decl * sizeof(*is_gone));
    int32_t *place = pgi_alloc(arena, message->n_oneof_decl * sizeof(*place));
    size_t count = 0;

    for (size_t i = 0; i < message->n_field; i++) {
        pgi_field *field = message->field[i];

        if (!field->proto3_optional || !field->has_oneof_index)
            continue;
        field->has_proto3_optional = field->proto3_optional = 0;
        if (PGI_IS_TYPE(field, MESSAGE)) {
            is_gone[field->oneof_index] = true;
            field->has_oneof_index = 0;
        } else {
            remember(rewriting, full_name, field, message->oneof_decl[field->oneof_index]);
        }
    }
    for (size_t i = 0; i < message->n_oneof_decl; i++) {
        place[i] = (int32_t)count;
        if (!is_gone[i])
            message->oneof_decl[count++] = message->oneof_decl[i];
    }
    message->n_oneof_decl = count;
    for (size_t i = 0; i < message->n_field; i++)
        if (message->field[i]->has_oneof_index)
            message->field[i]->oneof_index = place[message->field[i]->oneof_index];
}

/* NULL: this is no number. */
static const char *c_number(struct pgi_arena *arena, const char *text, bool is_float)
{
    const char *number = text + (text[0] == '-'), *sign = number == text ? "" : "-";
    const char *suffix = is_float ? "f" : "";

    if (strcmp(number, "inf") == 0)
        return pgi_format(arena, "%s__builtin_inf%s()", sign, suffix);
    if (strcmp(number, "nan") == 0)
        return pgi_format(arena, "%s__builtin_nan%s(\"\")", sign, suffix);
    if (number[0] == '\0' || number[strspn(number, "0123456789.e+-")] != '\0')
        return NULL;
    return pgi_format(arena, "%s%s%s", text, strpbrk(number, ".e") == NULL ? ".0" : "", suffix);
}

/* protoc-gen-c prints numbers with a few digits, and what is no number as a word. So it is given a
 * number that nobody has asked for, which is found again in what it writes. */
static int take_default(struct rewriting *rewriting, const char *full_name, pgi_field *field)
{
    struct pgi_job *job = rewriting->job;
    struct pgi_literal *literal;

    if (field->default_value == NULL || !(PGI_IS_TYPE(field, FLOAT) || PGI_IS_TYPE(field, DOUBLE)))
        return 0;
    literal = pgi_alloc(job->arena, sizeof(*literal));
    literal->exact = c_number(job->arena, field->default_value, PGI_IS_TYPE(field, FLOAT));
    if (literal->exact == NULL || job->literal_count == 90000)
        return pgi_refuse(job, "%s: the default of '%s.%s' is not a number: %s",
                          rewriting->file->name, full_name, field->name, field->default_value);
    /* It ends in 1: a 0 would not be printed. */
    literal->stand_in = pgi_format(job->arena, "%u.%05ue+33", 1 + job->literal_count / 10000,
                                   job->literal_count % 10000 * 10 + 1);
    job->literal_count++;
    field->default_value = pgi_copy(job->arena, literal->stand_in, strlen(literal->stand_in));
    literal->next = job->literals;
    job->literals = literal;
    return 0;
}

/* NULL: {0} begins it. */
static const char *first_value(struct pgi_job *job, const pgi_field *field)
{
    if (PGI_IS_TYPE(field, BYTES) || pgi_is_string_as_bytes(field))
        return "{0, NULL}";
    if (PGI_IS_TYPE(field, ENUM))
        return pgi_format(
            job->arena, "(%s)0",
            pgi_type_name(job->arena, pgi_find_type(job, field->type_name)->c_full_name));
    return NULL;
}

/* protoc-gen-c writes {0} for the value of every oneof, which is not C++ where an enumeration comes
 * first, and where bytes do is warned of. */
static void note_values(struct rewriting *rewriting, const pgi_message *message,
                        const char *full_name)
{
    struct pgi_job *job = rewriting->job;
    const struct pgi_type *type = pgi_names_find(&job->types, full_name);

    for (size_t i = 0; i < message->n_oneof_decl; i++) {
        const pgi_field *first = NULL;
        const char *value;

        for (size_t j = message->n_field; j-- > 0;)
            if (message->field[j]->has_oneof_index && (size_t)message->field[j]->oneof_index == i)
                first = message->field[j];
        value = first == NULL ? NULL : first_value(job, first);
        if (value != NULL)
            (void)pgi_names_add(
                &job->oneof_values,
                pgi_format(job->arena, "%s__%s__NOT_SET",
                           pgi_upper_name(job->arena, type->c_full_name),
                           pgi_upper_name(job->arena, message->oneof_decl[i]->name)),
                value);
    }
}

static int rewrite_message(struct rewriting *rewriting, pgi_message *message, const char *outer)
{
    struct pgi_job *job = rewriting->job;
    const char *full_name =
        outer[0] == '\0' ? message->name : pgi_format(job->arena, "%s.%s", outer, message->name);

    for (size_t i = 0; i < message->n_field; i++) {
        pgi_field *field = message->field[i];
        const bool is_named = PGI_IS_TYPE(field, MESSAGE) || PGI_IS_TYPE(field, ENUM);

        if (PGI_IS_TYPE(field, GROUP))
            return pgi_refuse(job,
                              "%s: '%s.%s' is a group, and protobuf-c has no groups; make it a "
                              "message and a field of its type, if the peer can be changed",
                              rewriting->file->name, full_name, field->name);
        if (is_named && pgi_find_type(job, field->type_name) == NULL)
            return pgi_refuse(job, "%s: '%s.%s' is of the type '%s', which no file defines",
                              rewriting->file->name, full_name, field->name,
                              field->type_name == NULL ? "" : field->type_name);
        if (take_default(rewriting, full_name, field) != 0)
            return -1;
    }
    take_optional(rewriting, message, full_name);
    if (pgi_rename_members(job, message, full_name, rewriting->is_proto3) != 0)
        return -1;
    note_values(rewriting, message, full_name);
    for (size_t i = 0; i < message->n_nested_type; i++)
        if (rewrite_message(rewriting, message->nested_type[i], full_name) != 0)
            return -1;
    return 0;
}

static void clean_comments(struct pgi_arena *arena, const pgi_file *file)
{
    for (size_t i = 0; file->source_code_info != NULL && i < file->source_code_info->n_location;
         i++) {
        pgi_location *location = file->source_code_info->location[i];

        if (location->leading_comments != NULL)
            location->leading_comments = pgi_clean_comment(arena, location->leading_comments);
        if (location->trailing_comments != NULL)
            location->trailing_comments = pgi_clean_comment(arena, location->trailing_comments);
    }
}

static int rewrite_file(struct pgi_job *job, const pgi_file *file)
{
    const char *syntax = file->syntax == NULL ? "proto2" : file->syntax;
    const char *package = file->package == NULL ? "" : file->package;
    struct rewriting rewriting = { job, file, strcmp(syntax, "proto3") == 0 };

    if (!rewriting.is_proto3 && strcmp(syntax, "proto2") != 0)
        return pgi_refuse(job,
                          "%s: its syntax is '%s'; protobuf-c 1.4 knows proto2 and proto3 only, so "
                          "begin it with syntax = \"proto3\";",
                          file->name, syntax);
    if (package[0] == '\0' && pgi_c_package(job->arena, file) != NULL)
        return pgi_refuse(
            job,
            "%s: (pb_c_file).c_package replaces a package, and there is none; protoc-gen-c "
            "1.4 would crash. Give the file a package",
            file->name);
    clean_comments(job->arena, file);
    for (size_t i = 0; i < file->n_message_type; i++)
        if (rewrite_message(&rewriting, file->message_type[i], package) != 0)
            return -1;
    return 0;
}

int pgi_rewrite(struct pgi_job *job)
{
    for (size_t i = 0; i < job->request->n_file_to_generate; i++)
        if (rewrite_file(job, pgi_find_file(job, job->request->file_to_generate[i])) != 0)
            return -1;
    return 0;
}
