/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the demo's verdict: figures, promises, and which of them were kept.
 * Used by: main.c, at the end.
 * Must not know: how the figures came about.
 */
#ifndef DEMO_SUMMARY_H
#define DEMO_SUMMARY_H

#include "book.h"
#include "options.h"

/* What one run of the demo found out. */
struct figures {
    const struct options *options;
    const struct book *book;
    double *ready_after_ms; /* per round: from etcd's return, its port accepting, to READY */
    uint32_t rounds_done;
    uint64_t reconnects;
    uint32_t losses_while_up;
    double shutdown_ms;  /* isa_pool_shutdown() to its callback; negative: it never came */
    const char *trouble; /* what ended the run early; NULL: nothing did */
};

/* Print everything. True when every promise was kept. */
bool summary_print(const struct figures *figures);

/* Write the figures as JSON. Returns 0, or -1 and has said why on stderr. */
int summary_write_json(const struct figures *figures, bool is_passed);

#endif
