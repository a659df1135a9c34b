/* Made by protoc-gen-isa from kinds.proto, do not edit. */
#ifndef ISA_STUBS_kinds_2eproto
#define ISA_STUBS_kinds_2eproto

#include <isa/isa.h>

#include "kinds.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- service my.HTTPPkg_x2.v1beta.KV_Store ----
 * The four kinds of calls.
 *
 * A second paragraph, and what would end a comment: * / or begin one: / * or is a trigraph: ? ?/
 */

/**
 * The end of /my.HTTPPkg_x2.v1beta.KV_Store/Range, exactly once.
 *
 * @param response  What came back, valid during the callback; NULL unless the call ended with OK.
 */
typedef void my_httppkg_x2_v1beta_kv_store_range_fn(
    struct isa_call *call, const My__HTTPPkgX2__V1beta__Response *response,
    const struct isa_reply *reply, void *user);

/**
 * Read one key
 *   or a range of keys.
 *
 * Unary call: /my.HTTPPkg_x2.v1beta.KV_Store/Range
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
int my_httppkg_x2_v1beta_kv_store_range(
    struct isa_conn *conn, const My__HTTPPkgX2__V1beta__Request *request,
    const struct isa_call_options *options, my_httppkg_x2_v1beta_kv_store_range_fn *on_done,
    void *user, struct isa_call **ret_call);

/**
 * The end of /my.HTTPPkg_x2.v1beta.KV_Store/Delete, exactly once.
 *
 * @param response  What came back, valid during the callback; NULL unless the call ended with OK.
 */
typedef void my_httppkg_x2_v1beta_kv_store_delete_fn(
    struct isa_call *call, const My__HTTPPkgX2__V1beta__Response *response,
    const struct isa_reply *reply, void *user);

/**
 * Unary call: /my.HTTPPkg_x2.v1beta.KV_Store/Delete
 *
 * Deprecated by its interface.
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
int my_httppkg_x2_v1beta_kv_store_delete(
    struct isa_conn *conn, const My__HTTPPkgX2__V1beta__Request *request,
    const struct isa_call_options *options, my_httppkg_x2_v1beta_kv_store_delete_fn *on_done,
    void *user, struct isa_call **ret_call)
    PROTOBUF_C__DEPRECATED;

/** A message of /my.HTTPPkg_x2.v1beta.KV_Store/Watch; valid during the callback. */
typedef void my_httppkg_x2_v1beta_kv_store_watch_message_fn(
    struct isa_call *call, const My__HTTPPkgX2__V1beta__Response *message, void *user);

/** What is told of /my.HTTPPkg_x2.v1beta.KV_Store/Watch.
 *  Start from MY_HTTPPKG_X2_V1BETA_KV_STORE_WATCH_EVENTS_INIT. */
struct my_httppkg_x2_v1beta_kv_store_watch_events {
    size_t size; /* Required. */
    my_httppkg_x2_v1beta_kv_store_watch_message_fn *on_message; /* Optional. Each message. */
    isa_reply_fn *on_end; /* Required. The end, exactly once. */
    isa_headers_fn *on_headers; /* Optional. The peer's initial metadata. */
    isa_writable_fn *on_writable; /* Optional. There is room again. */
    /* Optional. It broke off; ..._resume() inside goes on. */
    isa_resume_fn *on_resume;
    void *user; /* Optional. Handed to each of them. */
    uint32_t high_water_bytes; /* Optional. As in struct isa_stream. */
    uint32_t low_water_bytes;
    bool reads_on_demand; /* Optional. Messages come when isa_call_read() asks. */
    bool reserved[7]; /* zero */
};

#define MY_HTTPPKG_X2_V1BETA_KV_STORE_WATCH_EVENTS_INIT \
    { sizeof(struct my_httppkg_x2_v1beta_kv_store_watch_events), \
      0, 0, 0, 0, 0, 0, 0, 0, false, { false, false, false, false, false, false, false } }

/**
 * Bidirectional,
 * in the other style.
 *
 * Bidirectional stream: /my.HTTPPkg_x2.v1beta.KV_Store/Watch
 *
 * @param conn      Handle. Borrowed; the call keeps it alive.
 * @param request   The first message, or NULL: none yet. Packed before this returns.
 * @param options   How the call is made. Copied. NULL: the defaults.
 * @param events    What is told, on the handle's loop. Copied.
 * @param ret_call  Receives a reference. May be NULL.
 * @return 0, or what isa_call_stream() refuses
 * @thread any
 */
int my_httppkg_x2_v1beta_kv_store_watch(
    struct isa_conn *conn, const My__HTTPPkgX2__V1beta__Request *request,
    const struct isa_call_options *options,
    const struct my_httppkg_x2_v1beta_kv_store_watch_events *events, struct isa_call **ret_call);

/** One more message. See isa_call_write(). [loop] */
static inline int my_httppkg_x2_v1beta_kv_store_watch_write(
    struct isa_call *call, const My__HTTPPkgX2__V1beta__Request *message)
{
    return isa_call_write(call, (const struct ProtobufCMessage *)message);
}

/** In on_resume only. See isa_call_resume(). [loop] */
static inline int my_httppkg_x2_v1beta_kv_store_watch_resume(
    struct isa_call *call, const My__HTTPPkgX2__V1beta__Request *request)
{
    return isa_call_resume(call, (const struct ProtobufCMessage *)request);
}

/** A message of /my.HTTPPkg_x2.v1beta.KV_Store/ListAll; valid during the callback. */
typedef void my_httppkg_x2_v1beta_kv_store_list_all_message_fn(
    struct isa_call *call, const Google__Protobuf__Timestamp *message, void *user);

/** What is told of /my.HTTPPkg_x2.v1beta.KV_Store/ListAll.
 *  Start from MY_HTTPPKG_X2_V1BETA_KV_STORE_LIST_ALL_EVENTS_INIT. */
struct my_httppkg_x2_v1beta_kv_store_list_all_events {
    size_t size; /* Required. */
    my_httppkg_x2_v1beta_kv_store_list_all_message_fn *on_message; /* Optional. Each message. */
    isa_reply_fn *on_end; /* Required. The end, exactly once. */
    isa_headers_fn *on_headers; /* Optional. The peer's initial metadata. */
    /* Optional. It broke off; ..._resume() inside goes on. */
    isa_resume_fn *on_resume;
    void *user; /* Optional. Handed to each of them. */
    bool reads_on_demand; /* Optional. Messages come when isa_call_read() asks. */
    bool reserved[7]; /* zero */
};

#define MY_HTTPPKG_X2_V1BETA_KV_STORE_LIST_ALL_EVENTS_INIT \
    { sizeof(struct my_httppkg_x2_v1beta_kv_store_list_all_events), \
      0, 0, 0, 0, 0, false, { false, false, false, false, false, false, false } }

/**
 * Server streaming: /my.HTTPPkg_x2.v1beta.KV_Store/ListAll
 *
 * @param conn      Handle. Borrowed; the call keeps it alive.
 * @param request   What is sent. Packed before this returns.
 * @param options   How the call is made. Copied. NULL: the defaults.
 * @param events    What is told, on the handle's loop. Copied.
 * @param ret_call  Receives a reference. May be NULL.
 * @return 0, or what isa_call_stream() refuses
 * @thread any
 */
int my_httppkg_x2_v1beta_kv_store_list_all(
    struct isa_conn *conn, const My__HTTPPkgX2__V1beta__Request *request,
    const struct isa_call_options *options,
    const struct my_httppkg_x2_v1beta_kv_store_list_all_events *events, struct isa_call **ret_call);

/** In on_resume only. See isa_call_resume(). [loop] */
static inline int my_httppkg_x2_v1beta_kv_store_list_all_resume(
    struct isa_call *call, const My__HTTPPkgX2__V1beta__Request *request)
{
    return isa_call_resume(call, (const struct ProtobufCMessage *)request);
}

/**
 * The end of /my.HTTPPkg_x2.v1beta.KV_Store/HTTPUpload2, exactly once.
 *
 * @param response  What came back, valid during the callback; NULL unless the call ended with OK.
 */
typedef void my_httppkg_x2_v1beta_kv_store_httpupload2_fn(
    struct isa_call *call, const My__HTTPPkgX2__V1beta__Response__Inner *response,
    const struct isa_reply *reply, void *user);

/** What is told of /my.HTTPPkg_x2.v1beta.KV_Store/HTTPUpload2.
 *  Start from MY_HTTPPKG_X2_V1BETA_KV_STORE_HTTPUPLOAD2_EVENTS_INIT. */
struct my_httppkg_x2_v1beta_kv_store_httpupload2_events {
    size_t size; /* Required. */
    my_httppkg_x2_v1beta_kv_store_httpupload2_fn *on_done; /* Required. The end, exactly once. */
    isa_headers_fn *on_headers; /* Optional. The peer's initial metadata. */
    isa_writable_fn *on_writable; /* Optional. There is room again. */
    /* Optional. It broke off; ..._resume() inside goes on. */
    isa_resume_fn *on_resume;
    void *user; /* Optional. Handed to each of them. */
    uint32_t high_water_bytes; /* Optional. As in struct isa_stream. */
    uint32_t low_water_bytes;
};

#define MY_HTTPPKG_X2_V1BETA_KV_STORE_HTTPUPLOAD2_EVENTS_INIT \
    { sizeof(struct my_httppkg_x2_v1beta_kv_store_httpupload2_events), \
      0, 0, 0, 0, 0, 0, 0 }

/**
 * Client streaming: /my.HTTPPkg_x2.v1beta.KV_Store/HTTPUpload2
 *
 * @param conn      Handle. Borrowed; the call keeps it alive.
 * @param request   The first message, or NULL: none yet. Packed before this returns.
 * @param options   How the call is made. Copied. NULL: the defaults.
 * @param events    What is told, on the handle's loop. Copied.
 * @param ret_call  Receives a reference. May be NULL.
 * @return 0, or what isa_call_stream() refuses
 * @thread any
 */
int my_httppkg_x2_v1beta_kv_store_httpupload2(
    struct isa_conn *conn, const My__Parts__Part *request, const struct isa_call_options *options,
    const struct my_httppkg_x2_v1beta_kv_store_httpupload2_events *events,
    struct isa_call **ret_call);

/** One more message. See isa_call_write(). [loop] */
static inline int my_httppkg_x2_v1beta_kv_store_httpupload2_write(
    struct isa_call *call, const My__Parts__Part *message)
{
    return isa_call_write(call, (const struct ProtobufCMessage *)message);
}

/** In on_resume only. See isa_call_resume(). [loop] */
static inline int my_httppkg_x2_v1beta_kv_store_httpupload2_resume(
    struct isa_call *call, const My__Parts__Part *request)
{
    return isa_call_resume(call, (const struct ProtobufCMessage *)request);
}

/**
 * The end of /my.HTTPPkg_x2.v1beta.KV_Store/HTTPUpload2_write, exactly once.
 *
 * @param response  What came back, valid during the callback; NULL unless the call ended with OK.
 */
typedef void my_httppkg_x2_v1beta_kv_store_httpupload2_write__fn(
    struct isa_call *call, const My__Parts__Empty *response, const struct isa_reply *reply,
    void *user);

/**
 * Its name is that of the function which writes to the one above.
 *
 * Unary call: /my.HTTPPkg_x2.v1beta.KV_Store/HTTPUpload2_write
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
int my_httppkg_x2_v1beta_kv_store_httpupload2_write_(
    struct isa_conn *conn, const My__Parts__Part__Piece *request,
    const struct isa_call_options *options,
    my_httppkg_x2_v1beta_kv_store_httpupload2_write__fn *on_done, void *user,
    struct isa_call **ret_call);

/* ---- service my.HTTPPkg_x2.v1beta.Nothing ----
 */

/* ---- service my.HTTPPkg_x2.v1beta.static ----
 * Its method's name would be a word of C.
 */

/**
 * The end of /my.HTTPPkg_x2.v1beta.static/assert, exactly once.
 *
 * @param response  What came back, valid during the callback; NULL unless the call ended with OK.
 */
typedef void my_httppkg_x2_v1beta_static_assert_fn(
    struct isa_call *call, const My__HTTPPkgX2__V1beta__Response *response,
    const struct isa_reply *reply, void *user);

/**
 * Unary call: /my.HTTPPkg_x2.v1beta.static/assert
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
int my_httppkg_x2_v1beta_static_assert(
    struct isa_conn *conn, const My__HTTPPkgX2__V1beta__Request *request,
    const struct isa_call_options *options, my_httppkg_x2_v1beta_static_assert_fn *on_done,
    void *user, struct isa_call **ret_call);

#ifdef __cplusplus
}
#endif

#endif
