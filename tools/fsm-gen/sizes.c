/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: how large what the generated C declares will be, on machines like the one fsm-gen runs on. */
/* Called by: the report. */
/* Must not know: how the C is written. */
#include "sizes.h"

#include "ctype_name.h"
#include "emit.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

struct layout {
    size_t size, align;
};

enum a_number { A_NUMBER };

/* As struct PREFIX_tinfo in the generated header. */
struct description {
    enum a_number from, event, to;
    bool internal;
    enum a_number result;
    const char *guard, *place;
};

typedef void handler_fn(void);

#define KNOWN(type) #type, sizeof(type), alignof(type)
static const struct {
    const char *name;
    size_t size, align;
} known_types[] = {
    { KNOWN(bool) },           { KNOWN(_Bool) },
    { KNOWN(char) },           { KNOWN(signed char) },
    { KNOWN(unsigned char) },  { KNOWN(short) },
    { KNOWN(unsigned short) }, { KNOWN(int) },
    { KNOWN(unsigned) },       { KNOWN(unsigned int) },
    { KNOWN(long) },           { KNOWN(unsigned long) },
    { KNOWN(long long) },      { KNOWN(unsigned long long) },
    { KNOWN(float) },          { KNOWN(double) },
    { KNOWN(size_t) },         { KNOWN(ptrdiff_t) },
    { KNOWN(int8_t) },         { KNOWN(uint8_t) },
    { KNOWN(int16_t) },        { KNOWN(uint16_t) },
    { KNOWN(int32_t) },        { KNOWN(uint32_t) },
    { KNOWN(int64_t) },        { KNOWN(uint64_t) },
    { KNOWN(intptr_t) },       { KNOWN(uintptr_t) },
};
#undef KNOWN

/* size 0: not known, because it is defined in a file that fsm-gen does not read. */
static struct layout layout_of(const char *type)
{
    if (fg_ctype_is_pointer(type))
        return (struct layout){ sizeof(void *), alignof(void *) };
    if (strncmp(type, "enum ", 5) == 0)
        return (struct layout){ sizeof(enum a_number), alignof(enum a_number) };
    for (size_t i = 0; i < sizeof(known_types) / sizeof(known_types[0]); i++)
        if (strcmp(type, known_types[i].name) == 0)
            return (struct layout){ known_types[i].size, known_types[i].align };
    return (struct layout){ 0, 1 };
}

static size_t round_to(size_t size, size_t align)
{
    return (size + align - 1) / align * align;
}

static void add(struct layout *all, struct layout one, size_t count)
{
    if (count == 0)
        return;
    all->size = round_to(all->size, one.align) + count * one.size;
    all->align = one.align > all->align ? one.align : all->align;
}

static struct layout payload_layout(const struct fg_model *m, const char **ret_unknown)
{
    struct layout all = { 1, 1 };

    for (int i = 0; i < m->type_count; i++) {
        const struct layout one = layout_of(m->types[i]);

        if (one.size == 0)
            *ret_unknown = m->types[i];
        all.size = one.size > all.size ? one.size : all.size;
        all.align = one.align > all.align ? one.align : all.align;
    }
    all.size = round_to(all.size, all.align);
    return all;
}

static size_t instance_size(const struct fg_model *m, struct layout payload)
{
    const struct layout number = { sizeof(uint16_t), alignof(uint16_t) };
    const struct layout byte = { sizeof(uint8_t), alignof(uint8_t) };
    const struct layout count = { sizeof(uint32_t), alignof(uint32_t) };
    struct layout queued = payload, all = { 0, 1 };

    add(&queued, number, 1);
    queued.size = round_to(queued.size, queued.align);
    add(&all, number, 1);                  /* state */
    add(&all, byte, m->can_defer ? 8 : 5); /* marks and counters */
    add(&all, count, 1);                   /* ignored */
    add(&all, queued, (size_t)m->queue_size);
    add(&all, queued, (size_t)(m->can_defer ? m->defer_total : 0));
    return round_to(all.size, all.align);
}

struct fg_sizes fg_sizes_of(const struct fg_model *model)
{
    struct fg_sizes sizes = { 0 };
    const struct layout payload = payload_layout(model, &sizes.unknown);
    const size_t leaves = (size_t)model->leaf_count, events = (size_t)model->event_count;
    size_t row = 1, handlers = FG_FIXED_HANDLERS;

    while (row < leaves)
        row *= 2;
    for (size_t i = 0; i < leaves * events; i++)
        handlers += model->cells[i].kind == FG_CELL_HANDLED;
    if (sizes.unknown == NULL)
        sizes.instance = instance_size(model, payload);
    sizes.cells = events * row * (handlers <= 256 ? sizeof(uint8_t) : sizeof(uint16_t));
    sizes.handlers = handlers * sizeof(handler_fn *);
    sizes.pointers = events * row * sizeof(handler_fn *);
    sizes.branches = (size_t)model->trans_count * sizeof(struct description);
    sizes.names = 2 * (leaves + events) * sizeof(const char *);
    for (const struct fg_project *p = model->spec->projects; p != NULL; p = p->next)
        sizes.publics += leaves;
    return sizes;
}
