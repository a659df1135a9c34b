/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the streams of the stress test: what is done with them, and what must hold for each.
 * Used by: stress_act.c.
 * Must not know: the rooms behind the public headers.
 */
#include "stress.h"
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGES_MAX = 40, RESUMPTIONS_MAX = 4, TEXT_BYTES = 48 };

/* The op comes first: ends are counted by it, and it is freed by the model. */
struct stream {
    struct op op;
    enum { COUNT, SUM, CHAT } kind;
    bool reads_on_demand;
    /* loop's thread only */
    uint64_t next;    /* number that the next message begins with */
    unsigned written; /* since the last start */
    unsigned resumptions;
    bool is_half_closed;
};

static void must_be_alive(const struct stream *stream, const char *what)
{
    model_check_place(stream->op.seat, what);
    must_hold(atomic_load(&stream->op.completions) == 0, "op %llu: %s after its end",
              (unsigned long long)stream->op.number, what);
}

/* In a callback, which is where writing is allowed. Sum and Chat count what they get from 0. */
static void write_some(struct isa_call *call, struct stream *stream)
{
    struct dice *dice = act_dice();
    char text[TEXT_BYTES];
    for (unsigned i = dice_below(dice, 4); i > 0 && !stream->is_half_closed; i--) {
        int length = snprintf(text, sizeof text, "%u", stream->written);
        int error = isa_call_write_bytes(call, (struct isa_bytes){ text, (size_t)length });
        must_hold(error == 0 || error == 1 || error == ISA_EFULL || error == ISA_ECLOSED,
                  "write gives %s", isa_error_name(error));
        if (error < 0)
            return;
        stream->written++;
    }
    if (stream->is_half_closed || (stream->written < MESSAGES_MAX && !dice_one_in(dice, 10)))
        return;
    int error = isa_call_half_close(call);
    must_hold(error == 0 || error == ISA_ECLOSED, "half_close gives %s", isa_error_name(error));
    stream->is_half_closed = error == 0;
}

static void go_on(struct isa_call *call, struct stream *stream)
{
    struct dice *dice = act_dice();
    if (stream->kind != COUNT)
        write_some(call, stream);
    if (stream->reads_on_demand)
        isa_call_read(call, 1 + dice_below(dice, 3));
    if (dice_one_in(dice, 40))
        isa_call_cancel(call);
    act_inside(isa_call_conn(call), stream->op.seat);
}

static void on_message(struct isa_call *call, const struct isa_message *message, void *user)
{
    struct stream *stream = user;
    char text[TEXT_BYTES] = "";
    size_t length = message->bytes.size_bytes;
    must_be_alive(stream, "a message");
    memcpy(text, message->bytes.data, length < sizeof text ? length : sizeof text - 1);
    must_hold(strtoull(text, NULL, 10) == stream->next, "op %llu: message \"%s\", %llu was due",
              (unsigned long long)stream->op.number, text, (unsigned long long)stream->next);
    stream->next++;
    go_on(call, stream);
}

static void on_headers(struct isa_call *call, const struct isa_metadata *headers, void *user)
{
    (void)headers;
    must_be_alive(user, "headers");
    go_on(call, user);
}

static void on_writable(struct isa_call *call, void *user)
{
    must_be_alive(user, "writable");
    go_on(call, user);
}

/* Begin from the start: the service counts anew. */
static void on_resume(struct isa_call *call, const struct isa_gap *gap, void *user)
{
    struct stream *stream = user;
    static const char request[] = "20 0 0 ";
    must_be_alive(stream, "a gap");
    must_hold(gap->resumptions == stream->resumptions, "op %llu: resumed %u times, told %u",
              (unsigned long long)stream->op.number, stream->resumptions, gap->resumptions);
    if (stream->resumptions >= RESUMPTIONS_MAX || dice_one_in(act_dice(), 4))
        return;
    bool is_count = stream->kind == COUNT;
    int error = is_count
                    ? isa_call_resume_bytes(call, (struct isa_bytes){ request, sizeof request - 1 })
                    : isa_call_resume(call, NULL);
    must_hold(error == 0, "resume gives %s", isa_error_name(error));
    stream->resumptions++;
    stream->next = 0;
    stream->written = 0;
    stream->is_half_closed = is_count;
    if (!is_count)
        write_some(call, stream);
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct stream *stream = user;
    if (reply->status.code == ISA_STATUS_OK && stream->kind == SUM)
        must_hold(strtoull(reply->bytes.data ? (const char *)reply->bytes.data : "", NULL, 10) ==
                      stream->written,
                  "op %llu: %u messages were written, the reply is \"%.*s\"",
                  (unsigned long long)stream->op.number, stream->written,
                  (int)reply->bytes.size_bytes, (const char *)reply->bytes.data);
    if (reply->status.code == ISA_STATUS_OK && stream->kind == CHAT)
        must_hold(stream->next == stream->written, "op %llu: %u written, %llu came back",
                  (unsigned long long)stream->op.number, stream->written,
                  (unsigned long long)stream->next);
    model_on_reply(call, reply, &stream->op);
}

int stress_stream(struct isa_conn *conn, struct seat *seat, struct isa_call **ret_call)
{
    static const char *const methods[] = { "/test.Stream/Count", "/test.Stream/Sum",
                                           "/test.Stream/Chat" };
    struct dice *dice = act_dice();
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    struct isa_stream start = ISA_STREAM_INIT;
    char request[TEXT_BYTES];
    struct stream *stream = (struct stream *)model_new_op_of(seat, sizeof *stream);
    stream->kind = dice_below(dice, 3);
    stream->reads_on_demand = stream->kind != SUM && dice_one_in(dice, 2);
    start.method = methods[stream->kind];
    if (stream->kind == COUNT) {
        int length = snprintf(request, sizeof request, "%u %u 0 ", dice_below(dice, MESSAGES_MAX),
                              dice_below(dice, 3000));
        start.request_bytes = (struct isa_bytes){ request, (size_t)length };
        start.half_close = true;
        stream->is_half_closed = true;
    } else {
        /* Not from the loop's thread, perhaps: the first message goes with the start. */
        start.request_bytes = (struct isa_bytes){ "0", 1 };
        stream->written = 1;
        start.high_water_bytes = 1 + dice_below(dice, 600);
    }
    start.reads_on_demand = stream->reads_on_demand;
    start.on_message = stream->kind == SUM ? NULL : on_message;
    start.on_headers = on_headers;
    start.on_writable = on_writable;
    start.on_resume = dice_one_in(dice, 2) ? on_resume : NULL;
    start.on_end = on_end;
    start.user = stream;
    start.options = &options;
    options.deadline_ms = 1 + dice_below(dice, dice_one_in(dice, 8) ? 10 : 1500);
    options.wait_for_ready = dice_one_in(dice, 4);
    int error = isa_call_stream(conn, &start, ret_call);
    atomic_store(&stream->op.fate, error ? OP_REFUSED : OP_ACCEPTED);
    return error;
}
