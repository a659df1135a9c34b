/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one channel of grpc-core: its one watch, what its states mean, its end.
 * Used by: adapter.c, explain.c; call.c, for the calls on it.
 * Must not know: machines, retries: a channel here lives for one connection and is then let go.
 */
#include "core.h"

#include "credentials.h"
#include "explain.h"

#include <grpc/support/time.h>
#include <pthread.h>
#include <stdio.h>

enum {
    /* Core ends the streams of a broken connection within the microseconds in which it reports the
     * break, on another path; whatever still runs after this was spared: a drain. */
    SETTLE_MS = 5,
    /* The fail-fast call that fetches the words of a failure answers in 0.2 ms, without network. */
    PROBE_US = 250000,
    /* A call that failed this shortly before its connection was seen broken tells the cause. On a
     * busy machine the control loop sees it a tenth of a second late, and more. */
    CAUSE_AGE_US = 1000000,
    CAUSE_BYTES = 256,
    YOUNG_US = 2000, /* see has_old_call() */
};

#define UNHEARD "the connection ended; no call was under way to hear why"

enum phase {
    PHASE_CONNECTING, /* the attempt is under way */
    PHASE_PROBING,    /* it failed; fetching the words, and looking into them */
    PHASE_UP,         /* READY */
    PHASE_SETTLING,   /* no longer READY; finding out whether calls were ended with it */
    PHASE_OVER,       /* told the sink its end, or was let go */
};

struct isa__tr_channel {
    struct isa__tr_tag watch_tag;
    struct isa__tr_msg watch_msg; /* from the queue's thread to the control loop */
    struct isa__tr_msg calls_msg; /* a call ended in a way that matters here */
    atomic_bool is_calls_msg_posted;
    grpc_channel *core; /* control loop; NULL once destroyed. Calls hold it by `calls` */
    grpc_connectivity_state seen;
    enum phase phase;          /* control loop */
    struct isa__tr_sink *sink; /* outlives the channel, which says gone() */
    bool is_retired;           /* control loop */
    bool is_watched;           /* control loop: a watch is pending in core */
    struct isa__tr_timer *settle;
    struct isa__tr_call *probe;
    struct isa__tr_explanation *explanation;     /* NULL: none under way */
    const struct isa__tr_channel_config *config; /* outlives the channel */
    pthread_mutex_t lock;                        /* leaf */
    struct isa_list calls;                       /* of struct isa__tr_call.in_channel; under lock */
    bool is_attentive;  /* somebody waits for calls to end: tell the control loop; under lock */
    uint64_t broken_us; /* when the connection last failed a call, 0: never; under lock */
    char *cause;        /* core's words for it; NULL: none that explain it; under lock.
                            * Without core: why it could not be made */
    uint64_t left_us;   /* control loop: when it left READY */
    uint64_t parked_until_us; /* when core lets go of the subchannel if the attempt fails */
};

static void watch(struct isa__tr_channel *channel)
{
    if (!grpc_channel_support_connectivity_watcher(channel->core))
        return; /* lame: it never changes, and its watch would not end with it */
    channel->is_watched = true;
    grpc_channel_watch_connectivity_state(channel->core, channel->seen,
                                          gpr_inf_future(GPR_CLOCK_MONOTONIC), isa__tr_queue(),
                                          isa__tr_tag_arm(&channel->watch_tag));
}

static void free_channel(struct isa__tr_channel *channel)
{
    isa__tr_timer_free(channel->settle);
    isa__tr_call_free(channel->probe);
    isa__free(channel->cause);
    pthread_mutex_destroy(&channel->lock);
    channel->sink->ops->gone(channel->sink);
    isa__free(channel);
    isa__tr_channel_gone();
}

/* With `attend`, the end of a call is told to the control loop from now on. */
static bool has_calls(struct isa__tr_channel *channel, bool attend)
{
    pthread_mutex_lock(&channel->lock);
    channel->is_attentive = channel->is_attentive || attend;
    bool has = !isa_list_is_empty(&channel->calls);
    pthread_mutex_unlock(&channel->lock);
    return has;
}

/* Control loop: end the channel when nobody needs it any more. */
static void end_if_unused(struct isa__tr_channel *channel)
{
    if (!channel->is_retired || channel->phase == PHASE_PROBING)
        return;
    if (has_calls(channel, true) || atomic_load(&channel->is_calls_msg_posted))
        return;
    if (channel->core) {
        grpc_channel_destroy(channel->core); /* completes the pending watch */
        channel->core = NULL;
    }
    if (!channel->is_watched)
        free_channel(channel);
}

/* Whether the connection has just failed a call; its words, if there are any, into ret_text. */
static bool has_failed_call(struct isa__tr_channel *channel, char ret_text[CAUSE_BYTES])
{
    pthread_mutex_lock(&channel->lock);
    bool has = channel->broken_us && isa__now_us() - channel->broken_us <= CAUSE_AGE_US;
    snprintf(ret_text, CAUSE_BYTES, "%s", has && channel->cause ? channel->cause : "");
    pthread_mutex_unlock(&channel->lock);
    return has;
}

/* Whether a call runs that ran well before the channel left READY. One of the last moment proves
 * nothing: core may have put it aside to connect once more for it. */
static bool has_old_call(struct isa__tr_channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    bool has = !isa_list_is_empty(&channel->calls) &&
               isa__tr_call_started_us(channel->calls.next) + YOUNG_US <= channel->left_us;
    pthread_mutex_unlock(&channel->lock);
    return has;
}

static void tell_lost(struct isa__tr_channel *channel, bool is_spared)
{
    char text[CAUSE_BYTES];
    bool has_cause = has_failed_call(channel, text);
    channel->phase = PHASE_OVER;
    isa__tr_timer_stop(channel->settle);
    /* Core tells its calls why. Where there was none, what is likely is said. */
    struct isa__cause cause = { isa__tr_reason_of(text), *text ? text : UNHEARD };
    if (cause.reason == ISA_REASON_OTHER)
        cause.reason = ISA_REASON_PEER_CLOSED;
    if (cause.reason == ISA_REASON_PEER_DRAINED || (!has_cause && is_spared)) {
        cause.reason = ISA_REASON_PEER_DRAINED;
        cause.text = "the connection takes no new calls; those under way go on";
        channel->sink->ops->drained(channel->sink, &cause);
        return;
    }
    channel->sink->ops->lost(channel->sink, &cause);
}

static void on_settled(void *owner)
{
    tell_lost(owner, has_old_call(owner));
}

static void settle(struct isa__tr_channel *channel)
{
    if (!has_calls(channel, true)) {
        tell_lost(channel, false);
        return;
    }
    channel->phase = PHASE_SETTLING;
    channel->left_us = isa__now_us();
    isa__tr_timer_start(channel->settle, isa__tr_control(), SETTLE_MS);
}

/* Control loop: a call ended in a way that may decide something. */
static void on_calls_msg(struct isa__tr_msg *msg)
{
    struct isa__tr_channel *channel = isa__container(msg, struct isa__tr_channel, calls_msg);
    atomic_store(&channel->is_calls_msg_posted, false);
    if (channel->phase == PHASE_SETTLING) {
        char unused[CAUSE_BYTES];
        bool is_empty = !has_calls(channel, true);
        if (is_empty || has_failed_call(channel, unused))
            tell_lost(channel, is_empty);
    }
    end_if_unused(channel);
}

static void fail(struct isa__tr_channel *channel, enum isa_reason reason, const char *text)
{
    channel->phase = PHASE_OVER;
    channel->sink->ops->failed(channel->sink, &(struct isa__cause){ reason, text });
}

static void on_explained(void *owner, const char *words)
{
    struct isa__tr_channel *channel = owner;
    channel->explanation = NULL;
    fail(channel, isa__tr_reason_of(words), words);
    end_if_unused(channel);
}

static void on_probed(void *owner)
{
    struct isa__tr_channel *channel = owner;
    const char *words = isa__tr_call_status(channel->probe).message;
    if (!channel->is_retired) {
        channel->explanation = isa__tr_explain(channel->config, words, on_explained, channel);
        if (channel->explanation)
            return;
        char buffer[ISA__TR_EXPLAINED_BYTES];
        struct isa__text text;
        isa__text_init(&text, buffer, sizeof buffer);
        isa__tr_remark(channel->config, words, &text);
        fail(channel, isa__tr_reason_of(buffer), buffer);
    }
    channel->phase = PHASE_OVER;
    end_if_unused(channel);
}

/* The watch says that it failed, not why: a call that core fails at once brings the words. */
static void probe(struct isa__tr_channel *channel)
{
    static const struct isa__tr_call_spec spec = { .method = "/isa.Probe/Cause",
                                                   .has_request = true };
    if (isa__tr_call_new(&spec, &channel->probe) < 0) {
        fail(channel, ISA_REASON_OTHER, "out of memory while asking for the cause");
        return;
    }
    channel->phase = PHASE_PROBING;
    isa__tr_core_busy_until(channel->parked_until_us);
    uint64_t now_us = isa__now_us();
    struct isa__tr_start start = { now_us + PROBE_US, isa__tr_control(), NULL, on_probed, channel };
    isa__tr_call_attach(channel, channel->probe, now_us);
    isa__tr_call_start(channel->probe, &start);
}

static void on_state(struct isa__tr_channel *channel)
{
    if (channel->phase == PHASE_UP && channel->seen != GRPC_CHANNEL_READY) {
        settle(channel);
        return;
    }
    if (channel->phase != PHASE_CONNECTING)
        return;
    switch (channel->seen) {
    case GRPC_CHANNEL_READY:
        channel->phase = PHASE_UP;
        channel->sink->ops->up(channel->sink);
        break;
    case GRPC_CHANNEL_TRANSIENT_FAILURE:
        probe(channel);
        break;
    case GRPC_CHANNEL_IDLE: /* it was READY in between; the watch shows only where it stands */
        fail(channel, ISA_REASON_PEER_CLOSED, "the peer closed the connection as soon as it stood");
        break;
    default:
        break;
    }
}

static void on_watch_msg(struct isa__tr_msg *msg)
{
    struct isa__tr_channel *channel = isa__container(msg, struct isa__tr_channel, watch_msg);
    channel->is_watched = false;
    if (channel->core) {
        channel->seen = grpc_channel_check_connectivity_state(channel->core, 0);
        watch(channel); /* always exactly one: it is also what makes core poll the sockets */
        on_state(channel);
    } else if (channel->phase == PHASE_CONNECTING) { /* it could not be made */
        fail(channel, ISA_REASON_CREDENTIALS, channel->cause ? channel->cause : "");
    }
    end_if_unused(channel);
}

static void on_watch_tag(struct isa__tr_tag *tag, bool is_ok)
{
    (void)is_ok;
    struct isa__tr_channel *channel = isa__container(tag, struct isa__tr_channel, watch_tag);
    isa__tr_port_post(isa__tr_control(), &channel->watch_msg);
}

static struct isa__tr_channel *new_channel(struct isa__tr_sink *sink)
{
    struct isa__tr_channel *channel = isa__alloc(sizeof *channel);
    if (!channel)
        return NULL;
    channel->settle = isa__tr_timer_new(on_settled, channel);
    if (!channel->settle) {
        isa__free(channel);
        return NULL;
    }
    channel->watch_tag.fn = on_watch_tag;
    channel->watch_msg.fn = on_watch_msg;
    channel->calls_msg.fn = on_calls_msg;
    channel->sink = sink;
    isa_list_init(&channel->calls);
    pthread_mutex_init(&channel->lock, NULL);
    isa__tr_channel_born();
    return channel;
}

/* With core, or with the words that say why there is none. */
static void start(struct isa__tr_channel *channel)
{
    if (channel->core)
        channel->seen = grpc_channel_check_connectivity_state(channel->core, 0);
    if (!channel->core || channel->seen == GRPC_CHANNEL_TRANSIENT_FAILURE) {
        channel->is_watched = true; /* a lame channel never changes again: look at it once */
        isa__tr_port_post(isa__tr_control(), &channel->watch_msg);
        return;
    }
    /* Watched before it starts: it can be READY, and IDLE again, before this thread goes on. */
    watch(channel);
    grpc_channel_check_connectivity_state(channel->core, 1);
}

int isa__tr_channel_open(const struct isa__tr_channel_config *config, struct isa__tr_sink *sink,
                         struct isa__tr_channel **ret_channel)
{
    char words[CAUSE_BYTES];
    struct isa__text why;
    grpc_channel *core = NULL;
    isa__text_init(&why, words, sizeof words);
    if (isa__tr_core_channel_new(config, &core, &why) == ISA_ENOMEM)
        return ISA_ENOMEM;
    struct isa__tr_channel *channel = new_channel(sink);
    if (!channel) {
        if (core)
            grpc_channel_destroy(core);
        return ISA_ENOMEM;
    }
    channel->config = config;
    channel->core = core;
    channel->cause = core ? NULL : isa__strdup(words);
    channel->parked_until_us = isa__now_us() + (uint64_t)config->connect_timeout_ms * 1000;
    start(channel);
    *ret_channel = channel;
    return 0;
}

void isa__tr_channel_retire(struct isa__tr_channel *channel)
{
    channel->is_retired = true;
    if (channel->explanation)
        isa__tr_explain_cancel(channel->explanation);
    if (channel->phase != PHASE_PROBING || channel->explanation)
        channel->phase = PHASE_OVER;
    channel->explanation = NULL;
    isa__tr_timer_stop(channel->settle);
    has_calls(channel, true);
    /* Later: the caller may be inside a word of ours to its sink. */
    if (!atomic_exchange(&channel->is_calls_msg_posted, true))
        isa__tr_port_post(isa__tr_control(), &channel->calls_msg);
}

void isa__tr_channel_abort(struct isa__tr_channel *channel, const struct isa_status *status)
{
    pthread_mutex_lock(&channel->lock);
    isa_list_each(node, after, &channel->calls) isa__tr_call_cancel_locked(node, status);
    pthread_mutex_unlock(&channel->lock);
}

grpc_channel *isa__tr_channel_core(struct isa__tr_channel *channel)
{
    return channel->core;
}

pthread_mutex_t *isa__tr_channel_lock(struct isa__tr_channel *channel)
{
    return &channel->lock;
}

void isa__tr_channel_add_call(struct isa__tr_channel *channel, struct isa_list *in_channel)
{
    pthread_mutex_lock(&channel->lock);
    isa_list_append(&channel->calls, in_channel);
    pthread_mutex_unlock(&channel->lock);
}

void isa__tr_channel_remove_call(struct isa__tr_channel *channel, struct isa_list *in_channel,
                                 bool is_broken, const char *text)
{
    pthread_mutex_lock(&channel->lock);
    isa_list_remove(in_channel);
    if (is_broken) {
        channel->broken_us = isa__now_us();
        if (text) {
            isa__free(channel->cause);
            channel->cause = isa__strdup(text); /* no memory: it stays unexplained */
        }
    }
    /* Posted under the lock: afterwards an empty list may cost the channel its life. */
    bool matters = is_broken || isa_list_is_empty(&channel->calls);
    if (channel->is_attentive && matters && !atomic_exchange(&channel->is_calls_msg_posted, true))
        isa__tr_port_post(isa__tr_control(), &channel->calls_msg);
    pthread_mutex_unlock(&channel->lock);
}
