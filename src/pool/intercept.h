/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a handle's interceptors, and a call's token.
 * Used by: conn.c, call.c, unary.c, stream.c, through handle.h and call_life.h.
 * Must not know: links, channels.
 */
#ifndef ISA_POOL_INTERCEPT_H
#define ISA_POOL_INTERCEPT_H

#include <isa/interceptor.h>

#include "transport.h"

enum { ISA__REFUSAL_BYTES = 256 };

struct isa_starting {
    struct isa_header *headers; /* of our own; names and values are copies */
    size_t count;
    bool is_refused;
    struct isa_status refusal; /* its message is `text` */
    char text[ISA__REFUSAL_BYTES];
};

/** What every call of a handle passes through. */
struct isa__intercepts {
    isa_token_fn *on_token; /* NULL: calls carry no token of the handle's */
    void *token_user;
    uint32_t count;
    struct isa_interceptor list[];
};

struct isa__call_spec;
struct isa_conn_options;

/** Check and copy; isa__free() it. NULL when there is nothing. @return 0 or ISA_E* */
int isa__intercepts_new(const struct isa_conn_options *options,
                        struct isa__intercepts **ret_intercepts);
/**
 * Let all of them hear of a call, and put what they add into its spec.
 *
 * @param starting  Zero. isa__starting_fini() when the call has been made from the spec.
 * @return 0 or ISA_ENOMEM
 */
int isa__intercept_start(struct isa_call *call, struct isa__call_spec *spec,
                         struct isa_starting *starting);
void isa__starting_fini(struct isa_starting *starting);
void isa__intercept_out(struct isa_call *call, struct ProtobufCMessage *message,
                        struct isa_bytes bytes);
void isa__intercept_in(struct isa_call *call, const struct isa_message *message);
void isa__intercept_finish(struct isa_call *call, const struct isa_reply *reply);

struct isa__link_call;
struct isa__token; /* a call's wait for its token */
/** Whether the way to the target is private, or the program does not mind. */
bool isa__token_may_travel(const struct isa_conn_options *settings, const char *canonical);
/** @return 0, or ISA_EINVAL: the handle asks for tokens that may not travel */
int isa__token_check(const struct isa_conn_options *settings, const char *canonical,
                     struct isa__text *why);
/** A token is to be asked for. @return 0 or ISA_ENOMEM */
int isa__token_new(struct isa_call *call, isa_token_fn *fn, void *user,
                   struct isa__token **ret_token);
void isa__token_free(struct isa__token *token);
/** Ask for it, later; then the call starts or is refused. */
void isa__token_ask(struct isa_call *call);
/** Control loop: the call has rested; ask for a token anew, then it is resubmitted or ends. */
void isa__token_on_rested(struct isa__link_call *link_call);
/** Control loop: the call was cancelled. @return whether it waited for its token, and ends now */
bool isa__token_cancel(struct isa_call *call, const struct isa_status *status);
/** Loop: the call completes. */
void isa__token_stop(struct isa__token *token);

#endif
