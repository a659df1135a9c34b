/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the pure machine of one connection: what goes in, what comes out.
 * Used by: the pool, through fsm.h; the generated transitions.
 * Must not know: clocks, sockets, grpc-core, threads. Time and randomness are passed in.
 */
#ifndef ISA_FSM_MACHINE_H
#define ISA_FSM_MACHINE_H

#include <isa/conn.h>

#include "backoff.h"
#include "base.h"
#include "connection_fsm.h"

/** Settings of the machine; fixed for its life. Milliseconds. */
struct isa__policy {
    struct isa__backoff_policy backoff;
    double dear_factor; /* stretches the delay after a dear failure */
    uint32_t dial_floor_ms;
    uint32_t attempt_timeout_ms;
    uint32_t idle_timeout_ms;
    bool keep_connected; /* never idle */
};

/** What the machine may know about the world at one step. */
struct isa__input {
    uint64_t now_ms;        /* monotonic */
    uint64_t last_use_ms;   /* when the last call ended; for calls_running 0 */
    uint64_t calls_running; /* on any channel of this connection */
    bool is_answered;       /* the peer has answered a call on the present channel */
    uint32_t random;        /* uniform over all 32 bits */
    uint32_t drain_ms;      /* grace, for CLOSE */
    bool asks_delay;        /* a handle wants to say how long to wait: leave it time to answer */
    uint32_t delay_ms;      /* its answer, for DELAY */
};

enum isa__effect_kind {
    ISA__EFFECT_DIAL,                   /* make a channel, connect it */
    ISA__EFFECT_RETIRE,                 /* let go of the channel; its calls finish */
    ISA__EFFECT_ABORT,                  /* let go of the channel; its calls end now */
    ISA__EFFECT_RELEASE_WAITERS,        /* start all waiting calls */
    ISA__EFFECT_FAIL_TRIED_WAITERS,     /* fail those whose fresh attempt was this one */
    ISA__EFFECT_FAIL_IMPATIENT_WAITERS, /* fail those that do not wait for READY */
    ISA__EFFECT_FAIL_WAITERS,           /* fail all waiting calls */
    ISA__EFFECT_TIMER_START,            /* timer, delay_ms; restarts it when it runs */
    ISA__EFFECT_TIMER_STOP,             /* timer */
    ISA__EFFECT_TELL,                   /* from, to, attempt, delay_ms: users hear a change */
    ISA__EFFECT_FINISH,                 /* the machine has ended */
};

struct isa__effect {
    enum isa__effect_kind kind;
    enum isa__fsm_timer timer;
    uint32_t delay_ms;
    enum isa_state from;
    enum isa_state to;
    uint32_t attempt; /* with TELL: the attempt this change belongs to */
};

/** Bound: exit, disarm, three actions, arm, entry, tell; see the longest row of the table. */
enum { ISA__EFFECTS_MAX = 12 };

struct isa__effects {
    unsigned count;
    struct isa__effect list[ISA__EFFECTS_MAX]; /* to be carried out in order */
};

/** Counts the machine keeps; exact. */
struct isa__tally {
    uint64_t attempts;   /* dials; also the number of the newest channel */
    uint64_t failures;   /* dials that failed */
    uint64_t losses;     /* READY connections lost or replaced */
    uint64_t drains;     /* READY connections drained by their peer */
    uint64_t reconnects; /* losses that became READY again */
    uint32_t rebuilds;   /* attempts the watchdog ended */
    uint32_t unexpected; /* events that the table calls impossible */
};

struct isa__machine {
    struct isa__fsm_fsm fsm; /* the generated part */
    bool is_idle_over;       /* the idle timer has fired, and is to start anew */
    const struct isa__policy *policy;
    struct isa__tally tally;
    struct isa__cause cause; /* of the last step; the text is valid during the step only */
    uint32_t attempt;        /* dials since the connection was last READY */
    uint32_t unused_ms;      /* what has passed of the idle timeout that begins now */
    uint32_t next_delay_ms;  /* in BACKOFF: until the next dial */
    enum isa_reason hurry;   /* why the next attempt does not wait for its time */
    uint64_t last_dial_ms;   /* when the last dial began */
    uint64_t ready_ms;       /* when it last became READY */
    uint64_t last_drain_ms;  /* when a peer last drained us; meaningless while tally.drains is 0 */
    struct isa__backoff backoff;
    const struct isa__input *in; /* valid during a step only */
    struct isa__effects *out;    /* valid during a step only */
};

/** Put the machine into its initial state, NEW. The policy must outlive it. */
void isa__machine_init(struct isa__machine *machine, const struct isa__policy *policy);

/**
 * One step: (state, event) -> (next state, effects). Pure: no clock, no memory, no callback.
 *
 * @param cause  For DIAL_FAILED, LOST, DRAINED and UNHEALTHY: why; for others NULL, or the words to use.
 * @return what the generated table did with the event
 */
enum isa__fsm_result isa__machine_step(struct isa__machine *machine, enum isa__fsm_event event,
                                       const struct isa__cause *cause, const struct isa__input *in,
                                       struct isa__effects *ret_out);

/** The public state. */
enum isa_state isa__machine_state(const struct isa__machine *machine);

/** Public state of a private one. */
enum isa_state isa__machine_public(enum isa__fsm_state state);

#endif
