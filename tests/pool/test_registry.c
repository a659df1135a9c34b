/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of sharing: which handles have one link, and what the pool counts.
 * Used by: ctest.
 * Must not know: what links do; nothing here connects.
 */
#include <criterion/criterion.h>

#include <isa/isa.h>

#include <ev.h>
#include <pthread.h>
#include <stdio.h>

#include "failing_alloc.h"
#include "proc.h"

enum { MANY = 1000 };

static struct ev_loop *loop;
static struct isa_conn *conns[MANY];

static void begin(void)
{
    failing_alloc_install();
    loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_not_null(loop);
}

/* Give back what was opened, and see that nothing is left. */
static void end(void)
{
    for (int i = 0; i < MANY; i++)
        conns[i] = isa_conn_unref(conns[i]);
    ev_run(loop, 0);
    ev_loop_destroy(loop);
    cr_assert_eq(failing_alloc_live(), 0, "%d allocations were left", (int)failing_alloc_live());
}

static void open_at(int index, const char *target, const struct isa_conn_options *options)
{
    int error = isa_conn_open(loop, target, options, &conns[index]);
    cr_assert_eq(error, 0, "%s: %s", target, isa_error_name(error));
}

static struct isa_pool_stats stats_now(void)
{
    struct isa_pool_stats stats = ISA_POOL_STATS_INIT;
    cr_assert_eq(isa_pool_get_stats(&stats), 0);
    return stats;
}

TestSuite(pool_registry, .init = begin);

Test(pool_registry, the_pool_is_born_empty)
{
    struct isa_pool_stats stats = stats_now();

    cr_expect_eq(stats.keys, 0);
    cr_expect_eq(stats.handles, 0);
    cr_expect_eq(stats.opens, 0);
    cr_expect_eq(stats.channels, 0);
    end();
}

Test(pool_registry, one_target_is_one_link)
{
    open_at(0, "host:1", NULL);
    open_at(1, "host:1", NULL);
    open_at(2, "host:1", NULL);

    struct isa_pool_stats stats = stats_now();
    cr_expect_eq(stats.keys, 1);
    cr_expect_eq(stats.handles, 3);
    cr_expect_eq(stats.opens, 3);
    cr_expect_eq(stats.shared_opens, 2);
    cr_expect_eq(stats.channels, 0, "nothing was used");
    end();
}

Test(pool_registry, every_form_of_an_address_is_that_address)
{
    static const char *const forms[][3] = {
        { "host:80", "dns:///HOST:0080", "dns:Host:80" },
        { "1.2.3.4:80", "ipv4:1.2.3.4:80", "dns:///1.2.3.4:80" },
        { "[::1]:80", "ipv6:[0:0::1]:80", "[0:0:0:0:0:0:0:1]:80" },
        { "unix:/run/x", "unix:///run/x", "unix:/run/x" },
    };

    for (int i = 0; i < 12; i++)
        open_at(i, forms[i / 3][i % 3], NULL);

    cr_expect_eq(stats_now().keys, 4);
    cr_expect_eq(stats_now().shared_opens, 8);
    end();
}

Test(pool_registry, different_targets_have_different_links)
{
    static const char *const targets[] = { "host:1",          "host:2",
                                           "host.:1",         "hosts:1",
                                           "1.2.3.4:1",       "[::1]:1",
                                           "unix:host",       "unix-abstract:host",
                                           "dns://ns/host:1", "ipv4:1.2.3.4:1,1.2.3.4:2" };
    enum { TARGETS = sizeof targets / sizeof *targets };

    for (int i = 0; i < TARGETS; i++)
        open_at(i, targets[i], NULL);

    cr_expect_eq(stats_now().keys, TARGETS);
    end();
}

Test(pool_registry, every_key_setting_that_differs_makes_another_link)
{
    enum { VARIANTS = 11 };
    struct isa_conn_options options[VARIANTS];
    for (int i = 0; i < VARIANTS; i++)
        options[i] = (struct isa_conn_options)ISA_CONN_OPTIONS_INIT;
    options[1].backoff_min_ms = 399;
    options[2].backoff_max_ms = 801;
    options[3].backoff_factor = 1.6000000000000003;
    options[4].backoff_jitter = ISA_JITTER_DECORRELATED;
    options[5].dial_floor_ms = 11;
    options[6].connect_timeout_ms = 2001;
    options[7].attempt_timeout_ms = 20001;
    options[8].keepalive_time_ms = 60001;
    options[9].keepalive_timeout_ms = 20001;
    options[10].idle_timeout_ms = 300001;

    for (int i = 0; i < VARIANTS; i++)
        open_at(i, "host:1", &options[i]);

    cr_expect_eq(stats_now().keys, VARIANTS);
    end();
}

Test(pool_registry, every_setting_of_a_profile_that_differs_makes_another_link)
{
    enum { VARIANTS = 12 };
    struct isa_tls_options tls[5];
    struct isa_conn_options options[VARIANTS];
    for (int i = 0; i < VARIANTS; i++)
        options[i] = (struct isa_conn_options)ISA_CONN_OPTIONS_INIT;
    for (int i = 0; i < 5; i++) {
        tls[i] = (struct isa_tls_options)ISA_TLS_OPTIONS_INIT;
        options[1 + i].tls = &tls[i];
    }
    tls[1].roots_file = "/a";
    tls[2].server_name = "a.example";
    tls[3].chain_file = "/a";
    tls[3].key_file = "/b";
    tls[4].chain_file = "/b";
    tls[4].key_file = "/a";
    options[6].user_agent_prefix = "a";
    options[7].authority = "a";
    options[8].service_config = "{}";
    options[9].balancing = ISA_BALANCING_ROUND_ROBIN;
    options[10].max_receive_bytes = 4194304;
    options[11].max_send_bytes = 4194304;

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < VARIANTS; i++)
            open_at(round * VARIANTS + i, "host:1", &options[i]);
    }

    cr_expect_eq(stats_now().keys, VARIANTS);
    cr_expect_eq(stats_now().shared_opens, VARIANTS);
    end();
}

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn, (void)change, (void)user;
}

Test(pool_registry, settings_of_the_handle_alone_are_not_in_the_key)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.deadline_ms = 77;
    options.on_state = on_state;
    options.user = &options;

    open_at(0, "host:1", NULL);
    open_at(1, "host:1", &options);

    cr_expect_eq(stats_now().keys, 1);
    end();
}

Test(pool_registry, a_default_spelled_out_is_the_default)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = 650;
    options.backoff_factor = 1.6;
    options.idle_timeout_ms = 300000;

    open_at(0, "host:1", NULL);
    open_at(1, "host:1", &options);

    cr_expect_eq(stats_now().keys, 1);
    end();
}

Test(pool_registry, handles_on_different_loops_share_a_link)
{
    struct ev_loop *other_loop = ev_loop_new(EVFLAG_AUTO);
    struct isa_conn *other;
    open_at(0, "host:1", NULL);

    cr_assert_eq(isa_conn_open(other_loop, "host:1", NULL, &other), 0);

    cr_expect_eq(stats_now().keys, 1);
    isa_conn_unref(other);
    ev_run(other_loop, 0);
    ev_loop_destroy(other_loop);
    cr_expect_eq(stats_now().handles, 1);
    end();
}

Test(pool_registry, a_thousand_handles_touch_neither_threads_nor_descriptors)
{
    unsigned threads = proc_threads();
    unsigned fds = proc_fds();

    for (int i = 0; i < MANY; i++)
        open_at(i, "host:1", NULL);

    cr_expect_eq(proc_threads(), threads);
    cr_expect_eq(proc_fds(), fds);
    cr_expect_eq(stats_now().keys, 1);
    cr_expect_eq(stats_now().shared_opens, MANY - 1);
    end();
}

Test(pool_registry, a_thousand_links_are_each_found_again)
{
    for (int i = 0; i < MANY / 2; i++) {
        char target[32];
        snprintf(target, sizeof target, "host:%d", i + 1);
        open_at(i, target, NULL);
    }
    for (int i = 0; i < MANY / 2; i++) {
        char target[32];
        snprintf(target, sizeof target, "host:%d", i + 1);
        open_at(MANY / 2 + i, target, NULL);
        cr_expect_str_eq(isa_conn_target(conns[i]), isa_conn_target(conns[MANY / 2 + i]));
    }

    cr_expect_eq(stats_now().keys, MANY / 2);
    cr_expect_eq(stats_now().shared_opens, MANY / 2);
    end();
}

Test(pool_registry, links_leave_in_any_order)
{
    for (int i = 0; i < 200; i++) {
        char target[32];
        snprintf(target, sizeof target, "host:%d", i + 1);
        open_at(i, target, NULL);
    }

    for (int i = 0; i < 200; i++) {
        int index = i * 77 % 200;
        conns[index] = isa_conn_unref(conns[index]);
        ev_run(loop, 0);
        cr_assert_eq(stats_now().keys, 199 - (uint64_t)i);
    }
    end();
}

Test(pool_registry, a_link_goes_with_its_last_handle)
{
    open_at(0, "host:1", NULL);
    open_at(1, "host:1", NULL);

    conns[0] = isa_conn_unref(conns[0]);
    ev_run(loop, 0);
    cr_expect_eq(stats_now().keys, 1);
    conns[1] = isa_conn_unref(conns[1]);
    ev_run(loop, 0);

    cr_expect_eq(stats_now().keys, 0);
    cr_expect_eq(stats_now().handles, 0);
    cr_expect_eq(stats_now().opens, 2, "what has happened stays counted");
    end();
}

enum { THREADS = 8, EACH = 50 };

static void *open_many(void *unused)
{
    struct ev_loop *own = ev_loop_new(EVFLAG_AUTO);
    struct isa_conn *opened[EACH];
    for (int i = 0; i < EACH; i++) {
        char target[32];
        snprintf(target, sizeof target, "host:%d", 1 + i % 5);
        if (isa_conn_open(own, target, NULL, &opened[i]) != 0)
            return "open failed";
    }
    for (int i = 0; i < EACH; i++)
        isa_conn_unref(opened[i]);
    ev_run(own, 0);
    ev_loop_destroy(own);
    return unused;
}

Test(pool_registry, threads_open_and_close_at_once)
{
    pthread_t threads[THREADS];
    void *why;

    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, open_many, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &why);
        cr_expect_null(why);
    }

    cr_expect_eq(stats_now().opens, (uint64_t)THREADS * EACH);
    cr_expect_eq(stats_now().handles, 0);
    cr_expect_eq(stats_now().keys, 0);
    end();
}

/* Statistics and the end. */

Test(pool_registry, statistics_need_a_struct_of_this_version)
{
    struct isa_pool_stats stats = ISA_POOL_STATS_INIT;

    cr_expect_eq(isa_pool_get_stats(NULL), ISA_EINVAL);
    stats.size = sizeof stats - 1;
    cr_expect_eq(isa_pool_get_stats(&stats), ISA_EINVAL);
    stats.size = sizeof stats + 1;

    cr_expect_eq(isa_pool_get_stats(&stats), ISA_EUNKNOWN_OPTION);
    end();
}

static void count_done(void *user)
{
    ++*(int *)user;
}

Test(pool_registry, an_empty_pool_shuts_down_without_starting_anything)
{
    unsigned threads = proc_threads();
    int done = 0;

    cr_assert_eq(isa_pool_shutdown(loop, 1000, count_done, &done), 0);
    cr_expect_eq(done, 0, "a callback comes later");
    ev_run(loop, 0);

    cr_expect_eq(done, 1);
    cr_expect_eq(proc_threads(), threads);
    end();
}

Test(pool_registry, until_a_shutdown_is_over_nothing_can_be_opened)
{
    struct isa_conn *conn = NULL;

    cr_assert_eq(isa_pool_shutdown(loop, 0, NULL, NULL), 0);

    cr_expect_eq(isa_pool_shutdown(loop, 0, NULL, NULL), ISA_ESHUTDOWN);
    cr_expect_eq(isa_conn_open(loop, "host:1", NULL, &conn), ISA_ESHUTDOWN);
    cr_expect_null(conn);
    ev_run(loop, 0);
    cr_expect_eq(isa_conn_open(loop, "host:1", NULL, &conn), 0);
    isa_conn_unref(conn);
    end();
}

Test(pool_registry, a_shutdown_needs_a_loop)
{
    cr_expect_eq(isa_pool_shutdown(NULL, 0, NULL, NULL), ISA_EINVAL);

    open_at(0, "host:1", NULL);
    end();
}
