/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the allocator hook and the functions that use it.
 * Used by: every room, through base.h.
 * Must not know: what the memory is for.
 */
#include "base.h"

#include <stdlib.h>
#include <string.h>

static void *default_alloc(size_t size_bytes, void *user)
{
    (void)user;
    return malloc(size_bytes);
}

static void default_release(void *memory, void *user)
{
    (void)user;
    free(memory);
}

static const struct isa_allocator libc_allocator = { default_alloc, default_release, NULL };
static struct isa_allocator hook = { default_alloc, default_release, NULL };

int isa_set_allocator(const struct isa_allocator *allocator)
{
    if (!allocator) {
        hook = libc_allocator;
        return 0;
    }
    if (!allocator->alloc || !allocator->release)
        return ISA_EINVAL;
    hook = *allocator;
    return 0;
}

void *isa__alloc(size_t size_bytes)
{
    void *memory = hook.alloc(size_bytes, hook.user);
    if (memory)
        memset(memory, 0, size_bytes);
    return memory;
}

void *isa__alloc_array(size_t count, size_t size_bytes)
{
    if (size_bytes && count > SIZE_MAX / size_bytes)
        return NULL;
    return isa__alloc(count * size_bytes);
}

char *isa__strdup(const char *string)
{
    size_t size_bytes = strlen(string) + 1;
    char *copy = isa__alloc(size_bytes);
    if (copy)
        memcpy(copy, string, size_bytes);
    return copy;
}

void isa__free(void *memory)
{
    if (memory)
        hook.release(memory, hook.user);
}
