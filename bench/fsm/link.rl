/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the machine of link.fsm in the language of Ragel.
 * Used by: feed_ragel.c, when Ragel is installed.
 * Must not know: generated code, beyond its enums.
 */
#include "ragel.h"

%%{
    machine link;
    alphtype unsigned char;
    access link->ragel_;
    variable cs link->ragel_state;

    connect = 0; call = 1; close = 2; reopen = 3; resolved = 4; unresolved = 5; up = 6; failed = 7;
    reply = 8; last_reply = 9; lost = 10; goaway = 11; tick = 12; retry = 13;

    action resolve { link_act_resolve(link); }
    action dial { link_act_dial(link); }
    action greet { link_act_greet(link); }
    action hold { link_act_hold(link); }
    action send { link_act_send(link); }
    action deliver { link_act_deliver(link); }
    action check_peer { link_act_check_peer(link); }
    action note { link_act_note(link); }
    action drop { link_act_drop(link); }
    action fail { link_act_fail(link); }
    action reset { link_act_reset(link); }

    main := start: idle: (
        connect @resolve -> resolving | call @hold -> resolving | close -> closed |
        (any - connect - call - close) -> idle
    ),
    resolving: (
        resolved @dial -> dialing | unresolved @note -> backoff | call @hold -> resolving |
        close @drop -> closed | (any - resolved - unresolved - call - close) -> resolving
    ),
    dialing: (
        up @greet -> ready | failed @note -> backoff | call @hold -> dialing |
        close @drop -> closed | tick @check_peer -> dialing |
        (any - up - failed - call - close - tick) -> dialing
    ),
    ready: (
        call @send -> busy | (lost | goaway) @drop -> idle | tick @check_peer -> ready |
        close @drop -> closed | (any - call - lost - goaway - tick - close) -> ready
    ),
    busy: (
        call @send -> busy | reply @deliver -> busy | last_reply @deliver -> ready |
        lost @fail -> backoff | (goaway | close) @note -> draining | tick @check_peer -> busy |
        (any - call - reply - last_reply - lost - goaway - close - tick) -> busy
    ),
    draining: (
        reply @deliver -> draining | last_reply @deliver -> idle | lost @fail -> idle |
        close @fail -> closed | (any - reply - last_reply - lost - close) -> draining
    ),
    backoff: (
        (retry | connect) @resolve -> resolving | call @hold -> backoff | close @drop -> closed |
        (any - retry - connect - call - close) -> backoff
    ),
    closed: (
        reopen @reset -> idle | (any - reopen) -> closed
    );
}%%

%% write data noerror nofinal noentry;

void ragel_init(struct link *link)
{
    %% write init;
}

void ragel_dispatch(struct link *link, enum link_event ev)
{
    const unsigned char event = (unsigned char)ev;
    const unsigned char *p = &event;
    const unsigned char *pe = p + 1;
    %% write exec;
}
