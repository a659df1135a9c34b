/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what grpc-core's texts mean, whichever version wrote them.
 * Must not know: channels and calls.
 *
 * Core gives no code for the cause of a failure, only text, and a peer can send any text as its own. So a
 * text alone never decides: it says what to look for, and the channel's state confirms it.
 */
#ifndef ISA_TR_CORE_TEXT_H
#define ISA_TR_CORE_TEXT_H

#include "base.h"
#include "core_version.h"

#include <grpc/status.h>

/** What the end of a call claims. All but DATA must be confirmed by the channel. */
enum isa__claim {
    ISA__CLAIM_DATA, /* nothing about the connection: the peer's status, or core's about this call alone */
    ISA__CLAIM_UNSENT, /* core found no connection for it: no byte was sent */
    ISA__CLAIM_UNSEEN, /* its connection had ended or was drained: it is not acted on, RFC 9113 6.8 */
    ISA__CLAIM_LOST,   /* its connection ended under it */
};

/**
 * @param text          the status' message
 * @param error_string  core's, of the same status
 */
enum isa__claim isa__core_claim(enum isa__core_version version, grpc_status_code code,
                                const char *text, const char *error_string);

/** Whether core made the status from an HTTP status, in an answer that is not gRPC's. */
bool isa__core_is_http_status(const char *text);

/** Why an attempt to connect failed. @return ISA_REASON_OTHER when the text is not known */
enum isa_reason isa__core_reason_of_attempt(const char *text);

/** Why a connection ended, from the text of a call that ended with it and was confirmed.
 *  @return ISA_REASON_PEER_CLOSED when the text does not tell more */
enum isa_reason isa__core_reason_of_end(const char *text);

#endif
