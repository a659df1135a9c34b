/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: making the streams: the same on every run.
 * Used by: main.c.
 * Must not know: clocks, contenders.
 */
#include "streams.h"

#include <string.h>

#include "switch.h"

const char *const stream_names[STREAM_COUNT] = { "uniform", "valid", "real", "real_1024" };

/* How likely an event is in a state of a connection's life. */
struct chance {
    enum link_event event;
    unsigned weight;
};

enum { CHANCES = 8 };

static const struct chance life[LINK_STATE_COUNT][CHANCES] = {
    [LINK_ST_IDLE] = { { LINK_EV_CONNECT, 6 }, { LINK_EV_CALL, 3 }, { LINK_EV_CLOSE, 1 } },
    [LINK_ST_RESOLVING] = { { LINK_EV_RESOLVED, 90 },
                            { LINK_EV_UNRESOLVED, 5 },
                            { LINK_EV_CALL, 5 } },
    [LINK_ST_DIALING] = { { LINK_EV_UP, 80 },
                          { LINK_EV_FAILED, 10 },
                          { LINK_EV_CALL, 5 },
                          { LINK_EV_TICK, 5 } },
    [LINK_ST_READY] = { { LINK_EV_CALL, 900 },
                        { LINK_EV_TICK, 80 },
                        { LINK_EV_LOST, 10 },
                        { LINK_EV_GOAWAY, 5 },
                        { LINK_EV_CLOSE, 5 } },
    [LINK_ST_BUSY] = { { LINK_EV_REPLY, 450 },
                       { LINK_EV_CALL, 250 },
                       { LINK_EV_LAST_REPLY, 240 },
                       { LINK_EV_TICK, 40 },
                       { LINK_EV_CONNECT, 10 },
                       { LINK_EV_LOST, 5 },
                       { LINK_EV_GOAWAY, 3 },
                       { LINK_EV_CLOSE, 2 } },
    [LINK_ST_DRAINING] = { { LINK_EV_REPLY, 60 },
                           { LINK_EV_LAST_REPLY, 30 },
                           { LINK_EV_GOAWAY, 5 },
                           { LINK_EV_LOST, 5 } },
    [LINK_ST_BACKOFF] = { { LINK_EV_RETRY, 70 }, { LINK_EV_CALL, 20 }, { LINK_EV_CONNECT, 10 } },
    [LINK_ST_CLOSED] = { { LINK_EV_REOPEN, 60 }, { LINK_EV_CLOSE, 20 }, { LINK_EV_TICK, 20 } },
};

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static enum link_event pick_lively(enum link_state state, uint32_t number)
{
    unsigned sum = 0;
    size_t i = 0;
    for (size_t c = 0; c < CHANCES; c++)
        sum += life[state][c].weight;
    number %= sum;
    while (number >= life[state][i].weight)
        number -= life[state][i++].weight;
    return life[state][i].event;
}

static enum link_event pick_handled(enum link_state state, uint32_t *seed)
{
    enum link_event event;
    do
        event = (enum link_event)(next_random(seed) % LINK_EVENT_COUNT);
    while (link_cell(state, event) != LINK_CELL_HANDLED);
    return event;
}

void make_stream(enum stream stream, struct link *links, struct item *items)
{
    uint32_t seed = 2463534242U;
    memset(links, 0, MACHINES * sizeof *links);
    for (size_t i = 0; i < STREAM_LENGTH; i++) {
        size_t machine = stream == STREAM_REAL_1024 ? next_random(&seed) % MACHINES : 0;
        enum link_state state = (enum link_state)links[machine].fsm.state;
        enum link_event event;
        if (stream == STREAM_UNIFORM)
            event = (enum link_event)(next_random(&seed) % LINK_EVENT_COUNT);
        else if (stream == STREAM_VALID)
            event = pick_handled(state, &seed);
        else
            event = pick_lively(state, next_random(&seed));
        items[i] = (struct item){ (uint16_t)machine, (uint16_t)event };
        (void)switch_dispatch(&links[machine], event);
    }
}
