/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: running a machine on a script: state, guards, armed timers, events that wait. */
/* Called by: main, for the verb run. */
/* Must not know: C, how the generated code works. */
#include "simulate.h"

#include "map.h"
#include "plan.h"

#include <string.h>

enum { LINE_LIMIT = 512, REACTION_LIMIT = 1000 };

struct simulation {
    const struct fg_model *model;
    FILE *out;
    struct fg_map *events, *guards; /* of struct fg_decl */
    bool *values, *is_armed;
    struct fg_plan **plans; /* of each transition; NULL until it is taken */
    int *kept, kept_count, kept_next;
    int *waiting, waiting_count, reactions; /* posted events; reactions to one that came */
    int state;
    bool is_replaying, has_failed;
};

static void post(struct simulation *sim, int event)
{
    const struct fg_model *m = sim->model;

    (void)fprintf(sim->out, "  post %s\n", m->events[event]->name);
    if (sim->waiting_count == m->queue_size) {
        (void)fprintf(sim->out, "  lost: no room for it\n");
        sim->has_failed = true;
        return;
    }
    sim->waiting[sim->waiting_count++] = event;
}

static void print_steps(struct simulation *sim, struct fg_plan plan)
{
    const struct fg_model *m = sim->model;

    for (int i = 0; i < plan.count; i++) {
        const struct fg_step *s = &plan.steps[i];

        switch (s->kind) {
        case FG_STEP_ACTION:
            (void)fprintf(sim->out, "  %s\n", m->actions[s->id]->name);
            break;
        case FG_STEP_DISARM:
        case FG_STEP_ARM:
            sim->is_armed[s->id] = s->kind == FG_STEP_ARM;
            (void)fprintf(sim->out, "  %s %s\n", s->kind == FG_STEP_ARM ? "arm" : "disarm",
                          m->events[m->first_timer + s->id]->name);
            break;
        case FG_STEP_BECOME:
            (void)fprintf(sim->out, "  -> %s\n", m->leaves[s->id]->name);
            break;
        case FG_STEP_POST:
            post(sim, s->id);
            break;
        case FG_STEP_TELL:
            (void)fprintf(sim->out, "  tell %s\n", s->project->name->text);
            break;
        }
    }
}

static void print_state(const struct simulation *sim)
{
    const struct fg_model *m = sim->model;
    int count = 0;

    (void)fprintf(sim->out, "state %s", m->leaves[sim->state]->name);
    for (int t = 0; t < m->timer_count; t++)
        if (sim->is_armed[t])
            (void)fprintf(sim->out, "%s%s", count++ == 0 ? ", armed " : " ",
                          m->events[m->first_timer + t]->name);
    if (sim->kept_count > 0)
        (void)fprintf(sim->out, ", kept");
    for (int i = 0; i < sim->kept_count; i++)
        (void)fprintf(sim->out, " %s", m->events[sim->kept[i]]->name);
    (void)fprintf(sim->out, "%s\n", m->leaves[sim->state]->is_final ? ", final" : "");
}

/* The oldest first; one that is deferred again keeps its turn. */
static void keep(struct simulation *sim, int event)
{
    const int at = sim->is_replaying ? sim->kept_next : sim->kept_count;
    int same = 0;

    for (int i = 0; i < sim->kept_count; i++)
        same += sim->kept[i] == event;
    if (same >= sim->model->defer_bound[event]) {
        (void)fprintf(sim->out, "  lost: no room to keep it\n");
        sim->has_failed = true;
        return;
    }
    for (int i = sim->kept_count; i > at; i--)
        sim->kept[i] = sim->kept[i - 1];
    sim->kept[at] = event;
    sim->kept_count++;
    if (at == sim->kept_next)
        sim->kept_next++;
    (void)fprintf(sim->out, "  deferred\n");
}

static void fail(struct simulation *sim)
{
    (void)fprintf(sim->out, "  unexpected\n");
    sim->has_failed = true;
}

/* Made once, so that a long script needs no more memory than a short one. */
static const struct fg_plan *plan_of(struct simulation *sim, const struct fg_trans *t)
{
    struct fg_plan **plan = &sim->plans[t - sim->model->trans];

    if (*plan == NULL) {
        *plan = FG_NEW(sim->model->spec->arena, struct fg_plan);
        **plan = fg_plan_branch(sim->model, t);
    }
    return *plan;
}

static void take_branch(struct simulation *sim, const struct fg_trans *t)
{
    switch (t->branch->effect) {
    case FG_IGNORE:
        print_steps(sim, *plan_of(sim, t));
        (void)fprintf(sim->out, "  ignored\n");
        break;
    case FG_DEFER:
        keep(sim, t->event);
        break;
    case FG_UNEXPECTED:
        fail(sim);
        break;
    default:
        print_steps(sim, *plan_of(sim, t));
        if (t->to != sim->state)
            sim->kept_next = 0;
        sim->state = t->to;
        break;
    }
}

static void react(struct simulation *sim, int event)
{
    const struct fg_model *m = sim->model;
    const struct fg_cell *cell = fg_cell_at(m, sim->state, event);

    (void)fprintf(sim->out, "%s in %s\n", m->events[event]->name, m->leaves[sim->state]->name);
    if (fg_is_timer(m, event))
        sim->is_armed[event - m->first_timer] = false;
    switch (cell->kind) {
    case FG_CELL_HANDLED:
        take_branch(sim, fg_choose(m, cell, sim->values));
        break;
    case FG_CELL_IGNORED:
        (void)fprintf(sim->out, "  ignored\n");
        break;
    case FG_CELL_DEFERRED:
        keep(sim, event);
        break;
    default:
        fail(sim);
        break;
    }
}

/* Posted events, oldest first. Those that may go round for ever are given up. */
static void react_to_posts(struct simulation *sim)
{
    while (sim->waiting_count > 0) {
        const int event = sim->waiting[0];

        sim->waiting_count--;
        for (int i = 0; i < sim->waiting_count; i++)
            sim->waiting[i] = sim->waiting[i + 1];
        if (++sim->reactions > REACTION_LIMIT) {
            (void)fprintf(sim->out, "  given up: no end after %d events\n", REACTION_LIMIT);
            sim->has_failed = true;
            sim->waiting_count = 0;
            return;
        }
        react(sim, event);
    }
}

static void dispatch(struct simulation *sim, int event)
{
    sim->reactions = 0;
    react(sim, event);
    react_to_posts(sim);
    while (sim->kept_next < sim->kept_count) {
        const int again = sim->kept[sim->kept_next];

        sim->kept_count--;
        for (int i = sim->kept_next; i < sim->kept_count; i++)
            sim->kept[i] = sim->kept[i + 1];
        sim->is_replaying = true;
        react(sim, again);
        sim->is_replaying = false;
        react_to_posts(sim);
    }
    print_state(sim);
}

static int misunderstand(const struct fg_map *map, const char *kind, const char *name, int line)
{
    const char *like = fg_map_suggest(map, name);

    if (like != NULL)
        (void)fprintf(stderr, "fsm-gen: line %d: no %s '%s'; did you mean '%s'?\n", line, kind,
                      name, like);
    else
        (void)fprintf(stderr, "fsm-gen: line %d: no %s '%s'; 'help' lists what there is\n", line,
                      kind, name);
    return 2;
}

/* "NAME=0" or "NAME=1" */
static int set_guard(struct simulation *sim, char *text, int line)
{
    char *equals = strchr(text, '=');
    const struct fg_decl *guard;

    if (equals == NULL || (strcmp(equals, "=0") != 0 && strcmp(equals, "=1") != 0)) {
        (void)fprintf(stderr, "fsm-gen: line %d: say 'guard NAME=0' or 'guard NAME=1'\n", line);
        return 2;
    }
    *equals = '\0';
    guard = fg_map_get(sim->guards, text);
    if (guard == NULL)
        return misunderstand(sim->guards, "guard", text, line);
    sim->values[guard->id] = equals[1] == '1';
    return 0;
}

static void print_list(const struct simulation *sim, const char *title,
                       struct fg_decl *const *decls, int count)
{
    if (count == 0)
        return;
    (void)fprintf(sim->out, "%s:", title);
    for (int i = 0; i < count; i++)
        (void)fprintf(sim->out, " %s", decls[i]->name);
    (void)fprintf(sim->out, "\n");
}

static void print_help(const struct simulation *sim)
{
    const struct fg_model *m = sim->model;

    (void)fprintf(sim->out, "EVENT        let it come\n"
                            "TIMER        let it fire\n"
                            "guard G=1    what a guard answers from now on, 0 or 1\n"
                            "state        where the machine is\n"
                            "help         this list\n");
    print_list(sim, "events", m->events, m->first_timer);
    print_list(sim, "timers", m->events + m->first_timer, m->timer_count);
    print_list(sim, "guards", m->guards, m->guard_count);
}

static int obey(struct simulation *sim, char *text, int line)
{
    const struct fg_decl *event;
    size_t len = strlen(text);

    if (len == LINE_LIMIT - 1 && text[len - 1] != '\n') {
        (void)fprintf(stderr, "fsm-gen: line %d is longer than %d characters\n", line,
                      LINE_LIMIT - 2);
        return 2;
    }
    text[strcspn(text, "#\r\n")] = '\0';
    text += strspn(text, " \t");
    len = strlen(text);
    while (len > 0 && strchr(" \t", text[len - 1]) != NULL)
        text[--len] = '\0';
    if (len == 0)
        return 0;
    if (strncmp(text, "guard ", 6) == 0)
        return set_guard(sim, text + 6 + strspn(text + 6, " \t"), line);
    if (strcmp(text, "state") == 0) {
        print_state(sim);
        return 0;
    }
    if (strcmp(text, "help") == 0) {
        print_help(sim);
        return 0;
    }
    event = fg_map_get(sim->events, text);
    if (event == NULL)
        return misunderstand(sim->events, "event", text, line);
    dispatch(sim, event->id);
    return 0;
}

int fg_simulate(const struct fg_model *model, FILE *script, FILE *out)
{
    struct fg_arena *arena = model->spec->arena;
    struct simulation sim = { .model = model, .out = out, .state = model->start->leaf_id };
    bool is_misunderstood = false;
    char text[LINE_LIMIT];

    sim.events = fg_map_new(arena);
    sim.guards = fg_map_new(arena);
    sim.values = FG_NEW_ARRAY(arena, model->guard_count + 1, bool);
    sim.is_armed = FG_NEW_ARRAY(arena, model->timer_count + 1, bool);
    sim.plans = FG_NEW_ARRAY(arena, model->trans_count + 1, struct fg_plan *);
    sim.kept = FG_NEW_ARRAY(arena, model->defer_total + 1, int);
    for (int e = 0; e < model->event_count; e++)
        (void)fg_map_put(sim.events, model->events[e]->name, model->events[e]);
    for (int g = 0; g < model->guard_count; g++)
        (void)fg_map_put(sim.guards, model->guards[g]->name, model->guards[g]);
    sim.waiting = FG_NEW_ARRAY(arena, model->queue_size + 1, int);
    print_steps(&sim, fg_plan_start(model));
    react_to_posts(&sim);
    print_state(&sim);
    for (int line = 1; fgets(text, sizeof(text), script) != NULL; line++) {
        is_misunderstood = obey(&sim, text, line) != 0 || is_misunderstood;
        (void)fflush(out);
    }
    if (is_misunderstood)
        return 2;
    return sim.has_failed ? 1 : 0;
}
