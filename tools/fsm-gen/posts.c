/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: following posted events to their end: how many wait at a time, and whether they go round. */
/* Called by: flatten, checks. */
/* Must not know: what actions send, which is not written down. */
#include "posts.h"

#include "plan.h"

#include <string.h>

enum { WAITING_LIMIT = 64, STAND_LIMIT = 20000, BUCKETS = 4096 };

/* The machine in a state, with events that wait. */
struct stand {
    int leaf, count;
    short events[WAITING_LIMIT];
    bool can_end;
    int number;
    struct stand *same_bucket;
};

struct follower {
    struct fg_posts *posts;
    struct stand **stands;
    int count;
    struct stand *buckets[BUCKETS];
};

static struct fg_posted posted_by(const struct fg_model *m, struct fg_plan plan)
{
    struct fg_posted posted = { NULL, 0 };

    for (int i = 0; i < plan.count; i++)
        posted.count += plan.steps[i].kind == FG_STEP_POST;
    if (posted.count == 0)
        return posted;
    posted.events = FG_NEW_ARRAY(m->spec->arena, posted.count, int);
    posted.count = 0;
    for (int i = 0; i < plan.count; i++)
        if (plan.steps[i].kind == FG_STEP_POST)
            posted.events[posted.count++] = plan.steps[i].id;
    return posted;
}

static unsigned bucket_of(const struct stand *s)
{
    unsigned hash = (unsigned)s->leaf;

    for (int i = 0; i < s->count; i++)
        hash = hash * 31U + (unsigned)s->events[i];
    return hash % BUCKETS;
}

static bool is_same(const struct stand *a, const struct stand *b)
{
    return a->leaf == b->leaf && a->count == b->count &&
           memcmp(a->events, b->events, (size_t)a->count * sizeof(a->events[0])) == 0;
}

/* Its number, a new one if it was not met before; -1: there is no room for more. */
static int number_of(struct follower *f, const struct stand *wanted)
{
    struct stand **bucket = &f->buckets[bucket_of(wanted)];

    for (struct stand *s = *bucket; s != NULL; s = s->same_bucket)
        if (is_same(s, wanted))
            return s->number;
    if (f->count == STAND_LIMIT) {
        f->posts->is_too_long = true;
        return -1;
    }
    return f->count;
}

/* Where the machine stands when these have been added to what waits. */
static void add_stand(struct follower *f, int leaf, const short *rest, int rest_count,
                      const struct fg_posted *posted)
{
    struct stand stand = { .leaf = leaf, .count = rest_count };

    if (rest_count + posted->count > WAITING_LIMIT) {
        f->posts->is_too_many = true;
        return;
    }
    if (rest_count > 0)
        memcpy(stand.events, rest, (size_t)rest_count * sizeof(*rest));
    for (int i = 0; i < posted->count; i++)
        stand.events[stand.count++] = (short)posted->events[i];
    if (stand.count > f->posts->room)
        f->posts->room = stand.count;
    if (stand.count == 0 || number_of(f, &stand) != f->count)
        return;
    f->stands[f->count] = FG_NEW(f->posts->model->spec->arena, struct stand);
    *f->stands[f->count] = stand;
    f->stands[f->count]->number = f->count;
    f->stands[f->count]->same_bucket = f->buckets[bucket_of(&stand)];
    f->buckets[bucket_of(&stand)] = f->stands[f->count];
    f->count++;
}

typedef void visit_fn(struct follower *f, const struct stand *at, int leaf,
                      const struct fg_posted *posted);

/* Every way in which the first of the waiting events can be taken. */
static void visit_next(struct follower *f, const struct stand *at, visit_fn *visit)
{
    static const struct fg_posted nothing = { NULL, 0 };
    const struct fg_model *m = f->posts->model;
    const struct fg_cell *cell = fg_cell_at(m, at->leaf, at->events[0]);

    if (cell->trans_count == 0)
        visit(f, at, at->leaf, &nothing);
    for (int i = 0; i < cell->trans_count; i++) {
        const struct fg_trans *t = &m->trans[cell->first_trans + i];

        if (t->to >= 0)
            visit(f, at, t->to, &f->posts->of_trans[cell->first_trans + i]);
    }
}

static void find_more(struct follower *f, const struct stand *at, int leaf,
                      const struct fg_posted *posted)
{
    add_stand(f, leaf, at->events + 1, at->count - 1, posted);
}

static void see_end(struct follower *f, const struct stand *at, int leaf,
                    const struct fg_posted *posted)
{
    struct stand next = { .leaf = leaf, .count = at->count - 1 };

    if (next.count + posted->count > WAITING_LIMIT)
        return;
    memcpy(next.events, at->events + 1, (size_t)next.count * sizeof(next.events[0]));
    for (int i = 0; i < posted->count; i++)
        next.events[next.count++] = (short)posted->events[i];
    if (next.count == 0 || f->stands[number_of(f, &next)]->can_end)
        f->stands[at->number]->can_end = true;
}

static void find_endless(struct follower *f)
{
    bool has_grown = true;

    while (has_grown) {
        has_grown = false;
        for (int i = f->count - 1; i >= 0; i--) {
            if (f->stands[i]->can_end)
                continue;
            visit_next(f, f->stands[i], see_end);
            has_grown = has_grown || f->stands[i]->can_end;
        }
    }
    for (int i = 0; i < f->count; i++)
        if (!f->stands[i]->can_end) {
            f->posts->endless_leaf = f->stands[i]->leaf;
            f->posts->endless_event = f->stands[i]->events[0];
            return;
        }
}

static void follow(struct fg_posts *posts)
{
    const struct fg_model *m = posts->model;
    struct follower *f = FG_NEW(m->spec->arena, struct follower);

    f->posts = posts;
    f->stands = FG_NEW_ARRAY(m->spec->arena, STAND_LIMIT, struct stand *);
    if (m->start != NULL)
        add_stand(f, m->start->leaf_id, NULL, 0, &posts->at_start);
    for (int i = 0; i < m->trans_count; i++)
        if (m->trans[i].to >= 0)
            add_stand(f, m->trans[i].to, NULL, 0, &posts->of_trans[i]);
    for (int i = 0; i < f->count; i++)
        visit_next(f, f->stands[i], find_more);
    if (!posts->is_too_many && !posts->is_too_long)
        find_endless(f);
}

struct fg_posts *fg_posts_new(const struct fg_model *model)
{
    struct fg_posts *posts;

    if (!model->has_posts)
        return NULL;
    posts = FG_NEW(model->spec->arena, struct fg_posts);
    posts->model = model;
    posts->endless_leaf = posts->endless_event = -1;
    posts->of_trans = FG_NEW_ARRAY(model->spec->arena, model->trans_count + 1, struct fg_posted);
    if (model->start != NULL)
        posts->at_start = posted_by(model, fg_plan_start(model));
    for (int i = 0; i < model->trans_count; i++)
        if (model->trans[i].to >= 0)
            posts->of_trans[i] = posted_by(model, fg_plan_branch(model, &model->trans[i]));
    follow(posts);
    return posts;
}

static bool lists(const struct fg_posted *posted, int event)
{
    for (int i = 0; i < posted->count; i++)
        if (posted->events[i] == event)
            return true;
    return false;
}

bool fg_is_posted(const struct fg_model *model, int event)
{
    if (model->posts == NULL)
        return false;
    for (int i = 0; i < model->trans_count; i++)
        if (lists(&model->posts->of_trans[i], event))
            return true;
    return lists(&model->posts->at_start, event);
}

bool fg_always_leaves(const struct fg_model *model, int leaf, int event)
{
    const struct fg_cell *cell = fg_cell_at(model, leaf, event);

    for (int i = 0; i < cell->trans_count; i++) {
        const struct fg_trans *t = &model->trans[cell->first_trans + i];

        if (t->branch->effect != FG_GO || t->to == leaf)
            return false;
    }
    return cell->trans_count > 0;
}

static bool leaves_at_once(const struct fg_posts *posts, int leaf, const struct fg_posted *posted)
{
    for (int i = 0; i < posted->count; i++)
        if (fg_always_leaves(posts->model, leaf, posted->events[i]))
            return true;
    return false;
}

bool fg_is_passed_through(const struct fg_posts *posts, int leaf)
{
    const struct fg_model *m = posts == NULL ? NULL : posts->model;
    bool is_entered = false;

    if (m == NULL || m->start == NULL)
        return false;
    if (m->start->leaf_id == leaf && !leaves_at_once(posts, leaf, &posts->at_start))
        return false;
    for (int i = 0; i < m->trans_count; i++) {
        if (m->trans[i].to != leaf || m->trans[i].branch->effect != FG_GO)
            continue;
        is_entered = true;
        if (!leaves_at_once(posts, leaf, &posts->of_trans[i]))
            return false;
    }
    return is_entered;
}
