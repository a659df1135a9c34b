/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: names that let several generations of one machine live in one program.
 * Used by: the compiler's command line, before each generated source and its feed_generated.c.
 * Must not know: how the machine works.
 */
#ifndef BENCH_FSM_RENAME_H
#define BENCH_FSM_RENAME_H

#define RENAME2(name, back_end) name##_by_##back_end
#define RENAME1(name, back_end) RENAME2(name, back_end)
#define RENAME(name) RENAME1(name, BACK_END)

#define link_init RENAME(link_init)
#define link_dispatch RENAME(link_dispatch)
#define link_current RENAME(link_current)
#define link_state_name RENAME(link_state_name)
#define link_state_text RENAME(link_state_text)
#define link_event_name RENAME(link_event_name)
#define link_event_text RENAME(link_event_text)
#define link_cell RENAME(link_cell)
#define link_transition RENAME(link_transition)
#define link_connect RENAME(link_connect)
#define link_call RENAME(link_call)
#define link_close RENAME(link_close)
#define link_reopen RENAME(link_reopen)
#define link_resolved RENAME(link_resolved)
#define link_unresolved RENAME(link_unresolved)
#define link_up RENAME(link_up)
#define link_failed RENAME(link_failed)
#define link_reply RENAME(link_reply)
#define link_last_reply RENAME(link_last_reply)
#define link_lost RENAME(link_lost)
#define link_goaway RENAME(link_goaway)
#define link_tick RENAME(link_tick)
#define link_retry RENAME(link_retry)

#endif
