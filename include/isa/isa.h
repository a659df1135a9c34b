/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the one include a program needs.
 * Used by: applications.
 * Must not know: grpc-core, libev's or protobuf-c's headers.
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
