/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what grpc-core's words about a failure mean.
 * Used by: channel.c, call.c.
 * Must not know: channels and calls.
 */
#ifndef ISA_TR_REASON_H
#define ISA_TR_REASON_H

#include "base.h"

/**
 * The reason in a text of grpc-core's. Core gives no code for it, only words; these are the words
 * of 1.51, and of the C library's strerror().
 *
 * @return the reason; ISA_REASON_OTHER when no word is known
 */
enum isa_reason isa__tr_reason_of(const char *text);

/**
 * Whether the message of an UNAVAILABLE status is core's own, about the connection, and not the
 * service's. Core marks both alike ("received from peer"), so the words have to tell.
 */
bool isa__tr_is_words_of_core(const char *text);

/** Whether core says with it that the service has not seen the call, and will not. */
bool isa__tr_is_unsent(const char *text);
/** And that nobody has tried to connect for it: its connection had just ended, or takes no new calls. */
bool isa__tr_is_unseen(const char *text);

#endif
