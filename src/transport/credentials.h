/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a channel of grpc-core is made of, and what to think of its first failure.
 * Used by: channel.c.
 * Must not know: when a channel is made.
 */
#ifndef ISA_TR_CREDENTIALS_H
#define ISA_TR_CREDENTIALS_H

#include "core.h"

/**
 * Core's channel for one attempt. Reads the profile's files.
 *
 * @param why  Receives one sentence when they are missing or broken.
 * @return 0, ISA_EINVAL or ISA_ENOMEM
 */
int isa__tr_core_channel_new(const struct isa__tr_channel_config *config, grpc_channel **ret_core,
                             struct isa__text *why);

#endif
