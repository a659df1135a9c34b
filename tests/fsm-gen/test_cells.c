/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: every cell and branch of the example against what its table says of itself. */
/* Called by: ctest. */
/* Must not know: how the generator works. */
#include "gconn_with_fsm.h"

#include <criterion/criterion.h>

#include <string.h>

#define ACTION(name)                                                                               \
    void gconn_act_##name(struct gconn *ctx)                                                       \
    {                                                                                              \
        ctx->actions++;                                                                            \
    }

ACTION(start_resolve)
ACTION(start_connect)
ACTION(send_preface)
ACTION(flush_queue)
ACTION(fail_queued)
ACTION(send_goaway)
ACTION(send_ping)
ACTION(fail_active)
ACTION(abort_io)
ACTION(count_attempt)
ACTION(reset_attempts)
ACTION(release)

#define ACTION_WITH(name, type)                                                                    \
    void gconn_act_##name(struct gconn *ctx, type payload)                                         \
    {                                                                                              \
        (void)payload;                                                                             \
        ctx->actions++;                                                                            \
    }

ACTION_WITH(queue_call, struct gcall *)
ACTION_WITH(start_call, struct gcall *)
ACTION_WITH(reject_call, struct gcall *)
ACTION_WITH(save_addr, const struct gaddr *)
ACTION_WITH(note_goaway, uint32_t)

bool gconn_grd_has_queued(const struct gconn *ctx)
{
    return ctx->has_queued;
}

void gconn_arm(struct gconn *ctx, enum gconn_timer timer)
{
    ctx->armed_twice = ctx->armed_twice || (ctx->armed >> timer & 1U) != 0;
    ctx->armed |= 1U << timer;
}

void gconn_disarm(struct gconn *ctx, enum gconn_timer timer)
{
    ctx->armed &= ~(1U << timer);
}

void gconn_on_connectivity(struct gconn *ctx, enum gconn_connectivity from,
                           enum gconn_connectivity to)
{
    cr_expect_neq(from, to);
    cr_expect_eq(from, ctx->reported);
    ctx->reported = to;
}

void gconn_on_unexpected(struct gconn *ctx, enum gconn_state state, enum gconn_event ev)
{
    (void)state;
    (void)ev;
    ctx->unexpected++;
}

static struct gconn conn;

static void put_into(enum gconn_state state)
{
    gconn_init(&conn);
    conn.fsm.state = (uint16_t)state;
    conn.reported = gconn_connectivity(state);
    conn.actions = conn.unexpected = 0;
}

static enum gconn_result send(enum gconn_event ev)
{
    static const union gconn_payload nothing;

    return gconn_dispatch(&conn, ev, &nothing);
}

static bool is_taken(const struct gconn_tinfo *info, bool has_queued)
{
    if (strcmp(info->guard, "has_queued") == 0)
        return has_queued;
    if (strcmp(info->guard, "else") == 0)
        return !has_queued;
    return info->guard[0] == '\0';
}

Test(fsm_gen_cells, every_branch_does_what_its_description_says)
{
    unsigned taken = 0;

    for (unsigned tid = 0; tid < GCONN_TRANSITION_COUNT; tid++)
        for (int has_queued = 0; has_queued < 2; has_queued++) {
            const struct gconn_tinfo *info = gconn_transition(tid);

            if (!is_taken(info, has_queued))
                continue;
            put_into(info->from);
            conn.has_queued = has_queued;
            cr_expect_eq(send(info->event), info->result, "%s", info->place);
            cr_expect_eq(gconn_current(&conn), info->to, "%s", info->place);
            cr_expect_eq(conn.reported, gconn_connectivity(info->to), "%s", info->place);
            cr_expect_eq(gconn_cell(info->from, info->event), GCONN_CELL_HANDLED);
            cr_expect(!info->internal || info->from == info->to);
            taken++;
        }
    cr_expect_gt(taken, GCONN_TRANSITION_COUNT);
}

static enum gconn_result result_of(enum gconn_cell_kind kind)
{
    switch (kind) {
    case GCONN_CELL_IGNORED:
        return GCONN_IGNORED;
    case GCONN_CELL_DEFERRED:
        return GCONN_DEFERRED;
    default:
        return GCONN_UNEXPECTED;
    }
}

Test(fsm_gen_cells, every_other_cell_changes_nothing)
{
    int counts[GCONN_CELL_HANDLED + 1] = { 0 };

    for (unsigned s = 0; s < GCONN_STATE_COUNT; s++)
        for (unsigned e = 0; e < GCONN_EVENT_COUNT; e++) {
            const enum gconn_cell_kind kind = gconn_cell((enum gconn_state)s, (enum gconn_event)e);

            counts[kind]++;
            if (kind == GCONN_CELL_HANDLED)
                continue;
            put_into((enum gconn_state)s);
            cr_expect_eq(send((enum gconn_event)e), result_of(kind));
            cr_expect_eq(gconn_current(&conn), s);
            cr_expect_eq(conn.actions, 0);
            cr_expect_eq(conn.unexpected, result_of(kind) == GCONN_UNEXPECTED);
        }
    cr_expect_eq(counts[GCONN_CELL_HANDLED], 62);
    cr_expect_eq(counts[GCONN_CELL_IGNORED], 22);
    cr_expect_eq(counts[GCONN_CELL_DEFERRED], 1);
    cr_expect_eq(counts[GCONN_CELL_UNEXPECTED], 56);
    cr_expect_eq(counts[GCONN_CELL_UNARMED], 57);
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245U + 12345U;
    return *seed >> 16;
}

static unsigned armed_in(enum gconn_state state)
{
    unsigned armed = 0;

    for (unsigned t = 0; t < GCONN_TIMER_COUNT; t++) {
        const enum gconn_event ev = (enum gconn_event)(GCONN_TM_CONNECT_DEADLINE + t);

        armed |= gconn_cell(state, ev) == GCONN_CELL_UNARMED ? 0 : 1U << t;
    }
    return armed;
}

static void run_stream(unsigned seed)
{
    put_into(GCONN_ST_IDLE);
    conn.armed = 0;
    conn.armed_twice = false;

    for (int i = 0; i < 5000; i++) {
        conn.has_queued = (next_random(&seed) & 1U) != 0;
        /* A machine that has ended is used again: that is how a stream goes on. */
        if (send((enum gconn_event)(next_random(&seed) % GCONN_EVENT_COUNT)) == GCONN_FINAL)
            put_into(GCONN_ST_IDLE);
        cr_assert_eq(conn.armed, armed_in(gconn_current(&conn)));
        cr_assert_not(conn.armed_twice);
        cr_assert_eq(conn.reported, gconn_connectivity(gconn_current(&conn)));
    }
}

Test(fsm_gen_cells, any_stream_keeps_timers_and_projection_in_step)
{
    for (unsigned seed = 1; seed <= 8; seed++)
        run_stream(seed);
}
