/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: what --trace adds to the C: each event that is taken up is told, and packed into a record. */
/* Called by: emit_header, emit_source, emit_stubs, emit_tests; the decoder, for the fingerprint. */
/* Must not know: how handlers are found. */
#include "emit.h"

static const char declarations[] =
    "/* One event that the machine takes up, told before anything is done about it. */\n"
    "struct $p_trace_step {\n"
    "    enum $p_state state;\n"
    "    enum $p_event event;\n"
    "    unsigned tid; /* of the branch; $P_TRACE_NO_BRANCH: the cell has none */\n"
    "    bool is_lost; /* it found no room to wait: the last that is heard of it */\n"
    "};\n\n"
    "/* Yours: called for each of them. It sends no events. */\n"
    "void $p_on_trace($c *ctx, const struct $p_trace_step *step);\n\n"
    "enum { $P_TRACE_BYTES = 8, $P_TRACE_NO_BRANCH = 0xFFFF };\n\n";

static const char pack_code[] =
    "/* What a trace begins with: which machine it is of. */\n"
    "static inline void $p_trace_head(uint8_t record[$P_TRACE_BYTES])\n"
    "{\n"
    "    static const uint8_t head[$P_TRACE_BYTES] = { 'F', 'S', 'M', '1', 0x%02x, 0x%02x, 0x%02x, "
    "0x%02x };\n\n"
    "    for (int i = 0; i < $P_TRACE_BYTES; i++)\n"
    "        record[i] = head[i];\n"
    "}\n\n"
    "/* machine: any number below 65536; time: in any unit, of which the lower 24 bits are kept. "
    "*/\n"
    "static inline void $p_trace_pack(uint8_t record[$P_TRACE_BYTES],\n"
    "                                 const struct $p_trace_step *step, unsigned machine,\n"
    "                                 uint32_t time)\n"
    "{\n"
    "    const bool is_branch = step->tid != (unsigned)$P_TRACE_NO_BRANCH;\n"
    "    const uint32_t cell = (uint32_t)step->state | (uint32_t)step->event << 10;\n"
    "    const uint32_t what = (is_branch ? (uint32_t)step->tid | 1U << 20 : cell) |\n"
    "                          (step->is_lost ? 1U << 21 : 0U);\n\n"
    "    record[0] = (uint8_t)(machine & 0xFFU);\n"
    "    record[1] = (uint8_t)(machine >> 8 & 0xFFU);\n"
    "    for (int i = 0; i < 3; i++) {\n"
    "        record[2 + i] = (uint8_t)(time >> 8 * i & 0xFFU);\n"
    "        record[5 + i] = (uint8_t)(what >> 8 * i & 0xFFU);\n"
    "    }\n"
    "}\n\n";

static const char count_code[] =
    "/* How often each branch was taken, and each cell without branches was met; zero at first. "
    "*/\n"
    "struct $p_trace_hits {\n"
    "    uint32_t branches[$P_TRANSITION_COUNT + 1];\n"
    "    uint32_t cells[$P_STATE_COUNT][$P_EVENT_COUNT];\n"
    "};\n\n"
    "static inline void $p_trace_count(struct $p_trace_hits *hits,\n"
    "                                  const struct $p_trace_step *step)\n"
    "{\n"
    "    uint32_t *count = &hits->cells[step->state][step->event];\n\n"
    "    if (step->tid != (unsigned)$P_TRACE_NO_BRANCH)\n"
    "        count = &hits->branches[step->tid];\n"
    "    if (!step->is_lost && *count < UINT32_MAX)\n"
    "        ++*count;\n"
    "}\n\n"
    "/* Append what was counted to a file, for --coverage. Returns 0, or -1, and errno tells why. "
    "*/\n"
    "int $p_trace_save(const struct $p_trace_hits *hits, const char *path);\n\n";

static const char save_code[] =
    "\nstatic bool fsm_save_cells(const struct $p_trace_hits *hits, FILE *file)\n"
    "{\n"
    "    for (unsigned state = 0; state < (unsigned)$P_STATE_COUNT; state++)\n"
    "        for (unsigned ev = 0; ev < (unsigned)$P_EVENT_COUNT; ev++)\n"
    "            if (hits->cells[state][ev] > 0 &&\n"
    "                fprintf(file, \"cell %%lu %%s %%s\\n\", (unsigned "
    "long)hits->cells[state][ev],\n"
    "                        state_names[state], event_names[ev]) < 0)\n"
    "                return false;\n"
    "    return true;\n"
    "}\n\n"
    "static bool fsm_save_branches(const struct $p_trace_hits *hits, FILE *file)\n"
    "{\n"
    "    const struct $p_tinfo *info;\n\n"
    "    for (unsigned tid = 0; (info = $p_transition(tid)) != NULL; tid++)\n"
    "        if (hits->branches[tid] > 0 &&\n"
    "            fprintf(file, \"branch %%lu %%u %%s %%s\\n\", (unsigned long)hits->branches[tid], "
    "tid,\n"
    "                    state_names[info->from], event_names[info->event]) < 0)\n"
    "            return false;\n"
    "    return true;\n"
    "}\n\n"
    "int $p_trace_save(const struct $p_trace_hits *hits, const char *path)\n"
    "{\n"
    "    FILE *file = fopen(path, \"a\");\n"
    "    bool is_saved;\n\n"
    "    if (file == NULL)\n"
    "        return -1;\n"
    "    is_saved = fprintf(file, \"coverage of %s %08lx\\n\") > 0 &&\n"
    "               fsm_save_branches(hits, file) && fsm_save_cells(hits, file);\n"
    "    return fclose(file) == 0 && is_saved ? 0 : -1;\n"
    "}\n";

static const char tell_code[] =
    "static void fsm_tell($c *ctx, enum $p_event ev, unsigned tid, bool is_lost)\n"
    "{\n"
    "    const struct $p_trace_step step = { (enum $p_state)ctx->fsm.state, ev, tid, is_lost };\n\n"
    "    $p_on_trace(ctx, &step);\n"
    "}\n\n"
    "FSM_COLD\n"
    "static void fsm_tell_loss($c *ctx, enum $p_event ev)\n"
    "{\n"
    "    fsm_tell(ctx, ev, $P_TRACE_NO_BRANCH, true);\n"
    "}\n\n";

static const char tell_cell_code[] =
    "/* Branches are told by their handlers. */\n"
    "static void fsm_tell_cell($c *ctx, unsigned ev)\n"
    "{\n"
    "    if (cells[ev][ctx->fsm.state] < (unsigned)$P_CELL_HANDLED)\n"
    "        fsm_tell(ctx, (enum $p_event)ev, $P_TRACE_NO_BRANCH, false);\n"
    "}\n\n";

static uint32_t hash_text(uint32_t hash, const char *text)
{
    do
        hash = (hash ^ (unsigned char)*text) * 16777619U;
    while (*text++ != '\0');
    return hash;
}

static uint32_t hash_number(uint32_t hash, int number)
{
    return (hash ^ (uint32_t)number) * 16777619U;
}

uint32_t fg_fingerprint(const struct fg_model *model)
{
    uint32_t hash = hash_text(2166136261U, model->spec->name->text);

    for (int i = 0; i < model->leaf_count; i++)
        hash = hash_text(hash, model->leaves[i]->name);
    for (int e = 0; e < model->event_count; e++)
        hash = hash_text(hash, model->events[e]->name);
    for (int i = 0; i < model->leaf_count * model->event_count; i++)
        hash = hash_number(hash, (int)model->cells[i].kind);
    for (int i = 0; i < model->trans_count; i++) {
        const struct fg_trans *t = &model->trans[i];

        hash = hash_number(hash_number(hash, t->from), t->event);
        hash = hash_number(hash_number(hash, t->to), (int)t->branch->effect);
        hash = hash_text(hash, fg_guard_text(model, t->branch));
    }
    return hash;
}

void fg_put_trace_declarations(const struct fg_model *model, struct fg_out *out)
{
    const uint32_t print = fg_fingerprint(model);

    fg_put(out, declarations);
    fg_put(out, pack_code, (unsigned)(print & 0xFF), (unsigned)(print >> 8 & 0xFF),
           (unsigned)(print >> 16 & 0xFF), (unsigned)(print >> 24));
    fg_put(out, count_code);
}

void fg_put_trace_save(const struct fg_model *model, struct fg_out *out)
{
    fg_put(out, save_code, model->spec->name->text, (unsigned long)fg_fingerprint(model));
}

void fg_put_trace_tell(struct fg_out *out)
{
    fg_put(out, tell_code);
}

void fg_put_trace_tell_cell(struct fg_out *out)
{
    fg_put(out, tell_cell_code);
}

void fg_put_trace_stub(struct fg_out *out)
{
    fg_put(out, "\nvoid $p_on_trace($c *ctx, const struct $p_trace_step *step)\n{\n"
                "    (void)ctx;\n    (void)step;\n}\n");
}
