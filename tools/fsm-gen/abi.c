/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the file that keeps the numbers of states, events, timers and public values (E21). */
/* Called by: main. */
/* Must not know: how they are written in C. */
#include "abi.h"

#include "map.h"
#include "out.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 512 };

/* One name of the present machine: "state", "event", "timer", or the name of a projection. */
struct item {
    const char *kind, *name;
    int number;
    struct fg_place at;
};

struct items {
    struct item *all;
    int count;
};

static void add(struct items *items, const char *kind, const char *name, int number,
                struct fg_place at)
{
    items->all[items->count++] = (struct item){ kind, name, number, at };
}

static struct items list_items(const struct fg_model *m)
{
    int total = m->leaf_count + m->event_count;
    struct items items = { NULL, 0 };

    for (const struct fg_project *p = m->spec->projects; p != NULL; p = p->next)
        total += p->public_count;
    items.all = FG_NEW_ARRAY(m->spec->arena, total + 1, struct item);
    for (int i = 0; i < m->leaf_count; i++)
        add(&items, "state", m->leaves[i]->name, i, m->leaves[i]->at);
    for (int i = 0; i < m->first_timer; i++)
        add(&items, "event", m->events[i]->name, i, m->events[i]->at);
    for (int i = m->first_timer; i < m->event_count; i++)
        add(&items, "timer", m->events[i]->name, i - m->first_timer, m->events[i]->at);
    for (const struct fg_project *p = m->spec->projects; p != NULL; p = p->next)
        for (const struct fg_public *v = p->publics; v != NULL; v = v->next)
            add(&items, fg_arena_printf(m->spec->arena, "value of %s", p->name->text),
                v->name->text, v->id, v->name->at);
    return items;
}

static const char *key_of(const struct fg_model *m, const char *kind, const char *name)
{
    return fg_arena_printf(m->spec->arena, "%s %s", kind, name);
}

/* "NUMBER KIND NAME", where KIND may be several words. Returns the number; -1: no such line. */
static int read_line(char *line, const char **ret_kind, const char **ret_name)
{
    char *kind = line, *name;
    int number = 0;

    line[strcspn(line, "\r\n")] = '\0';
    for (; *kind >= '0' && *kind <= '9' && number < 100000; kind++)
        number = number * 10 + (*kind - '0');
    name = strrchr(line, ' ');
    if (kind == line || *kind != ' ' || name == NULL || name <= kind + 1)
        return -1;
    *name = '\0';
    *ret_kind = kind + 1;
    *ret_name = name + 1;
    return number;
}

static void judge(const struct fg_model *m, const struct fg_map *present, const char *path,
                  const char *kind, const char *name, int number)
{
    const struct item *item = fg_map_get(present, key_of(m, kind, name));

    if (item == NULL)
        fg_error(m->spec->diag, FG_E21, m->spec->name->at, "%s '%s', number %d in %s, is gone",
                 kind, name, number, path);
    else if (item->number != number)
        fg_error(m->spec->diag, FG_E21, item->at,
                 "%s '%s' has number %d in %s, and would become %d", kind, name, number, path,
                 item->number);
}

static int complain(const char *path, const char *why)
{
    (void)fprintf(stderr, "fsm-gen: cannot read %s: %s\n", path, why);
    return -1;
}

int fg_abi_check(const struct fg_model *model, const char *path)
{
    struct fg_map *present = fg_map_new(model->spec->arena);
    const struct items items = list_items(model);
    FILE *file = fopen(path, "rb");
    char line[LINE_BYTES];
    int status = 0;

    if (file == NULL)
        return errno == ENOENT ? 0 : complain(path, strerror(errno));
    for (int i = 0; i < items.count; i++)
        (void)fg_map_put(present, key_of(model, items.all[i].kind, items.all[i].name),
                         &items.all[i]);
    while (status == 0 && fgets(line, sizeof(line), file) != NULL) {
        const char *kind = NULL, *name = NULL;
        const int number = line[0] == '#' ? 0 : read_line(line, &kind, &name);

        if (number < 0)
            status = complain(path, "this is not a file of --abi");
        else if (kind != NULL)
            judge(model, present, path, kind, name, number);
    }
    if (status == 0 && ferror(file) != 0)
        status = complain(path, "read error");
    (void)fclose(file);
    return status;
}

int fg_abi_save(const struct fg_model *model, const char *path)
{
    const struct items items = list_items(model);
    struct fg_out *out = fg_out_new(model->spec->arena, "", "");

    fg_put(out, "# Numbers of the machine %s, kept by fsm-gen --abi.\n", model->spec->name->text);
    for (int i = 0; i < items.count; i++)
        fg_put(out, "%d %s %s\n", items.all[i].number, items.all[i].kind, items.all[i].name);
    return fg_out_save(out, path);
}
