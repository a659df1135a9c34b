/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the door of the fsm room.
 * Used by: the pool.
 * Must not know: transport.
 */
#ifndef ISA_FSM_H
#define ISA_FSM_H

#include "breaker.h"
#include "budget.h"
#include "machine.h"
#include "retry.h"

#endif
