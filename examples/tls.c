/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: calls over mutual TLS, with certificates that can be replaced while the program runs.
 * Used by: readers.  example-tls 127.0.0.1:2379 roots.pem client.pem client.key
 *          Each line on standard input is a key to read; SIGHUP: the files have changed.
 * Must not know: grpc-core, libssl, threads.
 */
#include <isa/isa.h>

#include <ev.h>

#include "etcd_kv.pb-c.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)user;
    printf("%s: %s -> %s (%s) %s\n", isa_conn_target(conn), isa_state_name(change->from),
           isa_state_name(change->to), isa_reason_name(change->reason), change->text);
    fflush(stdout);
}

static void on_log(enum isa_log_level level, const char *line, void *user)
{
    (void)level, (void)user;
    fprintf(stderr, "%s\n", line); /* why a renewal has failed, for one; never a key */
}

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    const Etcdserverpb__RangeResponse *response = (const void *)reply->message;
    (void)call, (void)user;
    if (response == NULL)
        printf("%s: %s\n", isa_status_name((int)reply->status.code), reply->status.message);
    else if (response->n_kvs == 0)
        printf("no such key\n");
    else
        printf("%.*s\n", (int)response->kvs[0]->value.len,
               (const char *)response->kvs[0]->value.data);
    fflush(stdout);
}

static void read_key(struct isa_conn *conn, const char *key, size_t length)
{
    Etcdserverpb__RangeRequest request = ETCDSERVERPB__RANGE_REQUEST__INIT;
    request.key = (ProtobufCBinaryData){ length, (uint8_t *)key };

    struct isa_unary get = ISA_UNARY_INIT;
    get.method = "/etcdserverpb.KV/Range";
    get.request = &request.base;
    get.reply_type = &etcdserverpb__range_response__descriptor;
    get.on_reply = on_reply;
    int error = isa_call_unary(conn, &get, NULL);
    if (error != 0)
        fprintf(stderr, "%s\n", isa_error_text(error));
}

static void on_input(struct ev_loop *loop, ev_io *input, int revents)
{
    struct isa_conn *conn = input->data;
    char line[256];
    ssize_t length = read(STDIN_FILENO, line, sizeof line);
    (void)revents;
    if (length > 0) {
        read_key(conn, line, (size_t)length - (line[length - 1] == '\n'));
        return;
    }
    ev_io_stop(loop, input);
    isa_conn_close(conn, 1000); /* the last call may finish */
    ev_break(loop, EVBREAK_ONE);
}

static void on_hangup(struct ev_loop *loop, ev_signal *signal, int revents)
{
    (void)loop, (void)revents;
    isa_conn_renew(signal->data); /* calls in flight finish; broken files do no harm */
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s TARGET ROOTS CHAIN KEY\n", argv[0]);
        return 2;
    }
    struct isa_tls_options tls = ISA_TLS_OPTIONS_INIT;
    tls.roots_file = argv[2];
    tls.chain_file = argv[3];
    tls.key_file = argv[4];

    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.on_state = on_state;
    options.tls = &tls;

    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct isa_conn *conn;
    isa_set_log(on_log, ISA_LOG_WARNING, NULL);
    int error = isa_conn_open(loop, argv[1], &options, &conn);
    if (error != 0) {
        fprintf(stderr, "%s: %s\n", argv[0], isa_error_text(error));
        return 1;
    }

    ev_io input;
    ev_signal hangup;
    ev_io_init(&input, on_input, STDIN_FILENO, EV_READ);
    ev_signal_init(&hangup, on_hangup, SIGHUP);
    input.data = hangup.data = conn;
    ev_io_start(loop, &input);
    ev_signal_start(loop, &hangup);
    ev_run(loop, 0); /* until the input ends */

    ev_signal_stop(loop, &hangup);
    ev_run(loop, 0); /* until the handle has closed */
    isa_conn_unref(conn);
    return 0;
}
