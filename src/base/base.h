/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the door of the base room: memory, log, lists, heaps, strings, option structs.
 * Used by: every other room.
 * Must not know: anything but libc.
 */
#ifndef ISA_BASE_H
#define ISA_BASE_H

#include <isa/error.h>
#include <isa/hooks.h>
#include <isa/state.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap.h"
#include "list.h"

#define ISA__PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))

/** The struct of type `type` whose member `member` is at `pointer`. */
#define isa__container(pointer, type, member)                                                      \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* Memory. NULL when there is none; never an abort. */
void *isa__alloc(size_t size_bytes);                     /* zeroed */
void *isa__alloc_array(size_t count, size_t size_bytes); /* zeroed; NULL on overflow */
char *isa__strdup(const char *string);
void isa__free(void *memory); /* NULL is fine */

/* Log. One line, no newline; cheap when the level is off. */
extern enum isa_log_level isa__log_level; /* 0: off. Written once, before other threads. */
void isa__log_write(enum isa_log_level level, const char *format, ...) ISA__PRINTF(2, 3);
#define isa__log(level, ...)                                                                       \
    do {                                                                                           \
        if ((level) <= isa__log_level)                                                             \
            isa__log_write((level), __VA_ARGS__);                                                  \
    } while (0)

/* A bounded string under construction; cut, never overrun, always terminated. */
struct isa__text {
    char *at;
    size_t size_bytes;
    size_t length;
};
void isa__text_init(struct isa__text *text, char *buffer, size_t size_bytes);
void isa__text_add(struct isa__text *text, const char *format, ...) ISA__PRINTF(2, 3);
/* Like "%s", with control characters, double quotes and bytes outside ASCII as \xNN: peers and files are not
 * trusted with terminals, nor with the fields of a log line. At most max_chars of the string, then "...". */
void isa__text_add_quoted(struct isa__text *text, const char *string, size_t max_chars);

/**
 * Copy an options struct of the caller's version into ours, missing fields zero.
 *
 * @return 0, or ISA_EINVAL (size too small to be any version), or ISA_EUNKNOWN_OPTION (the caller's
 *         struct is larger and its unknown tail is not zero)
 */
int isa__opt_copy(void *to, size_t to_bytes, const void *from, size_t min_bytes);

/**
 * Copy a result into a struct of the caller's version, whose size field is set and stays.
 *
 * @return 0, or ISA_EINVAL (smaller than ours), or ISA_EUNKNOWN_OPTION (larger than ours)
 */
int isa__opt_return(void *to, const void *from, size_t bytes);

/** Why the peer, the network or the user did what was done. */
struct isa__cause {
    enum isa_reason reason;
    const char *text; /* never NULL; whoever keeps it copies it */
};

/** 64-bit FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
uint64_t isa__hash(const char *string);

/** Monotonic clock, microseconds. */
uint64_t isa__now_us(void);

#endif
