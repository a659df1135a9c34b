/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: a program that prints a binary trace as lines: the tables of one machine, and the reader. */
/* Called by: the list of outputs. */
/* Must not know: how a machine writes its records, beyond their form. */
#include "emit.h"

static const char types_text[] =
    "/* Reads a trace from a file, or from its standard input, and prints a line for each record:\n"
    " * time, number of the machine, state, event, what became of it, place in the specification.\n"
    " * Exit status: 0, 1 when the trace is not whole or not of this machine, 2 for wrong use. */\n"
    "#include <errno.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <string.h>\n\n"
    "enum { RECORD_BYTES = 8, BRANCH_BIT = 1 << 20, LOST_BIT = 1 << 21 };\n\n"
    "struct branch {\n    unsigned short from, event;\n    unsigned line;\n"
    "    const char *guard, *what;\n};\n\n"
    "struct cell {\n    unsigned char kind;\n    unsigned line; /* 0: none */\n};\n\n";

static const char print_text[] =
    "static void print_place(unsigned line)\n{\n"
    "    if (line > 0)\n"
    "        (void)printf(\" %%s:%%u\", specification, line);\n"
    "    (void)putchar('\\n');\n}\n\n"
    "/* Returns NULL, or why the record cannot be. */\n"
    "static const char *print_branch(unsigned tid)\n{\n"
    "    const struct branch *branch = &branches[tid < branch_count ? tid : branch_count];\n\n"
    "    if (tid >= branch_count)\n"
    "        return \"there is no such branch\";\n"
    "    (void)printf(\" %%s %%s%%s %%s\", states[branch->from], events[branch->event],\n"
    "                 branch->guard, branch->what);\n"
    "    print_place(branch->line);\n"
    "    return NULL;\n}\n\n"
    "static const char *print_cell(unsigned state, unsigned event, int is_lost)\n{\n"
    "    static const char *const kinds[] = { \"not armed\", \"unexpected\", \"ignored\", "
    "\"deferred\" };\n"
    "    const struct cell *cell;\n\n"
    "    if (state >= state_count)\n"
    "        return \"there is no such state\";\n"
    "    if (event >= event_count)\n"
    "        return \"there is no such event\";\n"
    "    cell = &cells[state * event_count + event];\n"
    "    if (!is_lost && cell->kind >= sizeof(kinds) / sizeof(kinds[0]))\n"
    "        return \"this event has branches here, and none is named\";\n"
    "    (void)printf(\" %%s %%s %%s\", states[state], events[event],\n"
    "                 is_lost ? \"lost, no room\" : kinds[cell->kind]);\n"
    "    print_place(is_lost ? 0 : cell->line);\n"
    "    return NULL;\n}\n\n"
    "static uint32_t get24(const unsigned char *bytes)\n{\n"
    "    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;\n}\n\n"
    "/* Times are kept modulo 2^24: the one nearest to the time before is meant. */\n"
    "static long long unfold(long long before, uint32_t kept)\n{\n"
    "    const uint32_t ahead = (kept - (uint32_t)((unsigned long long)before & 0xFFFFFFU)) & "
    "0xFFFFFFU;\n\n"
    "    return before + (long long)ahead - (ahead < 1U << 23 ? 0 : 1LL << 24);\n}\n\n";

static const char read_text[] =
    "static int complain(const char *name, unsigned long long at, const char *why)\n{\n"
    "    (void)fflush(stdout);\n"
    "    (void)fprintf(stderr, \"%%s: byte %%llu: %%s\\n\", name, at, why);\n"
    "    return 1;\n}\n\n"
    "static int read_head(FILE *file, const char *name)\n{\n"
    "    unsigned char head[RECORD_BYTES];\n\n"
    "    if (fread(head, 1, sizeof(head), file) != sizeof(head) ||\n"
    "        memcmp(head, magic, 4) != 0)\n"
    "        return complain(name, 0, \"this is no trace of a machine\");\n"
    "    if (memcmp(head, magic, sizeof(head)) != 0)\n"
    "        return complain(name, 4, \"this is a trace of another machine, or of another version "
    "of\"\n                        \" %s\");\n"
    "    return 0;\n}\n\n"
    "static const char *print_record(const unsigned char *record, long long time)\n{\n"
    "    const uint32_t what = get24(record + 5), number = what & 0xFFFFFU;\n"
    "    const int is_lost = (what & LOST_BIT) != 0;\n\n"
    "    if (what >> 22 != 0 || ((what & BRANCH_BIT) != 0 && is_lost))\n"
    "        return \"this is no record\";\n"
    "    (void)printf(\"%%lld %%u\", time, (unsigned)record[0] | (unsigned)record[1] << 8);\n"
    "    if ((what & BRANCH_BIT) != 0)\n"
    "        return print_branch(number);\n"
    "    return print_cell(number & 0x3FFU, number >> 10, is_lost);\n}\n\n"
    "static int read_records(FILE *file, const char *name)\n{\n"
    "    unsigned char record[RECORD_BYTES];\n"
    "    unsigned long long at = RECORD_BYTES;\n"
    "    long long time = 0;\n"
    "    size_t got;\n\n"
    "    while ((got = fread(record, 1, sizeof(record), file)) == sizeof(record)) {\n"
    "        const char *why;\n\n"
    "        time = at == RECORD_BYTES ? (long long)get24(record + 2) : unfold(time, get24(record "
    "+ 2));\n"
    "        why = print_record(record, time);\n"
    "        if (why != NULL)\n"
    "            return complain(name, at, why);\n"
    "        at += RECORD_BYTES;\n"
    "    }\n"
    "    if (ferror(file) != 0)\n"
    "        return complain(name, at, \"read error\");\n"
    "    return got == 0 ? 0 : complain(name, at, \"the trace ends in the middle of a record\");\n"
    "}\n\n"
    "int main(int argc, char **argv)\n{\n"
    "    const char *name = argc == 2 ? argv[1] : \"standard input\";\n"
    "    FILE *file = argc == 2 ? fopen(name, \"rb\") : stdin;\n"
    "    int status;\n\n"
    "    if (argc > 2 || file == NULL) {\n"
    "        (void)fprintf(stderr, \"%%s: %%s\\n\", argc > 2 ? argv[0] : name,\n"
    "                      argc > 2 ? \"one trace at a time\" : strerror(errno));\n"
    "        return 2;\n"
    "    }\n"
    "    status = read_head(file, name);\n"
    "    if (status == 0)\n"
    "        status = read_records(file, name);\n"
    "    if (file != stdin)\n"
    "        (void)fclose(file);\n"
    "    return fflush(stdout) != 0 && status == 0 ? 2 : status;\n"
    "}\n";

static void put_names(const struct fg_model *m, struct fg_out *out)
{
    fg_put(out, "static const char *const states[] = {\n");
    for (int i = 0; i < m->leaf_count; i++)
        fg_put(out, "    \"%s\",\n", m->leaves[i]->name);
    fg_put(out, "};\n\nstatic const char *const events[] = {\n");
    for (int e = 0; e < m->event_count; e++)
        fg_put(out, "    \"%s\",\n", m->events[e]->name);
    fg_put(out, "    \"\",\n};\n\n");
}

static void put_what(const struct fg_model *m, struct fg_out *out, const struct fg_trans *t)
{
    static const char *const effects[] = { "", "stays", "ignored", "deferred", "unexpected" };

    if (t->branch->effect == FG_GO)
        fg_put(out, "-> %s", m->leaves[t->to]->name);
    else
        fg_put(out, "%s", effects[t->branch->effect]);
}

static void put_branches(const struct fg_model *m, struct fg_out *out)
{
    fg_put(out, "static const struct branch branches[] = {\n");
    for (int i = 0; i < m->trans_count; i++) {
        const struct fg_trans *t = &m->trans[i];
        const char *guard = fg_guard_text(m, t->branch);

        fg_put(out, "    { %d, %d, %d, \"", t->from, t->event, t->branch->at.line);
        if (*guard != '\0') {
            fg_put(out, " [");
            fg_put_string(out, guard);
            fg_put(out, "]");
        }
        fg_put(out, "\", \"");
        put_what(m, out, t);
        fg_put(out, "\" },\n");
    }
    fg_put(out, "    { 0, 0, 0, \"\", \"\" },\n};\n\n");
}

static int line_of(const struct fg_cell *cell)
{
    if (cell->kind == FG_CELL_UNARMED || cell->owner == NULL)
        return 0;
    return cell->handler != NULL ? cell->handler->at.line : cell->owner->otherwise_at.line;
}

static void put_cells(const struct fg_model *m, struct fg_out *out)
{
    fg_put(out, "/* 0: the timer is not armed, 1: unexpected, 2: ignored, 3: deferred, 4: "
                "branches */\nstatic const struct cell cells[] = {\n");
    for (int i = 0; i < m->leaf_count * m->event_count; i++)
        fg_put(out, "    { %d, %d },\n", (int)m->cells[i].kind, line_of(&m->cells[i]));
    fg_put(out, "    { 0, 0 },\n};\n\n");
}

void fg_emit_decoder(const struct fg_model *model, struct fg_out *out,
                     const struct fg_choice *choice)
{
    const uint32_t print = fg_fingerprint(model);

    fg_put(out, "/* %s - generated by fsm-gen " FG_VERSION " from %s, do not edit */\n",
           choice->self, model->spec->file_name);
    fg_put(out, types_text);
    fg_put(out,
           "static const unsigned char magic[RECORD_BYTES] = { 'F', 'S', 'M', '1', 0x%02x, 0x%02x, "
           "0x%02x, 0x%02x };\n"
           "static const char specification[] = \"%s\";\n"
           "static const unsigned state_count = %d, event_count = %d, branch_count = %d;\n\n",
           (unsigned)(print & 0xFF), (unsigned)(print >> 8 & 0xFF), (unsigned)(print >> 16 & 0xFF),
           (unsigned)(print >> 24), model->spec->file_name, model->leaf_count, model->event_count,
           model->trans_count);
    put_names(model, out);
    put_branches(model, out);
    put_cells(model, out);
    fg_put(out, print_text);
    fg_put(out, read_text, model->spec->name->text);
}
