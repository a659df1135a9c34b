/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the services of the chaos run, and what can be done to them.
 * Used by: chaos_fate.c.
 * Must not know: when it is done, and what comes of it.
 */
#include "chaos_faults.h"

#include <stdio.h>
#include <stdlib.h>

#include "peers/peers.h"

#define SERVER "grpc min_ping_ms=100 ping_strikes=1000"

struct site {
    struct peer *server;
    struct peer *proxy; /* NULL: clients speak to the server itself */
};

static void kill_server(struct site *site, struct dice *dice)
{
    (void)dice;
    peer_kill(site->server);
}

static void restart_server(struct site *site)
{
    peer_restart_as(site->server, SERVER);
}

static void stop_server(struct site *site, struct dice *dice)
{
    (void)dice;
    peer_stop(site->server);
}

static void continue_server(struct site *site)
{
    peer_continue(site->server);
}

static void drain_server(struct site *site, struct dice *dice)
{
    (void)dice;
    peer_tell(site->server, "drain");
}

static void cut_server(struct site *site, struct dice *dice)
{
    (void)dice;
    peer_tell(site->server, "cut");
}

static void take_down(struct site *site, struct dice *dice)
{
    (void)dice;
    peer_tell(site->server, "down");
}

static void bring_up(struct site *site)
{
    peer_tell(site->server, "up");
}

/* Something else answers at its address. */
static void impersonate(struct site *site, struct dice *dice)
{
    static const char *const modes[] = { "silent",
                                         "garbage",
                                         "http1",
                                         "half-settings",
                                         "reset-on-accept",
                                         "reset-after-headers",
                                         "mute",
                                         "goaway-after-settings",
                                         "truncated-frame",
                                         "never-answers" };
    peer_kill(site->server);
    peer_restart_as(site->server, "raw mode=%s",
                    modes[dice_below(dice, sizeof modes / sizeof *modes)]);
}

static void end_impostor(struct site *site)
{
    peer_kill(site->server);
    restart_server(site);
}

static void cut_lines(struct site *site, struct dice *dice)
{
    (void)dice;
    peer_tell(site->proxy, "cut");
}

static void reset_lines(struct site *site, struct dice *dice)
{
    (void)dice;
    peer_tell(site->proxy, "reset");
}

static void stall_lines(struct site *site, struct dice *dice)
{
    static const char *const ways[] = { "up", "down", "both" };
    peer_tell(site->proxy, "stall %s", ways[dice_below(dice, 3)]);
}

static void heal_lines(struct site *site)
{
    peer_tell(site->proxy, "heal");
}

static void slow_lines(struct site *site, struct dice *dice)
{
    peer_tell(site->proxy, "delay %u %u", 5 + dice_below(dice, 80), dice_below(dice, 40));
}

static void speed_lines(struct site *site)
{
    peer_tell(site->proxy, "delay 0 0");
}

static void shut_door(struct site *site, struct dice *dice)
{
    peer_tell(site->proxy, "refuse");
    peer_tell(site->proxy, dice_below(dice, 2) ? "cut" : "reset");
}

static void open_door(struct site *site)
{
    peer_tell(site->proxy, "listen");
}

static struct fault server_faults[] = {
    { "kill", kill_server, restart_server, 1500, true, false, true, false, 0, 0. },
    { "stop", stop_server, continue_server, 2500, false, true, false, false, 0, 0. },
    { "drain", drain_server, NULL, 0, false, false, true, true, 0, 0. },
    { "cut", cut_server, NULL, 0, false, false, true, false, 0, 0. },
    { "down", take_down, bring_up, 1000, true, false, true, false, 0, 0. },
    { "impostor", impersonate, end_impostor, 1200, false, false, true, false, 0, 0. },
};

static struct fault line_faults[] = {
    { "line cut", cut_lines, NULL, 0, false, false, true, false, 0, 0. },
    { "line reset", reset_lines, NULL, 0, false, false, true, false, 0, 0. },
    { "line stalled", stall_lines, heal_lines, 2500, false, true, false, false, 0, 0. },
    { "line slow", slow_lines, speed_lines, 1000, false, false, false, false, 0, 0. },
    { "line refused", shut_door, open_door, 1000, true, false, true, false, 0, 0. },
};

enum {
    SERVER_FAULTS = sizeof server_faults / sizeof *server_faults,
    LINE_FAULTS = sizeof line_faults / sizeof *line_faults
};

/* Half of the services are spoken to directly; the connections of the last two grow old as well. */
struct site *site_new(struct target *target, unsigned number)
{
    struct site *site = calloc(1, sizeof *site);
    if (!site)
        abort();
    bool is_direct = number < TARGETS / 2;
    bool grows_old = number >= TARGETS - 2;
    site->server =
        peer_new(SERVER "%s", grows_old ? " max_age_ms=3000 max_age_grace_ms=20000" : "");
    if (!is_direct)
        site->proxy = peer_new("proxy to=%u", peer_port(site->server));
    target->address = peer_target(is_direct ? site->server : site->proxy);
    target->grows_old = grows_old;
    target->has_traffic = number % (TARGETS / 2) != 0;
    return site;
}

void site_free(struct site *site)
{
    peer_free(site->proxy);
    peer_free(site->server);
    free(site);
}

struct fault *fault_draw(const struct site *site, struct dice *dice)
{
    return site->proxy ? &line_faults[dice_below(dice, LINE_FAULTS)]
                       : &server_faults[dice_below(dice, SERVER_FAULTS)];
}

static void print_faults(const struct fault *faults, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        printf("  %-13s %5u, usable after %7.1f ms at worst\n", faults[i].name, faults[i].count,
               faults[i].worst_ms);
}

void faults_print(void)
{
    print_faults(server_faults, SERVER_FAULTS);
    print_faults(line_faults, LINE_FAULTS);
}
