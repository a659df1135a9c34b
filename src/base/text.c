/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: bounded strings, versioned option structs, the hash, the clock.
 * Used by: every room, through base.h.
 * Must not know: what the strings say.
 */
#include "base.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void isa__text_init(struct isa__text *text, char *buffer, size_t size_bytes)
{
    text->at = buffer;
    text->size_bytes = size_bytes;
    text->length = 0;
    if (size_bytes)
        buffer[0] = '\0';
}

void isa__text_add(struct isa__text *text, const char *format, ...)
{
    if (text->length + 1 >= text->size_bytes)
        return;
    size_t room = text->size_bytes - text->length;
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(text->at + text->length, room, format, args);
    va_end(args);
    if (wanted > 0)
        text->length += (size_t)wanted < room ? (size_t)wanted : room - 1;
}

void isa__text_add_quoted(struct isa__text *text, const char *string, size_t max_chars)
{
    size_t count = 0;
    for (const unsigned char *at = (const unsigned char *)string; *at; at++, count++) {
        if (count == max_chars) {
            isa__text_add(text, "...");
            return;
        }
        if (*at < 0x20 || *at >= 0x7f || *at == '"')
            isa__text_add(text, "\\x%02x", *at);
        else
            isa__text_add(text, "%c", *at);
    }
}

enum { NEWER_MAX_BYTES = 1024 };

int isa__opt_copy(void *to, size_t to_bytes, const void *from, size_t min_bytes)
{
    size_t from_bytes;
    memcpy(&from_bytes, from, sizeof from_bytes); /* every options struct begins with its size */
    /* No version will ever be that much larger: such a size was never set, and says nothing of what may
     * be read. */
    if (from_bytes < min_bytes || from_bytes > to_bytes + NEWER_MAX_BYTES)
        return ISA_EINVAL;
    const unsigned char *bytes = from;
    for (size_t i = to_bytes; i < from_bytes; i++) {
        if (bytes[i])
            return ISA_EUNKNOWN_OPTION;
    }
    memset(to, 0, to_bytes);
    memcpy(to, from, from_bytes < to_bytes ? from_bytes : to_bytes);
    return 0;
}

int isa__opt_return(void *to, const void *from, size_t bytes)
{
    size_t to_bytes;
    memcpy(&to_bytes, to, sizeof to_bytes);
    if (to_bytes != bytes)
        return to_bytes < bytes ? ISA_EINVAL : ISA_EUNKNOWN_OPTION;
    memcpy(to, from, bytes);
    return 0;
}

uint64_t isa__hash(const char *string)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const unsigned char *at = (const unsigned char *)string; *at; at++)
        hash = (hash ^ *at) * UINT64_C(1099511628211);
    return hash;
}

uint64_t isa__now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000U;
}
