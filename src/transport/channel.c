/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one channel of grpc-core: its one watch, what its states mean, its end.
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
    /* The same when a call has ended that claims a break: the others have so long to follow it. */
    BREAK_SETTLE_MS = 100,
    /* A claim that the channel has not confirmed by then was the peer's own text. */
    CLAIM_MS = 50,
    /* The fail-fast call that fetches the words of a failure answers in 0.2 ms, without network. */
    PROBE_US = 250000,
    CAUSE_BYTES = 256,
    YOUNG_US = 2000, /* see has_old_call_locked() */
    LOOK_MS = 100,   /* at the calls that run */
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
    struct isa__tr_msg look_msg;
    atomic_bool is_calls_msg_posted;
    atomic_bool is_look_posted;
    bool is_looked_at; /* `look` runs, or will; under lock */
    bool is_open;      /* claims have to be confirmed: it is READY, or not judged yet; under lock */
    bool is_attentive; /* somebody waits for calls to end: tell the control loop; under lock */
    bool claims_break; /* a suspect does; under lock */
    bool claims_drain; /* the same of a GOAWAY; under lock */
    bool is_retired;   /* control loop */
    bool is_watched;   /* control loop: a watch is pending in core */
    bool has_left;     /* control loop: it is no longer READY */
    bool had_old_call; /* control loop: when it left READY */
    bool awaits_proof; /* control loop: the timer runs for the suspects */
    enum phase phase;  /* control loop */
    grpc_connectivity_state seen;
    grpc_channel *core;          /* control loop; NULL once destroyed. Calls hold it by `calls` */
    struct isa__tr_sink *sink;   /* outlives the channel, which says gone() */
    struct isa__tr_timer *timer; /* for suspects while READY, then for settling */
    struct isa__tr_timer *look; /* at the calls that run; NULL until there are some. Control loop */
    struct isa__tr_call *probe;
    struct isa__tr_explanation *explanation;     /* NULL: none under way */
    const struct isa__tr_channel_config *config; /* outlives the channel */
    pthread_mutex_t lock;                        /* leaf */
    struct isa_list calls; /* that run: of struct isa__tr_call.in_channel; under lock */
    struct isa_list
        suspects; /* ended, and claim that the connection has; oldest first; under lock */
    char *cause;  /* of the first break, escaped, or why there is no core; NULL: none; under lock */
    atomic_uint_fast64_t left_us; /* when the watch last fired */
    uint64_t settle_from_us;      /* control loop */
    uint64_t parked_until_us;     /* when core lets go of the subchannel if the attempt fails */
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
    if (channel->look)
        isa__tr_timer_stop(channel->look);
    isa__tr_timer_free(channel->look);
    isa__tr_timer_free(channel->timer);
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
    bool has = !isa_list_is_empty(&channel->calls) || !isa_list_is_empty(&channel->suspects);
    pthread_mutex_unlock(&channel->lock);
    return has;
}

/* Control loop: end the channel when nobody needs it any more. */
static void end_if_unused(struct isa__tr_channel *channel)
{
    if (!channel->is_retired || channel->phase == PHASE_PROBING)
        return;
    if (has_calls(channel, true) || atomic_load(&channel->is_calls_msg_posted) ||
        atomic_load(&channel->is_look_posted))
        return;
    if (channel->core) {
        grpc_channel_destroy(channel->core); /* completes the pending watch */
        channel->core = NULL;
    }
    if (!channel->is_watched)
        free_channel(channel);
}

/* ---- claims: what ended calls say of the connection --------------------------------------------- */

/* The oldest suspect that ended by then, taken out; NULL: none. */
static struct isa_list *take_suspect(struct isa__tr_channel *channel, uint64_t until_us)
{
    pthread_mutex_lock(&channel->lock);
    struct isa_list *node = channel->suspects.next;
    bool is_due = node != &channel->suspects && isa__tr_call_suspected_us(node) <= until_us;
    if (is_due)
        isa_list_remove(node);
    pthread_mutex_unlock(&channel->lock);
    return is_due ? node : NULL;
}

static void conclude_suspects(struct isa__tr_channel *channel, uint64_t until_us, bool is_confirmed)
{
    struct isa_list *node;
    while ((node = take_suspect(channel, until_us)))
        isa__tr_call_conclude(node, is_confirmed);
}

/* It is known to have ended: from here on a claim is believed at once. */
static void confirm_claims(struct isa__tr_channel *channel)
{
    channel->awaits_proof = false;
    isa__tr_timer_stop(channel->timer);
    pthread_mutex_lock(&channel->lock);
    channel->is_open = false;
    channel->claims_break = channel->claims_drain = false;
    pthread_mutex_unlock(&channel->lock);
    conclude_suspects(channel, UINT64_MAX, true);
}

/* What was claimed is not so: nothing of it may colour what happens later. */
static bool forget_claims(struct isa__tr_channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    bool is_empty = isa_list_is_empty(&channel->suspects);
    if (is_empty) {
        channel->claims_break = channel->claims_drain = false;
        isa__free(channel->cause);
        channel->cause = NULL;
    }
    pthread_mutex_unlock(&channel->lock);
    return is_empty;
}

static void await_proof(struct isa__tr_channel *channel)
{
    channel->awaits_proof = true;
    isa__tr_timer_start(channel->timer, isa__tr_control(), CLAIM_MS);
}

/* The channel had time to say that it has ended. */
static void look_at_claims(struct isa__tr_channel *channel)
{
    channel->awaits_proof = false;
    if (grpc_channel_check_connectivity_state(channel->core, 0) == GRPC_CHANNEL_READY)
        conclude_suspects(channel, isa__now_us() - CLAIM_MS * UINT64_C(1000), false);
    if (!forget_claims(channel)) /* younger ones; or the watch is about to fire */
        await_proof(channel);
}

static void note_claim_locked(struct isa__tr_channel *channel, enum isa__claim claim,
                              const char *text)
{
    char buffer[CAUSE_BYTES];
    struct isa__text cause;
    if (claim == ISA__CLAIM_UNSEEN && isa__core_reason_of_end(text) == ISA_REASON_PEER_DRAINED)
        channel->claims_drain = true;
    if (claim != ISA__CLAIM_LOST || channel->claims_break)
        return;
    channel->claims_break = true;
    isa__text_init(&cause, buffer, sizeof buffer);
    isa__text_add_quoted(&cause, text, sizeof buffer);
    channel->cause = isa__strdup(buffer); /* no memory: it stays unexplained */
}

bool isa__tr_channel_suspect(struct isa__tr_channel *channel, struct isa_list *in_channel,
                             enum isa__claim claim, const char *text)
{
    if (claim == ISA__CLAIM_DATA)
        return false;
    pthread_mutex_lock(&channel->lock);
    bool is_held = channel->is_open;
    if (is_held) {
        isa_list_remove(in_channel);
        isa_list_append(&channel->suspects, in_channel);
        note_claim_locked(channel, claim, text);
        if (!atomic_exchange(&channel->is_calls_msg_posted, true))
            isa__tr_port_post(isa__tr_control(), &channel->calls_msg);
    }
    pthread_mutex_unlock(&channel->lock);
    return is_held;
}

/* ---- the end of READY: lost or drained ----------------------------------------------------------- */

/* Whether a call runs that ran well before the channel left READY. One of the last moment proves
 * nothing: core may have put it aside to connect once more for it. */
static bool has_old_call_locked(const struct isa__tr_channel *channel)
{
    return !isa_list_is_empty(&channel->calls) &&
           isa__tr_call_started_us(channel->calls.next) + YOUNG_US <=
               atomic_load(&channel->left_us);
}

static void tell_drained(struct isa__tr_channel *channel)
{
    static const struct isa__cause cause = {
        ISA_REASON_PEER_DRAINED, "the connection takes no new calls; those under way go on"
    };
    channel->sink->ops->drained(channel->sink, &cause);
}

static void tell_lost(struct isa__tr_channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    char *text = channel->cause;
    channel->cause = NULL;
    pthread_mutex_unlock(&channel->lock);
    struct isa__cause cause = { ISA_REASON_PEER_CLOSED, UNHEARD };
    if (text) /* core tells its calls why; where there was none, what is likely is said */
        cause = (struct isa__cause){ isa__core_reason_of_end(text), text };
    channel->sink->ops->lost(channel->sink, &cause);
    isa__free(text);
}

enum verdict { UNDECIDED, LOST, DRAINED };

/*
 * A GOAWAY leaves what runs alone, the end of a connection ends it. So what still runs decides, whatever
 * calls of the last moment came to; a claimed break alone has to wait for the others to follow.
 */
static enum verdict judge_locked(const struct isa__tr_channel *channel, uint64_t waited_us)
{
    if (channel->claims_drain)
        return DRAINED;
    if (isa_list_is_empty(&channel->calls))
        return channel->claims_break || !channel->had_old_call ? LOST : DRAINED;
    bool is_old = has_old_call_locked(channel);
    if (channel->claims_break && !is_old)
        return LOST;
    uint64_t settle_ms = channel->claims_break ? BREAK_SETTLE_MS : SETTLE_MS;
    if (waited_us < settle_ms * 1000)
        return UNDECIDED;
    return is_old ? DRAINED : LOST;
}

static void judge(struct isa__tr_channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    enum verdict verdict = judge_locked(channel, isa__now_us() - channel->settle_from_us);
    pthread_mutex_unlock(&channel->lock);
    if (verdict == UNDECIDED)
        return;
    channel->phase = PHASE_OVER;
    if (verdict == DRAINED)
        tell_drained(channel);
    else
        tell_lost(channel);
    confirm_claims(
        channel); /* now: whoever hears of a call's end and makes another finds it gone */
}

static void settle(struct isa__tr_channel *channel)
{
    channel->phase = PHASE_SETTLING;
    channel->settle_from_us = isa__now_us();
    pthread_mutex_lock(&channel->lock);
    channel->is_attentive = true;
    channel->had_old_call = has_old_call_locked(channel);
    pthread_mutex_unlock(&channel->lock);
    judge(channel);
    if (channel->phase == PHASE_SETTLING)
        isa__tr_timer_start(channel->timer, isa__tr_control(), SETTLE_MS);
}

static void on_timer(void *owner)
{
    struct isa__tr_channel *channel = owner;
    if (channel->phase != PHASE_SETTLING) {
        look_at_claims(channel);
        return;
    }
    judge(channel);
    if (channel->phase == PHASE_SETTLING)
        isa__tr_timer_start(channel->timer, isa__tr_control(), SETTLE_MS);
}

/* Control loop: a call ended in a way that may decide something. */
static void on_calls_msg(struct isa__tr_msg *msg)
{
    struct isa__tr_channel *channel = isa__container(msg, struct isa__tr_channel, calls_msg);
    atomic_store(&channel->is_calls_msg_posted, false);
    if (channel->phase == PHASE_SETTLING)
        judge(channel);
    else if (channel->has_left)
        confirm_claims(channel);
    else if (channel->core && !channel->awaits_proof && !forget_claims(channel))
        await_proof(channel);
    end_if_unused(channel);
}

static void fail(struct isa__tr_channel *channel, enum isa_reason reason, const char *text)
{
    char buffer[ISA__TR_EXPLAINED_BYTES];
    struct isa__text words;
    isa__text_init(&words, buffer, sizeof buffer);
    isa__text_add_quoted(&words, text, sizeof buffer); /* a peer may have a part in it */
    channel->phase = PHASE_OVER;
    channel->sink->ops->failed(channel->sink, &(struct isa__cause){ reason, buffer });
}

static void on_explained(void *owner, enum isa_reason reason, const char *words)
{
    struct isa__tr_channel *channel = owner;
    channel->explanation = NULL;
    fail(channel, reason, words);
    end_if_unused(channel);
}

static void on_probed(void *owner)
{
    struct isa__tr_channel *channel = owner;
    const char *words = isa__tr_call_status(channel->probe).message;
    isa__tr_call_let_go(channel->probe); /* after 1.51 a channel lives as long as a call on it */
    if (!channel->is_retired) {
        channel->explanation = isa__tr_explain(channel->config, words, on_explained, channel);
        if (channel->explanation)
            return;
        char buffer[ISA__TR_EXPLAINED_BYTES];
        struct isa__text text;
        isa__text_init(&text, buffer, sizeof buffer);
        isa__tr_remark(channel->config, words, &text);
        fail(channel, isa__core_reason_of_attempt(words), buffer);
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

static void come_up(struct isa__tr_channel *channel)
{
    channel->phase = PHASE_UP;
    pthread_mutex_lock(&channel->lock);
    channel->is_open = true;
    pthread_mutex_unlock(&channel->lock);
}

/* The watch fired after READY. Whatever it stands at now, that connection has ended: core connects once
 * more when a call comes. */
static void leave(struct isa__tr_channel *channel)
{
    channel->has_left = true;
    if (channel->phase == PHASE_UP)
        settle(channel);
    else
        confirm_claims(channel);
}

static void on_state(struct isa__tr_channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    bool was_open = channel->is_open;
    pthread_mutex_unlock(&channel->lock);
    if (was_open && !channel->has_left)
        leave(channel);
    if (channel->phase != PHASE_CONNECTING)
        return;
    switch (channel->seen) {
    case GRPC_CHANNEL_READY:
        come_up(channel);
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
    atomic_store(&channel->left_us, isa__now_us());
    isa__tr_port_post(isa__tr_control(), &channel->watch_msg);
}

static void on_look(void *owner)
{
    struct isa__tr_channel *channel = owner;
    bool is_wanted = false;
    pthread_mutex_lock(&channel->lock);
    isa_list_each(node, after, &channel->calls)
    {
        is_wanted = isa__tr_call_look_locked(node) || is_wanted;
    }
    channel->is_looked_at = is_wanted;
    pthread_mutex_unlock(&channel->lock);
    if (is_wanted)
        isa__tr_timer_start(channel->look, isa__tr_control(), LOOK_MS);
}

static void on_look_msg(struct isa__tr_msg *msg)
{
    struct isa__tr_channel *channel = isa__container(msg, struct isa__tr_channel, look_msg);
    if (!channel->look)
        channel->look = isa__tr_timer_new(on_look, channel);
    if (channel->look) {
        isa__tr_timer_start(channel->look, isa__tr_control(), LOOK_MS);
    } else { /* without memory the next call asks again */
        pthread_mutex_lock(&channel->lock);
        channel->is_looked_at = false;
        pthread_mutex_unlock(&channel->lock);
    }
    atomic_store(&channel->is_look_posted, false);
    end_if_unused(channel);
}

static struct isa__tr_channel *new_channel(struct isa__tr_sink *sink)
{
    struct isa__tr_channel *channel = isa__alloc(sizeof *channel);
    if (!channel)
        return NULL;
    channel->timer = isa__tr_timer_new(on_timer, channel);
    if (!channel->timer) {
        isa__free(channel);
        return NULL;
    }
    channel->watch_tag.fn = on_watch_tag;
    channel->watch_msg.fn = on_watch_msg;
    channel->calls_msg.fn = on_calls_msg;
    channel->look_msg.fn = on_look_msg;
    channel->sink = sink;
    isa_list_init(&channel->calls);
    isa_list_init(&channel->suspects);
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
    if (channel->phase == PHASE_CONNECTING)
        isa__tr_core_busy_until(channel->parked_until_us);
    channel->is_retired = true;
    if (channel->explanation)
        isa__tr_explain_cancel(channel->explanation);
    if (channel->phase != PHASE_PROBING || channel->explanation)
        channel->phase = PHASE_OVER;
    channel->explanation = NULL;
    channel->awaits_proof = false; /* what there is to prove is looked at anew */
    isa__tr_timer_stop(channel->timer);
    has_calls(channel, true);
    /* Later: the caller may be inside a word of ours to its sink. */
    if (!atomic_exchange(&channel->is_calls_msg_posted, true))
        isa__tr_port_post(isa__tr_control(), &channel->calls_msg);
}

void isa__tr_channel_abort(struct isa__tr_channel *channel, const struct isa_status *status)
{
    pthread_mutex_lock(&channel->lock);
    isa_list_each(node, after, &channel->calls) isa__tr_call_cancel_locked(node, status);
    isa_list_each(node, after, &channel->suspects) isa__tr_call_cancel_locked(node, status);
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

void isa__tr_channel_add_call(struct isa__tr_channel *channel, struct isa_list *in_channel,
                              bool wants_looks)
{
    pthread_mutex_lock(&channel->lock);
    isa_list_append(&channel->calls, in_channel);
    if (wants_looks && !channel->is_looked_at) {
        channel->is_looked_at = true;
        atomic_store(&channel->is_look_posted, true); /* keeps the channel */
        isa__tr_port_post(isa__tr_control(), &channel->look_msg);
    }
    pthread_mutex_unlock(&channel->lock);
}

void isa__tr_channel_remove_call(struct isa__tr_channel *channel, struct isa_list *in_channel)
{
    pthread_mutex_lock(&channel->lock);
    isa_list_remove(in_channel);
    /* Posted under the lock: afterwards an empty list may cost the channel its life. */
    bool matters = isa_list_is_empty(&channel->calls) || channel->claims_break;
    if (channel->is_attentive && matters && !atomic_exchange(&channel->is_calls_msg_posted, true))
        isa__tr_port_post(isa__tr_control(), &channel->calls_msg);
    pthread_mutex_unlock(&channel->lock);
}
