/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of calls that are refused before anything starts, and of references to calls.
 * Used by: ctest.
 * Must not know: grpc-core; tests/live has the calls that run.
 */
#include <criterion/criterion.h>

#include <isa/isa.h>

#include <ev.h>

#include "failing_alloc.h"
#include "proc.h"

static struct ev_loop *loop;
static struct isa_conn *conn;

static void reply(struct isa_call *call, const struct isa_reply *answer, void *user)
{
    (void)call, (void)answer, (void)user;
    cr_assert_fail("what was refused does not complete");
}

static void begin(void)
{
    failing_alloc_install();
    loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_not_null(loop);
    cr_assert_eq(isa_conn_open(loop, "host:1", NULL, &conn), 0);
}

static void end(void)
{
    isa_conn_unref(conn);
    ev_run(loop, 0);
    ev_loop_destroy(loop);
    cr_assert_eq(failing_alloc_live(), 0, "%d allocations were left", (int)failing_alloc_live());
}

static struct isa_unary good_unary(void)
{
    struct isa_unary unary = ISA_UNARY_INIT;
    unary.method = "/package.Service/Method";
    unary.on_reply = reply;
    return unary;
}

static void expect_refused(const struct isa_unary *unary, int error)
{
    struct isa_call *call = NULL;
    int actual = isa_call_unary(conn, unary, &call);
    cr_assert_eq(actual, error, "%s instead of %s", isa_error_name(actual), isa_error_name(error));
    cr_assert_null(call, "outputs are untouched on failure");
}

TestSuite(pool_call, .init = begin);

Test(pool_call, a_call_needs_a_handle_and_its_description)
{
    struct isa_unary unary = good_unary();

    cr_expect_eq(isa_call_unary(NULL, &unary, NULL), ISA_EINVAL);
    cr_expect_eq(isa_call_unary(conn, NULL, NULL), ISA_EINVAL);
    end();
}

Test(pool_call, a_call_needs_a_method_and_a_callback)
{
    struct isa_unary no_method = good_unary();
    struct isa_unary no_callback = good_unary();
    no_method.method = NULL;
    no_callback.on_reply = NULL;

    expect_refused(&no_method, ISA_EINVAL);
    expect_refused(&no_callback, ISA_EINVAL);
    end();
}

Test(pool_call, a_method_is_a_service_and_a_name)
{
    static const char *const methods[] = { "",        "a",           "/",     "//",     "/a",
                                           "/a/",     "//b",         "a/b",   "/a/b c", "/a/b\n",
                                           "/a/\x7f", "/a/\xc3\xa9", " /a/b", "/\x01/b" };

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        struct isa_unary unary = good_unary();
        unary.method = methods[i];
        expect_refused(&unary, ISA_EINVAL);
    }
    end();
}

Test(pool_call, a_request_comes_in_one_form)
{
    struct isa_unary unary = good_unary();
    unary.request = (const struct ProtobufCMessage *)&unary; /* refused before it is looked at */
    unary.request_bytes.data = "x";

    expect_refused(&unary, ISA_EINVAL);
    unary.request_bytes = (struct isa_bytes){ NULL, 1 };
    expect_refused(&unary, ISA_EINVAL);
    end();
}

Test(pool_call, bytes_without_data_are_refused)
{
    struct isa_unary unary = good_unary();
    unary.request_bytes.size_bytes = 1;

    expect_refused(&unary, ISA_EINVAL);
    end();
}

Test(pool_call, a_deadline_out_of_range_is_refused)
{
    struct isa_unary unary = good_unary();
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.deadline_ms = (uint32_t)INT32_MAX + 1;

    expect_refused(&unary, ISA_EINVAL);
    end();
}

Test(pool_call, what_is_reserved_is_zero)
{
    for (int i = 0; i < 3; i++) {
        struct isa_unary unary = good_unary();
        struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
        unary.options = &options;
        options.reserved[i] = true;
        expect_refused(&unary, ISA_EUNKNOWN_OPTION);
    }
    end();
}

Test(pool_call, a_struct_too_small_for_any_version_is_refused)
{
    struct isa_unary unary = good_unary();

    unary.size = 0;
    expect_refused(&unary, ISA_EINVAL);
    unary.size = offsetof(struct isa_unary, user) - 1;
    expect_refused(&unary, ISA_EINVAL);
    end();
}

Test(pool_call, a_newer_struct_that_sets_something_newer_is_refused)
{
    struct {
        struct isa_unary known;
        uint64_t newer;
    } unary = { good_unary(), 1 };
    unary.known.size = sizeof unary;

    expect_refused(&unary.known, ISA_EUNKNOWN_OPTION);
    end();
}

Test(pool_call, a_refused_call_starts_nothing)
{
    unsigned threads = proc_threads();
    struct isa_unary unary = good_unary();
    unary.method = "nonsense";

    expect_refused(&unary, ISA_EINVAL);

    cr_expect_eq(proc_threads(), threads);
    end();
}

Test(pool_call, null_is_harmless)
{
    cr_expect_null(isa_call_ref(NULL));
    cr_expect_null(isa_call_unref(NULL));
    cr_expect_null(isa_call_conn(NULL));
    isa_call_cancel(NULL);
    end();
}
