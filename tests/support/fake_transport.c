/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the queue of messages, the channels and the calls of the fake transport.
 * Used by: tests of the pool, through fake_transport.h.
 * Must not know: the pool.
 */
#include "fake_transport.h"

#include <criterion/criterion.h>

#include <pthread.h>
#include <stdlib.h>

#include "fake_clock.h"

enum { CHANNELS_MAX = 4096 };

/* Under `lock` is what other threads reach: messages, calls on channels. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct isa__tr_msg *oldest;
static struct isa__tr_msg *newest;

static struct fake_channel *channels[CHANNELS_MAX];
static unsigned channel_count;
static unsigned channels_to_refuse;

/* ---- messages ---------------------------------------------------------------------------------- */

static void post(struct isa__tr_msg *msg)
{
    pthread_mutex_lock(&lock);
    for (const struct isa__tr_msg *at = oldest; at; at = at->next)
        cr_assert_neq(at, msg, "a message is in one mailbox at a time");
    msg->next = NULL;
    if (newest)
        newest->next = msg;
    else
        oldest = msg;
    newest = msg;
    pthread_mutex_unlock(&lock);
}

bool fake_pump_one(void)
{
    pthread_mutex_lock(&lock);
    struct isa__tr_msg *msg = oldest;
    if (msg)
        oldest = msg->next;
    if (!oldest)
        newest = NULL;
    pthread_mutex_unlock(&lock);
    if (msg)
        msg->fn(msg);
    return msg != NULL;
}

void fake_pump(void)
{
    while (fake_pump_one())
        ;
}

void fake_advance_ms(uint64_t ms)
{
    uint64_t end_us = fake_now_us() + ms * 1000;
    fake_pump();
    while (fake_clock_fire_next(end_us))
        fake_pump();
    fake_clock_set(end_us);
}

/* ---- calls ------------------------------------------------------------------------------------- */

static struct fake_call *call_of(struct isa__tr_call *core)
{
    return (struct fake_call *)(void *)core;
}

struct isa__tr_call *fake_call_core(struct fake_call *call)
{
    return (struct isa__tr_call *)(void *)call;
}

void fake_call_init(struct fake_call *call)
{
    *call = (struct fake_call){ .channel = 0 };
    isa_list_init(&call->in_channel);
}

static void on_gone_msg(struct isa__tr_msg *msg)
{
    struct fake_channel *channel = isa__container(msg, struct fake_channel, gone_msg);
    channel->is_gone = true;
    channel->sink->ops->gone(channel->sink);
}

static void on_done_msg(struct isa__tr_msg *msg)
{
    struct fake_call *call = isa__container(msg, struct fake_call, msg);
    call->start.on_done(call->start.owner);
}

static void leave_channel(struct fake_call *call)
{
    struct fake_channel *channel = channels[call->channel];
    pthread_mutex_lock(&lock);
    isa_list_remove(&call->in_channel);
    bool is_last = isa_list_is_empty(&channel->calls);
    pthread_mutex_unlock(&lock);
    if (is_last && channel->is_retired)
        post(&channel->gone_msg);
}

static void end_call(struct isa__tr_msg *msg)
{
    struct fake_call *call = isa__container(msg, struct fake_call, msg);
    call->is_ended = true;
    if (call->start.on_ended)
        call->start.on_ended(call->start.owner);
    leave_channel(call);
    call->msg.fn = on_done_msg;
    post(&call->msg);
}

static void set_status(struct fake_call *call, const struct isa_status *status)
{
    struct isa__text text;
    isa__text_init(&text, call->text, sizeof call->text);
    isa__text_add(&text, "%s", status->message);
    call->is_ending = true;
    call->status = *status;
    call->status.message = call->text;
}

static void call_cancel(struct isa__tr_call *core, const struct isa_status *status)
{
    struct fake_call *call = call_of(core);
    cr_assert_gt(call->channel, 0, "a call is attached before it is cancelled");
    if (call->is_ending)
        return;
    set_status(call, status);
    call->msg.fn = end_call;
    if (call->is_started)
        post(&call->msg);
}

void fake_call_end(struct fake_call *call, enum isa_status_code code, enum isa_reason reason,
                   const char *text)
{
    struct isa_status status = { .code = code, .reason = reason, .message = text };
    cr_assert(call->is_started, "what was not started cannot end");
    if (call->is_ending)
        return;
    set_status(call, &status);
    end_call(&call->msg);
}

static void call_attach(struct isa__tr_channel *core, struct isa__tr_call *core_call,
                        uint64_t attached_us)
{
    cr_assert_eq(attached_us, fake_now_us(), "a call is attached now");
    struct fake_channel *channel = (struct fake_channel *)(void *)core;
    struct fake_call *call = call_of(core_call);
    cr_assert_eq(call->channel, 0, "a call is attached once");
    cr_assert_not(channel->is_retired, "no call joins a channel that was let go");
    pthread_mutex_lock(&lock);
    isa_list_append(&channel->calls, &call->in_channel);
    pthread_mutex_unlock(&lock);
    call->channel = channel->number;
}

static void call_start(struct isa__tr_call *core, const struct isa__tr_start *start)
{
    struct fake_call *call = call_of(core);
    cr_assert_gt(call->channel, 0, "a call is attached before it is started");
    cr_assert_not(call->is_started, "a call is started once");
    call->start = *start;
    call->is_started = true;
    if (call->is_ending)
        post(&call->msg);
}

/* ---- channels ---------------------------------------------------------------------------------- */

static int channel_open(const struct isa__tr_channel_config *config, struct isa__tr_sink *sink,
                        struct isa__tr_channel **ret_channel)
{
    if (channels_to_refuse > 0) {
        channels_to_refuse--;
        return ISA_ENOMEM;
    }
    cr_assert_lt(channel_count + 1, CHANNELS_MAX, "the fake has only so many channels");
    struct fake_channel *channel = calloc(1, sizeof *channel);
    cr_assert_not_null(channel);
    channel->sink = sink;
    channel->config = *config;
    channel->gone_msg.fn = on_gone_msg;
    isa_list_init(&channel->calls);
    channels[++channel_count] = channel;
    channel->number = channel_count;
    *ret_channel = (struct isa__tr_channel *)(void *)channel;
    return 0;
}

static void channel_retire(struct isa__tr_channel *core)
{
    struct fake_channel *channel = (struct fake_channel *)(void *)core;
    cr_assert_not(channel->is_retired, "a channel is let go once");
    channel->is_retired = true;
    if (isa_list_is_empty(&channel->calls))
        post(&channel->gone_msg);
}

static void channel_abort(struct isa__tr_channel *core, const struct isa_status *status)
{
    struct fake_channel *channel = (struct fake_channel *)(void *)core;
    cr_assert_not(channel->is_gone, "a channel that is gone is nobody's");
    isa_list_each(node, after, &channel->calls)
    {
        call_cancel(fake_call_core(isa__container(node, struct fake_call, in_channel)), status);
    }
}

unsigned fake_channel_count(void)
{
    return channel_count;
}

static struct fake_channel *channel_at(unsigned number)
{
    cr_assert(number >= 1 && number <= channel_count, "there is no channel %u", number);
    return channels[number];
}

const struct fake_channel *fake_channel(unsigned number)
{
    return channel_at(number);
}

unsigned fake_calls_on(unsigned number)
{
    unsigned count = 0;
    isa_list_each(node, after, &channel_at(number)->calls) count++;
    return count;
}

void fake_refuse_channels(unsigned count)
{
    channels_to_refuse = count;
}

/* The channel may speak if it was not let go, and as late in its life as `is_up` says. */
static struct fake_channel *speaker(unsigned number, bool is_up)
{
    struct fake_channel *channel = channel_at(number);
    cr_assert_not(channel->is_retired, "channel %u was let go: it says nothing", number);
    cr_assert_not(channel->is_over, "channel %u has said its last word", number);
    cr_assert_eq(channel->is_up, is_up, "channel %u is in another phase", number);
    return channel;
}

void fake_up(unsigned number)
{
    struct fake_channel *channel = speaker(number, false);
    channel->is_up = true;
    channel->sink->ops->up(channel->sink);
}

void fake_failed(unsigned number, enum isa_reason reason, const char *text)
{
    struct fake_channel *channel = speaker(number, false);
    struct isa__cause cause = { reason, text };
    channel->is_over = true;
    channel->sink->ops->failed(channel->sink, &cause);
}

void fake_lost(unsigned number, enum isa_reason reason, const char *text)
{
    struct fake_channel *channel = speaker(number, true);
    struct isa__cause cause = { reason, text };
    channel->is_over = true;
    channel->sink->ops->lost(channel->sink, &cause);
}

void fake_drained(unsigned number)
{
    struct fake_channel *channel = speaker(number, true);
    struct isa__cause cause = { ISA_REASON_PEER_DRAINED, "" };
    channel->is_over = true;
    channel->sink->ops->drained(channel->sink, &cause);
}

void fake_end_calls(unsigned number, enum isa_status_code code, enum isa_reason reason,
                    const char *text)
{
    isa_list_each(node, after, &channel_at(number)->calls)
    {
        fake_call_end(isa__container(node, struct fake_call, in_channel), code, reason, text);
    }
}

/* ---- beginning and end ------------------------------------------------------------------------- */

void fake_begin(uint64_t now_us)
{
    fake_clock_set(now_us);
    fake_set_random(0);
    channels_to_refuse = 0;
}

void fake_end(void)
{
    cr_assert_null(oldest, "a message was left");
    cr_assert_eq(fake_timers_running(), 0, "a timer was left");
    for (unsigned i = 1; i <= channel_count; i++) {
        cr_assert(channels[i]->is_gone, "channel %u of %u was left", i, channel_count);
        free(channels[i]);
        channels[i] = NULL;
    }
    channel_count = 0;
}

const struct isa__tr_ops fake_transport = {
    .now_us = fake_now_us,
    .random = fake_clock_draw,
    .timer_start = fake_clock_timer_start,
    .timer_stop = fake_clock_timer_stop,
    .post = post,
    .channel_open = channel_open,
    .channel_retire = channel_retire,
    .channel_abort = channel_abort,
    .call_attach = call_attach,
    .call_start = call_start,
    .call_cancel = call_cancel,
};
