/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the actions and guards that connection.fsm names: each writes an effect or a count.
 * Used by: the generated transitions; the pool, through isa__machine_step().
 * Must not know: how an effect is carried out.
 */
#include "machine.h"

#include <assert.h>
#include <string.h>

static_assert((int)ISA__FSM_CONNECTIVITY_IDLE == (int)ISA_STATE_IDLE &&
                  (int)ISA__FSM_CONNECTIVITY_CONNECTING == (int)ISA_STATE_CONNECTING &&
                  (int)ISA__FSM_CONNECTIVITY_READY == (int)ISA_STATE_READY &&
                  (int)ISA__FSM_CONNECTIVITY_TRANSIENT_FAILURE ==
                      (int)ISA_STATE_TRANSIENT_FAILURE &&
                  (int)ISA__FSM_CONNECTIVITY_SHUTDOWN == (int)ISA_STATE_SHUTDOWN,
              "the projection and the public enum are one");

enum {
    /* How long a handle has to answer how long to wait; its loop may be at work. */
    ANSWER_MS = 50,
    /* A connection that was READY for so long has proven itself, with or without a call. */
    PROVEN_MS = 1000,
};

static struct isa__effect *add(struct isa__machine *machine, enum isa__effect_kind kind)
{
    struct isa__effects *out = machine->out;
    assert(out->count < ISA__EFFECTS_MAX);
    struct isa__effect *effect = &out->list[out->count++];
    *effect = (struct isa__effect){ .kind = kind };
    return effect;
}

static void start_timer(struct isa__machine *machine, enum isa__fsm_timer timer, uint32_t delay_ms)
{
    struct isa__effect *effect = add(machine, ISA__EFFECT_TIMER_START);
    effect->timer = timer;
    effect->delay_ms = delay_ms;
}

static uint64_t since(const struct isa__machine *machine, uint64_t then_ms)
{
    return machine->in->now_ms > then_ms ? machine->in->now_ms - then_ms : 0;
}

/* Until an attempt may begin; 0: it may. */
static uint32_t floor_left_ms(const struct isa__machine *machine)
{
    uint64_t passed = since(machine, machine->last_dial_ms);
    uint32_t floor_ms = machine->policy->dial_floor_ms;
    return passed < floor_ms ? floor_ms - (uint32_t)passed : 0;
}

bool isa__fsm_grd_floor_passed(const struct isa__machine *machine)
{
    return floor_left_ms(machine) == 0;
}

bool isa__fsm_grd_in_use(const struct isa__machine *machine)
{
    return machine->policy->keep_connected || machine->in->calls_running > 0 ||
           since(machine, machine->in->last_use_ms) < machine->policy->idle_timeout_ms;
}

bool isa__fsm_grd_calls_running(const struct isa__machine *machine)
{
    return machine->in->calls_running > 0;
}

bool isa__fsm_grd_drained_lately(const struct isa__machine *machine)
{
    return machine->tally.drains > 0 &&
           since(machine, machine->last_drain_ms) < machine->policy->backoff.min_ms;
}

/* SETTINGS alone prove nothing: who ends each new connection at once is to be backed off from. */
static bool is_proven(const struct isa__machine *machine)
{
    return machine->in->is_answered || since(machine, machine->ready_ms) >= PROVEN_MS;
}

void isa__fsm_act_dial(struct isa__machine *machine)
{
    machine->tally.attempts++;
    machine->attempt++;
    machine->last_dial_ms = machine->in->now_ms;
    add(machine, ISA__EFFECT_DIAL);
}

void isa__fsm_act_retire(struct isa__machine *machine)
{
    add(machine, ISA__EFFECT_RETIRE);
}

void isa__fsm_act_abort(struct isa__machine *machine)
{
    add(machine, ISA__EFFECT_ABORT);
}

void isa__fsm_act_release_waiters(struct isa__machine *machine)
{
    add(machine, ISA__EFFECT_RELEASE_WAITERS);
}

void isa__fsm_act_fail_tried_waiters(struct isa__machine *machine)
{
    machine->tally.failures++;
    add(machine, ISA__EFFECT_FAIL_TRIED_WAITERS);
}

void isa__fsm_act_fail_impatient_waiters(struct isa__machine *machine)
{
    add(machine, ISA__EFFECT_FAIL_IMPATIENT_WAITERS);
}

void isa__fsm_act_fail_waiters(struct isa__machine *machine)
{
    add(machine, ISA__EFFECT_FAIL_WAITERS);
}

void isa__fsm_act_count_loss(struct isa__machine *machine)
{
    machine->tally.losses++;
}

void isa__fsm_act_count_drain(struct isa__machine *machine)
{
    machine->tally.drains++;
    machine->last_drain_ms = machine->in->now_ms;
}

void isa__fsm_act_count_rebuild(struct isa__machine *machine)
{
    machine->tally.rebuilds++;
}

void isa__fsm_act_watch_use(struct isa__machine *machine)
{
    bool is_in_use = machine->policy->keep_connected || machine->in->calls_running > 0;
    uint64_t unused = is_in_use ? 0 : since(machine, machine->in->last_use_ms);
    machine->unused_ms = (uint32_t)unused; /* the guard saw: in use */
    machine->is_idle_over = true;
}

void isa__fsm_act_set_delay(struct isa__machine *machine)
{
    uint32_t floor_ms = floor_left_ms(machine);
    uint32_t delay_ms = machine->in->delay_ms;
    machine->next_delay_ms = delay_ms < floor_ms ? floor_ms : delay_ms;
    start_timer(machine, ISA__FSM_TIMER_BACKOFF, machine->next_delay_ms);
}

void isa__fsm_act_finish(struct isa__machine *machine)
{
    add(machine, ISA__EFFECT_FINISH);
}

/* What costs the peer, a name server or us more than a refused connection does. */
static bool is_dear(enum isa_reason reason)
{
    static const unsigned dear = 1U << ISA_REASON_TIMED_OUT | 1U << ISA_REASON_NAME_NOT_FOUND |
                                 1U << ISA_REASON_TLS_REFUSED | 1U << ISA_REASON_PROTOCOL |
                                 1U << ISA_REASON_CERT_EXPIRED | 1U << ISA_REASON_CERT_WRONG_NAME |
                                 1U << ISA_REASON_CERT_UNTRUSTED | 1U << ISA_REASON_CLIENT_CERT;
    return dear >> reason & 1U;
}

static uint32_t draw_delay_ms(struct isa__machine *machine)
{
    const struct isa__policy *policy = machine->policy;
    uint32_t delay_ms = isa__backoff_next(&machine->backoff, &policy->backoff, machine->in->random);
    if (is_dear(machine->cause.reason))
        delay_ms = (uint32_t)((double)delay_ms * policy->dear_factor);
    uint32_t least_ms = machine->in->asks_delay ? ANSWER_MS : 0;
    if (least_ms < floor_left_ms(machine)) /* jitter may draw next to nothing */
        least_ms = floor_left_ms(machine);
    return delay_ms < least_ms ? least_ms : delay_ms;
}

void isa__fsm_arm(struct isa__machine *machine, enum isa__fsm_timer timer)
{
    uint32_t delay_ms = 0;
    switch (timer) {
    case ISA__FSM_TIMER_WATCHDOG:
        delay_ms = machine->policy->attempt_timeout_ms;
        break;
    case ISA__FSM_TIMER_BACKOFF:
        delay_ms = draw_delay_ms(machine);
        machine->next_delay_ms = delay_ms;
        break;
    case ISA__FSM_TIMER_DIAL_FLOOR:
        delay_ms = floor_left_ms(machine);
        break;
    case ISA__FSM_TIMER_IDLE:
        delay_ms = machine->policy->idle_timeout_ms - machine->unused_ms;
        machine->unused_ms = 0;
        machine->is_idle_over = false;
        break;
    case ISA__FSM_TIMER_DRAIN_DEADLINE:
        delay_ms = machine->in->drain_ms;
        break;
    case ISA__FSM_TIMER_COUNT:
        return;
    }
    start_timer(machine, timer, delay_ms);
}

void isa__fsm_disarm(struct isa__machine *machine, enum isa__fsm_timer timer)
{
    if (timer == ISA__FSM_TIMER_BACKOFF)
        machine->next_delay_ms = 0;
    if (timer == ISA__FSM_TIMER_IDLE && machine->is_idle_over)
        return; /* it has fired */
    add(machine, ISA__EFFECT_TIMER_STOP)->timer = timer;
}

void isa__fsm_on_connectivity(struct isa__machine *machine, enum isa__fsm_public from,
                              enum isa__fsm_public to)
{
    struct isa__effect *effect = add(machine, ISA__EFFECT_TELL);
    effect->from = (enum isa_state)from;
    effect->to = (enum isa_state)to;
    effect->attempt = machine->attempt;
    effect->delay_ms = machine->next_delay_ms;
    if (to == ISA__FSM_CONNECTIVITY_READY) {
        machine->attempt = 0;
        machine->ready_ms = machine->in->now_ms;
        machine->tally.reconnects = machine->tally.losses;
    }
}

void isa__fsm_on_unexpected(struct isa__machine *machine, enum isa__fsm_state state,
                            enum isa__fsm_event event)
{
    machine->tally.unexpected++;
    isa__log(ISA_LOG_ERROR, "fsm: unexpected %s in state %s", isa__fsm_event_name(event),
             isa__fsm_state_name(state));
}

static struct isa__cause cause_of_want(const struct isa__machine *machine)
{
    if (isa__fsm_connectivity(isa__fsm_current(machine)) != ISA__FSM_CONNECTIVITY_SHUTDOWN)
        return (struct isa__cause){ ISA_REASON_OPERATION, "" };
    return (struct isa__cause){ ISA_REASON_SHUTDOWN,
                                "the connection was closed before the call could start" };
}

/* The words for events that carry none. */
static struct isa__cause cause_of(const struct isa__machine *machine, enum isa__fsm_event event)
{
    switch (event) {
    case ISA__FSM_EV_WANT:
        return cause_of_want(machine);
    case ISA__FSM_TM_DIAL_FLOOR:
        return (struct isa__cause){ machine->hurry, "" };
    case ISA__FSM_EV_NETWORK_CHANGED:
        return (struct isa__cause){ ISA_REASON_NETWORK_CHANGED, "" };
    case ISA__FSM_EV_RENEW:
        return (struct isa__cause){ ISA_REASON_RENEWED, "" };
    case ISA__FSM_EV_DIAL_UP:
        return (struct isa__cause){ ISA_REASON_CONNECTED, "" };
    case ISA__FSM_EV_HEALTHY:
        return (struct isa__cause){ ISA_REASON_SERVING, "" };
    case ISA__FSM_TM_BACKOFF:
        return (struct isa__cause){ ISA_REASON_RETRY, "" };
    case ISA__FSM_TM_WATCHDOG:
        if (isa__fsm_current(machine) == ISA__FSM_ST_UNSERVING)
            return (struct isa__cause){ ISA_REASON_RETRY, "" };
        return (struct isa__cause){ ISA_REASON_TIMED_OUT,
                                    "no outcome within the attempt timeout; channel rebuilt" };
    case ISA__FSM_TM_IDLE:
        return (struct isa__cause){ ISA_REASON_IDLE, "" };
    case ISA__FSM_EV_RECONNECT:
        return (struct isa__cause){ ISA_REASON_USER, "reconnect asked for" };
    case ISA__FSM_EV_FORCE_CLOSE:
        return (struct isa__cause){ ISA_REASON_USER, "connection force-closed" };
    default:
        return (struct isa__cause){ ISA_REASON_SHUTDOWN, "" };
    }
}

void isa__machine_init(struct isa__machine *machine, const struct isa__policy *policy)
{
    memset(machine, 0, sizeof *machine);
    machine->policy = policy;
    machine->cause.text = "";
    isa__fsm_init(machine);
}

enum isa__fsm_result isa__machine_step(struct isa__machine *machine, enum isa__fsm_event event,
                                       const struct isa__cause *cause, const struct isa__input *in,
                                       struct isa__effects *ret_out)
{
    ret_out->count = 0;
    machine->in = in;
    machine->out = ret_out;
    machine->cause = cause ? *cause : cause_of(machine, event);
    if (machine->fsm.state == ISA__FSM_ST_READY && is_proven(machine))
        isa__backoff_reset(&machine->backoff);
    if (event == ISA__FSM_EV_WANT || event == ISA__FSM_EV_NETWORK_CHANGED ||
        event == ISA__FSM_EV_RENEW)
        machine->hurry = machine->cause.reason;

    union isa__fsm_payload payload = { 0 };
    payload.const_isa__cause_ptr = &machine->cause;
    enum isa__fsm_result result = isa__fsm_dispatch(machine, event, &payload);
    machine->in = NULL;
    machine->out = NULL;
    return result;
}

enum isa_state isa__machine_public(enum isa__fsm_state state)
{
    return (enum isa_state)isa__fsm_connectivity(state);
}

enum isa_state isa__machine_state(const struct isa__machine *machine)
{
    return isa__machine_public((enum isa__fsm_state)machine->fsm.state);
}
