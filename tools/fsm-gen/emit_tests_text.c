/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the fixed text of the generated tests: a machine that follows the rows, and the tests. */
/* Called by: emit_tests. */
/* Must not know: any table. */
#include "emit.h"

static const char types_text[] =
    "/* What a machine may do. DO_POST: an action sends an event; DO_SEND: `post` does;\n"
    " * DO_TELL: one for each projection. */\n"
    "enum { DO_ACTION = 1, DO_ARM, DO_DISARM, DO_UNEXPECTED, DO_POST, DO_SEND, DO_TELL };\n\n"
    "struct step {\n    unsigned short kind, id, to, state;\n};\n\n"
    "struct row {\n    unsigned short state, event, values, branch;\n    unsigned first_step;\n"
    "    unsigned short step_count, to;\n    enum $p_result result;\n};\n\n"
    "struct cell {\n    unsigned first_row, guard_count;\n"
    "    unsigned short guards[GUARDS_OF_CELL];\n};\n\n";

static const char record_text[] =
    "enum { RECORD_MAX = 16384, POSTS_MAX = 3 };\n\n"
    "/* What was done since the last look. Actions of a random stream send events of their own:\n"
    " * which, follows from the seed, so machine and model send the same. */\n"
    "struct record {\n    struct step list[RECORD_MAX];\n    unsigned count, posts_left;\n"
    "    uint32_t seed;\n};\n\n"
    "static $c ctx_;\n"
    "static struct record real, model;\n"
    "static union $p_payload sent;\n"
    "static bool guard_values[GUARDS + 1], runs[TIMERS + 1];\n"
    "static unsigned asked[GUARDS + 1];\n\n"
    "static uint32_t draw(uint32_t *seed)\n{\n"
    "    *seed ^= *seed << 13;\n    *seed ^= *seed >> 17;\n    *seed ^= *seed << 5;\n"
    "    return *seed;\n}\n\n"
    "static void note(struct record *record, unsigned kind, unsigned id, unsigned to,\n"
    "                 unsigned state)\n{\n"
    "    cr_assert_lt(record->count, RECORD_MAX, \"a machine without end\");\n"
    "    record->list[record->count++] =\n"
    "        (struct step){ (unsigned short)kind, (unsigned short)id, (unsigned short)to,\n"
    "                       (unsigned short)state };\n}\n\n"
    "/* The event that an action sends now; $P_EVENT_COUNT: none. */\n"
    "static unsigned next_post(struct record *record)\n{\n"
    "    if (record->posts_left == 0 || draw(&record->seed) %% 4 != 0)\n"
    "        return $P_EVENT_COUNT;\n"
    "    record->posts_left--;\n"
    "    return draw(&record->seed) %% $P_EVENT_COUNT;\n}\n\n";

/* Of machines with actions only: clang warns of a static function that nothing calls. */
static const char act_text[] =
    "static void act($c *ctx, unsigned id)\n{\n"
    "    unsigned event;\n"
    "    enum $p_result result;\n\n"
    "    note(&real, DO_ACTION, id, 0, (unsigned)$p_current(ctx));\n"
    "    event = next_post(&real);\n"
    "    if (event == $P_EVENT_COUNT)\n        return;\n"
    "    result = $p_dispatch(ctx, (enum $p_event)event, &sent);\n"
    "    note(&real, DO_POST, event, (unsigned)result, (unsigned)$p_current(ctx));\n}\n\n";

static const char model_text[] =
    "/* The model: follows the rows, one at a time. */\n"
    "static struct {\n    unsigned state, ignored, kept_count, kept_next, queue_count;\n"
    "    bool is_replaying, is_overflowed;\n"
    "    unsigned short kept[$P_DEFER_MAX + 2], queue[$P_QUEUE_MAX + 2];\n} followed;\n\n"
    "static unsigned take(unsigned short *list, unsigned *count, unsigned at)\n{\n"
    "    const unsigned event = list[at];\n\n"
    "    --*count;\n"
    "    memmove(&list[at], &list[at + 1], (*count - at) * sizeof(list[0]));\n"
    "    return event;\n}\n\n"
    "static enum $p_result follow_loss(unsigned event)\n{\n"
    "    followed.is_overflowed = true;\n"
    "    note(&model, DO_UNEXPECTED, event, 0, followed.state);\n"
    "    return $P_OVERFLOW;\n}\n\n"
    "static enum $p_result follow_send(unsigned event)\n{\n"
    "    if (followed.queue_count == $P_QUEUE_MAX)\n        return follow_loss(event);\n"
    "    followed.queue[followed.queue_count++] = (unsigned short)event;\n"
    "    return $P_QUEUED;\n}\n\n"
    "static void follow_step(const struct step *step)\n{\n"
    "    unsigned event;\n\n"
    "    followed.state = step->state;\n"
    "    if (step->kind == DO_SEND) {\n"
    "        (void)follow_send(step->id);\n"
    "        return;\n"
    "    }\n"
    "    note(&model, step->kind, step->id, step->to, step->state);\n"
    "    event = step->kind == DO_ACTION ? next_post(&model) : $P_EVENT_COUNT;\n"
    "    if (event != $P_EVENT_COUNT)\n"
    "        note(&model, DO_POST, event, (unsigned)follow_send(event), step->state);\n}\n\n"
    "static enum $p_result follow_defer(unsigned event)\n{\n"
    "    const unsigned at = followed.is_replaying ? followed.kept_next : followed.kept_count;\n"
    "    unsigned same = 0;\n\n"
    "    for (unsigned i = 0; i < followed.kept_count; i++)\n"
    "        same += followed.kept[i] == event;\n"
    "    if (same >= bounds[event])\n        return follow_loss(event);\n"
    "    memmove(&followed.kept[at + 1], &followed.kept[at],\n"
    "            (followed.kept_count - at) * sizeof(followed.kept[0]));\n"
    "    followed.kept[at] = (unsigned short)event;\n"
    "    followed.kept_count++;\n"
    "    followed.kept_next += at == followed.kept_next;\n"
    "    return $P_DEFERRED;\n}\n\n"
    "static const struct row *find_row(unsigned state, unsigned event)\n{\n"
    "    const struct cell *cell = &cells[state][event];\n"
    "    unsigned values = 0;\n\n"
    "    for (unsigned i = 0; i < cell->guard_count; i++)\n"
    "        values |= (guard_values[cell->guards[i]] ? 1U : 0U) << i;\n"
    "    return &rows[cell->first_row + values];\n}\n\n"
    "static enum $p_result follow_event(unsigned event)\n{\n"
    "    const struct row *row = find_row(followed.state, event);\n"
    "    const unsigned from = followed.state;\n\n"
    "    if (row->result == $P_DEFERRED)\n        return follow_defer(event);\n"
    "    if (row->result == $P_UNEXPECTED)\n"
    "        note(&model, DO_UNEXPECTED, event, 0, followed.state);\n"
    "    followed.ignored += row->result == $P_IGNORED;\n"
    "    for (unsigned i = 0; i < row->step_count; i++)\n"
    "        follow_step(&steps[row->first_step + i]);\n"
    "    followed.state = row->to;\n"
    "    if (row->to != from)\n        followed.kept_next = 0;\n"
    "    return row->result;\n}\n\n"
    "static enum $p_result follow_to_end(enum $p_result result)\n{\n"
    "    while (followed.queue_count > 0 || followed.kept_next < followed.kept_count) {\n"
    "        enum $p_result one;\n\n"
    "        followed.is_replaying = followed.queue_count == 0;\n"
    "        one = follow_event(followed.is_replaying\n"
    "                               ? take(followed.kept, &followed.kept_count, "
    "followed.kept_next)\n"
    "                               : take(followed.queue, &followed.queue_count, 0));\n"
    "        followed.is_replaying = false;\n"
    "        result = one == $P_FINAL ? one : result;\n    }\n"
    "    if (followed.is_overflowed && result != $P_FINAL)\n        result = $P_OVERFLOW;\n"
    "    followed.is_overflowed = false;\n"
    "    return result;\n}\n\n";

static const char compare_text[] =
    "static void compare(enum $p_result result, enum $p_result expected, const char *what)\n{\n"
    "    const enum $p_state state = $p_current(&ctx_);\n\n"
    "    cr_assert_lt((unsigned)state, $P_STATE_COUNT);\n"
    "    cr_assert_eq((unsigned)state, followed.state, \"%%s: now %%s, not %%s\", what,\n"
    "                 $p_state_name(state), $p_state_name((enum $p_state)followed.state));\n"
    "    cr_assert_eq(result, expected, \"%%s: result %%d, not %%d\", what, (int)result,\n"
    "                 (int)expected);\n"
    "    cr_assert_eq(ctx_.fsm.ignored, followed.ignored, \"%%s: ignored\", what);\n"
    "    cr_assert_eq(real.count, model.count, \"%%s: %%u steps, not %%u\", what, real.count,\n"
    "                 model.count);\n"
    "    for (unsigned i = 0; i < real.count; i++) {\n"
    "        const struct step *a = &real.list[i], *b = &model.list[i];\n\n"
    "        cr_assert(a->kind == b->kind && a->id == b->id && a->to == b->to &&\n"
    "                      a->state == b->state,\n"
    "                  \"%%s: step %%u is %%d/%%d/%%d in %%d, not %%d/%%d/%%d in %%d\", what, i, "
    "a->kind,\n"
    "                  a->id, a->to, a->state, b->kind, b->id, b->to, b->state);\n    }\n"
    "    for (int t = 0; t < TIMERS; t++)\n"
    "        cr_assert_eq(runs[t], runs_in[state][t], \"%%s: timer %%d\", what, t);\n"
    "}\n\n"
    "static void forget(void)\n{\n"
    "    real.count = model.count = 0;\n"
    "    memset(asked, 0, sizeof(asked));\n}\n\n"
    "static void send_and_compare(unsigned event, const char *what)\n{\n"
    "    enum $p_result result, expected;\n\n"
    "    forget();\n"
    "    result = $p_dispatch(&ctx_, (enum $p_event)event, &sent);\n"
    "    expected = follow_to_end(follow_event(event));\n"
    "    compare(result, expected, what);\n}\n\n"
    "/* A machine that is put into a state without a way to it. */\n"
    "static void put_into(unsigned state)\n{\n"
    "    memset(&ctx_, 0, sizeof(ctx_));\n"
    "    memset(&followed, 0, sizeof(followed));\n"
    "    memset(&sent, 1, sizeof(sent));\n"
    "    $p_init(&ctx_);\n"
    "    ctx_.fsm.state = (uint16_t)state;\n"
    "    followed.state = state;\n"
    "    for (int t = 0; t < TIMERS; t++)\n        runs[t] = runs_in[state][t];\n}\n\n";

static const char begin_text[] = "static void begin(void)\n{\n"
                                 "    put_into(0);\n"
                                 "    memset(runs, 0, sizeof(runs));\n"
                                 "    forget();\n";

static const char begin_start[] = "    enum $p_result result;\n\n";

static const char start_text[] = "    result = $p_start(&ctx_);\n"
                                 "    for (int i = 0; i < START_STEPS; i++)\n"
                                 "        follow_step(&steps[i]);\n"
                                 "    compare(result, follow_to_end($P_OK), \"start\");\n";

static const char cell_tests[] =
    "static void give_values(const struct row *row, bool others)\n{\n"
    "    const struct cell *cell = &cells[row->state][row->event];\n\n"
    "    for (int g = 0; g < GUARDS; g++)\n        guard_values[g] = others;\n"
    "    for (unsigned i = 0; i < cell->guard_count; i++)\n"
    "        guard_values[cell->guards[i]] = (row->values >> i & 1) != 0;\n}\n\n"
    "/* The machine describes this branch in the same words. */\n"
    "static const char *describe(const struct row *row)\n{\n"
    "    const struct $p_tinfo *info = $p_transition(row->branch);\n\n"
    "    if (info == NULL)\n        return $p_event_name((enum $p_event)row->event);\n"
    "    cr_assert_eq((unsigned)info->from, row->state, \"%%s\", info->place);\n"
    "    cr_assert_eq((unsigned)info->event, row->event, \"%%s\", info->place);\n"
    "    cr_assert_eq((unsigned)info->to, row->to, \"%%s\", info->place);\n"
    "    cr_assert_eq(info->result, row->result, \"%%s\", info->place);\n"
    "    return info->place;\n}\n\n"
    "Test(fsm_%s, every_cell_does_what_its_rows_say)\n{\n"
    "    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)\n"
    "        for (int others = 0; others < 2; others++) {\n"
    "            put_into(rows[i].state);\n"
    "            give_values(&rows[i], others != 0);\n"
    "            send_and_compare(rows[i].event, describe(&rows[i]));\n"
    "            for (int g = 0; g < GUARDS; g++)\n"
    "                cr_assert_leq(asked[g], ASKED_MAX, \"a guard was asked twice\");\n"
    "        }\n}\n\n"
    "Test(fsm_%s, a_number_that_is_no_event_is_unexpected_everywhere)\n{\n"
    "    for (unsigned s = 0; s < $P_STATE_COUNT; s++) {\n"
    "        put_into(s);\n        forget();\n"
    "        cr_assert_eq($p_dispatch(&ctx_, $P_EVENT_COUNT, &sent), $P_UNEXPECTED);\n"
    "        cr_assert_eq((unsigned)$p_current(&ctx_), s);\n"
    "        cr_assert_eq(real.count, 1);\n    }\n}\n\n";

static const char stream_tests[] =
    "enum { STREAMS = 24, EVENTS = 3000 };\n\n"
    "/* Random events, guards, and events sent by actions. Returns what tells one run from "
    "another. "
    "*/\n"
    "static uint32_t run_stream(uint32_t seed)\n{\n"
    "    uint32_t digest = 2166136261U;\n\n"
    "    real.seed = model.seed = seed * 2654435761U + 1U;\n"
    "    real.posts_left = model.posts_left = 0;\n"
    "    begin();\n"
    "    for (unsigned i = 0; i < EVENTS; i++) {\n"
    "        if ($p_current(&ctx_) != (enum $p_state)0 && draw(&seed) %% 64 == 0)\n"
    "            begin(); /* also leaves states that never change */\n"
    "        for (int g = 0; g < GUARDS; g++)\n"
    "            guard_values[g] = (draw(&seed) & 16U) != 0;\n"
    "        real.posts_left = model.posts_left = draw(&seed) %% 2 != 0 ? POSTS_MAX : 0;\n"
    "        send_and_compare(draw(&seed) %% $P_EVENT_COUNT, \"stream\");\n"
    "        for (unsigned n = 0; n < real.count; n++)\n"
    "            digest = (digest ^ real.list[n].kind ^ (uint32_t)(real.list[n].id << 8)) * "
    "16777619U;\n"
    "        digest = (digest ^ (uint32_t)$p_current(&ctx_)) * 16777619U;\n"
    "    }\n"
    "    real.posts_left = model.posts_left = 0;\n"
    "    return digest;\n}\n\n"
    "Test(fsm_%s, any_stream_of_events_follows_the_rows_and_repeats)\n{\n"
    "    for (uint32_t seed = 1; seed <= STREAMS; seed++) {\n"
    "        const uint32_t once = run_stream(seed * 7919U);\n\n"
    "        cr_assert_eq(once, run_stream(seed * 7919U), \"seed %%u\", (unsigned)seed);\n"
    "    }\n}\n\n";

static const char tour_test[] =
    "Test(fsm_%s, a_tour_takes_every_branch)\n{\n"
    "    static bool is_taken[$P_TRANSITION_COUNT + 1];\n"
    "    unsigned taken = 0;\n\n"
    "    begin();\n"
    "    for (unsigned i = 0; i < sizeof(tour) / sizeof(tour[0]); i++) {\n"
    "        const struct row *row = tour[i] == RESTART ? NULL : &rows[tour[i]];\n\n"
    "        if (row == NULL) {\n            begin();\n            continue;\n        }\n"
    "        cr_assert_eq((unsigned)$p_current(&ctx_), row->state, \"the tour lost its way\");\n"
    "        give_values(row, false);\n"
    "        send_and_compare(row->event, describe(row));\n"
    "        is_taken[row->branch] = true;\n"
    "    }\n"
    "    for (int t = 0; t < $P_TRANSITION_COUNT; t++)\n        taken += is_taken[t];\n"
    "    (void)printf(\"fsm %s: %%u of %%u reachable branches covered\\n\", taken, "
    "(unsigned)REACHABLE);\n"
    "    (void)fflush(stdout);\n"
    "    cr_assert_eq(taken, (unsigned)REACHABLE);\n}\n";

void fg_emit_tests_types(struct fg_out *out)
{
    fg_put(out, types_text);
}

void fg_emit_tests_record(const struct fg_model *model, struct fg_out *out)
{
    fg_put(out, record_text);
    if (model->action_count > 0)
        fg_put(out, act_text);
}

void fg_emit_tests_body(const struct fg_model *model, struct fg_out *out)
{
    const char *name = model->spec->name->text;

    fg_put(out, model_text);
    fg_put(out, compare_text);
    fg_put(out, begin_text);
    if (fg_needs_start(model)) {
        fg_put(out, "    {\n");
        fg_put(out, begin_start);
        fg_put(out, start_text);
        fg_put(out, "    }\n");
    }
    fg_put(out, "}\n\n");
    fg_put(out, cell_tests, name, name);
    fg_put(out, stream_tests, name);
    fg_put(out, tour_test, name, name);
}
