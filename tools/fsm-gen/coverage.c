/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: how often each branch and each other cell was met, as the files of --coverage tell. */
/* Called by: main (reads them), the table and the report (show them). */
/* Must not know: who wrote them. */
#include "coverage.h"

#include "emit.h"
#include "map.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 1024, WORD_MAX = 6 };

struct reader {
    const struct fg_model *model;
    struct fg_coverage *coverage;
    const char *path;
    int line;
    bool has_head;
    char *words[WORD_MAX];
    int word_count;
    struct fg_map *leaves, *events; /* of numbers */
};

static int complain(const struct reader *rd, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int complain(const struct reader *rd, const char *fmt, ...)
{
    va_list args;

    (void)fprintf(stderr, "%s:%d: error: ", rd->path, rd->line);
    va_start(args, fmt);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fputc('\n', stderr);
    return -1;
}

static void split(struct reader *rd, char *line)
{
    char *rest = line;

    rd->word_count = 0;
    for (char *word = strtok_r(line, " \t\r\n", &rest); word != NULL && rd->word_count < WORD_MAX;
         word = strtok_r(NULL, " \t\r\n", &rest))
        rd->words[rd->word_count++] = word;
}

/* Returns false when the word is no number; a number without end is a large one. */
static bool read_number(const char *word, uint64_t *ret_number)
{
    uint64_t number = 0;

    for (; *word >= '0' && *word <= '9'; word++)
        number = number > UINT32_MAX ? number : number * 10 + (uint64_t)(*word - '0');
    *ret_number = number;
    return *word == '\0';
}

static int read_head(struct reader *rd)
{
    const struct fg_spec *spec = rd->model->spec;
    char print[16];

    (void)snprintf(print, sizeof(print), "%08lx", (unsigned long)fg_fingerprint(rd->model));
    if (strcmp(rd->words[2], spec->name->text) != 0)
        return complain(rd, "this was recorded with a machine '%s', not with '%s'", rd->words[2],
                        spec->name->text);
    if (strcmp(rd->words[3], print) != 0)
        return complain(rd, "this was recorded with another version of %s", spec->file_name);
    rd->has_head = true;
    return 0;
}

/* The words from first are a state and an event. Returns the cell, or -1 after a message. */
static int find_cell(const struct reader *rd, int first)
{
    const int *leaf = fg_map_get(rd->leaves, rd->words[first]);
    const int *event = fg_map_get(rd->events, rd->words[first + 1]);

    if (leaf == NULL)
        return complain(rd, "no state '%s'", rd->words[first]);
    if (event == NULL)
        return complain(rd, "no event '%s'", rd->words[first + 1]);
    return *leaf * rd->model->event_count + *event;
}

static int read_branch(const struct reader *rd, uint64_t hits, uint64_t tid)
{
    const struct fg_model *m = rd->model;
    const int cell = find_cell(rd, 3);

    if (cell < 0)
        return -1;
    if (tid >= (uint64_t)m->trans_count)
        return complain(rd, "no branch %s: there are %d", rd->words[2], m->trans_count);
    if (m->trans[tid].from * m->event_count + m->trans[tid].event != cell)
        return complain(rd, "branch %s is not of %s in %s", rd->words[2], rd->words[4],
                        rd->words[3]);
    rd->coverage->branches[tid] += hits;
    return 0;
}

static int read_cell(const struct reader *rd, uint64_t hits)
{
    const int cell = find_cell(rd, 2);

    if (cell < 0)
        return -1;
    if (rd->model->cells[cell].kind == FG_CELL_HANDLED)
        return complain(rd, "%s in %s has branches, and none is named", rd->words[3], rd->words[2]);
    rd->coverage->cells[cell] += hits;
    return 0;
}

static int read_line(struct reader *rd)
{
    uint64_t hits = 0, tid = 0;
    const char *kind = rd->word_count > 0 ? rd->words[0] : "#";

    if (*kind == '#')
        return 0;
    if (rd->word_count == 4 && strcmp(kind, "coverage") == 0 && strcmp(rd->words[1], "of") == 0)
        return read_head(rd);
    if (!rd->has_head)
        return complain(rd, "this is no file of coverage");
    if (rd->word_count == 5 && strcmp(kind, "branch") == 0 && read_number(rd->words[1], &hits) &&
        read_number(rd->words[2], &tid))
        return read_branch(rd, hits, tid);
    if (rd->word_count == 4 && strcmp(kind, "cell") == 0 && read_number(rd->words[1], &hits))
        return read_cell(rd, hits);
    return complain(rd, "this is neither a branch nor a cell");
}

static int read_lines(struct reader *rd, FILE *file)
{
    char line[LINE_BYTES];

    while (fgets(line, sizeof(line), file) != NULL) {
        rd->line++;
        if (strchr(line, '\n') == NULL)
            return complain(rd, "the line is too long, or the file was cut short");
        split(rd, line);
        if (read_line(rd) != 0)
            return -1;
    }
    if (ferror(file) != 0)
        return complain(rd, "read error");
    rd->line += rd->line == 0; /* it is empty */
    if (!rd->has_head)
        return complain(rd, "this is no file of coverage");
    return 0;
}

static struct fg_map *map_names(const struct fg_model *m, bool is_events)
{
    struct fg_map *map = fg_map_new(m->spec->arena);
    const int count = is_events ? m->event_count : m->leaf_count;
    int *numbers = FG_NEW_ARRAY(m->spec->arena, count + 1, int);

    for (int i = 0; i < count; i++) {
        numbers[i] = i;
        (void)fg_map_put(map, is_events ? m->events[i]->name : m->leaves[i]->name, &numbers[i]);
    }
    return map;
}

struct fg_coverage *fg_coverage_new(const struct fg_model *model)
{
    struct fg_coverage *coverage = FG_NEW(model->spec->arena, struct fg_coverage);

    coverage->branches = FG_NEW_ARRAY(model->spec->arena, model->trans_count + 1, uint64_t);
    coverage->cells =
        FG_NEW_ARRAY(model->spec->arena, model->leaf_count * model->event_count + 1, uint64_t);
    return coverage;
}

int fg_coverage_add(struct fg_coverage *coverage, const struct fg_model *model, const char *path)
{
    struct reader rd = { .model = model, .coverage = coverage, .path = path };
    FILE *file = fopen(path, "rb");
    int status;

    if (file == NULL) {
        (void)fprintf(stderr, "fsm-gen: cannot read %s: %s\n", path, strerror(errno));
        return -1;
    }
    rd.leaves = map_names(model, false);
    rd.events = map_names(model, true);
    status = read_lines(&rd, file);
    (void)fclose(file);
    coverage->file_count++;
    return status;
}

int fg_coverage_hit(const struct fg_coverage *coverage, const struct fg_model *model)
{
    int hit = 0;

    for (int i = 0; i < model->trans_count; i++)
        hit += coverage->branches[i] > 0;
    return hit;
}

uint64_t fg_coverage_of(const struct fg_coverage *coverage, const struct fg_model *model, int leaf,
                        int event)
{
    const struct fg_cell *cell = fg_cell_at(model, leaf, event);
    uint64_t hits = coverage->cells[leaf * model->event_count + event];

    for (int i = 0; i < cell->trans_count; i++)
        hits += coverage->branches[cell->first_trans + i];
    return hits;
}
