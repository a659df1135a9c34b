/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the test of a program that loads the library while it runs, uses it, and closes it.
 * Must not know: the rooms behind the public headers.
 */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <ev.h>
#include <isa/isa.h>

typedef int open_fn(struct ev_loop *loop, const char *target,
                    const struct isa_conn_options *options, struct isa_conn **ret_conn);
typedef int connect_fn(struct isa_conn *conn);

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)timer, (void)events;
    ev_break(loop, EVBREAK_ALL);
}

/* ISO C has no conversion from a pointer to a function's. */
static void look_up(void *library, const char *name, void *ret_function)
{
    *(void **)ret_function = dlsym(library, name);
    cr_assert_not_null(*(void **)ret_function, "%s", name);
}

Test(process_unload, a_library_that_was_closed_is_not_taken_from_cores_threads)
{
    void *library = dlopen(ISA_SHARED_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    cr_assert_not_null(library, "%s", dlerror());
    open_fn *open_conn;
    connect_fn *connect_conn;
    look_up(library, "isa_conn_open", &open_conn);
    look_up(library, "isa_conn_connect", &connect_conn);
    struct ev_loop *loop = ev_loop_new(0);
    struct isa_conn *conn;
    ev_timer timer;

    cr_assert_eq(open_conn(loop, "127.0.0.1:1", NULL, &conn), 0);
    cr_assert_eq(connect_conn(conn), 0);
    dlclose(library);
    ev_timer_init(&timer, on_timer, 0.2, 0);
    ev_timer_start(loop, &timer);
    ev_run(loop, 0); /* attempts go on meanwhile, on threads whose code must still be there */

    cr_expect_not_null(dlopen(ISA_SHARED_LIBRARY, RTLD_NOW | RTLD_NOLOAD));
}
