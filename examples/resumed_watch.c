/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a watch of etcd that outlives etcd: resumed by revision, no event lost and none twice.
 * Used by: readers; tests/tools runs it.  example-resumed-watch 127.0.0.1:2379 isa/ 1000
 * Must not know: when etcd goes and comes back.
 */
#include <isa/isa.h>

#include <ev.h>

#include "etcd_watch.isa.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct watch {
    const char *prefix;
    int64_t revision; /* the last one that was heard whole; 0: nothing was heard yet */
    unsigned long left;
};

/* All keys with the prefix: up to the one that differs from it in the last byte, by one. */
static void ask(struct watch *watch, struct isa_call *resumed, struct isa_conn *conn,
                const struct etcdserverpb_watch_watch_events *events)
{
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    Etcdserverpb__WatchCreateRequest create = ETCDSERVERPB__WATCH_CREATE_REQUEST__INIT;
    Etcdserverpb__WatchRequest request = ETCDSERVERPB__WATCH_REQUEST__INIT;
    size_t length = strlen(watch->prefix);
    uint8_t end[256];
    memcpy(end, watch->prefix, length);
    end[length - 1]++;
    create.key = (ProtobufCBinaryData){ length, (uint8_t *)(uintptr_t)watch->prefix };
    create.range_end = (ProtobufCBinaryData){ length, end };
    create.start_revision = watch->revision ? watch->revision + 1 : 0;
    request.request_union_case = ETCDSERVERPB__WATCH_REQUEST__REQUEST_UNION_CREATE_REQUEST;
    request.create_request = &create;
    options.deadline_ms = ISA_NEVER;
    options.wait_for_ready = true;

    int error = resumed ? etcdserverpb_watch_watch_resume(resumed, &request)
                        : etcdserverpb_watch_watch(conn, &request, &options, events, NULL);
    if (error != 0)
        printf("not watched: %s\n", isa_error_text(error));
}

static void print_event(const Mvccpb__Event *event)
{
    const Mvccpb__KeyValue *kv = event->kv;
    bool is_put = event->type == MVCCPB__EVENT__EVENT_TYPE__PUT;
    printf("%" PRId64 ": %.*s%s%.*s\n", kv->mod_revision, (int)kv->key.len,
           (const char *)kv->key.data, is_put ? " = " : " deleted", (int)kv->value.len,
           (const char *)kv->value.data);
}

/*
 * The first answer says from where on we watch, which matters when etcd goes before the first event.
 * Later answers to a create request do not count: an etcd that has just started says how far it has
 * read its log, which may be behind what it told before. All events of a revision come together.
 */
static void on_message(struct isa_call *call, const Etcdserverpb__WatchResponse *response,
                       void *user)
{
    struct watch *watch = user;
    if (response->canceled) { /* compacted away: what we missed cannot be had any more */
        printf("cancelled: %s\n", response->cancel_reason);
        isa_call_cancel(call);
        return;
    }
    if (response->created) {
        printf(watch->revision ? "watching again\n" : "watching\n");
        if (watch->revision == 0)
            watch->revision = response->header->revision;
    }
    for (size_t i = 0; i < response->n_events && watch->left > 0; i++, watch->left--) {
        print_event(response->events[i]);
        watch->revision = response->events[i]->kv->mod_revision;
    }
    fflush(stdout);
    if (watch->left == 0)
        isa_call_cancel(call);
}

static void on_resume(struct isa_call *call, const struct isa_gap *gap, void *user)
{
    printf("broke off: %s\n", isa_status_name((int)gap->status.code));
    fflush(stdout);
    ask(user, call, NULL, NULL);
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    const struct watch *watch = user;
    if (watch->left > 0)
        printf("ended: %s: %s\n", isa_status_name((int)reply->status.code), reply->status.message);
    isa_conn_close(isa_call_conn(call), 0); /* then nothing keeps the loop running */
}

int main(int argc, char **argv)
{
    if (argc != 4 || strlen(argv[2]) < 1 || strlen(argv[2]) > 255) {
        fprintf(stderr, "usage: %s TARGET PREFIX EVENTS\n", argv[0]);
        return 2;
    }
    struct watch watch = { .prefix = argv[2], .left = strtoul(argv[3], NULL, 10) };
    struct isa_conn *conn = NULL;
    int error = isa_conn_open(ev_default_loop(EVFLAG_AUTO), argv[1], NULL, &conn);
    if (error != 0) {
        fprintf(stderr, "%s: %s\n", argv[0], isa_error_text(error));
        return 1;
    }
    struct etcdserverpb_watch_watch_events events = ETCDSERVERPB_WATCH_WATCH_EVENTS_INIT;
    events.on_message = on_message;
    events.on_resume = on_resume;
    events.on_end = on_end;
    events.user = &watch;
    ask(&watch, NULL, conn, &events);

    ev_run(ev_default_loop(EVFLAG_AUTO), 0);
    isa_conn_unref(conn);
    return watch.left == 0 ? 0 : 1;
}
