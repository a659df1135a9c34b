/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: how the generated code finds what an event does: by table, by pointers, by switch. */
/* Called by: emit_source. */
/* Must not know: what a handler does. */
#include "emit.h"

static const char *const fixed_handlers[FG_FIXED_HANDLERS] = { "fsm_unexpected", "fsm_unexpected",
                                                               "fsm_ignore", "fsm_keep" };

static const char table_run[] =
    "static inline enum $p_result fsm_run($c *ctx, enum $p_event ev, const union $p_payload *p)\n"
    "{\n"
    "    return handlers[cells[ev][ctx->fsm.state]](ctx, ev, p);\n"
    "}\n\n";

static const char pointer_run[] =
    "static inline enum $p_result fsm_run($c *ctx, enum $p_event ev, const union $p_payload *p)\n"
    "{\n"
    "    return pointers[ev][ctx->fsm.state](ctx, ev, p);\n"
    "}\n\n";

static const char same_react[] =
    "static inline enum $p_result fsm_react($c *ctx, enum $p_event ev, const union $p_payload *p)\n"
    "{\n"
    "    return fsm_run(ctx, ev, p);\n"
    "}\n\n";

static int *number_cells(const struct fg_model *m, int *ret_count)
{
    const int cells = m->leaf_count * m->event_count;
    int *numbers = FG_NEW_ARRAY(m->spec->arena, cells, int);

    *ret_count = FG_FIXED_HANDLERS;
    for (int i = 0; i < cells; i++)
        numbers[i] = m->cells[i].kind == FG_CELL_HANDLED ? (*ret_count)++ : (int)m->cells[i].kind;
    return numbers;
}

static const char *handler_name(const struct fg_model *m, const int *numbers, int leaf, int event)
{
    const int number = numbers[leaf * m->event_count + event];

    if (number < FG_FIXED_HANDLERS)
        return fixed_handlers[number];
    return fg_arena_printf(m->spec->arena, "h%d_%s_%s", number, m->leaves[leaf]->name,
                           m->events[event]->name);
}

static void put_handler_list(const struct fg_model *m, struct fg_out *out)
{
    int number = FG_FIXED_HANDLERS;

    fg_put(
        out,
        "/* 0: the timer is not armed, 1: unexpected, 2: ignored, 3: deferred, 4...: handled */\n"
        "static fsm_handler_fn *const handlers[] = {\n"
        "    fsm_unexpected, fsm_unexpected, fsm_ignore, fsm_keep,\n");
    for (int i = 0; i < m->leaf_count * m->event_count; i++)
        if (m->cells[i].kind == FG_CELL_HANDLED)
            fg_put(out, "    h%d_%s_%s,\n", number++, m->leaves[i / m->event_count]->name,
                   m->events[i % m->event_count]->name);
    fg_put(out,
           "};\n\n"
           "_Static_assert(sizeof(handlers) / sizeof(handlers[0]) == %d, \"handlers\");\n\n",
           number);
}

static int round_up(int n)
{
    int power = 1;

    while (power < n)
        power *= 2;
    return power;
}

/* Event-major, rows padded to a power of two: the index is a shift and an addition. */
static void put_cells(const struct fg_model *m, struct fg_out *out, const int *numbers, int count)
{
    fg_put(out, "typedef %s fsm_cell;\n\n", count <= 256 ? "uint8_t" : "uint16_t");
    fg_put(out, "static const fsm_cell cells[$P_EVENT_COUNT][%d] = {\n", round_up(m->leaf_count));
    for (int e = 0; e < m->event_count; e++) {
        fg_put(out, "    [%s] = {\n", fg_event_id(m, e));
        for (int leaf = 0; leaf < m->leaf_count; leaf++)
            fg_put(out, "        [%s] = %d,\n", fg_state_id(m, leaf),
                   numbers[leaf * m->event_count + e]);
        fg_put(out, "    },\n");
    }
    fg_put(out,
           "};\n\n"
           "_Static_assert((unsigned)$P_EVENT_COUNT == %d, \"events\");\n"
           "_Static_assert((unsigned)$P_STATE_COUNT == %d, \"states\");\n\n",
           m->event_count, m->leaf_count);
}

static void put_pointers(const struct fg_model *m, struct fg_out *out, const int *numbers)
{
    fg_put(out, "static fsm_handler_fn *const pointers[$P_EVENT_COUNT][%d] = {\n",
           round_up(m->leaf_count));
    for (int e = 0; e < m->event_count; e++) {
        fg_put(out, "    [%s] = {\n", fg_event_id(m, e));
        for (int leaf = 0; leaf < m->leaf_count; leaf++)
            fg_put(out, "        [%s] = %s,\n", fg_state_id(m, leaf),
                   handler_name(m, numbers, leaf, e));
        fg_put(out, "    },\n");
    }
    fg_put(out, "};\n\n");
}

/* How a cell without code of its own is answered. */
static enum fg_cell_kind plain_kind(const struct fg_model *m, int leaf, int event)
{
    const enum fg_cell_kind kind = fg_cell_at(m, leaf, event)->kind;

    return kind == FG_CELL_IGNORED || kind == FG_CELL_DEFERRED || kind == FG_CELL_HANDLED
               ? kind
               : FG_CELL_UNEXPECTED;
}

static int count_kind(const struct fg_model *m, int leaf, enum fg_cell_kind kind)
{
    int count = 0;

    for (int e = 0; e < m->event_count; e++)
        count += plain_kind(m, leaf, e) == kind;
    return count;
}

/* Where events are many and handlers few, a short list of cases is what makes a switch fast: what
 * most events mean becomes the default. */
static void put_state_switch(const struct fg_model *m, struct fg_out *out, const int *numbers,
                             int leaf)
{
    static const enum fg_cell_kind plain[] = { FG_CELL_UNEXPECTED, FG_CELL_IGNORED,
                                               FG_CELL_DEFERRED };
    enum fg_cell_kind usual = FG_CELL_UNEXPECTED;

    for (size_t i = 1; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (count_kind(m, leaf, plain[i]) > count_kind(m, leaf, usual))
            usual = plain[i];
    fg_put(out, "    case %s:\n        switch (ev) {\n", fg_state_id(m, leaf));
    for (int e = 0; e < m->event_count; e++)
        if (plain_kind(m, leaf, e) == FG_CELL_HANDLED)
            fg_put(out, "        case %s:\n            return %s(ctx, ev, p);\n", fg_event_id(m, e),
                   handler_name(m, numbers, leaf, e));
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (plain[i] == usual || count_kind(m, leaf, plain[i]) == 0)
            continue;
        for (int e = 0; e < m->event_count; e++)
            if (plain_kind(m, leaf, e) == plain[i])
                fg_put(out, "        case %s:\n", fg_event_id(m, e));
        fg_put(out, "            return %s(ctx, ev, p);\n", fixed_handlers[plain[i]]);
    }
    fg_put(out, "        default:\n            return %s(ctx, ev, p);\n        }\n",
           fixed_handlers[usual]);
}

/* Events that waited still go through the table: the handlers need be put in place only once. */
static void put_switch(const struct fg_model *m, struct fg_out *out, const int *numbers)
{
    fg_put(out, "static inline enum $p_result fsm_react($c *ctx, enum $p_event ev, "
                "const union $p_payload *p)\n{\n    switch ((enum $p_state)ctx->fsm.state) {\n");
    for (int leaf = 0; leaf < m->leaf_count; leaf++)
        put_state_switch(m, out, numbers, leaf);
    fg_put(out, "    default:\n        return fsm_unexpected(ctx, ev, p);\n    }\n}\n\n");
}

bool fg_has_handler_list(const struct fg_model *model, enum fg_dispatch dispatch)
{
    return dispatch == FG_DISPATCH_TABLE ||
           (dispatch == FG_DISPATCH_SWITCH && (model->queue_size > 0 || model->can_defer));
}

void fg_emit_back_end(const struct fg_model *model, struct fg_out *out, enum fg_dispatch dispatch)
{
    const bool has_list = fg_has_handler_list(model, dispatch);
    int count = 0;
    const int *numbers = number_cells(model, &count);

    if (has_list || dispatch == FG_DISPATCH_HANDLERS)
        fg_put(out, "typedef enum $p_result fsm_handler_fn($c *ctx, enum $p_event ev,\n"
                    "                                      const union $p_payload *p);\n\n");
    if (has_list)
        put_handler_list(model, out);
    put_cells(model, out, numbers, count);
    if (dispatch == FG_DISPATCH_HANDLERS)
        put_pointers(model, out, numbers);
    if (has_list || dispatch == FG_DISPATCH_HANDLERS)
        fg_put(out, has_list ? table_run : pointer_run);
    if (dispatch == FG_DISPATCH_SWITCH)
        put_switch(model, out, numbers);
    else
        fg_put(out, same_react);
}
