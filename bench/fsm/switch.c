/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the machine of link.fsm as a programmer writes it by hand: a switch in a switch.
 * Used by: feed_switch.c.
 * Must not know: generated code; it shares the enums and the actions.
 */
#include "switch.h"

static enum link_result go(struct link *link, enum link_state state)
{
    link->fsm.state = (uint16_t)state;
    return LINK_OK;
}

/* The inner switches have functions of their own for the reader; the compiler puts them in place. */
static enum link_result when_idle(struct link *link, enum link_event ev)
{
    switch (ev) {
    case LINK_EV_CONNECT:
        link_act_resolve(link);
        return go(link, LINK_ST_RESOLVING);
    case LINK_EV_CALL:
        link_act_hold(link);
        return go(link, LINK_ST_RESOLVING);
    case LINK_EV_CLOSE:
        return go(link, LINK_ST_CLOSED);
    default:
        return LINK_IGNORED;
    }
}

static enum link_result when_resolving(struct link *link, enum link_event ev)
{
    switch (ev) {
    case LINK_EV_RESOLVED:
        link_act_dial(link);
        return go(link, LINK_ST_DIALING);
    case LINK_EV_UNRESOLVED:
        link_act_note(link);
        return go(link, LINK_ST_BACKOFF);
    case LINK_EV_CALL:
        link_act_hold(link);
        return LINK_OK;
    case LINK_EV_CLOSE:
        link_act_drop(link);
        return go(link, LINK_ST_CLOSED);
    default:
        return LINK_IGNORED;
    }
}

static enum link_result when_dialing(struct link *link, enum link_event ev)
{
    switch (ev) {
    case LINK_EV_UP:
        link_act_greet(link);
        return go(link, LINK_ST_READY);
    case LINK_EV_FAILED:
        link_act_note(link);
        return go(link, LINK_ST_BACKOFF);
    case LINK_EV_CALL:
        link_act_hold(link);
        return LINK_OK;
    case LINK_EV_CLOSE:
        link_act_drop(link);
        return go(link, LINK_ST_CLOSED);
    case LINK_EV_TICK:
        link_act_check_peer(link);
        return LINK_OK;
    default:
        return LINK_IGNORED;
    }
}

static enum link_result when_ready(struct link *link, enum link_event ev)
{
    switch (ev) {
    case LINK_EV_CALL:
        link_act_send(link);
        return go(link, LINK_ST_BUSY);
    case LINK_EV_LOST:
    case LINK_EV_GOAWAY:
        link_act_drop(link);
        return go(link, LINK_ST_IDLE);
    case LINK_EV_TICK:
        link_act_check_peer(link);
        return LINK_OK;
    case LINK_EV_CLOSE:
        link_act_drop(link);
        return go(link, LINK_ST_CLOSED);
    default:
        return LINK_IGNORED;
    }
}

static enum link_result when_busy(struct link *link, enum link_event ev)
{
    switch (ev) {
    case LINK_EV_CALL:
        link_act_send(link);
        return LINK_OK;
    case LINK_EV_REPLY:
        link_act_deliver(link);
        return LINK_OK;
    case LINK_EV_LAST_REPLY:
        link_act_deliver(link);
        return go(link, LINK_ST_READY);
    case LINK_EV_LOST:
        link_act_fail(link);
        return go(link, LINK_ST_BACKOFF);
    case LINK_EV_GOAWAY:
    case LINK_EV_CLOSE:
        link_act_note(link);
        return go(link, LINK_ST_DRAINING);
    case LINK_EV_TICK:
        link_act_check_peer(link);
        return LINK_OK;
    default:
        return LINK_IGNORED;
    }
}

static enum link_result when_draining(struct link *link, enum link_event ev)
{
    switch (ev) {
    case LINK_EV_REPLY:
        link_act_deliver(link);
        return LINK_OK;
    case LINK_EV_LAST_REPLY:
        link_act_deliver(link);
        return go(link, LINK_ST_IDLE);
    case LINK_EV_LOST:
        link_act_fail(link);
        return go(link, LINK_ST_IDLE);
    case LINK_EV_CLOSE:
        link_act_fail(link);
        return go(link, LINK_ST_CLOSED);
    default:
        return LINK_IGNORED;
    }
}

static enum link_result when_backoff(struct link *link, enum link_event ev)
{
    switch (ev) {
    case LINK_EV_RETRY:
    case LINK_EV_CONNECT:
        link_act_resolve(link);
        return go(link, LINK_ST_RESOLVING);
    case LINK_EV_CALL:
        link_act_hold(link);
        return LINK_OK;
    case LINK_EV_CLOSE:
        link_act_drop(link);
        return go(link, LINK_ST_CLOSED);
    default:
        return LINK_IGNORED;
    }
}

static enum link_result when_closed(struct link *link, enum link_event ev)
{
    switch (ev) {
    case LINK_EV_REOPEN:
        link_act_reset(link);
        return go(link, LINK_ST_IDLE);
    default:
        return LINK_IGNORED;
    }
}

enum link_result switch_dispatch(struct link *link, enum link_event ev)
{
    switch ((enum link_state)link->fsm.state) {
    case LINK_ST_IDLE:
        return when_idle(link, ev);
    case LINK_ST_RESOLVING:
        return when_resolving(link, ev);
    case LINK_ST_DIALING:
        return when_dialing(link, ev);
    case LINK_ST_READY:
        return when_ready(link, ev);
    case LINK_ST_BUSY:
        return when_busy(link, ev);
    case LINK_ST_DRAINING:
        return when_draining(link, ev);
    case LINK_ST_BACKOFF:
        return when_backoff(link, ev);
    case LINK_ST_CLOSED:
        return when_closed(link, ev);
    default:
        return LINK_UNEXPECTED;
    }
}
