/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: text that grows, and sets of names.
 * Called by: what writes, what compares names.
 * Must not know: what the text says.
 */
#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct pgi_name {
    struct pgi_name *next; /* in the bucket */
    const char *name;
    const void *what;
};

static char *make_room(struct pgi_text *text, size_t size)
{
    if (text->capacity - text->size <= size) {
        size_t capacity = (text->size + size) * 2 + 64;
        char *bytes = pgi_alloc(text->arena, capacity);

        if (text->size > 0)
            memcpy(bytes, text->bytes, text->size);
        text->bytes = bytes;
        text->capacity = capacity;
    }
    return text->bytes + text->size;
}

static size_t hash(const char *name)
{
    size_t value = 5381;

    while (*name != '\0')
        value = value * 33 ^ (unsigned char)*name++;
    return value;
}

static struct pgi_name *find(const struct pgi_names *names, const char *name)
{
    struct pgi_name *found;

    if (names->bucket_count == 0)
        return NULL;
    found = names->buckets[hash(name) % names->bucket_count];
    while (found != NULL && strcmp(found->name, name) != 0)
        found = found->next;
    return found;
}

static void grow(struct pgi_names *names)
{
    size_t count = names->bucket_count * 4 + 16;
    struct pgi_name **buckets = pgi_alloc(names->arena, count * sizeof(*buckets));

    for (size_t i = 0; i < names->bucket_count; i++) {
        for (struct pgi_name *name = names->buckets[i], *next; name != NULL; name = next) {
            struct pgi_name **bucket = &buckets[hash(name->name) % count];

            next = name->next;
            name->next = *bucket;
            *bucket = name;
        }
    }
    names->buckets = buckets;
    names->bucket_count = count;
}

void pgi_add_bytes(struct pgi_text *text, const char *bytes, size_t size)
{
    char *room = make_room(text, size);

    if (size > 0)
        memcpy(room, bytes, size);
    room[size] = '\0';
    text->size += size;
}

void pgi_add(struct pgi_text *text, const char *format, ...)
{
    va_list arguments, again;
    int size;

    va_start(arguments, format);
    va_copy(again, arguments);
    size = vsnprintf(NULL, 0, format, arguments);
    if (size > 0) {
        (void)vsnprintf(make_room(text, (size_t)size), (size_t)size + 1, format, again);
        text->size += (size_t)size;
    }
    va_end(again);
    va_end(arguments);
}

const void *pgi_names_add(struct pgi_names *names, const char *name, const void *what)
{
    struct pgi_name *entry = find(names, name), **bucket;

    if (entry != NULL)
        return entry->what;
    if (names->count >= names->bucket_count)
        grow(names);
    bucket = &names->buckets[hash(name) % names->bucket_count];
    entry = pgi_alloc(names->arena, sizeof(*entry));
    *entry = (struct pgi_name){ *bucket, name, what };
    *bucket = entry;
    names->count++;
    return NULL;
}

const void *pgi_names_find(const struct pgi_names *names, const char *name)
{
    const struct pgi_name *entry = find(names, name);

    return entry == NULL ? NULL : entry->what;
}

bool pgi_names_has(const struct pgi_names *names, const char *name)
{
    return find(names, name) != NULL;
}
