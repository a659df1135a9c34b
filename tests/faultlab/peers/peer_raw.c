/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the peer of kind raw: one mistake in HTTP/2, at one stage of a connection.
 * Used by: side.c.
 * Must not know: the library under test.
 */
#include "side.h"

#include "frames.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNS_MAX = 64 };

struct conn {
    int fd; /* -1: closed */
    struct frame_reader reader;
};

/* A mistake, made with a connection; the stream is that of the client's call, or 0. */
typedef void mistake_fn(struct conn *conn, uint32_t stream);

struct mode {
    const char *name;
    mistake_fn *on_accept;  /* nothing has been read */
    mistake_fn *on_preface; /* NULL: says SETTINGS, as it should */
    mistake_fn *on_ack;     /* the client has accepted our SETTINGS: it takes us for READY */
    mistake_fn *on_headers; /* a call has come; NULL: never answers */
    bool is_mute;           /* answers no ping and no SETTINGS */
};

static struct conn conns[CONNS_MAX];
static unsigned accepted;
static unsigned headers;

static void quiet(struct conn *conn, uint32_t stream)
{
    (void)conn, (void)stream;
}

static void reset(struct conn *conn, uint32_t stream)
{
    (void)stream;
    side_reset(conn->fd);
    conn->fd = -1;
}

static void finish(struct conn *conn, uint32_t stream)
{
    (void)stream;
    close(conn->fd);
    conn->fd = -1;
}

static void say_garbage(struct conn *conn, uint32_t stream)
{
    static const char garbage[] = "\x01\x02\x03 this is no frame of any kind, whatever comes next";
    (void)stream;
    frame_send_bytes(conn->fd, garbage, sizeof garbage);
}

static void say_http1(struct conn *conn, uint32_t stream)
{
    static const char reply[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    (void)stream;
    frame_send_bytes(conn->fd, reply, sizeof reply - 1);
}

static void say_settings(struct conn *conn, uint32_t stream)
{
    (void)stream;
    frame_send_whole(conn->fd, FRAME_SETTINGS, 0, 0, NULL, 0);
}

static void say_half_settings(struct conn *conn, uint32_t stream)
{
    (void)stream;
    frame_send_bytes(conn->fd, "\x00\x00\x06\x04\x00", 5);
}

static void say_crooked_settings(struct conn *conn, uint32_t stream)
{
    (void)stream;
    frame_send_whole(conn->fd, FRAME_SETTINGS, 0, 0, "\x00\x03\x00\x00\x00", 5); /* one is six */
}

static void say_goaway(struct conn *conn, uint32_t stream)
{
    static const uint8_t no_stream_no_error[8] = { 0 };
    (void)stream;
    frame_send_whole(conn->fd, FRAME_GOAWAY, 0, 0, no_stream_no_error, sizeof no_stream_no_error);
}

static void say_truncated_frame(struct conn *conn, uint32_t stream)
{
    struct frame promised = { 100, FRAME_HEADERS, FLAG_END_HEADERS, stream };
    frame_send(conn->fd, promised, "0123456789", 10);
    finish(conn, stream);
}

static void say_oversized_data(struct conn *conn, uint32_t stream)
{
    struct frame giant = { 0xffffff, FRAME_DATA, 0, stream };
    frame_send(conn->fd, giant, "0123456789", 10);
}

static void say_oversized_headers(struct conn *conn, uint32_t stream)
{
    struct frame giant = { 0xffffff, FRAME_HEADERS, FLAG_END_HEADERS, stream };
    frame_send(conn->fd, giant, "0123456789", 10);
}

static void say_stray_continuation(struct conn *conn, uint32_t stream)
{
    frame_send_whole(conn->fd, FRAME_CONTINUATION, FLAG_END_HEADERS, stream, "\x88", 1);
}

static void overflow_window(struct conn *conn, uint32_t stream)
{
    (void)stream;
    frame_send_whole(conn->fd, FRAME_WINDOW_UPDATE, 0, 0, "\x7f\xff\xff\xff", 4);
    frame_send_whole(conn->fd, FRAME_WINDOW_UPDATE, 0, 0, "\x7f\xff\xff\xff", 4);
}

static void refuse_stream(struct conn *conn, uint32_t stream)
{
    frame_send_whole(conn->fd, FRAME_RST_STREAM, 0, stream, "\0\0\0\x02", 4); /* INTERNAL_ERROR */
}

/* A reply that is right, but for the padding of its one DATA frame. */
static void answer_padded(struct conn *conn, uint32_t stream)
{
    static const uint8_t first[] = "\x88\x5f\x10"
                                   "application/grpc";
    static const uint8_t data[] = "\x03\0\0\0\0\x02ok\0\0";
    static const uint8_t last[] = "\x40\x0bgrpc-status\x01"
                                  "0";
    frame_send_whole(conn->fd, FRAME_HEADERS, FLAG_END_HEADERS, stream, first, sizeof first - 1);
    frame_send_whole(conn->fd, FRAME_DATA, FLAG_PADDED, stream, data, sizeof data);
    frame_send_whole(conn->fd, FRAME_HEADERS, FLAG_END_HEADERS | FLAG_END_STREAM, stream, last,
                     sizeof last - 1);
}

static const struct mode modes[] = {
    { "silent", quiet, quiet, NULL, NULL, true },
    { "garbage", say_garbage, quiet, NULL, NULL, true },
    { "http1", say_http1, quiet, NULL, NULL, true },
    { "half-settings", NULL, say_half_settings, NULL, NULL, true },
    { "crooked-settings", NULL, say_crooked_settings, NULL, NULL, true },
    { "reset-on-accept", reset, NULL, NULL, NULL, false },
    { "reset-after-preface", NULL, reset, NULL, NULL, false },
    { "reset-after-settings", NULL, NULL, reset, NULL, false },
    { "reset-after-headers", NULL, NULL, NULL, reset, false },
    { "close-after-settings", NULL, NULL, finish, NULL, false },
    { "goaway-after-settings", NULL, NULL, say_goaway, NULL, false },
    { "truncated-frame", NULL, NULL, NULL, say_truncated_frame, false },
    { "oversized-data", NULL, NULL, NULL, say_oversized_data, false },
    { "oversized-headers", NULL, NULL, NULL, say_oversized_headers, false },
    { "stray-continuation", NULL, NULL, NULL, say_stray_continuation, false },
    { "window-overflow", NULL, NULL, NULL, overflow_window, false },
    { "refused-stream", NULL, NULL, NULL, refuse_stream, false },
    { "padded-data", NULL, NULL, NULL, answer_padded, false },
    { "never-answers", NULL, NULL, NULL, NULL, false },
    { "mute", NULL, NULL, quiet, quiet, true },
};

static const struct mode *mode;

void peer_raw_list(void)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        puts(modes[i].name);
}

static void make(mistake_fn *mistake, struct conn *conn, uint32_t stream)
{
    if (mistake && conn->fd >= 0)
        mistake(conn, stream);
}

static void take_frame(struct conn *conn, const struct frame *frame)
{
    if (frame->type == FRAME_SETTINGS && frame->flags & FLAG_ACK)
        make(mode->on_ack, conn, 0);
    else if (frame->type == FRAME_SETTINGS && !mode->is_mute)
        frame_send_whole(conn->fd, FRAME_SETTINGS, FLAG_ACK, 0, NULL, 0);
    else if (frame->type == FRAME_PING && !mode->is_mute && !(frame->flags & FLAG_ACK))
        frame_send_whole(conn->fd, FRAME_PING, FLAG_ACK, 0, "\0\0\0\0\0\0\0\0", 8);
    else if (frame->type == FRAME_HEADERS) {
        headers++;
        make(mode->on_headers, conn, frame->stream);
    }
}

static void take_bytes(struct conn *conn)
{
    struct frame frame;
    ssize_t size = recv(conn->fd, conn->reader.bytes + conn->reader.count,
                        sizeof conn->reader.bytes - conn->reader.count, 0);
    if (size <= 0) {
        finish(conn, 0);
        return;
    }
    conn->reader.count += (size_t)size;
    while (conn->fd >= 0) {
        enum frame_news news = frame_next(&conn->reader, &frame);
        if (news == FRAME_PREFACE)
            make(mode->on_preface ? mode->on_preface : say_settings, conn, 0);
        else if (news == FRAME_WHOLE)
            take_frame(conn, &frame);
        else if (news == FRAME_NONSENSE)
            finish(conn, 0);
        else
            return;
    }
}

static void take_connection(int listener)
{
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return;
    accepted++;
    for (size_t i = 0; i < CONNS_MAX; i++) {
        if (conns[i].fd < 0) {
            conns[i].fd = fd;
            conns[i].reader.count = 0;
            conns[i].reader.has_preface = false;
            make(mode->on_accept, &conns[i], 0);
            return;
        }
    }
    side_must(false, "more connections than a raw peer keeps");
}

static bool obey(void)
{
    char line[SIDE_LINE_BYTES];
    if (!side_hear(line))
        return false;
    side_answer(side_is(line, "headers", NULL) ? headers : accepted);
    return true;
}

void peer_raw(const struct side_settings *settings)
{
    int listener = side_bind_tcp("", (uint16_t)side_number(settings, "port"));
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(modes[i].name, side_text(settings, "mode")) == 0)
            mode = &modes[i];
    }
    side_must(mode != NULL, "no such mode");
    for (size_t i = 0; i < CONNS_MAX; i++)
        conns[i].fd = -1;
    side_listen(listener);
    side_answer(0);
    for (;;) {
        struct pollfd wait[CONNS_MAX + 2] = { { .fd = SIDE_CONTROL, .events = POLLIN },
                                              { .fd = listener, .events = POLLIN } };
        for (size_t i = 0; i < CONNS_MAX; i++)
            wait[i + 2] = (struct pollfd){ .fd = conns[i].fd, .events = POLLIN };
        poll(wait, CONNS_MAX + 2, -1);
        if (wait[0].revents && !obey())
            return;
        if (wait[1].revents)
            take_connection(listener);
        for (size_t i = 0; i < CONNS_MAX; i++) {
            if (wait[i + 2].revents && conns[i].fd == wait[i + 2].fd)
                take_bytes(&conns[i]);
        }
    }
}
