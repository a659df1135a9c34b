/* Made by protoc-gen-isa from nopackage.proto, do not edit. */
#ifndef ISA_STUBS_nopackage_2eproto
#define ISA_STUBS_nopackage_2eproto

#include <isa/isa.h>

#include "nopackage.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- service thread ----
 */

/**
 * The end of /thread/local, exactly once.
 *
 * @param response  What came back, valid during the callback; NULL unless the call ended with OK.
 */
typedef void thread_local__fn(
    struct isa_call *call, const Void *response, const struct isa_reply *reply, void *user);

/**
 * Unary call: /thread/local
 *
 * @param conn      Handle. Borrowed; the call keeps it alive.
 * @param request   What is sent. Packed before this returns.
 * @param options   How the call is made. Copied. NULL: the defaults.
 * @param on_done   Hears the end, exactly once, on the handle's loop.
 * @param user      Handed to on_done.
 * @param ret_call  Receives a reference. May be NULL.
 * @return 0, or what isa_call_unary() refuses
 * @thread any
 */
int thread_local_(
    struct isa_conn *conn, const Void *request, const struct isa_call_options *options,
    thread_local__fn *on_done, void *user, struct isa_call **ret_call);

#ifdef __cplusplus
}
#endif

#endif
