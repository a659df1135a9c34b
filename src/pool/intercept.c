/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: interceptors: copying them, running them in order, what they do to a call's start.
 * Used by: conn.c, call.c, stream.c; applications inside on_start.
 * Must not know: how calls are made.
 */
#include "intercept.h"

#include <assert.h>
#include <string.h>

#include "call_life.h"

static_assert(sizeof(struct isa_interceptor) ==
                  offsetof(struct isa_interceptor, user) + sizeof(void *),
              "no padding at the end: an unknown tail must be options, not chance");

int isa__intercepts_new(const struct isa_conn_options *options,
                        struct isa__intercepts **ret_intercepts)
{
    uint32_t count = options->interceptor_count;
    if (count == 0 && !options->on_token)
        return 0;
    struct isa__intercepts *all = isa__alloc(sizeof *all + count * sizeof *all->list);
    if (!all)
        return ISA_ENOMEM;
    int error = 0;
    for (uint32_t i = 0; i < count && !error; i++) {
        const struct isa_interceptor *given = options->interceptors[i];
        error =
            given ? isa__opt_copy(&all->list[i], sizeof *given, given, sizeof *given) : ISA_EINVAL;
    }
    all->on_token = options->on_token;
    all->token_user = options->token_user;
    all->count = count;
    if (error)
        isa__free(all);
    else
        *ret_intercepts = all;
    return error;
}

/* ---- the start of a call ------------------------------------------------------------------------ */

static void free_header(struct isa_header *header)
{
    isa__free((char *)header->name);
    isa__free((char *)header->value.data);
}

static int copy_header(struct isa_header *to, const struct isa_header *from)
{
    size_t size_bytes = from->value.size_bytes;
    char *value = isa__alloc(size_bytes + 1);
    *to = (struct isa_header){ isa__strdup(from->name), { value, size_bytes } };
    if (!to->name || !value) {
        free_header(to);
        return ISA_ENOMEM;
    }
    if (size_bytes)
        memcpy(value, from->value.data, size_bytes);
    return 0;
}

/* @return room for one more, or NULL */
static struct isa_header *grow(struct isa_starting *starting)
{
    struct isa_header *headers = isa__alloc_array(starting->count + 1, sizeof *headers);
    if (!headers)
        return NULL;
    for (size_t i = 0; i < starting->count; i++)
        headers[i] = starting->headers[i];
    isa__free(starting->headers);
    starting->headers = headers;
    return &headers[starting->count];
}

int isa_starting_add_header(struct isa_starting *starting, const struct isa_header *header)
{
    if (!starting || !header || !isa__tr_header_is_sendable(header))
        return ISA_EINVAL;
    struct isa_header *place = grow(starting);
    if (!place)
        return ISA_ENOMEM;
    int error = copy_header(place, header);
    starting->count += error == 0;
    return error;
}

int isa_starting_refuse(struct isa_starting *starting, enum isa_status_code code,
                        const char *message)
{
    if (!starting || code == ISA_STATUS_OK || (unsigned)code > ISA_STATUS_UNAUTHENTICATED)
        return ISA_EINVAL;
    if (starting->is_refused)
        return 0;
    struct isa__text text;
    isa__text_init(&text, starting->text, sizeof starting->text);
    isa__text_add(&text, "%s", message ? message : "");
    starting->is_refused = true;
    starting->refusal =
        (struct isa_status){ .code = code, .reason = ISA_REASON_USER, .message = starting->text };
    return 0;
}

/* The program's headers first; theirs are not the program's to see. */
static int merge_headers(struct isa__call_spec *spec, struct isa_starting *starting)
{
    size_t own = spec->core.header_count;
    if (starting->count == 0)
        return 0;
    spec->merged = isa__alloc_array(own + starting->count, sizeof *spec->merged);
    if (!spec->merged)
        return ISA_ENOMEM;
    for (size_t i = 0; i < own; i++)
        spec->merged[i] = spec->core.headers[i];
    for (size_t i = 0; i < starting->count; i++)
        spec->merged[own + i] = starting->headers[i];
    spec->core.headers = spec->merged;
    spec->core.header_count = own + starting->count;
    return 0;
}

int isa__intercept_start(struct isa_call *call, struct isa__call_spec *spec,
                         struct isa_starting *starting)
{
    const struct isa__intercepts *all = call->conn->intercepts;
    for (uint32_t i = 0; i < all->count; i++) {
        const struct isa_interceptor *each = &all->list[i];
        call->heard_starts = i + 1;
        if (each->on_start)
            each->on_start(call, starting, each->user);
        if (starting->is_refused)
            break;
    }
    return merge_headers(spec, starting);
}

void isa__starting_fini(struct isa_starting *starting)
{
    for (size_t i = 0; i < starting->count; i++)
        free_header(&starting->headers[i]);
    isa__free(starting->headers);
}

/* ---- on the way --------------------------------------------------------------------------------- */

void isa__intercept_out(struct isa_call *call, struct ProtobufCMessage *message,
                        struct isa_bytes bytes)
{
    const struct isa_message out = { message, bytes };
    for (uint32_t i = 0; i < call->heard_starts; i++) {
        const struct isa_interceptor *each = &call->conn->intercepts->list[i];
        if (each->on_message_out)
            each->on_message_out(call, &out, each->user);
    }
}

void isa__intercept_in(struct isa_call *call, const struct isa_message *message)
{
    for (uint32_t i = call->heard_starts; i-- > 0;) {
        const struct isa_interceptor *each = &call->conn->intercepts->list[i];
        if (each->on_message_in)
            each->on_message_in(call, message, each->user);
    }
}

void isa__intercept_finish(struct isa_call *call, const struct isa_reply *reply)
{
    for (uint32_t i = call->heard_starts; i-- > 0;) {
        const struct isa_interceptor *each = &call->conn->intercepts->list[i];
        if (each->on_finish)
            each->on_finish(call, reply, each->user);
    }
}
