/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a prefork server: one process opens its handle, forks, and each worker uses it.
 * Used by: readers: ask a worker for a key of etcd, one line each.
 *          example-prefork 127.0.0.1:2379 [WORKERS]   then   echo hello | nc 127.0.0.1 PORT
 * Must not know: grpc-core, threads.
 *
 * Opening a handle starts nothing, so it may be inherited. The first call, in each worker, connects: a
 * process has connections of its own. After its first call a process must not fork any more.
 */
#include <isa/isa.h>

#include <ev.h>

#include "etcd_kv.pb-c.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 64, LINE_BYTES = 128 };

static struct isa_conn *conn; /* each process its own copy */
static pid_t workers[WORKERS_MAX];

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    int client = *(int *)user;
    const Etcdserverpb__RangeResponse *response = (const void *)reply->message;
    (void)call;

    if (response == NULL)
        dprintf(client, "%s\n", isa_status_name((int)reply->status.code));
    else if (response->n_kvs == 0)
        dprintf(client, "worker %d: not there\n", (int)getpid());
    else
        dprintf(client, "worker %d: %.*s\n", (int)getpid(), (int)response->kvs[0]->value.len,
                (const char *)response->kvs[0]->value.data);
    close(client);
    free(user);
}

/* A client that says one line, which is a key. A server for the world would read without waiting. */
static void on_client(struct ev_loop *loop, ev_io *io, int revents)
{
    char line[LINE_BYTES];
    int *client = malloc(sizeof *client);
    (void)loop, (void)revents;
    if (client == NULL)
        return;
    *client = accept(io->fd, NULL, NULL);
    ssize_t length = *client < 0 ? 0 : read(*client, line, sizeof line);
    Etcdserverpb__RangeRequest request = ETCDSERVERPB__RANGE_REQUEST__INIT;
    request.key = (ProtobufCBinaryData){ length > 1 ? (size_t)length - 1 : 0, (uint8_t *)line };

    struct isa_unary get = ISA_UNARY_INIT;
    get.method = "/etcdserverpb.KV/Range";
    get.request = &request.base;
    get.reply_type = &etcdserverpb__range_response__descriptor;
    get.on_reply = on_reply;
    get.user = client;
    if (length > 1 && isa_call_unary(conn, &get, NULL) == 0)
        return; /* on_reply() answers */
    if (*client >= 0)
        close(*client);
    free(client);
}

static void on_term(struct ev_loop *loop, ev_signal *signal, int revents)
{
    (void)signal, (void)revents;
    ev_break(loop, EVBREAK_ALL);
}

static int work(struct ev_loop *loop, int listener)
{
    ev_io io;
    ev_signal term;
    ev_loop_fork(loop); /* libev wants to know */
    ev_io_init(&io, on_client, listener, EV_READ);
    ev_signal_init(&term, on_term, SIGTERM); /* no thread of the library takes it */
    ev_io_start(loop, &io);
    ev_signal_start(loop, &term);
    ev_run(loop, 0);
    isa_conn_unref(conn);
    return 0; /* leaving without isa_pool_shutdown() is fine */
}

static int listen_somewhere(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    /* A client wakes all workers, and one of them gets it: the others must not wait in accept(). */
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) < 0 ||
        listen(listener, SOMAXCONN) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) < 0)
        return -1;
    printf("listening at 127.0.0.1:%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void stop_workers(int number)
{
    for (int i = 0; i < WORKERS_MAX && workers[i] > 0; i++)
        kill(workers[i], number);
}

int main(int argc, char **argv)
{
    int count = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 2;
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    if (argc < 2 || count < 1 || count > WORKERS_MAX ||
        isa_conn_open(loop, argv[1], NULL, &conn) < 0) {
        fprintf(stderr, "usage: %s TARGET [WORKERS]\n", argv[0]);
        return 2;
    }
    int listener = listen_somewhere();
    for (int i = 0; i < count && listener >= 0; i++) {
        workers[i] = fork();
        if (workers[i] == 0)
            return work(loop, listener);
    }
    signal(SIGTERM, stop_workers);
    while (wait(NULL) > 0 || errno == EINTR)
        continue;
    isa_conn_unref(conn);
    return listener < 0;
}
