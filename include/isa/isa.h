/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the one include a program needs.
 * Used by: applications.
 * Must not know: grpc-core, libev's or protobuf-c's headers.
 *
 * What a program must not do to the library:
 * - throw an exception, or longjmp(), out of a callback: it would leave calls of the same round undone.
 *   A callback in C++ catches what it throws.
 * - pthread_cancel() a thread that may be inside a function of the library, or pthread_exit() in a
 *   callback: what that thread holds would stay locked. Make it return instead.
 * - ev_loop_destroy() a loop inside a callback of that loop: libev does not allow it. Call ev_break(),
 *   and destroy the loop after ev_run() has returned; its calls and handles then end as cancelled.
 * - dlclose() it to be rid of it: the library stays loaded, since grpc-core's threads may outlive it.
 */
#ifndef ISA_H
#define ISA_H

#include <isa/call.h>
#include <isa/conn.h>
#include <isa/error.h>
#include <isa/guard.h>
#include <isa/health.h>
#include <isa/hooks.h>
#include <isa/interceptor.h>
#include <isa/metadata.h>
#include <isa/options.h>
#include <isa/pool.h>
#include <isa/state.h>
#include <isa/stream.h>
#include <isa/tls.h>
#include <isa/version.h>

#endif
