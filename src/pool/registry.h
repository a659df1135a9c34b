/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the process-wide table of links, and the pool's life.
 * Used by: conn.c, call.c; link.c through the functions that link.h names.
 * Must not know: handles and calls.
 */
#ifndef ISA_POOL_REGISTRY_H
#define ISA_POOL_REGISTRY_H

#include "link.h"

/** Find or make the link of a target with these settings; one more handle is on it. */
int isa__registry_open(const char *target, const struct isa__link_config *config,
                       struct isa__link **ret_link);
/** A handle is gone from it. */
void isa__registry_close(struct isa__link *link);
/** And its last callback has returned: the pool's end waits for that. Any loop. */
void isa__registry_on_heard(void);
/** Start what must run before the link's first use. Any thread; cheap when it was done. */
int isa__registry_engage(struct isa__link *link);
bool isa__registry_is_closing(void);
/** Handles on a link. */
uint64_t isa__registry_handles(struct isa__link *link);

/* registry.c, for life.c */
/** From here on isa__registry_open() refuses. @return whether a link exists */
bool isa__registry_refuse_new(void);
void isa__registry_accept_new(void);
void isa__registry_close_all(uint32_t drain_ms);

/* life.c, for registry.c */
/** One more handle will have to hear its last. */
void isa__registry_on_opened(void);
/** The link's machine begins to live, unless it did; while no other thread can begin it. */
void isa__registry_begin_in_life(struct isa__link *link);

#endif
