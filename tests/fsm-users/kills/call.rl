/* SPDX-License-Identifier: Apache-2.0 */
/* The machine of call.fsm as far as it can be said in the language of Ragel. */
#include "call.h"

%%{
    machine call;
    alphtype unsigned char;

    place = 0;
    hang_up = 1;
    close = 2;
    ringing = 3;
    answer = 4;
    busy = 5;
    lost = 6;
    ring_time = 7;
    pause = 8;

    action dial { act_dial(call); }
    action ring { act_ring(call); }
    action drop { act_drop(call); }
    action count { act_count(call); }
    action release { act_release(call); }
    action note { act_note(call); }

    main := start: idle: (
        place @dial -> dialing |
        close @release -> closed |
        hang_up -> idle
    ),
    dialing: (
        ringing @ring -> rings |
        answer -> talking |
        hang_up @drop -> idle |
        close @drop @release -> closed |
        busy @count -> pausing |
        ring_time @count -> pausing |
        lost @note -> idle |
        place -> dialing
    ),
    rings: (
        ringing -> rings |
        answer -> talking |
        hang_up @drop -> idle |
        close @drop @release -> closed |
        busy @count -> pausing |
        ring_time @count -> pausing |
        lost @note -> idle |
        place -> rings
    ),
    talking: (
        hang_up @drop -> idle |
        lost @note -> idle |
        close @drop @release -> closed |
        place -> talking
    ),
    pausing: (
        pause @dial -> dialing |
        hang_up -> idle |
        close @release -> closed |
        place -> pausing
    ),
    closed: (
        any -> closed
    );
}%%

%% write data;

void step(struct call *call, unsigned char event)
{
    const unsigned char *p = &event, *pe = p + 1;
    int cs = call->state;
    %% write exec;
    call->state = cs;
}
