/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: which types there are and what C calls them; what no .proto can say is refused here, so that
 *       the steps after this one may rely on it.
 * Called by: generate.c, first of all.
 * Must not know: what is written.
 */
#include "job.h"
#include "names.h"
#include "option.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where one is: the file, and what C has been told to call which type. */
struct index {
    struct pgi_job *job;
    const pgi_file *file;
    struct pgi_names type_names, lower_names, upper_names; /* of C -> struct pgi_type */
};

int pgi_refuse(struct pgi_job *job, const char *format, ...)
{
    va_list arguments;
    char text[2000];

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (job->error == NULL)
        job->error = pgi_copy(job->arena, text, strlen(text));
    return -1;
}

pgi_file *pgi_find_file(const struct pgi_job *job, const char *name)
{
    for (size_t i = 0; i < job->request->n_proto_file; i++)
        if (strcmp(job->request->proto_file[i]->name, name) == 0)
            return job->request->proto_file[i];
    return NULL;
}

const struct pgi_type *pgi_find_type(const struct pgi_job *job, const char *name)
{
    return name == NULL || name[0] != '.' ? NULL : pgi_names_find(&job->types, name + 1);
}

char *pgi_c_full_name(struct pgi_arena *arena, const pgi_file *file, const char *full_name)
{
    const char *package = file->package == NULL ? "" : file->package;
    const char *c_package = pgi_c_package(arena, file);

    if (c_package == NULL || package[0] == '\0')
        return pgi_copy(arena, full_name, strlen(full_name));
    return pgi_format(arena, "%s%s", c_package, full_name + strlen(package));
}

static char *join(struct pgi_arena *arena, const char *outer, const char *name)
{
    return outer[0] == '\0' ? pgi_copy(arena, name, strlen(name))
                            : pgi_format(arena, "%s.%s", outer, name);
}

static bool is_dotted(struct pgi_arena *arena, const char *name)
{
    size_t size;

    for (; *name != '\0'; name += size) {
        size = strcspn(name, ".");
        if (!pgi_is_name(pgi_copy(arena, name, size)))
            return false;
        if (name[size] == '.' && name[++size] == '\0')
            return false;
    }
    return true;
}

static int name_is_bad(struct index *index, const char *what, const char *outer, const char *name)
{
    return pgi_refuse(index->job, "%s: in '%s' %s is called '%s', which is not a name",
                      index->file->name, outer, what, name == NULL ? "" : name);
}

static int add_type(struct index *index, const char *full_name, bool is_enum)
{
    struct pgi_arena *arena = index->job->arena;
    struct pgi_type *type = pgi_alloc(arena, sizeof(*type));
    const struct pgi_type *other;

    *type = (struct pgi_type){ full_name, pgi_c_full_name(arena, index->file, full_name),
                               index->file, is_enum };
    if (pgi_names_add(&index->job->types, full_name, type) != NULL)
        return pgi_refuse(index->job, "%s: there are two types '%s'", index->file->name, full_name);
    other = pgi_names_add(&index->type_names, pgi_type_name(arena, type->c_full_name), type);
    if (other == NULL)
        other = pgi_names_add(&index->lower_names, pgi_lower_name(arena, type->c_full_name), type);
    if (other == NULL)
        other = pgi_names_add(&index->upper_names, pgi_upper_name(arena, type->c_full_name), type);
    if (other == NULL)
        return 0;
    return pgi_refuse(
        index->job,
        "%s: '%s' and '%s' of %s would have the same name in C, %s; rename one, or give "
        "one file another (pb_c_file).c_package",
        index->file->name, full_name, other->full_name, other->file->name,
        pgi_type_name(arena, type->c_full_name));
}

static int add_enum(struct index *index, const pgi_enum *type, const char *outer)
{
    if (!pgi_is_name(type->name))
        return name_is_bad(index, "an enum", outer, type->name);
    for (size_t i = 0; i < type->n_value; i++)
        if (!pgi_is_name(type->value[i]->name))
            return name_is_bad(index, "a value", type->name, type->value[i]->name);
    return add_type(index, join(index->job->arena, outer, type->name), true);
}

static int check_fields(struct index *index, const pgi_message *message, const char *full_name)
{
    for (size_t i = 0; i < message->n_oneof_decl; i++)
        if (!pgi_is_name(message->oneof_decl[i]->name))
            return name_is_bad(index, "a oneof", full_name, message->oneof_decl[i]->name);
    for (size_t i = 0; i < message->n_field; i++) {
        const pgi_field *field = message->field[i];

        if (!pgi_is_name(field->name))
            return name_is_bad(index, "a field", full_name, field->name);
        if (field->has_oneof_index &&
            (field->oneof_index < 0 || (size_t)field->oneof_index >= message->n_oneof_decl))
            return pgi_refuse(index->job, "%s: '%s.%s' is in a oneof that there is not",
                              index->file->name, full_name, field->name);
    }
    return 0;
}

static int add_message(struct index *index, const pgi_message *message, const char *outer)
{
    char *full_name;

    if (!pgi_is_name(message->name))
        return name_is_bad(index, "a message", outer, message->name);
    full_name = join(index->job->arena, outer, message->name);
    if (add_type(index, full_name, false) != 0 || check_fields(index, message, full_name) != 0)
        return -1;
    for (size_t i = 0; i < message->n_enum_type; i++)
        if (add_enum(index, message->enum_type[i], full_name) != 0)
            return -1;
    for (size_t i = 0; i < message->n_nested_type; i++)
        if (add_message(index, message->nested_type[i], full_name) != 0)
            return -1;
    return 0;
}

static int check_services(struct index *index, const char *package)
{
    for (size_t i = 0; i < index->file->n_service; i++) {
        const pgi_service *service = index->file->service[i];

        if (!pgi_is_name(service->name))
            return name_is_bad(index, "a service", package, service->name);
        for (size_t j = 0; j < service->n_method; j++)
            if (!pgi_is_name(service->method[j]->name))
                return name_is_bad(index, "a method", service->name, service->method[j]->name);
    }
    return 0;
}

/* A name that can stand in an #include, in a comment and in an error. */
static bool is_file_name(const char *name)
{
    if (name == NULL || name[0] == '\0' || strstr(name, "*/") != NULL ||
        strstr(name, "/*") != NULL ||
        strstr(name, "?"
                     "?") != NULL)
        return false;
    for (; *name != '\0'; name++)
        if ((unsigned char)*name < ' ' || strchr("\"\\", *name) != NULL)
            return false;
    return true;
}

static int add_file(struct index *index)
{
    const pgi_file *file = index->file;
    const char *package = file->package == NULL ? "" : file->package;
    const char *c_package = pgi_c_package(index->job->arena, file);

    if (!is_file_name(file->name))
        return pgi_refuse(index->job, "a file is called '%s', which no #include can name",
                          file->name == NULL ? "" : file->name);
    if (!is_dotted(index->job->arena, package))
        return pgi_refuse(index->job, "%s: '%s' is not the name of a package", file->name, package);
    if (c_package != NULL && !is_dotted(index->job->arena, c_package))
        return pgi_refuse(index->job, "%s: (pb_c_file).c_package is '%s', which is not a name",
                          file->name, c_package);
    for (size_t i = 0; i < file->n_enum_type; i++)
        if (add_enum(index, file->enum_type[i], package) != 0)
            return -1;
    for (size_t i = 0; i < file->n_message_type; i++)
        if (add_message(index, file->message_type[i], package) != 0)
            return -1;
    return check_services(index, package);
}

int pgi_index(struct pgi_job *job)
{
    struct pgi_arena *arena = job->arena;
    struct index index = { .job = job,
                           .type_names = { .arena = arena },
                           .lower_names = { .arena = arena },
                           .upper_names = { .arena = arena } };

    for (size_t i = 0; i < job->request->n_proto_file; i++) {
        index.file = job->request->proto_file[i];
        if (add_file(&index) != 0)
            return -1;
    }
    if (job->request->n_file_to_generate == 0)
        return pgi_refuse(job, "there is no file to generate");
    for (size_t i = 0; i < job->request->n_file_to_generate; i++)
        if (pgi_find_file(job, job->request->file_to_generate[i]) == NULL)
            return pgi_refuse(job, "%s is to be generated, but is not described",
                              job->request->file_to_generate[i]);
    return 0;
}
