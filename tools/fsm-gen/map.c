/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: a map from names to things, and the search for a name of like spelling. */
/* Called by: the resolver and the check of generated names. */
/* Must not know: what the things are. */
#include "map.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { BUCKETS = 1024, NAME_BYTES = 129, EDITS = 2 };

struct entry {
    const char *name;
    void *value;
    struct entry *next, *next_in_order;
};

struct fg_map {
    struct fg_arena *arena;
    struct entry *buckets[BUCKETS];
    struct entry *first, *last;
};

static size_t hash(const char *name)
{
    size_t h = 5381;

    for (; *name != '\0'; name++)
        h = h * 33 ^ (unsigned char)*name;
    return h % BUCKETS;
}

struct fg_map *fg_map_new(struct fg_arena *arena)
{
    struct fg_map *map = FG_NEW(arena, struct fg_map);

    map->arena = arena;
    return map;
}

void *fg_map_get(const struct fg_map *map, const char *name)
{
    for (const struct entry *e = map->buckets[hash(name)]; e != NULL; e = e->next)
        if (strcmp(e->name, name) == 0)
            return e->value;
    return NULL;
}

void *fg_map_put(struct fg_map *map, const char *name, void *value)
{
    struct entry **bucket = &map->buckets[hash(name)], *entry;
    void *old = fg_map_get(map, name);

    if (old != NULL)
        return old;
    entry = FG_NEW(map->arena, struct entry);
    entry->name = name;
    entry->value = value;
    entry->next = *bucket;
    *bucket = entry;
    if (map->last == NULL)
        map->first = entry;
    else
        map->last->next_in_order = entry;
    map->last = entry;
    return NULL;
}

static int least(int a, int b, int c)
{
    const int ab = a < b ? a : b;

    return ab < c ? ab : c;
}

static bool is_same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Capitals do not count; insertions, deletions, changes of one character and swaps of neighbours count one each. */
static int edit_distance(const char *a, const char *b)
{
    const int m = (int)strlen(a), n = (int)strlen(b);
    int rows[3][NAME_BYTES + 1];

    if (m >= NAME_BYTES || n >= NAME_BYTES || m - n > EDITS || n - m > EDITS)
        return EDITS + 1;
    for (int j = 0; j <= n; j++)
        rows[0][j] = j;
    for (int i = 1; i <= m; i++) {
        int *now = rows[i % 3];
        const int *before = rows[(i + 2) % 3], *two_before = rows[(i + 1) % 3];

        now[0] = i;
        for (int j = 1; j <= n; j++) {
            now[j] =
                least(before[j] + 1, now[j - 1] + 1, before[j - 1] + !is_same(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1]) &&
                two_before[j - 2] + 1 < now[j])
                now[j] = two_before[j - 2] + 1;
        }
    }
    return rows[m % 3][n];
}

const char *fg_map_suggest(const struct fg_map *map, const char *name)
{
    const char *best = NULL;
    int limit = strlen(name) <= 3 ? 1 : EDITS;

    for (const struct entry *e = map->first; e != NULL; e = e->next_in_order) {
        const int distance = edit_distance(name, e->name);

        if (distance <= limit) {
            best = e->name;
            limit = distance - 1;
        }
    }
    return best;
}
