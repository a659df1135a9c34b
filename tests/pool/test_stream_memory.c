/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: streams without memory, and what isa_call_stream() refuses.
 * Used by: ctest.
 * Must not know: where the library allocates. The peer is a socket that does not exist.
 */
#include <criterion/criterion.h>

#include <isa/isa.h>

#include <ev.h>

#include "failing_alloc.h"

static const char nowhere[] = "unix:/nonexistent/isa.sock";

static struct ev_loop *loop;
static struct isa_conn *conn;
static unsigned ends;
static struct isa_status status;

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call, (void)user;
    ends++;
    status = reply->status;
}

static struct isa_stream good_stream(void)
{
    struct isa_stream stream = ISA_STREAM_INIT;
    stream.method = "/a/b";
    stream.on_end = on_end;
    return stream;
}

static void begin(void)
{
    failing_alloc_install();
    loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_not_null(loop);
    cr_assert_eq(isa_conn_open(loop, nowhere, NULL, &conn), 0);
}

static void end(void)
{
    isa_conn_unref(conn);
    cr_assert_eq(isa_pool_shutdown(loop, 0, NULL, NULL), 0);
    ev_run(loop, 0);
    ev_loop_destroy(loop);
    cr_assert_eq(failing_alloc_live(), 0, "%d allocations were left", (int)failing_alloc_live());
}

TestSuite(pool_stream, .init = begin, .fini = end);

static void on_resume(struct isa_call *call, const struct isa_gap *gap, void *user)
{
    (void)call, (void)gap, (void)user;
}

Test(pool_stream, is_accepted_whole_or_not_at_all)
{
    static const struct isa_header header = { "x-a", { "b", 1 } };
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    struct isa_stream stream = good_stream();
    struct isa_call *call = NULL;
    unsigned nth = 0;
    int error;
    options.headers = &header;
    options.header_count = 1;
    options.authority = "a.example";
    stream.options = &options;
    stream.on_resume = on_resume;
    stream.request_bytes = (struct isa_bytes){ "xyz", 3 };

    do {
        failing_alloc_arm(++nth);
        error = isa_call_stream(conn, &stream, &call);
        bool has_failed = failing_alloc_disarm();
        cr_assert_eq(error, has_failed ? ISA_ENOMEM : 0, "allocation %u: %s", nth,
                     isa_error_name(error));
        cr_assert_eq(call == NULL, error != 0);
    } while (error);
    failing_alloc_arm(1);
    cr_expect_eq(isa_call_write_bytes(call, (struct isa_bytes){ "x", 1 }), ISA_ENOMEM);
    failing_alloc_disarm();
    cr_expect_eq(isa_call_queued_bytes(call), 0);
    cr_expect_eq(isa_call_write_bytes(call, (struct isa_bytes){ "x", 1 }), 0);
    ev_run(loop, 0);

    cr_expect_gt(nth, 5);
    cr_expect_eq(ends, 1);
    cr_expect_eq(status.code, ISA_STATUS_UNAVAILABLE);
    cr_expect_eq(status.reason, ISA_REASON_REFUSED);
    isa_call_unref(call);
}

static void expect_refused(const struct isa_stream *stream, int error)
{
    struct isa_call *call = NULL;
    cr_expect_eq(isa_call_stream(conn, stream, &call), error);
    cr_expect_null(call);
}

Test(pool_stream, what_is_out_of_range_is_refused)
{
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    struct isa_stream stream = good_stream();
    stream.on_end = NULL;
    expect_refused(&stream, ISA_EINVAL);
    stream = good_stream();
    stream.method = "a/b";
    expect_refused(&stream, ISA_EINVAL);
    stream = good_stream();
    stream.high_water_bytes = (1u << 30) + 1;
    expect_refused(&stream, ISA_EINVAL);
    stream = good_stream();
    stream.high_water_bytes = stream.low_water_bytes = 100;
    expect_refused(&stream, ISA_EINVAL);
    stream = good_stream();
    stream.request_bytes.size_bytes = 1;
    expect_refused(&stream, ISA_EINVAL);
    stream = good_stream();
    stream.reserved[2] = true;
    expect_refused(&stream, ISA_EUNKNOWN_OPTION);
    stream = good_stream();
    stream.options = &options;
    options.reserved_tail = 1;
    expect_refused(&stream, ISA_EUNKNOWN_OPTION);
    stream = good_stream();
    stream.size = offsetof(struct isa_stream, user) - 1;
    expect_refused(&stream, ISA_EINVAL);
    cr_expect_eq(isa_call_stream(NULL, &stream, NULL), ISA_EINVAL);
    cr_expect_eq(isa_call_stream(conn, NULL, NULL), ISA_EINVAL);
}

Test(pool_stream, what_only_streams_have_is_refused_without_one)
{
    struct isa_unary unary = ISA_UNARY_INIT;
    struct isa_call *call = NULL;
    unary.method = "/a/b";
    unary.on_reply = on_end;
    cr_assert_eq(isa_call_unary(conn, &unary, &call), 0);

    cr_expect_eq(isa_call_write_bytes(call, (struct isa_bytes){ 0 }), ISA_ESTATE);
    cr_expect_eq(isa_call_half_close(call), ISA_ESTATE);
    cr_expect_eq(isa_call_read(call, 1), ISA_ESTATE);
    cr_expect_eq(isa_call_compress(call, false), ISA_ESTATE);
    cr_expect_eq(isa_call_resume(call, NULL), ISA_ESTATE);
    cr_expect_eq(isa_call_queued_bytes(call), 0);
    cr_expect_eq(isa_call_write(NULL, NULL), ISA_EINVAL);
    cr_expect_eq(isa_call_read(NULL, 1), ISA_EINVAL);
    cr_expect_eq(isa_call_half_close(NULL), ISA_EINVAL);
    cr_expect_eq(isa_call_queued_bytes(NULL), 0);
    ev_run(loop, 0);

    cr_expect_eq(isa_call_write_bytes(call, (struct isa_bytes){ 0 }), ISA_ESTATE);
    isa_call_unref(call);
}
