/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: on which processor the queue's thread runs.
 * Used by: queue.c, port.c.
 * Must not know: what is completed, what is posted.
 */
#ifndef ISA_TR_FOLLOW_H
#define ISA_TR_FOLLOW_H

#include <stdbool.h>

/** On the queue's thread, first of all. */
void isa__tr_follow_begin(void);
/** Whether the scheduler alone decides where this thread runs. */
bool isa__tr_follow_may_me(void);
/** Where this thread runs; -1: unknown. */
int isa__tr_follow_my_cpu(void);
/**
 * The queue's thread wakes a loop.
 *
 * @param port  Whose; only compared.
 * @param cpu   Where it ran when it was woken last, and had one thing to do; -1: not to be followed.
 */
void isa__tr_follow(const void *port, int cpu);

#endif
