/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a failed attempt to connect over TLS is put down to, in words that help.
 * Used by: channel.c.
 * Must not know: machines; what becomes of the attempt.
 */
#ifndef ISA_TR_EXPLAIN_H
#define ISA_TR_EXPLAIN_H

#include "core.h"

enum { ISA__TR_EXPLAINED_BYTES = 512 };

struct isa__tr_explanation;
typedef void isa__tr_explained_fn(void *owner, enum isa_reason reason, const char *words);

/**
 * Look once more at a server whose attempt failed, when core's words leave open why. On the control
 * loop.
 *
 * @param words    Core's words for the failure. Borrowed.
 * @param on_done  Called later, once, with the reason and better words or the same; not after a cancel.
 * @return NULL: there is nothing to find out, or no memory for it
 */
struct isa__tr_explanation *isa__tr_explain(const struct isa__tr_channel_config *config,
                                            const char *words, isa__tr_explained_fn *on_done,
                                            void *owner);
void isa__tr_explain_cancel(struct isa__tr_explanation *explanation);

/** Core's words for a failure that nobody looked into, with a remark where that helps. */
void isa__tr_remark(const struct isa__tr_channel_config *config, const char *words,
                    struct isa__text *ret_words);

/** verdict.c: credentials that refuse every server, saying what is wrong with its certificate.
 *  NULL when the profile's material is broken or there is no memory. */
struct grpc_channel_credentials *
isa__tr_refusing_credentials(const struct isa__tr_profile *profile);

/** What stands before the verdict in the words of such a refusal: this, the number of the reason, a space. A
 *  certificate's names may be in the verdict, so no reason is read from its words. */
#define ISA__TR_VERDICT_MARK "verdict: "
/** The verdict on a certificate that has nothing wrong with it. */
#define ISA__TR_VERDICT_GOOD "nothing is wrong with the certificate"

#endif
