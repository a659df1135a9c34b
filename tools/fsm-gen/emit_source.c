/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the generated source around the handlers: tables, dispatch, names. */
/* Called by: main. */
/* Must not know: what one handler does. */
#include "ctype_name.h"
#include "emit.h"

#include <string.h>

static const char cold_code[] = "/* What seldom runs stays out of the way of what often does. */\n"
                                "#if defined(__GNUC__)\n"
                                "#define FSM_COLD __attribute__((cold, noinline))\n"
                                "#else\n"
                                "#define FSM_COLD\n"
                                "#endif\n\n";

static const char lose_code[] = "FSM_COLD\n"
                                "static void fsm_lose($c *ctx, enum $p_event ev)\n"
                                "{\n"
                                "%s"
                                "    ctx->fsm.overflowed = true;\n"
                                "    ctx->fsm.attention = true;\n"
                                "    $p_on_unexpected(ctx, (enum $p_state)ctx->fsm.state, ev);\n"
                                "}\n\n";

static const char unexpected_code[] =
    "FSM_COLD\n"
    "static enum $p_result fsm_unexpected($c *ctx, enum $p_event ev, const union $p_payload *p)\n"
    "{\n"
    "    (void)p;\n"
    "    $p_on_unexpected(ctx, (enum $p_state)ctx->fsm.state, ev);\n"
    "    return $P_UNEXPECTED;\n"
    "}\n\n";

static const char ignore_code[] =
    "static enum $p_result fsm_ignore($c *ctx, enum $p_event ev, const union $p_payload *p)\n"
    "{\n"
    "    (void)ev;\n"
    "    (void)p;\n"
    "    ctx->fsm.ignored++;\n"
    "    return $P_IGNORED;\n"
    "}\n\n";

static const char keep_begin[] =
    "/* The oldest comes first; one that is deferred again keeps its turn. */\n"
    "static enum $p_result fsm_keep($c *ctx, enum $p_event ev, const union $p_payload *p)\n"
    "{\n"
    "    static const uint8_t bound[$P_EVENT_COUNT] = {\n";

static const char keep_end[] =
    "    };\n"
    "    struct $p_fsm *fsm = &ctx->fsm;\n"
    "    const size_t at = fsm->replaying ? fsm->kept_next : fsm->kept_count;\n"
    "    unsigned same = 0;\n\n"
    "    for (size_t i = 0; i < fsm->kept_count; i++)\n"
    "        same += fsm->kept[i].event == (unsigned)ev;\n"
    "    if (same >= bound[ev]) {\n"
    "        fsm_lose(ctx, ev);\n"
    "        return $P_OVERFLOW;\n"
    "    }\n"
    "    for (size_t i = fsm->kept_count; i > at; i--)\n"
    "        fsm->kept[i] = fsm->kept[i - 1];\n"
    "    memset(&fsm->kept[at], 0, sizeof(fsm->kept[at]));\n"
    "    if (p != NULL)\n"
    "        fsm->kept[at].payload = *p;\n"
    "    fsm->kept[at].event = (uint16_t)ev;\n"
    "    if (at == fsm->kept_next)\n"
    "        fsm->kept_next++;\n"
    "    fsm->kept_count++;\n"
    "    return $P_DEFERRED;\n"
    "}\n\n";

static const char no_keep[] =
    "static enum $p_result fsm_keep($c *ctx, enum $p_event ev, const union $p_payload *p)\n"
    "{\n"
    "    return fsm_unexpected(ctx, ev, p); /* no state of this machine defers */\n"
    "}\n\n";

static const char queue_code[] =
    "FSM_COLD\n"
    "static enum $p_result fsm_push($c *ctx, enum $p_event ev, const union $p_payload *p)\n"
    "{\n"
    "    struct $p_fsm *fsm = &ctx->fsm;\n"
    "    struct $p_queued *slot;\n\n"
    "    if (fsm->queue_count == $P_QUEUE_MAX) {\n"
    "        fsm_lose(ctx, ev);\n"
    "        return $P_OVERFLOW;\n"
    "    }\n"
    "    slot = &fsm->queue[(fsm->queue_head + fsm->queue_count) %% $P_QUEUE_MAX];\n"
    "    memset(slot, 0, sizeof(*slot));\n"
    "    if (p != NULL)\n"
    "        slot->payload = *p;\n"
    "    slot->event = (uint16_t)ev;\n"
    "    fsm->queue_count++;\n"
    "    fsm->attention = true;\n"
    "    return $P_QUEUED;\n"
    "}\n\n"
    "static struct $p_queued fsm_pop($c *ctx)\n"
    "{\n"
    "    const struct $p_queued event = ctx->fsm.queue[ctx->fsm.queue_head];\n\n"
    "    ctx->fsm.queue_head = (uint8_t)((ctx->fsm.queue_head + 1U) %% $P_QUEUE_MAX);\n"
    "    ctx->fsm.queue_count--;\n"
    "    return event;\n"
    "}\n\n";

static const char no_queue[] =
    "FSM_COLD\n"
    "static enum $p_result fsm_push($c *ctx, enum $p_event ev, const union $p_payload *p)\n"
    "{\n"
    "    (void)p;\n"
    "    fsm_lose(ctx, ev);\n"
    "    return $P_OVERFLOW;\n"
    "}\n\n";

static const char next_begin[] =
    "/* Events sent by actions first, then the deferred ones if the state has changed. */\n"
    "FSM_COLD\n"
    "static bool fsm_next($c *ctx, enum $p_result *ret_result)\n"
    "{\n"
    "    struct $p_queued event;\n\n";

static const char next_queued[] =
    "    if (ctx->fsm.queue_count > 0) {\n"
    "        event = fsm_pop(ctx);\n"
    "%s"
    "        *ret_result = fsm_run(ctx, (enum $p_event)event.event, &event.payload);\n"
    "        return true;\n"
    "    }\n";

static const char next_kept[] =
    "    if (ctx->fsm.kept_next < ctx->fsm.kept_count) {\n"
    "        event = ctx->fsm.kept[ctx->fsm.kept_next];\n"
    "        ctx->fsm.kept_count--;\n"
    "        for (size_t i = ctx->fsm.kept_next; i < ctx->fsm.kept_count; i++)\n"
    "            ctx->fsm.kept[i] = ctx->fsm.kept[i + 1];\n"
    "        ctx->fsm.replaying = true;\n"
    "%s"
    "        *ret_result = fsm_run(ctx, (enum $p_event)event.event, &event.payload);\n"
    "        ctx->fsm.replaying = false;\n"
    "        return true;\n"
    "    }\n";

static const char settle_code[] =
    "/* Run to completion. */\n"
    "FSM_COLD\n"
    "static enum $p_result fsm_settle($c *ctx, enum $p_result result)\n"
    "{\n"
    "    enum $p_result one = $P_OK;\n\n"
    "    while (fsm_next(ctx, &one))\n"
    "        if (one == $P_FINAL)\n"
    "            result = $P_FINAL;\n"
    "    if (ctx->fsm.overflowed && result != $P_FINAL)\n"
    "        result = $P_OVERFLOW;\n"
    "    ctx->fsm.overflowed = false;\n"
    "    ctx->fsm.attention = false;\n"
    "    ctx->fsm.busy = false;\n"
    "    return result;\n"
    "}\n\n";

static const char settle_nothing[] =
    "FSM_COLD\n"
    "static enum $p_result fsm_settle($c *ctx, enum $p_result result)\n"
    "{\n"
    "    if (ctx->fsm.overflowed && result != $P_FINAL)\n"
    "        result = $P_OVERFLOW;\n"
    "    ctx->fsm.overflowed = false;\n"
    "    ctx->fsm.attention = false;\n"
    "    ctx->fsm.busy = false;\n"
    "    return result;\n"
    "}\n\n";

static const char dispatch_code[] =
    "FSM_COLD\n"
    "static enum $p_result fsm_dispatch_slow($c *ctx, enum $p_event ev,\n"
    "                                        const union $p_payload *p)\n"
    "{\n"
    "    if ((unsigned)ev < (unsigned)$P_EVENT_COUNT)\n"
    "        return fsm_push(ctx, ev, p);\n"
    "    $p_on_unexpected(ctx, (enum $p_state)ctx->fsm.state, ev);\n"
    "    return $P_UNEXPECTED;\n"
    "}\n\n"
    "enum $p_result $p_dispatch($c *ctx, enum $p_event ev, const union $p_payload *payload)\n"
    "{\n"
    "    enum $p_result result;\n\n"
    "    if ((unsigned)ev >= (unsigned)$P_EVENT_COUNT || ctx->fsm.busy)\n"
    "        return fsm_dispatch_slow(ctx, ev, payload);\n"
    "    ctx->fsm.busy = true;\n"
    "%s"
    "    result = fsm_react(ctx, ev, payload);\n"
    "    if (ctx->fsm.attention)\n"
    "        return fsm_settle(ctx, result);\n"
    "    ctx->fsm.busy = false;\n"
    "    return result;\n"
    "}\n\n"
    "void $p_init($c *ctx)\n"
    "{\n"
    "    memset(&ctx->fsm, 0, sizeof(ctx->fsm));\n"
    "}\n\n"
    "enum $p_state $p_current(const $c *ctx)\n"
    "{\n"
    "    return (enum $p_state)ctx->fsm.state;\n"
    "}\n\n";

static void put_top(const struct fg_model *m, struct fg_out *out, const struct fg_choice *choice)
{
    fg_put(out, "/* %s - generated by fsm-gen " FG_VERSION " from %s, do not edit */\n",
           choice->self, m->spec->file_name);
    if (choice->header != NULL)
        fg_put(out, "#include \"%s\"\n\n", choice->header);
    fg_put_include(out, m->spec->include->text);
    fg_put(out, "\n%s#include <string.h>\n\n", choice->has_trace ? "#include <stdio.h>\n" : "");
}

/* Does any cell or branch come to this? */
static bool is_used(const struct fg_model *m, enum fg_cell_kind kind, enum fg_effect effect)
{
    for (int i = 0; i < m->leaf_count * m->event_count; i++)
        if (m->cells[i].kind == kind)
            return true;
    for (int i = 0; i < m->trans_count; i++)
        if (m->trans[i].branch->effect == effect)
            return true;
    return false;
}

/* A table names all of the fixed handlers; without one, those without use are left out. */
static void put_core(const struct fg_model *m, struct fg_out *out, const struct fg_choice *choice)
{
    const enum fg_dispatch dispatch = choice->dispatch;
    const bool has_list = fg_has_handler_list(m, dispatch);

    fg_put(out, cold_code);
    if (choice->has_trace)
        fg_put_trace_tell(out);
    fg_put(out, lose_code, choice->has_trace ? "    fsm_tell_loss(ctx, ev);\n" : "");
    if (has_list || dispatch == FG_DISPATCH_SWITCH ||
        is_used(m, FG_CELL_UNEXPECTED, FG_UNEXPECTED) || is_used(m, FG_CELL_UNARMED, FG_UNEXPECTED))
        fg_put(out, unexpected_code);
    if (has_list || is_used(m, FG_CELL_IGNORED, FG_IGNORE))
        fg_put(out, ignore_code);
    if (m->can_defer) {
        fg_put(out, keep_begin);
        for (int e = 0; e < m->event_count; e++)
            if (m->defer_bound[e] > 0)
                fg_put(out, "        [%s] = %d,\n", fg_event_id(m, e), m->defer_bound[e]);
        fg_put(out, keep_end);
    } else if (has_list) {
        fg_put(out, no_keep);
    }
    fg_put(out,
           "/* The only place where the state changes. */\n"
           "static inline void fsm_become($c *ctx, enum $p_state state)\n{\n%s"
           "    ctx->fsm.state = (uint16_t)state;\n}\n\n",
           m->can_defer
               ? "    if (ctx->fsm.kept_count > 0 && ctx->fsm.state != (unsigned)state) {\n"
                 "        ctx->fsm.kept_next = 0;\n"
                 "        ctx->fsm.attention = true;\n"
                 "    }\n"
               : "");
}

static void put_dispatch(const struct fg_model *m, struct fg_out *out, bool has_trace)
{
    const char *tell = has_trace ? "        fsm_tell_cell(ctx, event.event);\n" : "";

    if (has_trace)
        fg_put_trace_tell_cell(out);
    fg_put(out, m->queue_size > 0 ? queue_code : no_queue);
    if (m->queue_size > 0 || m->can_defer) {
        fg_put(out, next_begin);
        if (m->queue_size > 0)
            fg_put(out, next_queued, tell);
        if (m->can_defer)
            fg_put(out, next_kept, tell);
        fg_put(out, "    return false;\n}\n\n");
        fg_put(out, settle_code);
    } else {
        fg_put(out, settle_nothing);
    }
    fg_put(out, dispatch_code, has_trace ? "    fsm_tell_cell(ctx, ev);\n" : "");
}

static void put_start(const struct fg_model *m, struct fg_out *out)
{
    if (!fg_needs_start(m))
        return;
    fg_put(out, "enum $p_result $p_start($c *ctx)\n{\n"
                "    enum $p_result result = $P_OK;\n\n"
                "    ctx->fsm.busy = true;\n");
    fg_indent(out, 4);
    fg_put_enter(m, out, m->start, &m->spec->root);
    fg_put(out, "    if (ctx->fsm.attention)\n"
                "        result = fsm_settle(ctx, result);\n"
                "    ctx->fsm.busy = false;\n"
                "    return result;\n}\n\n");
}

static void put_entry_points(const struct fg_model *m, struct fg_out *out)
{
    for (int e = 0; e < m->event_count; e++) {
        const char *type = m->events[e]->type;

        fg_put(out, "enum $p_result $p_%s%s($c *ctx", fg_is_timer(m, e) ? "tm_" : "",
               fg_lower(m->spec->arena, m->events[e]->name));
        if (type != NULL)
            fg_put(out,
                   ", %s%spayload)\n{\n    const union $p_payload p = {.%s = payload};\n\n"
                   "    return $p_dispatch(ctx, %s, &p);\n}\n\n",
                   type, fg_ctype_is_pointer(type) ? "" : " ",
                   fg_ctype_member(m->spec->arena, type), fg_event_id(m, e));
        else
            fg_put(out, ")\n{\n    return $p_dispatch(ctx, %s, NULL);\n}\n\n", fg_event_id(m, e));
    }
}

void fg_emit_source(const struct fg_model *model, struct fg_out *out,
                    const struct fg_choice *choice)
{
    put_top(model, out, choice);
    put_core(model, out, choice);
    if (model->has_posts)
        fg_put(out, "static enum $p_result fsm_push($c *ctx, enum $p_event ev, "
                    "const union $p_payload *p);\n\n");
    fg_emit_handlers(model, out, choice);
    fg_emit_back_end(model, out, choice->dispatch);
    put_dispatch(model, out, choice->has_trace);
    put_start(model, out);
    put_entry_points(model, out);
    fg_emit_questions(model, out);
    if (choice->has_trace)
        fg_put_trace_save(model, out);
}
