/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: interceptors: what every call of a handle passes through; and tokens that calls carry.
 * Used by: options.h; applications.
 * Must not know: grpc-core, how calls are made.
 */
#ifndef ISA_INTERCEPTOR_H
#define ISA_INTERCEPTOR_H

#include <isa/error.h>
#include <isa/export.h>
#include <isa/metadata.h>

ISA_BEGIN_DECLS

struct isa_call;
struct isa_message;
struct isa_reply;

struct isa_starting; /* a call that is about to start; opaque, valid during on_start */

/** Hears that a call is about to start, on the thread that makes it, before that function returns. */
typedef void isa_start_fn(struct isa_call *call, struct isa_starting *starting, void *user);
/** Hears a message on its way. */
typedef void isa_pass_fn(struct isa_call *call, const struct isa_message *message, void *user);
/** Hears the end of a call. */
typedef void isa_finish_fn(struct isa_call *call, const struct isa_reply *reply, void *user);

/**
 * What every call of a handle passes through: for logging, metrics, authentication. Start from
 * ISA_INTERCEPTOR_INIT. Of several the first one given is the outermost: it hears starts and messages
 * out first, messages in and the end last.
 */
struct isa_interceptor {
    size_t size;            /* Required. sizeof(struct isa_interceptor) */
    isa_start_fn *on_start; /* Optional. May add metadata or refuse the call. Once for a call. */
    /* Optional. A message was accepted for sending; on the thread that gave it. */
    isa_pass_fn *on_message_out;
    /* Optional. A message came, just before the program hears it; on the handle's loop. */
    isa_pass_fn *on_message_in;
    /* Optional. Just before the program hears it; on the handle's loop. Once for each on_start. */
    isa_finish_fn *on_finish;
    void *user; /* Optional. Handed to all of them; lives as long as the handle */
};

#define ISA_INTERCEPTOR_INIT                                                                       \
    {                                                                                              \
        sizeof(struct isa_interceptor), 0, 0, 0, 0, 0                                              \
    }

/**
 * Inside on_start: send one more entry of metadata with the call.
 *
 * @param starting  What on_start was given.
 * @param header    Copied.
 * @return 0, or  ISA_EINVAL  an argument is NULL, or the name or value is not allowed
 *                ISA_ENOMEM  out of memory
 * @thread any: that of on_start
 * @since  0.1
 */
ISA_API int isa_starting_add_header(struct isa_starting *starting, const struct isa_header *header);

/**
 * Inside on_start: do not make the call. It completes later, with this status, as if the service had
 * said so. The first refusal counts.
 *
 * @param starting  What on_start was given.
 * @param code      Not OK.
 * @param message   Copied, cut to 255 characters. NULL: empty.
 * @return 0, or  ISA_EINVAL  starting is NULL, or code is OK or no status
 * @thread any: that of on_start
 * @since  0.1
 */
ISA_API int isa_starting_refuse(struct isa_starting *starting, enum isa_status_code code,
                                const char *message);

/**
 * Asks for what a call is to carry as its "authorization". On the handle's loop, once for each call,
 * before it starts, and before each resumption of a stream; its deadline runs already. The answer may
 * come at once or later, from any thread: isa_call_give_token() or isa_call_refuse_token(). Until then
 * the call waits. Whoever answers later needs a reference to the call.
 */
typedef void isa_token_fn(struct isa_call *call, void *user);

/**
 * Let a call that waits for its token start.
 *
 * @param call   Call that isa_token_fn was told of. Borrowed.
 * @param value  The value of "authorization", as in "Bearer abc". Copied. Never logged.
 * @return 0, or  ISA_EINVAL  an argument is NULL, or value is empty or not printable ASCII
 *                ISA_ESTATE  the call does not wait for a token, or no longer
 *                ISA_EFORKED the library was in use before a fork
 * @thread any
 * @since  0.1
 */
ISA_API int isa_call_give_token(struct isa_call *call, const char *value);

/**
 * End a call that waits for its token, with UNAUTHENTICATED.
 *
 * @param call     Call that isa_token_fn was told of. Borrowed.
 * @param message  Copied. NULL: empty.
 * @return as isa_call_give_token()
 * @thread any
 * @since  0.1
 */
ISA_API int isa_call_refuse_token(struct isa_call *call, const char *message);

/**
 * The method of a call.
 *
 * @param call  Call, or NULL. Borrowed.
 * @return "/package.Service/Method", as long as the call lives; "" for NULL
 * @thread any
 * @since  0.1
 */
ISA_API const char *isa_call_method(const struct isa_call *call);

ISA_END_DECLS

#endif
