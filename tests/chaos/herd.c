/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: many clients of one server that dies and returns: how close together they dial.
 * Used by: ctest, and a shell: isa-herd [--clients N] [--rounds N] [--down MS]
 * Must not know: the rooms behind the public headers.
 *
 * Each client has a channel of its own, because one of its settings differs. A dial is a change to
 * CONNECTING. Of all dials from the death until everybody is READY no 100 ms may hold more than a
 * quarter.
 */
#include <isa/isa.h>

#include "clock.h"
#include "verdict.h"

#include <ev.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "peers/peers.h"

enum {
    CLIENTS_MAX = 2000,
    DIALS_MAX = 1000000,
    WINDOW_US = 100000,
    SHARE_MAX_PERCENT = 25,
    SETTLE_MS = 300,
    PATIENCE_MS = 30000,
    TIMEOUT_MS = 20000,
    DRAIN_MS = 3000
};

struct client {
    struct isa_conn *conn;
    uint64_t dialed_us; /* its last dial */
};

struct dials {
    uint64_t at_us[DIALS_MAX];
    size_t count;
};

static struct ev_loop *loop;
static struct client clients[CLIENTS_MAX];
static unsigned client_count = 200;
static unsigned ready_count;
static struct dials all;  /* of this round */
static struct dials last; /* of these, the one by which each client came back */

static void note_dial(struct dials *dials, uint64_t at_us)
{
    if (dials->count < DIALS_MAX)
        dials->at_us[dials->count++] = at_us;
}

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct client *client = user;
    (void)conn;
    if (change->to == ISA_STATE_CONNECTING) {
        client->dialed_us = clock_us();
        note_dial(&all, client->dialed_us);
    }
    if (change->to == ISA_STATE_READY)
        note_dial(&last, client->dialed_us);
    ready_count += change->to == ISA_STATE_READY;
    ready_count -= change->from == ISA_STATE_READY;
}

static void on_time(struct ev_loop *of, ev_timer *timer, int revents)
{
    (void)of, (void)revents;
    *(bool *)timer->data = true;
}

/* Until so many are READY, or as long as it takes when there is no such number. */
static bool run(unsigned ready_wanted, unsigned ms)
{
    bool is_over = false;
    ev_timer timer;
    ev_timer_init(&timer, on_time, ms / 1e3, 0.);
    timer.data = &is_over;
    ev_now_update(loop);
    ev_timer_start(loop, &timer);
    while (!is_over && ready_count != ready_wanted)
        ev_run(loop, EVRUN_ONCE);
    ev_timer_stop(loop, &timer);
    return ready_count == ready_wanted;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The fullest window, as a share of all, in percent. */
static double fullest(struct dials *dials)
{
    size_t most = 0;
    size_t begin = 0;
    qsort(dials->at_us, dials->count, sizeof *dials->at_us, compare);
    for (size_t end = 0; end < dials->count; end++) {
        while (dials->at_us[end] - dials->at_us[begin] >= WINDOW_US)
            begin++;
        if (end - begin + 1 > most)
            most = end - begin + 1;
    }
    return dials->count ? 100. * (double)most / (double)dials->count : 0.;
}

static void open_all(const char *target)
{
    for (unsigned i = 0; i < client_count; i++) {
        struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
        options.attempt_timeout_ms = TIMEOUT_MS + i;
        options.on_state = on_state;
        options.user = &clients[i];
        if (isa_conn_open(loop, target, &options, &clients[i].conn) < 0 ||
            isa_conn_connect(clients[i].conn) < 0)
            abort();
    }
    must_hold(run(client_count, PATIENCE_MS), "%u of %u are READY at the start", ready_count,
              client_count);
}

static void play(struct peer *server, unsigned round, unsigned down_ms)
{
    run(client_count + 1, SETTLE_MS);
    all.count = last.count = 0;
    peer_kill(server);
    run(client_count + 1, down_ms);
    peer_restart(server);
    uint64_t began_us = clock_us();
    must_hold(run(client_count, PATIENCE_MS), "only %u of %u came back", ready_count, client_count);
    double took_ms = (double)(clock_us() - began_us) / 1e3;
    double share = fullest(&all);
    printf("round %u, away for %u ms: %zu dials, %.1f %% of them in the fullest 100 ms; all READY "
           "after %.0f ms; of the dials that came through %.1f %% in the fullest 100 ms\n",
           round, down_ms, all.count, share, took_ms, fullest(&last));
    fflush(stdout);
    must_hold(share <= SHARE_MAX_PERCENT, "%.1f %% of the dials within 100 ms", share);
}

static void on_done(void *user)
{
    *(bool *)user = true;
}

static void close_all(void)
{
    bool is_done = false;
    must_hold(isa_pool_shutdown(loop, DRAIN_MS, on_done, &is_done) == 0, "no shutdown");
    ev_run(loop, 0);
    must_hold(is_done, "the loop ended before the pool was gone");
    for (unsigned i = 0; i < client_count; i++)
        isa_conn_unref(clients[i].conn);
    ev_loop_destroy(loop);
}

int main(int argc, char **argv)
{
    static const struct option options[] = { { "clients", required_argument, NULL, 'c' },
                                             { "rounds", required_argument, NULL, 'r' },
                                             { "down", required_argument, NULL, 'd' },
                                             { NULL, 0, NULL, 0 } };
    unsigned rounds = 3;
    unsigned down_ms = 1000;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        unsigned value = optarg ? (unsigned)strtoul(optarg, NULL, 10) : 0;
        if (c == 'c')
            client_count = value;
        else if (c == 'r')
            rounds = value;
        else if (c == 'd')
            down_ms = value;
        else
            client_count = 0;
    }
    if (client_count < 1 || client_count > CLIENTS_MAX || optind != argc) {
        fprintf(stderr, "usage: isa-herd [--clients 1..%d] [--rounds N] [--down MS]\n",
                CLIENTS_MAX);
        return 2;
    }
    verdict_begin(0);
    struct peer *server = peer_new("grpc");
    loop = ev_loop_new(EVFLAG_AUTO);
    open_all(peer_target(server));
    for (unsigned i = 1; i <= rounds; i++)
        play(server, i, down_ms);
    close_all();
    peer_free(server);
    return verdict_count() ? EXIT_FAILURE : EXIT_SUCCESS;
}
