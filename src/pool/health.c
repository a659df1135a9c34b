/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: gRPC's health service: one question, and the watch that outlives connections.
 * Used by: applications.
 * Must not know: grpc-core; when a call waits and when it runs.
 */
#include "health.h"

#include <assert.h>
#include <string.h>

#include "call_life.h"

static_assert(sizeof(struct isa_health_check_options) ==
                  offsetof(struct isa_health_check_options, options) + sizeof(void *),
              "no padding at the end: an unknown tail must be options, not chance");
static_assert(sizeof(struct isa_health_watch_options) ==
                  offsetof(struct isa_health_watch_options, user) + sizeof(void *),
              "no padding at the end: an unknown tail must be options, not chance");

enum { WATCH_BACKOFF_MAX_MS = 10000 };

static const struct isa_status malformed = { .code = ISA_STATUS_INTERNAL,
                                             .message = "the answer is not a HealthCheckResponse" };

/** What is asked of whom. Freed by the call's end. */
struct question {
    isa_health_fn *on_health;        /* check */
    isa_health_change_fn *on_change; /* watch, as the next two */
    isa_reply_fn *on_end;
    enum isa_health known; /* what the program was told */
    void *user;
    size_t size_bytes;
    uint8_t request[ISA__HEALTH_REQUEST_MAX];
};

static int make_question(const char *service, struct question **ret_question)
{
    if (service && strnlen(service, ISA__HEALTH_SERVICE_MAX + 1) > ISA__HEALTH_SERVICE_MAX)
        return ISA_EINVAL;
    struct question *question = isa__alloc(sizeof *question);
    if (!question)
        return ISA_ENOMEM;
    question->size_bytes = isa__health_pack(service ? service : "", question->request);
    *ret_question = question;
    return 0;
}

static struct isa_bytes request_of(const struct question *question)
{
    return (struct isa_bytes){ question->request, question->size_bytes };
}

/* ---- one question ------------------------------------------------------------------------------ */

static enum isa_health health_of(struct isa_reply *reply)
{
    enum isa_health health = ISA_HEALTH_UNKNOWN;
    if (reply->status.code == ISA_STATUS_NOT_FOUND)
        return ISA_HEALTH_SERVICE_UNKNOWN;
    if (isa__tr_is_unimplemented(&reply->status))
        return ISA_HEALTH_UNIMPLEMENTED;
    if (reply->status.code == ISA_STATUS_OK && !isa__health_read(reply->bytes, &health))
        reply->status = malformed;
    return health;
}

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct question *question = user;
    struct isa_reply copy = *reply;
    enum isa_health health = health_of(&copy);
    question->on_health(call, health, &copy, question->user);
    isa__free(question);
}

int isa_health_check(struct isa_conn *conn, const struct isa_health_check_options *check,
                     struct isa_call **ret_call)
{
    struct isa_health_check_options copy;
    struct question *question;
    if (!conn || !check)
        return ISA_EINVAL;
    int error = isa__opt_copy(&copy, sizeof copy, check, sizeof copy);
    if (!error && !copy.on_health)
        error = ISA_EINVAL;
    if (!error)
        error = make_question(copy.service, &question);
    if (error)
        return error;
    question->on_health = copy.on_health;
    question->user = copy.user;
    struct isa_unary unary = ISA_UNARY_INIT;
    unary.method = "/grpc.health.v1.Health/Check";
    unary.request_bytes = request_of(question);
    unary.on_reply = on_reply;
    unary.user = question;
    unary.options = copy.options;
    error = isa_call_unary(conn, &unary, ret_call);
    if (error)
        isa__free(question);
    return error;
}

/* ---- watching; loop ---------------------------------------------------------------------------- */

static void tell(struct isa_call *call, struct question *question, enum isa_health health,
                 const struct isa_status *why)
{
    struct isa_health_change change = { question->known, health, *why };
    if (health == question->known)
        return;
    question->known = health;
    question->on_change(call, &change, question->user);
}

static void on_message(struct isa_call *call, const struct isa_message *message, void *user)
{
    static const struct isa_status fine = { .code = ISA_STATUS_OK, .message = "" };
    enum isa_health health = ISA_HEALTH_UNKNOWN;
    bool is_read = isa__health_read(message->bytes, &health);
    tell(call, user, health, is_read ? &fine : &malformed);
}

static void on_resume(struct isa_call *call, const struct isa_gap *gap, void *user)
{
    struct question *question = user;
    isa__log(ISA_LOG_INFO, "target=%s health watch broke off: %s: %s",
             isa_conn_target(isa_call_conn(call)), isa_status_name((int)gap->status.code),
             gap->status.message);
    isa_call_resume_bytes(call, request_of(question)); /* without memory the watch ends */
    tell(call, question, ISA_HEALTH_UNKNOWN, &gap->status);
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct question *question = user;
    struct isa_reply copy = *reply;
    if (isa__tr_is_unimplemented(&copy.status)) {
        tell(call, question, ISA_HEALTH_UNIMPLEMENTED, &reply->status);
        copy.status = (struct isa_status){ .code = ISA_STATUS_OK, .message = "" };
    }
    if (question->on_end)
        question->on_end(call, &copy, question->user);
    isa__free(question);
}

int isa_health_watch(struct isa_conn *conn, const struct isa_health_watch_options *watch,
                     struct isa_call **ret_call)
{
    struct isa_health_watch_options copy;
    struct question *question;
    if (!conn || !watch)
        return ISA_EINVAL;
    int error = isa__opt_copy(&copy, sizeof copy, watch, sizeof copy);
    if (!error && !copy.on_change)
        error = ISA_EINVAL;
    if (!error)
        error = make_question(copy.service, &question);
    if (error)
        return error;
    question->on_change = copy.on_change;
    question->on_end = copy.on_end;
    question->user = copy.user;
    struct isa_retry_options pace = ISA_RETRY_OPTIONS_INIT;
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    struct isa_stream stream = ISA_STREAM_INIT;
    pace.backoff_max_ms = WATCH_BACKOFF_MAX_MS;
    options.deadline_ms = ISA_NEVER;
    options.wait_for_ready = true;
    options.retry = &pace;
    stream.method = "/grpc.health.v1.Health/Watch";
    stream.request_bytes = request_of(question);
    stream.has_request = true;
    stream.half_close = true;
    stream.on_message = on_message;
    stream.on_resume = on_resume;
    stream.on_end = on_end;
    stream.user = question;
    stream.options = &options;
    error = isa__stream_open_lasting(conn, &stream, ret_call);
    if (error)
        isa__free(question);
    return error;
}
