/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a link's channels: the newest, and those whose calls still run; what they say.
 * Used by: link.c when the machine says so.
 * Must not know: why the machine says so.
 */
#include "link.h"

static const struct isa__cause no_memory = { ISA_REASON_OTHER, "out of memory" };

struct isa_status isa__link_status_of(const struct isa__cause *cause)
{
    enum isa_status_code code =
        cause->reason == ISA_REASON_SHUTDOWN ? ISA_STATUS_CANCELLED : ISA_STATUS_UNAVAILABLE;
    return (struct isa_status){ .code = code,
                                .reason = cause->reason,
                                .message =
                                    *cause->text ? cause->text : isa_reason_text(cause->reason) };
}

static void retire(struct isa__link_channel *channel)
{
    isa__serving_end(channel);
    channel->link->ops->channel_retire(channel->channel);
}

void isa__link_let_go(struct isa__link *link, bool is_abort)
{
    struct isa__link_channel *channel = link->newest;
    if (!channel)
        return;
    link->newest = NULL;
    struct isa_status status = isa__link_status_of(&link->machine.cause);
    if (is_abort)
        link->ops->channel_abort(channel->channel, &status);
    retire(channel);
}

static struct isa__link_channel *channel_of(struct isa__tr_sink *sink)
{
    return isa__container(sink, struct isa__link_channel, sink);
}

static void count_renewal(struct isa__link *link, uint32_t *count)
{
    pthread_mutex_lock(&link->lock);
    ++*count;
    pthread_mutex_unlock(&link->lock);
}

static void hear_up(struct isa__link_channel *channel)
{
    struct isa__link *link = channel->link;
    if (link->trial ==
        channel) { /* the machine dials: that takes the trial, see isa__link_dial() */
        count_renewal(link, &link->renewals);
        isa__link_feed(link, ISA__FSM_EV_RENEW, NULL);
    }
    isa__link_feed(link, ISA__FSM_EV_DIAL_UP, NULL);
}

static void fail_trial(struct isa__link *link, const struct isa__cause *cause)
{
    isa__log(ISA_LOG_WARNING,
             "target=%s renewal failed, the connection stays: reason=%s text=\"%s\"",
             isa__link_target(link), isa_reason_name(cause->reason), cause->text);
    count_renewal(link, &link->failed_renewals); /* who sees the count finds the line of log */
    isa__link_end_trial(link);
}

/* An attempt ends so, also when the channel was up, and the service's health not known yet. */
static void hear_failed(struct isa__link_channel *channel, const struct isa__cause *cause)
{
    if (channel->link->trial == channel)
        fail_trial(channel->link, cause);
    else
        isa__link_feed(channel->link, ISA__FSM_EV_DIAL_FAILED, cause);
}

static void on_up(struct isa__tr_sink *sink)
{
    struct isa__link_channel *channel = channel_of(sink);
    const char *service = isa__tr_profile_health_service(channel->link->config.channel.profile);
    if (!service)
        hear_up(channel);
    else if (isa__serving_begin(channel, service) < 0)
        hear_failed(channel, &no_memory);
}

void isa__link_hear_health(struct isa__link_channel *channel, bool is_first,
                           const struct isa__cause *cause)
{
    struct isa__link *link = channel->link;
    if (is_first && !cause)
        hear_up(channel);
    else if (link->trial == channel)
        fail_trial(link, cause);
    else
        isa__link_feed(link, cause ? ISA__FSM_EV_UNHEALTHY : ISA__FSM_EV_HEALTHY, cause);
}

void isa__link_hear_no_health(struct isa__link_channel *channel, const struct isa__cause *cause)
{
    hear_failed(channel, cause);
}

static void on_failed(struct isa__tr_sink *sink, const struct isa__cause *cause)
{
    hear_failed(channel_of(sink), cause);
}

static void on_lost(struct isa__tr_sink *sink, const struct isa__cause *cause)
{
    struct isa__link_channel *channel = channel_of(sink);
    if (isa__serving_is_known(channel))
        isa__link_feed(channel->link, ISA__FSM_EV_LOST, cause);
    else
        hear_failed(channel, cause);
}

static void on_drained(struct isa__tr_sink *sink, const struct isa__cause *cause)
{
    struct isa__link_channel *channel = channel_of(sink);
    if (isa__serving_is_known(channel))
        isa__link_feed(channel->link, ISA__FSM_EV_DRAINED, cause);
    else
        hear_failed(channel, cause);
}

static void on_gone(struct isa__tr_sink *sink)
{
    struct isa__link_channel *channel = channel_of(sink);
    isa_list_remove(&channel->in_link);
    isa__link_unref(channel->link);
    isa__free(channel);
}

static int open_channel(struct isa__link *link, struct isa__link_channel **ret_channel)
{
    struct isa__link_channel *channel = isa__alloc(sizeof *channel);
    if (!channel)
        return ISA_ENOMEM;
    static const struct isa__tr_sink_ops ops = { on_up, on_failed, on_lost, on_drained, on_gone };
    channel->sink.ops = &ops;
    int error = link->ops->channel_open(&link->config.channel, &channel->sink, &channel->channel);
    if (error) {
        isa__free(channel);
        return error;
    }
    channel->link = isa__link_ref(link);
    isa_list_append(&link->channels, &channel->in_link);
    *ret_channel = channel;
    return 0;
}

void isa__link_dial(struct isa__link *link)
{
    struct isa__link_channel *channel = link->trial;
    link->trial = NULL;
    if (!channel)
        open_channel(link, &channel);
    if (!channel) {
        /* No memory is a failed attempt like any other, told later and not from within this step. */
        isa__link_signal(link, ISA__LINK_NO_CHANNEL);
        return;
    }
    link->newest = channel;
}

void isa__link_renew(struct isa__link *link)
{
    if (link->machine.fsm.state != ISA__FSM_ST_READY) {
        isa__link_feed(link, ISA__FSM_EV_RENEW, NULL);
        return;
    }
    isa__link_end_trial(link); /* one under way may have read what has changed since */
    if (open_channel(link, &link->trial) < 0)
        fail_trial(link, &no_memory);
}

void isa__link_end_trial(struct isa__link *link)
{
    struct isa__link_channel *channel = link->trial;
    link->trial = NULL;
    if (channel)
        retire(channel);
}

void isa__link_abort_all(struct isa__link *link)
{
    struct isa_status status = isa__link_status_of(&link->machine.cause);
    isa_list_each(node, after, &link->channels)
    {
        struct isa__link_channel *channel = isa__container(node, struct isa__link_channel, in_link);
        link->ops->channel_abort(channel->channel, &status);
    }
}
