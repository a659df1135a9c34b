/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a story of two ends: they connect although segments are lost, then both close.
 * Used by: ctest, which compares what it prints with handshake.expected.
 * Must not know: how the machine works.
 */
#include "end.h"

#include <stdio.h>
#include <stdlib.h>

static void send(struct end *from, enum handshake_event segment)
{
    const bool is_lost = from->losses > 0;

    printf("%s: %s%s\n", from->name, handshake_event_name(segment), is_lost ? " (lost)" : "");
    if (is_lost) {
        from->losses--;
        return;
    }
    if (from->peer->arriving_count == LINE_LENGTH)
        abort();
    from->peer->arriving[from->peer->arriving_count++] = segment;
}

void handshake_act_send_syn(struct end *ctx)
{
    send(ctx, HANDSHAKE_EV_SYN);
}

void handshake_act_send_syn_ack(struct end *ctx)
{
    send(ctx, HANDSHAKE_EV_SYN_ACK);
}

void handshake_act_send_ack(struct end *ctx)
{
    send(ctx, HANDSHAKE_EV_ACK);
}

void handshake_act_send_fin(struct end *ctx)
{
    send(ctx, HANDSHAKE_EV_FIN);
}

void handshake_act_send_reset(struct end *ctx)
{
    send(ctx, HANDSHAKE_EV_RESET);
}

void handshake_act_report_up(struct end *ctx)
{
    printf("%s: up\n", ctx->name);
}

void handshake_act_report_failed(struct end *ctx)
{
    printf("%s: failed\n", ctx->name);
}

void handshake_arm(struct end *ctx, enum handshake_timer timer)
{
    static const int ticks[HANDSHAKE_TIMER_COUNT] = {
        [HANDSHAKE_TIMER_REPEAT] = 2,
        [HANDSHAKE_TIMER_PATIENCE] = 9,
        [HANDSHAKE_TIMER_LAST_SEGMENTS] = 4,
    };

    ctx->due[timer] = ticks[timer];
}

void handshake_disarm(struct end *ctx, enum handshake_timer timer)
{
    ctx->due[timer] = 0;
}

void handshake_on_unexpected(struct end *ctx, enum handshake_state state, enum handshake_event ev)
{
    printf("%s: unexpected %s in %s\n", ctx->name, handshake_event_name(ev),
           handshake_state_name(state));
}

static void receive_all(struct end *end)
{
    while (end->arriving_count > 0) {
        const enum handshake_event segment = end->arriving[0];

        end->arriving_count--;
        for (int i = 0; i < end->arriving_count; i++)
            end->arriving[i] = end->arriving[i + 1];
        (void)handshake_dispatch(end, segment, NULL);
    }
}

static void tick(struct end *end)
{
    for (int t = 0; t < HANDSHAKE_TIMER_COUNT; t++)
        if (end->due[t] > 0 && --end->due[t] == 0)
            (void)handshake_dispatch(end, (enum handshake_event)((int)HANDSHAKE_TM_REPEAT + t),
                                     NULL);
}

static void let_pass(struct end *a, struct end *b, int ticks)
{
    for (int i = 0; i < ticks; i++) {
        while (a->arriving_count > 0 || b->arriving_count > 0) {
            receive_all(a);
            receive_all(b);
        }
        tick(a);
        tick(b);
    }
    printf("-- %s is %s, %s is %s\n", a->name, handshake_state_name(handshake_current(a)), b->name,
           handshake_state_name(handshake_current(b)));
}

int main(void)
{
    static struct end client = { .name = "client" }, server = { .name = "server" };

    client.peer = &server;
    server.peer = &client;
    handshake_init(&client);
    handshake_init(&server);

    (void)handshake_listen(&server);
    client.losses = 1; /* the first SYN */
    server.losses = 1; /* the first SYN_ACK */
    (void)handshake_connect(&client);
    let_pass(&client, &server, 5);

    client.losses = 1; /* the first FIN */
    (void)handshake_close(&client);
    let_pass(&client, &server, 3);
    server.losses = 1;
    (void)handshake_close(&server);
    let_pass(&client, &server, 8);

    client.losses = 99; /* nobody hears it */
    (void)handshake_connect(&client);
    let_pass(&client, &server, 12);
    return 0;
}
