/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a transport without network, threads and clock: the test decides what happens and when.
 * Used by: tests of the pool.
 * Must not know: the pool.
 *
 * Whatever the transport promises of its callers is asserted here: no channel retired twice, no
 * call attached to a retired channel, no message posted twice. One fake per process; what other
 * threads may do with a transport they may do with the fake.
 */
#ifndef FAKE_TRANSPORT_H
#define FAKE_TRANSPORT_H

#include "transport.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const struct isa__tr_ops fake_transport;

/* A channel, for looking at. Channels are numbered from 1 in the order of opening. */
struct fake_channel {
    unsigned number;
    struct isa__tr_sink *sink;
    struct isa__tr_channel_config config;
    struct isa_list calls; /* of struct fake_call.in_channel */
    struct isa__tr_msg gone_msg;
    bool is_up;      /* said up() */
    bool is_over;    /* said failed(), lost() or drained() */
    bool is_retired; /* let go: says gone() once no call runs */
    bool is_gone;
};

/* A call; a test embeds it in its own and hands it over by fake_call_core(). */
struct fake_call {
    struct isa_list in_channel; /* in struct fake_channel.calls */
    unsigned channel;           /* number of the channel it was attached to; 0: none */
    struct isa__tr_start start;
    struct isa__tr_msg msg;
    struct isa_status status; /* message points to `text` */
    char text[256];
    bool is_started;
    bool is_ending; /* it was cancelled, or has ended */
    bool is_ended;
};

/* Begin anew at this time; numbers drawn are 0 until fake_set_random() or fake_seed_random(). */
void fake_begin(uint64_t now_us);
/* Assert that nothing is left: no message, no timer, no channel that is not gone. */
void fake_end(void);

uint64_t fake_now_us(void);
/* Run the oldest message. Returns whether there was one. */
bool fake_pump_one(void);
/* Run messages until there is none. */
void fake_pump(void);
/* Let time pass; timers fire when they are due, in order, each followed by fake_pump(). */
void fake_advance_ms(uint64_t ms);
unsigned fake_timers_running(void);
/* Milliseconds until the next timer fires; UINT64_MAX: none runs. */
uint64_t fake_next_timer_ms(void);
/* The number that is drawn from now on. */
void fake_set_random(uint32_t value);
/* Draw a sequence of numbers from now on. */
void fake_seed_random(uint32_t seed);

/* How many channels were opened; also the number of the newest. */
unsigned fake_channel_count(void);
const struct fake_channel *fake_channel(unsigned number);
/* Calls that run on a channel. */
unsigned fake_calls_on(unsigned number);
/* Let so many channel_open() fail for want of memory. */
void fake_refuse_channels(unsigned count);

/* What a channel says. Asserts that it is in a position to say it. */
void fake_up(unsigned number);
void fake_failed(unsigned number, enum isa_reason reason, const char *text);
void fake_lost(unsigned number, enum isa_reason reason, const char *text);
void fake_drained(unsigned number);

void fake_call_init(struct fake_call *call);
struct isa__tr_call *fake_call_core(struct fake_call *call);
/* The call ends; nothing if it was cancelled before. on_done is a message, as always. */
void fake_call_end(struct fake_call *call, enum isa_status_code code, enum isa_reason reason,
                   const char *text);
/* Every call on a channel ends. */
void fake_end_calls(unsigned number, enum isa_status_code code, enum isa_reason reason,
                    const char *text);

#endif
