/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: calls that wait for a connection: taking, starting, failing, expiring them.
 * Used by: link.c when the machine says so, call.c.
 * Must not know: why the machine says so.
 */
#include "link.h"

enum {
    TEXT_BYTES = 512,
    EXPIRY_MAX_MS = 3600000,
};

static struct isa__link_call *call_of(struct isa_list *node)
{
    return isa__container(node, struct isa__link_call, in_link);
}

/* Behind those that are as urgent. */
static void line_up(struct isa_list *line, struct isa__link_call *call)
{
    struct isa_list *after = line->prev;
    while (after != line && call_of(after)->priority < call->priority)
        after = after->prev;
    isa_list_append(after->next, &call->in_link);
}

static void count_locked(struct isa__link *link, struct isa__link_call *call)
{
    call->is_counted = true;
    atomic_fetch_add(&link->waiting_calls, 1);
    link->waiting_bytes += call->request_bytes;
}

static void uncount_locked(struct isa__link *link, struct isa__link_call *call)
{
    if (!call->is_counted)
        return;
    call->is_counted = false;
    atomic_fetch_sub(&link->waiting_calls, 1);
    link->waiting_bytes -= call->request_bytes;
}

/* The option that keeps another call from waiting; NULL: none. */
static const char *bound_locked(const struct isa__link *link, const struct isa__link_call *call)
{
    if (atomic_load(&link->waiting_calls) >= link->config.max_waiting_calls)
        return "max_waiting_calls calls wait for the connection already";
    if (link->waiting_bytes + call->request_bytes > link->config.max_waiting_bytes)
        return "the requests that wait for the connection would be more than max_waiting_bytes";
    return NULL;
}

/* Under the link's lock: from here on the call runs, and counts. */
static void attach_to_locked(struct isa__link *link, struct isa__link_call *call, uint64_t now_us)
{
    call->is_attached = true;
    call->carrier = link;
    call->opening = link->opening;
    atomic_fetch_add(&link->running, 1);
    link->ops->call_attach(link->open_channel, call->core, now_us);
}

/* A further channel may be gone by now. It lives as long as the call is on it. */
static bool attach_to_lane(struct isa__link *lane, struct isa__link_call *call, uint64_t now_us)
{
    pthread_mutex_lock(&lane->lock);
    bool is_open = lane->open_channel;
    if (is_open)
        attach_to_locked(isa__link_ref(lane), call, now_us);
    pthread_mutex_unlock(&lane->lock);
    return is_open;
}

/* On the least loaded channel. */
static void attach_locked(struct isa__link *link, struct isa__link_call *call, uint64_t now_us)
{
    struct isa__link *chosen = isa__lanes_choose_locked(link);
    if (chosen == link || !attach_to_lane(chosen, call, now_us))
        attach_to_locked(link, call, now_us);
}

static void start(struct isa__link_call *call)
{
    call->carrier->ops->call_start(call->core, &call->start);
}

int isa__link_submit(struct isa__link *link, struct isa__link_call *call, uint64_t now_us)
{
    pthread_mutex_lock(&link->lock);
    if (isa__link_is_ending(link) || call->is_cancelled) { /* cancelled: its handle was closed */
        pthread_mutex_unlock(&link->lock);
        return ISA_ECLOSED;
    }
    atomic_fetch_add_explicit(&link->operations_started, 1, memory_order_relaxed);
    bool is_open = link->open_channel && !isa__lanes_must_wait_locked(link);
    const char *bound = is_open ? NULL : bound_locked(link, call);
    if (is_open) {
        attach_locked(link, call, now_us);
    } else if (!bound) {
        call->due_attempt = link->tally.attempts + 1; /* the one under way began without it */
        line_up(&link->incoming, call);
        count_locked(link, call);
        atomic_fetch_add_explicit(&link->operations_queued, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&link->lock);
    if (is_open)
        start(call);
    else if (bound)
        call->on_refused(
            call, &(struct isa_status){ .code = ISA_STATUS_RESOURCE_EXHAUSTED, .message = bound });
    else
        isa__link_signal(link, ISA__LINK_WANT);
    return 0;
}

bool isa__link_detach(struct isa__link *link, struct isa__link_call *call)
{
    pthread_mutex_lock(&link->lock);
    call->is_attached = false;
    bool is_cancelled = call->is_cancelled;
    pthread_mutex_unlock(&link->lock);
    return !is_cancelled;
}

int isa__link_resubmit(struct isa__link *link, struct isa__link_call *call)
{
    pthread_mutex_lock(&link->lock);
    int error = isa__link_is_ending(link) ? ISA_ECLOSED : call->is_cancelled ? ISA_ESTATE : 0;
    if (!error) {
        call->due_attempt = link->tally.attempts + 1;
        line_up(&link->incoming, call);
        count_locked(link, call);
    }
    pthread_mutex_unlock(&link->lock);
    if (!error)
        isa__link_signal(link, ISA__LINK_WANT);
    return error;
}

/* The timer, for the earliest deadline. */
static void watch_deadlines(struct isa__link *link)
{
    uint64_t deadline_us = isa__heap_next(&link->expiries);
    if (deadline_us == UINT64_MAX || link->machine.fsm.state == ISA__FSM_ST_CLOSED)
        return; /* its timers have stopped for good; the call is refused in this same turn */
    if (link->next_expiry_us && link->next_expiry_us <= deadline_us)
        return;
    link->next_expiry_us = deadline_us;
    uint64_t now_us = link->ops->now_us();
    uint64_t left_ms = deadline_us > now_us ? (deadline_us - now_us + 999) / 1000 : 0;
    link->ops->timer_start(link->expiry_timer,
                           left_ms < EXPIRY_MAX_MS ? (uint32_t)left_ms : EXPIRY_MAX_MS);
}

void isa__link_take_incoming(struct isa__link *link)
{
    struct isa_list taken;
    isa_list_init(&taken);
    pthread_mutex_lock(&link->lock);
    isa_list_move_all(&taken, &link->incoming);
    pthread_mutex_unlock(&link->lock);
    isa_list_each(node, after, &taken)
    {
        struct isa__link_call *call = call_of(node);
        isa_list_remove(node);
        line_up(&link->waiting, call);
        if (call->start.deadline_us != UINT64_MAX)
            isa__heap_add(&link->expiries, &call->expiry, call->start.deadline_us);
    }
    watch_deadlines(link);
}

/* The first of those that wait, on a channel. @return false: there is none with room */
static bool release_first(struct isa__link *link, uint64_t now_us)
{
    struct isa__link_call *call = call_of(link->waiting.next);
    pthread_mutex_lock(&link->lock);
    bool must_wait = isa__lanes_must_wait_locked(link);
    if (!must_wait) {
        isa_list_remove(&call->in_link);
        uncount_locked(link, call);
        attach_locked(link, call, now_us);
    }
    pthread_mutex_unlock(&link->lock);
    if (must_wait)
        return false;
    isa__heap_remove(&link->expiries, &call->expiry);
    start(call);
    return true;
}

void isa__link_release_waiters(struct isa__link *link)
{
    isa__link_take_incoming(link);
    uint64_t now_us = link->ops->now_us();
    while (!isa_list_is_empty(&link->waiting) && release_first(link, now_us))
        continue;
}

static void refuse(struct isa__link *link, struct isa__link_call *call,
                   const struct isa_status *status)
{
    pthread_mutex_lock(&link->lock);
    isa_list_remove(&call->in_link);
    uncount_locked(link, call);
    pthread_mutex_unlock(&link->lock);
    isa__heap_remove(&link->expiries, &call->expiry);
    call->on_refused(call, status);
}

void isa__link_fail_waiters(struct isa__link *link, enum isa__link_waiters who,
                            const struct isa__cause *cause)
{
    struct isa_status status = isa__link_status_of(cause);
    bool is_wanted = false;
    isa__link_take_incoming(link);
    isa_list_each(node, after, &link->waiting)
    {
        struct isa__link_call *call = call_of(node);
        bool is_due =
            who == ISA__LINK_IMPATIENT || call->due_attempt <= link->machine.tally.attempts;
        if (who == ISA__LINK_ALL || (is_due && !call->waits_for_ready))
            refuse(link, call, &status);
        else
            is_wanted = is_wanted || !is_due;
    }
    if (is_wanted) /* who came while the attempt was under way gets one of its own */
        isa__link_signal(link, ISA__LINK_WANT);
}

static void write_last_failure(struct isa__text *text, const struct isa__link *link)
{
    if (link->last_text)
        isa__text_add(text, "last failure: %s", link->last_text);
    else if (link->last_reason != ISA_REASON_NONE)
        isa__text_add(text, "last failure: %s", isa_reason_text(link->last_reason));
    else
        isa__text_add(text, "no attempt has failed yet");
}

void isa__link_on_expiry(void *owner)
{
    struct isa__link *link = owner;
    uint64_t now_us = link->ops->now_us();
    char buffer[TEXT_BYTES];
    struct isa__text text;
    isa__text_init(&text, buffer, sizeof buffer);
    if (link->machine.fsm.state == ISA__FSM_ST_READY) {
        isa__text_add(&text, "deadline passed while waiting for a channel with room: each has "
                             "calls_per_channel calls");
    } else {
        isa__text_add(&text, "deadline passed while waiting for a connection; ");
        write_last_failure(&text, link);
    }
    struct isa_status status = { .code = ISA_STATUS_DEADLINE_EXCEEDED,
                                 .reason = link->last_reason,
                                 .message = buffer };
    link->next_expiry_us = 0;
    for (struct isa__heap_node *node; (node = isa__heap_due(&link->expiries, now_us));)
        refuse(link, isa__container(node, struct isa__link_call, expiry), &status);
    watch_deadlines(link);
}

void isa__link_cancel(struct isa__link *link, struct isa__link_call *call,
                      const struct isa_status *status)
{
    pthread_mutex_lock(&link->lock);
    call->is_cancelled = true;
    bool is_attached = call->is_attached;
    bool is_waiting = !is_attached && !isa_list_is_empty(&call->in_link);
    if (is_waiting) {
        isa_list_remove(&call->in_link);
        uncount_locked(link, call);
        isa__heap_remove(&link->expiries, &call->expiry);
    }
    pthread_mutex_unlock(&link->lock);
    if (is_attached)
        link->ops->call_cancel(call->core, status);
    else if (is_waiting)
        call->on_refused(call, status);
}

/* When the last one ends, that is the last use: told before the count, which only then says so. */
static bool count_down(struct isa__link *link)
{
    uint_fast64_t running = atomic_load(&link->running);
    do {
        if (running == 1)
            atomic_store(&link->last_use_ms, link->ops->now_us() / 1000);
    } while (!atomic_compare_exchange_weak(&link->running, &running, running - 1));
    return running == 1;
}

/* Whatever it said: it is there, and takes calls. */
static bool is_answer(const struct isa_status *status)
{
    static const uint32_t silent =
        ISA_STATUS_BIT(CANCELLED) | ISA_STATUS_BIT(DEADLINE_EXCEEDED) | ISA_STATUS_BIT(UNAVAILABLE);
    return status->reason == ISA_REASON_NONE && !(silent >> status->code & 1U);
}

/* The connection is proven; looked at first, for the line of cache is everybody's. */
static void note_answer(struct isa__link *link, uint32_t opening)
{
    if (atomic_load_explicit(&link->answered, memory_order_relaxed) != opening)
        atomic_store_explicit(&link->answered, opening, memory_order_relaxed);
}

void isa__link_call_ended(struct isa__link_call *call, const struct isa_status *status)
{
    struct isa__link *link = call->carrier;
    if (is_answer(status))
        note_answer(link, call->opening);
    if (count_down(link) && isa__link_private_state(link) == ISA__FSM_ST_DRAINING)
        isa__link_signal(link, ISA__LINK_CALLS_ZERO);
    isa__lanes_on_room(link);
    if (link->first)
        isa__link_unref(link);
}
