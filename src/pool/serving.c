/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the watch of a service's health on one channel: begun when it is up, ended when it is let go.
 * Used by: channels.c.
 * Must not know: what follows from the answers.
 *
 * It is a stream on the channel, but no call of the link's: it neither counts nor keeps anything in use.
 */
#include "health.h"
#include "link.h"

#include <assert.h>

static_assert(ISA__TR_HEALTH_SERVICE_MAX <= (int)ISA__HEALTH_SERVICE_MAX,
              "a name that is accepted fits into the request");

enum {
    PAUSE_MS = 1000, /* between the end of a watch and the next, on a channel that stands */
    ANSWER_MAX_BYTES = 4096,
    HIGH_WATER_BYTES = 65536,
    TEXT_BYTES = 512,
};

struct isa__serving {
    struct isa__serving *next;         /* in struct isa__link.servings */
    struct isa__link_channel *channel; /* NULL: ended, to be freed when the call is done */
    const struct isa__tr_ops *ops;
    struct isa__tr_call *call;
    struct isa__tr_timer *pause;
    bool is_running; /* the call */
    bool is_known;   /* there was an answer */
    bool is_good;    /* the last one */
};

static void free_serving(struct isa__serving *serving)
{
    isa__tr_call_free(serving->call);
    isa__tr_timer_free(serving->pause);
    isa__free(serving);
}

/* May end it. */
static void tell(struct isa__serving *serving, enum isa_health health)
{
    static const char *const texts[] = {
        [ISA_HEALTH_UNKNOWN] = "the service says of its health that it is unknown",
        [ISA_HEALTH_NOT_SERVING] = "",
        [ISA_HEALTH_SERVICE_UNKNOWN] = "the server does not know the service of health_service",
    };
    bool is_first = !serving->is_known;
    bool is_good = health == ISA_HEALTH_SERVING;
    if (!is_first && is_good == serving->is_good)
        return;
    serving->is_known = true;
    serving->is_good = is_good;
    if (is_good)
        isa__link_hear_health(serving->channel, is_first, NULL);
    else
        isa__link_hear_health(serving->channel, is_first,
                              &(struct isa__cause){ ISA_REASON_NOT_SERVING, texts[health] });
}

/* Where it is linked in; where NULL is, when the channel is not watched. */
static struct isa__serving **find(const struct isa__link_channel *channel)
{
    struct isa__serving **at = &channel->link->servings;
    while (*at && (*at)->channel != channel)
        at = &(*at)->next;
    return at;
}

bool isa__serving_is_known(const struct isa__link_channel *channel)
{
    const struct isa__serving *serving = *find(channel);
    return !serving || serving->is_known;
}

static void hear_headers(void *owner, const struct isa_metadata *headers)
{
    (void)owner, (void)headers;
}

static void hear_message(void *owner, struct isa_bytes bytes)
{
    struct isa__serving *serving = owner;
    enum isa_health health = ISA_HEALTH_UNKNOWN; /* also when it is malformed */
    (void)isa__health_read(bytes, &health);
    if (serving->channel)
        tell(serving, health);
}

static void hear_writable(void *owner)
{
    (void)owner;
}

static void fail(struct isa__serving *serving, const struct isa_status *status)
{
    char words[TEXT_BYTES];
    struct isa__text text;
    isa__text_init(&text, words, sizeof words);
    isa__text_add(&text, "the health watch failed: %s: ", isa_status_name((int)status->code));
    isa__text_add_quoted(&text, status->message, sizeof words);
    enum isa_reason reason =
        status->reason != ISA_REASON_NONE ? status->reason : ISA_REASON_NOT_SERVING;
    isa__link_hear_no_health(serving->channel, &(struct isa__cause){ reason, words });
}

/* The last thing each branch does may free it. */
static void on_done(void *owner)
{
    struct isa__serving *serving = owner;
    struct isa_status status = isa__tr_call_status(serving->call);
    serving->is_running = false;
    isa__tr_call_let_go(serving->call);
    if (!serving->channel)
        free_serving(serving);
    else if (isa__tr_is_unimplemented(&status))
        tell(serving, ISA_HEALTH_SERVING);
    else if (!serving->is_known)
        fail(serving, &status);
    else
        serving->ops->timer_start(serving->pause, PAUSE_MS);
}

static void start(struct isa__serving *serving)
{
    const struct isa__tr_start how = { UINT64_MAX, isa__tr_control(), NULL, on_done, serving };
    serving->is_running = true;
    serving->ops->call_attach(serving->channel->channel, serving->call, serving->ops->now_us());
    serving->ops->call_start(serving->call, &how);
}

static void on_pause(void *owner)
{
    struct isa__serving *serving = owner;
    isa__tr_call_reset(serving->call);
    start(serving);
}

static int make_call(const char *service, struct isa__tr_call **ret_call)
{
    static const struct isa__tr_stream_hears hears = { hear_headers, hear_message, hear_writable };
    static const struct isa__tr_stream_spec stream = { .hears = &hears,
                                                       .half_close = true,
                                                       .high_water_bytes = HIGH_WATER_BYTES };
    uint8_t request[ISA__HEALTH_REQUEST_MAX];
    const struct isa__tr_call_spec spec = {
        .method = "/grpc.health.v1.Health/Watch",
        .request_bytes = { request, isa__health_pack(service, request) },
        .has_request = true,
        .may_repeat = true,
        .max_reply_bytes = ANSWER_MAX_BYTES,
        .stream = &stream,
    };
    return isa__tr_call_new(&spec, ret_call);
}

int isa__serving_begin(struct isa__link_channel *channel, const char *service)
{
    struct isa__serving *serving = isa__alloc(sizeof *serving);
    if (!serving)
        return ISA_ENOMEM;
    serving->pause = isa__tr_timer_new(on_pause, serving);
    if (!serving->pause || make_call(service, &serving->call) < 0) {
        free_serving(serving);
        return ISA_ENOMEM;
    }
    serving->channel = channel;
    serving->ops = channel->link->ops;
    serving->next = channel->link->servings;
    channel->link->servings = serving;
    start(serving);
    return 0;
}

void isa__serving_end(struct isa__link_channel *channel)
{
    struct isa__serving **at = find(channel);
    struct isa__serving *serving = *at;
    static const struct isa_status why = { .code = ISA_STATUS_CANCELLED,
                                           .message = "the channel was let go" };
    if (!serving)
        return;
    *at = serving->next;
    serving->channel = NULL;
    serving->ops->timer_stop(serving->pause);
    if (serving->is_running)
        serving->ops->call_cancel(serving->call, &why);
    else
        free_serving(serving);
}
