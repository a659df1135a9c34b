/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: building the pieces of a specification while it is parsed. */
/* Called by: the parser. */
/* Must not know: whether names are declared. */
#include "ast.h"

#include "ctype_name.h"

#include <stdlib.h>
#include <string.h>

void fg_names_add(struct fg_names *names, struct fg_name *name)
{
    if (names->last == NULL)
        names->first = name;
    else
        names->last->next = name;
    names->last = name;
    names->count++;
}

void fg_set_once(struct fg_spec *spec, struct fg_name **slot, struct fg_name *value,
                 const char *what)
{
    if (*slot != NULL) {
        fg_error(spec->diag, FG_E02, value->at, "'%s' is given twice", what);
        fg_note(spec->diag, (*slot)->at, "first given here");
        return;
    }
    *slot = value;
}

struct fg_decl *fg_add_decl(struct fg_spec *spec, enum fg_decl_kind kind, struct fg_name *name,
                            struct fg_name *type)
{
    struct fg_decl *decl = FG_NEW(spec->arena, struct fg_decl);

    decl->kind = kind;
    decl->name = name->text;
    decl->at = name->at;
    decl->class_name = kind == FG_EVENT ? spec->event_class : NULL;
    if (type != NULL) {
        decl->type = fg_ctype_normalise(spec->arena, type->text);
        decl->type_at = type->at;
        if (decl->type == NULL)
            fg_error(spec->diag, FG_E13, type->at,
                     "\"%s\" is not a payload type: names and '*' only, no qualified value",
                     type->text);
    }
    if (++spec->decl_count > FG_DECL_LIMIT) {
        if (!spec->is_unreadable)
            fg_error(spec->diag, FG_E24, name->at, "more than %d declarations", FG_DECL_LIMIT);
        spec->is_unreadable = true;
        return decl;
    }
    if (spec->last_decl == NULL)
        spec->decls = decl;
    else
        spec->last_decl->next = decl;
    spec->last_decl = decl;
    return decl;
}

void fg_add_decls(struct fg_spec *spec, enum fg_decl_kind kind, struct fg_names names)
{
    for (struct fg_name *n = names.first; n != NULL; n = n->next)
        (void)fg_add_decl(spec, kind, n, NULL);
}

/* A description belongs to what stands first on the line below it, or, when it trails,
 * to what was declared last before it on its own line. */
struct target {
    struct fg_place at;
    const char **doc;
};

static struct target *collect_states(struct fg_state *state, struct target *out)
{
    for (struct fg_state *s = state->children; s != NULL; s = s->next) {
        *out++ = (struct target){ s->at, &s->doc };
        out = collect_states(s, out);
    }
    return out;
}

static int compare_targets(const void *a, const void *b)
{
    const struct target *x = a, *y = b;

    if (x->at.line != y->at.line)
        return x->at.line < y->at.line ? -1 : 1;
    return x->at.col < y->at.col ? -1 : x->at.col > y->at.col;
}

/* The first target at this place or after it. */
static int lower_bound(const struct target *all, int count, int line, int col)
{
    const struct target wanted = { { line, col, 0 }, NULL };
    int low = 0, high = count;

    while (low < high) {
        const int middle = low + (high - low) / 2;

        if (compare_targets(&all[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct target *find_on_line(struct target *all, int count, int line)
{
    const int i = lower_bound(all, count, line, 0);

    return i < count && all[i].at.line == line ? &all[i] : NULL;
}

static struct target *find_before(struct target *all, int count, struct fg_place at)
{
    const int i = lower_bound(all, count, at.line, at.col) - 1;

    return i >= 0 && all[i].at.line == at.line ? &all[i] : NULL;
}

static void attach(struct fg_spec *spec, struct target *target, struct fg_place at,
                   const char *text)
{
    if (target == NULL)
        fg_warn(spec->diag, FG_W_DOC, at, "this description belongs to no declaration");
    else if (*target->doc == NULL)
        *target->doc = text;
    else
        *target->doc = fg_arena_printf(spec->arena, "%s %s", *target->doc, text);
}

/* Leading lines that follow one another make one description. Returns the last of them. */
static const struct fg_doc *join_lines(struct fg_spec *spec, const struct fg_doc *doc,
                                       const char **ret_text)
{
    const char *text = doc->text;

    while (doc->next != NULL && !doc->next->is_trailing && doc->next->at.line == doc->at.line + 1) {
        doc = doc->next;
        if (strlen(text) < FG_TEXT_LIMIT)
            text = fg_arena_printf(spec->arena, "%s %s", text, doc->text);
    }
    *ret_text = text;
    return doc;
}

void fg_attach_docs(struct fg_spec *spec)
{
    struct target *all =
        FG_NEW_ARRAY(spec->arena, spec->state_count + spec->decl_count + 2, struct target);
    struct target *end = all;
    int count;

    if (spec->name != NULL)
        *end++ = (struct target){ spec->name->at, &spec->doc };
    for (struct fg_decl *d = spec->decls; d != NULL; d = d->next)
        *end++ = (struct target){ d->at, &d->doc };
    count = (int)(collect_states(&spec->root, end) - all);
    qsort(all, (size_t)count, sizeof(*all), compare_targets);
    for (const struct fg_doc *doc = spec->docs; doc != NULL; doc = doc->next) {
        const struct fg_place at = doc->at;
        const char *text = doc->text;

        if (doc->is_trailing) {
            attach(spec, find_before(all, count, at), at, text);
            continue;
        }
        doc = join_lines(spec, doc, &text);
        attach(spec, find_on_line(all, count, doc->at.line + 1), at, text);
    }
}
