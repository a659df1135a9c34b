/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a change of state looks like on standard output.
 * Used by: watch.c.
 * Must not know: loops, who opened the handle, when to stop.
 */
#ifndef ISA_WATCH_PRINT_H
#define ISA_WATCH_PRINT_H

#include <isa/conn.h>
#include <isa/health.h>

#include <stddef.h>

enum { PRINT_LABEL_SIZE = 64 };

/* A target as lines of text show it. */
struct print_label {
    char text[PRINT_LABEL_SIZE];
    size_t width; /* characters */
};

struct print_label print_label_of(const char *target);

/* One line of text; the label is padded to width. Returns 0, or errno when output is lost. */
int print_text(const struct print_label *label, size_t width, const struct isa_change *change);

/* One JSON object on a line. Returns as print_text(). */
int print_json(const char *target, const struct isa_change *change);

/* The same for a change of a service's health. */
int print_health_text(const struct print_label *label, size_t width, const char *service,
                      const struct isa_health_change *change);
int print_health_json(const char *target, const char *service,
                      const struct isa_health_change *change);

#endif
