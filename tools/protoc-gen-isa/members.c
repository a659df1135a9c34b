/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: that a message is a struct that compiles, in C and in C++: no member twice, none that is a
 *       word of the language, no enumerator twice.
 * Called by: rewrite.c, for each message.
 * Must not know: what is written.
 *
 * What comes later in the .proto gives way, so a new field never renames an older one.
 */
#include "job.h"
#include "names.h"
#include "option.h"

#include <string.h>

struct scope {
    struct pgi_arena *arena;
    pgi_message *message;
    bool is_proto3;
    struct pgi_names proto;       /* what the .proto says in this message */
    struct pgi_names members;     /* of the struct */
    struct pgi_names enumerators; /* behind the message's own name, in capitals */
    struct pgi_names types;       /* the same of types */
};

static void note(struct pgi_names *names, const char *name)
{
    (void)pgi_names_add(names, name, names);
}

static void open_scope(struct scope *scope)
{
    const pgi_message *message = scope->message;
    struct pgi_arena *arena = scope->arena;

    scope->proto.arena = scope->members.arena = arena;
    scope->enumerators.arena = scope->types.arena = arena;
    for (size_t i = 0; i < message->n_field; i++)
        note(&scope->proto, message->field[i]->name);
    for (size_t i = 0; i < message->n_extension; i++)
        if (message->extension[i]->name != NULL)
            note(&scope->proto, message->extension[i]->name);
    for (size_t i = 0; i < message->n_oneof_decl; i++)
        note(&scope->proto, message->oneof_decl[i]->name);
    for (size_t i = 0; i < message->n_nested_type; i++) {
        const char *name = message->nested_type[i]->name;

        note(&scope->proto, name);
        note(&scope->types, pgi_type_name(arena, name));
        note(&scope->enumerators, pgi_format(arena, "%s__INIT", pgi_upper_name(arena, name)));
    }
    for (size_t i = 0; i < message->n_enum_type; i++) {
        const pgi_enum *type = message->enum_type[i];
        const char *upper = pgi_upper_name(arena, type->name);

        note(&scope->proto, type->name);
        note(&scope->types, pgi_type_name(arena, type->name));
        for (size_t j = 0; j < type->n_value; j++) {
            note(&scope->proto, type->value[j]->name);
            note(&scope->enumerators, pgi_format(arena, "%s__%s", upper, type->value[j]->name));
        }
    }
}

/* A field keeps its name when it has that of the struct's head: protobuf-c lets the head be renamed. */
static void choose_base(struct scope *scope)
{
    const char *base = pgi_base_member(scope->arena, scope->message), *free_name = base;
    struct pgi_names fields = { .arena = scope->arena };

    for (size_t i = 0; i < scope->message->n_field; i++)
        note(&fields, pgi_member_name(scope->arena, scope->message->field[i]->name));
    while (pgi_names_has(&fields, free_name) || pgi_is_reserved(free_name) ||
           !pgi_is_name(free_name))
        free_name = pgi_is_name(free_name) && strlen(free_name) < 100
                        ? pgi_format(scope->arena, "%s_", free_name)
                        : "base_";
    if (free_name != base)
        pgi_set_base_member(scope->arena, scope->message, free_name);
    note(&scope->members, free_name);
}

/* The member that says whether a field is there, or how many there are; NULL: none. */
static const char *companion(const struct scope *scope, const pgi_field *field, const char *member)
{
    const bool is_pointer = PGI_IS_TYPE(field, STRING) || PGI_IS_TYPE(field, MESSAGE);
    const bool is_optional =
        field->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_OPTIONAL;

    if (PGI_IS_REPEATED(field))
        return pgi_format(scope->arena, "n_%s", member);
    if (is_optional && !is_pointer && !scope->is_proto3 && !field->has_oneof_index)
        return pgi_format(scope->arena, "has_%s", member);
    return NULL;
}

static bool take_field(struct scope *scope, const pgi_field *field, const char *name)
{
    struct pgi_arena *arena = scope->arena;
    const char *member = pgi_member_name(arena, name);
    const char *other = companion(scope, field, member);
    const char *in_oneof = NULL;

    if (field->has_oneof_index)
        in_oneof = pgi_format(arena, "%d %s", field->oneof_index, pgi_upper_name(arena, name));
    if (pgi_is_reserved(member) || pgi_names_has(&scope->members, member) ||
        (other != NULL && pgi_names_has(&scope->members, other)) ||
        (in_oneof != NULL && pgi_names_has(&scope->enumerators, in_oneof)))
        return false;
    note(&scope->members, member);
    if (other != NULL)
        note(&scope->members, other);
    if (in_oneof != NULL)
        note(&scope->enumerators, in_oneof);
    return true;
}

static bool take_oneof(struct scope *scope, size_t index, const char *name)
{
    struct pgi_arena *arena = scope->arena;
    const char *member = pgi_format(arena, "%s_case", pgi_lower_name(arena, name));
    const char *type = pgi_format(arena, "%sCase", pgi_type_name(arena, name));
    const char *upper = pgi_upper_name(arena, name);
    struct pgi_names enumerators = { .arena = arena };

    if (pgi_names_has(&scope->members, member) || pgi_names_has(&scope->types, type))
        return false;
    note(&enumerators, pgi_format(arena, "%s__NOT_SET", upper));
    if (pgi_names_has(&scope->enumerators, pgi_format(arena, "%s__NOT_SET", upper)))
        return false;
    for (size_t i = 0; i < scope->message->n_field; i++) {
        const pgi_field *field = scope->message->field[i];
        const char *enumerator;

        if (!field->has_oneof_index || (size_t)field->oneof_index != index)
            continue;
        enumerator = pgi_format(arena, "%s_%s", upper, pgi_upper_name(arena, field->name));
        if (pgi_names_has(&scope->enumerators, enumerator) ||
            pgi_names_add(&enumerators, enumerator, scope) != NULL)
            return false;
    }
    note(&scope->members, member);
    note(&scope->types, type);
    note(&scope->enumerators, pgi_format(arena, "%s__NOT_SET", upper));
    for (size_t i = 0; i < scope->message->n_field; i++) {
        const pgi_field *field = scope->message->field[i];

        if (field->has_oneof_index && (size_t)field->oneof_index == index)
            note(&scope->enumerators,
                 pgi_format(arena, "%s_%s", upper, pgi_upper_name(arena, field->name)));
    }
    return true;
}

static const char *next_name(const struct scope *scope, const char *name, int attempt)
{
    return attempt == 1 ? pgi_format(scope->arena, "%s_", name)
                        : pgi_format(scope->arena, "%s_%d", name, attempt);
}

int pgi_rename_members(struct pgi_job *job, pgi_message *message, const char *full_name,
                       bool is_proto3)
{
    enum { ENOUGH = 1000 };
    struct scope scope = { .arena = job->arena, .message = message, .is_proto3 = is_proto3 };

    open_scope(&scope);
    choose_base(&scope);
    for (size_t i = 0; i < message->n_field; i++) {
        pgi_field *field = message->field[i];
        const char *name = field->name;
        int attempt = 0;

        while ((attempt > 0 && pgi_names_has(&scope.proto, name)) ||
               !take_field(&scope, field, name))
            if (++attempt > ENOUGH)
                return pgi_refuse(job, "no name for the field '%s.%s' in C", full_name,
                                  field->name);
            else
                name = next_name(&scope, field->name, attempt);
        field->name = pgi_copy(job->arena, name, strlen(name));
        note(&scope.proto, name);
    }
    for (size_t i = 0; i < message->n_oneof_decl; i++) {
        pgi_oneof *oneof = message->oneof_decl[i];
        const char *name = oneof->name;
        int attempt = 0;

        while ((attempt > 0 && pgi_names_has(&scope.proto, name)) || !take_oneof(&scope, i, name))
            if (++attempt > ENOUGH)
                return pgi_refuse(job, "no name for the oneof '%s.%s' in C", full_name,
                                  oneof->name);
            else
                name = next_name(&scope, oneof->name, attempt);
        oneof->name = pgi_copy(job->arena, name, strlen(name));
        note(&scope.proto, name);
    }
    return 0;
}
