/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: unary calls as they are asked for, and the options of every kind of call.
 * Used by: applications; stream.c for the options.
 * Must not know: when a call waits and when it runs.
 */
#include <isa/call.h>

#include <assert.h>
#include <string.h>

#include "call_life.h"

static_assert(sizeof(struct isa_unary) ==
                  offsetof(struct isa_unary, handler) + sizeof(isa_any_fn *),
              "no padding at the end: an unknown tail must be options, not chance");
static_assert(sizeof(struct isa_call_options) ==
                  offsetof(struct isa_call_options, token_user) + sizeof(void *),
              "no padding at the end: an unknown tail must be options, not chance");

enum { HEADERS_MAX = 256 };

static bool is_method(const char *method)
{
    const char *slash = method[0] == '/' ? strchr(method + 1, '/') : NULL;
    if (!slash || slash == method + 1 || slash[1] == '\0')
        return false;
    for (const unsigned char *at = (const unsigned char *)method; *at; at++) {
        if (*at <= ' ' || *at >= 0x7f)
            return false;
    }
    return true;
}

int isa__call_check(const struct isa_conn *conn, const char *method)
{
    if (!method || !is_method(method))
        return ISA_EINVAL;
    return isa__conn_phase(conn) == ISA__CONN_OPEN ? 0 : ISA_ECLOSED;
}

int isa__call_check_request(const struct ProtobufCMessage *request, struct isa_bytes bytes)
{
    if (request && (bytes.data || bytes.size_bytes))
        return ISA_EINVAL;
    return bytes.size_bytes && !bytes.data ? ISA_EINVAL : 0;
}

/* What core puts into :authority as it is must be a host, not more headers. */
static bool is_authority(const char *authority)
{
    size_t length = strlen(authority);
    for (size_t i = 0; i < length; i++) {
        if (authority[i] <= ' ' || authority[i] >= 0x7f)
            return false;
    }
    return length > 0;
}

static int check_options(const struct isa_call_options *o)
{
    if (o->reserved[0] || o->reserved[1] || o->reserved[2] || o->reserved_tail)
        return ISA_EUNKNOWN_OPTION;
    if (o->deadline_ms > INT32_MAX && o->deadline_ms != ISA_NEVER)
        return ISA_EINVAL;
    if (o->header_count > HEADERS_MAX || (o->header_count && !o->headers))
        return ISA_EINVAL;
    if ((unsigned)o->compression > ISA_COMPRESSION_GZIP)
        return ISA_EINVAL;
    return o->authority && !is_authority(o->authority) ? ISA_EINVAL : 0;
}

int isa__call_read_options(const struct isa_call_options *options, struct isa__call_spec *spec)
{
    static const struct isa_call_options standard = ISA_CALL_OPTIONS_INIT;
    struct isa_call_options *o = &spec->options;
    int error = isa__opt_copy(o, sizeof *o, options ? options : &standard,
                              offsetof(struct isa_call_options, deadline_ms));
    if (!error)
        error = check_options(o);
    if (error)
        return error;
    spec->core.headers = o->headers;
    spec->core.header_count = o->header_count;
    spec->core.authority = o->authority;
    spec->core.compression = o->compression;
    spec->core.max_reply_bytes = o->max_reply_bytes;
    spec->core.may_repeat = o->wait_for_ready || o->retry;
    return 0;
}

int isa_call_unary(struct isa_conn *conn, const struct isa_unary *unary, struct isa_call **ret_call)
{
    if (!conn || !unary)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    struct isa_unary copy;
    struct isa__call_spec spec = { 0 };
    int error = isa__opt_copy(&copy, sizeof copy, unary, offsetof(struct isa_unary, user));
    if (!error && !copy.on_reply)
        error = ISA_EINVAL;
    if (!error)
        error = isa__call_check_request(copy.request, copy.request_bytes);
    if (!error)
        error = isa__call_read_options(copy.options, &spec);
    if (!error)
        error = isa__call_check(conn, copy.method);
    if (error)
        return error;
    spec.core.method = copy.method;
    spec.core.request = copy.request;
    spec.core.request_bytes = copy.request_bytes;
    spec.core.has_request = true;
    spec.reply_type = copy.reply_type;
    spec.on_reply = copy.on_reply;
    spec.user = copy.user;
    spec.handler = copy.handler;
    return isa__call_begin(conn, &spec, ret_call);
}
