/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the calls of a .proto as C has them: names, types, kinds.
 * Called by: generate.c.
 * Must not know: how they are written.
 */
#include "stubs.h"

#include "names.h"

#include <string.h>

enum {
    SERVICES = 6,
    METHODS = 2
}; /* numbers of the fields of FileDescriptorProto, and of a service */

/* What is before the declaration, else what is behind it. */
static const char *find_comment(const pgi_file *file, const int32_t *path, size_t size)
{
    const Google__Protobuf__SourceCodeInfo *info = file->source_code_info;

    for (size_t i = 0; info != NULL && i < info->n_location; i++) {
        const pgi_location *location = info->location[i];

        if (location->n_path != size || memcmp(location->path, path, size * sizeof(*path)) != 0)
            continue;
        if (location->leading_comments != NULL)
            return location->leading_comments;
        return location->trailing_comments == NULL ? "" : location->trailing_comments;
    }
    return "";
}

static enum pgi_kind kind_of(const pgi_method *method)
{
    if (method->client_streaming)
        return method->server_streaming ? PGI_BIDI : PGI_CLIENT_STREAM;
    return method->server_streaming ? PGI_SERVER_STREAM : PGI_UNARY;
}

/* All or none of the names that belong to a call. */
static bool take_names(struct pgi_names *taken, const char *name, enum pgi_kind kind)
{
    static const char *const ends[] = { "",       "_fn",     "_message_fn", "_events",
                                        "_write", "_resume", "_on_reply",   "_on_message" };
    const size_t count = kind == PGI_UNARY ? 2 : sizeof(ends) / sizeof(ends[0]);

    for (size_t i = 0; i < count; i++)
        if (pgi_names_has(taken, pgi_format(taken->arena, "%s%s", name, ends[i])))
            return false;
    for (size_t i = 0; i < count; i++)
        (void)pgi_names_add(taken, pgi_format(taken->arena, "%s%s", name, ends[i]), taken);
    return true;
}

static int collect_method(struct pgi_job *job, const pgi_file *file, const pgi_method *method,
                          const char *service, struct pgi_names *taken, struct pgi_stub *ret_stub)
{
    struct pgi_arena *arena = job->arena;
    const struct pgi_type *request = pgi_find_type(job, method->input_type);
    const struct pgi_type *response = pgi_find_type(job, method->output_type);
    const char *full_name = pgi_format(arena, "%s.%s", service, method->name);
    const char *name = pgi_function_name(arena, pgi_c_full_name(arena, file, full_name));

    if (request == NULL || response == NULL || request->is_enum || response->is_enum)
        return pgi_refuse(job, "%s: '%s' takes or returns '%s', which is no message of any file",
                          file->name, full_name,
                          request == NULL || request->is_enum ? method->input_type
                                                              : method->output_type);
    ret_stub->kind = kind_of(method);
    while (!take_names(taken, name, ret_stub->kind))
        name = pgi_format(arena, "%s_", name);
    ret_stub->name = name;
    ret_stub->upper_name = pgi_upper_name(arena, name);
    ret_stub->path = pgi_format(arena, "/%s/%s", service, method->name);
    ret_stub->request = pgi_type_name(arena, request->c_full_name);
    ret_stub->response = pgi_type_name(arena, response->c_full_name);
    ret_stub->descriptor =
        pgi_format(arena, "%s__descriptor", pgi_lower_name(arena, response->c_full_name));
    ret_stub->is_deprecated = method->options != NULL && method->options->deprecated;
    return 0;
}

static int collect_service(struct pgi_job *job, const pgi_file *file, int32_t index,
                           struct pgi_names *taken, struct pgi_service_stubs *ret_stubs)
{
    const pgi_service *service = file->service[index];
    const char *package = file->package == NULL ? "" : file->package;
    int32_t path[] = { SERVICES, index, METHODS, 0 };

    ret_stubs->full_name = package[0] == '\0'
                               ? service->name
                               : pgi_format(job->arena, "%s.%s", package, service->name);
    ret_stubs->comment = find_comment(file, path, 2);
    ret_stubs->count = service->n_method;
    ret_stubs->stubs = pgi_alloc(job->arena, service->n_method * sizeof(*ret_stubs->stubs));
    for (size_t i = 0; i < service->n_method; i++) {
        struct pgi_stub *stub = &ret_stubs->stubs[i];

        path[3] = (int32_t)i;
        stub->comment = find_comment(file, path, 4);
        if (collect_method(job, file, service->method[i], ret_stubs->full_name, taken, stub) != 0)
            return -1;
    }
    return 0;
}

int pgi_collect_stubs(struct pgi_job *job, const pgi_file *file, struct pgi_stubs *ret_stubs)
{
    struct pgi_names taken = { .arena = job->arena };

    *ret_stubs = (struct pgi_stubs){
        file, pgi_file_stem(job->arena, file->name), pgi_file_guard(job->arena, file->name),
        pgi_alloc(job->arena, file->n_service * sizeof(*ret_stubs->services)), file->n_service
    };
    for (size_t i = 0; i < file->n_service; i++)
        if (collect_service(job, file, (int32_t)i, &taken, &ret_stubs->services[i]) != 0)
            return -1;
    return 0;
}

int pgi_write_calls(struct pgi_job *job, const pgi_file *file, char **ret_header, char **ret_source)
{
    struct pgi_text header = { .arena = job->arena }, source = { .arena = job->arena };
    struct pgi_stubs stubs;

    if (pgi_collect_stubs(job, file, &stubs) != 0)
        return -1;
    pgi_emit_header(job, &stubs, &header);
    pgi_emit_source(&stubs, &source);
    *ret_header = header.bytes;
    *ret_source = source.bytes;
    return 0;
}
