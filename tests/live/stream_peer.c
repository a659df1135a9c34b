/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the peer's connections, each with a thread; the harm.
 * Used by: test_call_faults.c, test_unsent.c, through stream_peer.h.
 * Must not know: the library under test.
 */
#include "stream_peer.h"

#include "frames.h"
#include "tcp_peer.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNS_MAX = 256 };

struct conn {
    struct stream_peer *peer;
    pthread_t thread;
    int fd;
    struct frame_reader reader;
};

struct stream_peer {
    struct tcp_peer *tcp;
    pthread_mutex_t lock;
    unsigned count;
    struct conn *conns[CONNS_MAX];
    enum stream_phase phase;
    stream_harm_fn *harm;
    unsigned due;                /* calls to harm */
    struct stream_answer answer; /* when harm is NULL */
    atomic_uint harmed;
};

static void say_headers(int fd, uint32_t stream)
{
    static const uint8_t bytes[] = "\x88\x5f\x10"
                                   "application/grpc";
    frame_send_whole(fd, FRAME_HEADERS, FLAG_END_HEADERS, stream, bytes, sizeof bytes - 1);
}

static void say_trailers(int fd, uint32_t stream, char status)
{
    uint8_t bytes[] = "\x40\x0bgrpc-status\x01"
                      "0";
    bytes[sizeof bytes - 2] = (uint8_t)status;
    frame_send_whole(fd, FRAME_HEADERS, FLAG_END_HEADERS | FLAG_END_STREAM, stream, bytes,
                     sizeof bytes - 1);
}

static void say_message(int fd, uint32_t stream)
{
    frame_send_whole(fd, FRAME_DATA, 0, stream,
                     "\0\0\0\0\x01"
                     "0",
                     6);
}

bool harm_by_silence(int fd, uint32_t stream)
{
    (void)fd, (void)stream;
    return true;
}

bool harm_by_reset(int fd, uint32_t stream)
{
    struct linger at_once = { .l_onoff = 1 };
    (void)stream;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return false;
}

bool harm_by_close(int fd, uint32_t stream)
{
    (void)fd, (void)stream;
    return false;
}

bool harm_by_half_close(int fd, uint32_t stream)
{
    (void)stream;
    shutdown(fd, SHUT_WR);
    return true;
}

bool harm_by_refusal(int fd, uint32_t stream)
{
    frame_send_whole(fd, FRAME_RST_STREAM, 0, stream, "\0\0\0\x02", 4);
    return true;
}

bool harm_by_goaway(int fd, uint32_t stream)
{
    uint8_t bytes[8] = { 0 };         /* the last stream that counts, then NO_ERROR */
    bytes[3] = (uint8_t)(stream - 2); /* the first one's is 1 */
    if (stream == 1)
        bytes[3] = 0;
    frame_send_whole(fd, FRAME_GOAWAY, 0, 0, bytes, sizeof bytes);
    return true;
}

bool harm_by_end(int fd, uint32_t stream)
{
    frame_send_whole(fd, FRAME_DATA, FLAG_END_STREAM, stream, NULL, 0);
    return true;
}

bool harm_by_garbage(int fd, uint32_t stream)
{
    frame_send_whole(fd, FRAME_HEADERS, FLAG_END_HEADERS, stream,
                     "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    return true;
}

bool harm_by_nonsense(int fd, uint32_t stream)
{
    (void)stream;
    frame_send_whole(fd, FRAME_SETTINGS, 0, 0, "\x00\x03\x00\x00\x00", 5);
    return true;
}

bool harm_by_giant_frame(int fd, uint32_t stream)
{
    frame_send(fd, (struct frame){ 0xffffff, FRAME_DATA, 0, stream }, "0123456789", 10);
    return true;
}

bool harm_by_large_message(int fd, uint32_t stream)
{
    static const uint8_t bytes[1000] = { 0 };
    frame_send_whole(fd, FRAME_DATA, 0, stream, "\0\0\0\x07\xd0", 5);
    frame_send_whole(fd, FRAME_DATA, 0, stream, bytes, sizeof bytes);
    frame_send_whole(fd, FRAME_DATA, 0, stream, bytes, sizeof bytes);
    return true;
}

bool harm_by_odd_status(int fd, uint32_t stream)
{
    say_trailers(fd, stream, 'x');
    return true;
}

static size_t add_header(uint8_t *to, const char *name, const char *value)
{
    size_t name_bytes = strlen(name);
    size_t value_bytes = strlen(value);
    *to++ = 0x00; /* a literal, its name new */
    *to++ = (uint8_t)name_bytes;
    memcpy(to, name, name_bytes);
    to[name_bytes] = (uint8_t)value_bytes;
    memcpy(to + name_bytes + 1, value, value_bytes);
    return 2 + name_bytes + 1 + value_bytes;
}

static bool say(int fd, uint32_t stream, const struct stream_answer *answer)
{
    uint8_t bytes[1024];
    size_t size = add_header(bytes, ":status", answer->http);
    bool is_grpc = *answer->code != '\0';
    size += add_header(bytes + size, "content-type", is_grpc ? "application/grpc" : "text/html");
    if (is_grpc) {
        size += add_header(bytes + size, "grpc-status", answer->code);
        size += add_header(bytes + size, "grpc-message", answer->message);
    }
    frame_send_whole(fd, FRAME_HEADERS, FLAG_END_HEADERS | FLAG_END_STREAM, stream, bytes, size);
    return !answer->closes;
}

bool harm_by_empty_ok(int fd, uint32_t stream)
{
    say_trailers(fd, stream, '0');
    return true;
}

bool harm_by_endless_messages(int fd, uint32_t stream)
{
    say_message(fd, stream);
    say_message(fd, stream);
    return true;
}

bool harm_by_two_messages(int fd, uint32_t stream)
{
    harm_by_endless_messages(fd, stream);
    say_trailers(fd, stream, '0');
    return true;
}

bool harm_by_half_message(int fd, uint32_t stream)
{
    frame_send_whole(fd, FRAME_DATA, 0, stream, "\0\0\0\0\x64half", 9);
    say_trailers(fd, stream, '0');
    return true;
}

bool harm_by_bad_flag(int fd, uint32_t stream)
{
    frame_send_whole(fd, FRAME_DATA, 0, stream, "\2\0\0\0\1x", 6);
    say_trailers(fd, stream, '0');
    return true;
}

bool harm_by_unparsable(int fd, uint32_t stream)
{
    frame_send_whole(fd, FRAME_DATA, 0, stream, "\0\0\0\0\2\x08\xff", 7);
    say_trailers(fd, stream, '0');
    return true;
}

bool harm_by_two_notes(int fd, uint32_t stream)
{
    static const uint8_t note[] = { 0, 0, 0, 0, 2, 0x08, 7 };
    frame_send_whole(fd, FRAME_DATA, 0, stream, note, sizeof note);
    frame_send_whole(fd, FRAME_DATA, 0, stream, note, sizeof note);
    say_trailers(fd, stream, '0');
    return true;
}

bool harm_by_peers_cancel(int fd, uint32_t stream)
{
    frame_send_whole(fd, FRAME_RST_STREAM, 0, stream, "\0\0\0\x08", 4);
    return true;
}

static void push_back(int fd, uint32_t stream, const char *wait)
{
    uint8_t bytes[64] = "\x40\x0bgrpc-status\x02"
                        "14"
                        "\x40\x16grpc-retry-pushback-ms";
    size_t size = 16 + 24;
    bytes[size++] = (uint8_t)strlen(wait);
    for (; *wait; wait++)
        bytes[size++] = (uint8_t)*wait;
    frame_send_whole(fd, FRAME_HEADERS, FLAG_END_HEADERS | FLAG_END_STREAM, stream, bytes, size);
}

bool harm_by_pushback(int fd, uint32_t stream)
{
    push_back(fd, stream, "300");
    return true;
}

bool harm_by_no_more(int fd, uint32_t stream)
{
    push_back(fd, stream, "-1");
    return true;
}

/* Small frames, so that each costs its reader more than its bytes do. */
static bool flood(int fd, uint8_t type, const void *payload, uint32_t length)
{
    enum { TOTAL_BYTES = 48 << 20, HEAD_BYTES = 9, ROOM_BYTES = 65536 };
    static _Thread_local uint8_t room[ROOM_BYTES];
    size_t size = 0;
    while (size + HEAD_BYTES + length <= sizeof room) {
        memset(room + size, 0, HEAD_BYTES);
        room[size + 2] = (uint8_t)length;
        room[size + 3] = type;
        memcpy(room + size + HEAD_BYTES, payload, length);
        size += HEAD_BYTES + length;
    }
    for (size_t sent = 0; sent < TOTAL_BYTES; sent += size)
        frame_send_bytes(fd, room, size);
    return true;
}

bool harm_by_unknown_frames(int fd, uint32_t stream)
{
    (void)stream;
    return flood(fd, 0xfa, "", 0);
}

bool harm_by_window_updates(int fd, uint32_t stream)
{
    (void)stream;
    return flood(fd, FRAME_WINDOW_UPDATE, "\0\0\0\1", 4);
}

/* What comes before the harm. */
static void come_as_far_as(enum stream_phase phase, int fd, uint32_t stream)
{
    if (phase >= PHASE_AFTER_HEADERS)
        say_headers(fd, stream);
    if (phase == PHASE_MID_MESSAGE)
        frame_send_whole(fd, FRAME_DATA, 0, stream,
                         "\0\0\0\0\x64"
                         "0123456789",
                         15);
    if (phase == PHASE_BEFORE_STATUS)
        say_message(fd, stream);
}

static bool answer(struct conn *conn, uint32_t stream)
{
    struct stream_peer *peer = conn->peer;
    pthread_mutex_lock(&peer->lock);
    stream_harm_fn *harm = peer->harm;
    enum stream_phase phase = peer->phase;
    struct stream_answer said = peer->answer;
    bool is_due = peer->due > 0;
    peer->due -= is_due;
    pthread_mutex_unlock(&peer->lock);
    if (!is_due) {
        say_headers(conn->fd, stream);
        say_message(conn->fd, stream);
        say_trailers(conn->fd, stream, '0');
        return true;
    }
    come_as_far_as(phase, conn->fd, stream);
    atomic_fetch_add(&peer->harmed, !harm);
    bool goes_on = harm ? harm(conn->fd, stream) : say(conn->fd, stream, &said);
    atomic_fetch_add(&peer->harmed, harm != NULL);
    return goes_on;
}

static bool take_frame(struct conn *conn, const struct frame *frame)
{
    if (frame->type == FRAME_SETTINGS && !(frame->flags & FLAG_ACK))
        frame_send_whole(conn->fd, FRAME_SETTINGS, FLAG_ACK, 0, NULL, 0);
    else if (frame->type == FRAME_PING && !(frame->flags & FLAG_ACK))
        frame_send_whole(conn->fd, FRAME_PING, FLAG_ACK, 0, "\0\0\0\0\0\0\0\0", 8);
    else if (frame->type == FRAME_HEADERS)
        return answer(conn, frame->stream);
    return true;
}

static bool take_bytes(struct conn *conn)
{
    struct frame frame;
    struct pollfd wait = { .fd = conn->fd, .events = POLLIN };
    poll(&wait, 1, -1);
    ssize_t size = recv(conn->fd, conn->reader.bytes + conn->reader.count,
                        sizeof conn->reader.bytes - conn->reader.count, 0);
    if (size <= 0)
        return false;
    conn->reader.count += (size_t)size;
    for (;;) {
        enum frame_news news = frame_next(&conn->reader, &frame);
        if (news == FRAME_NOTHING)
            return true;
        if (news == FRAME_NONSENSE || (news == FRAME_WHOLE && !take_frame(conn, &frame)))
            return false;
        if (news == FRAME_PREFACE)
            frame_send_whole(conn->fd, FRAME_SETTINGS, 0, 0, NULL, 0);
    }
}

/* The descriptor is closed under the lock: stream_peer_free() cuts those that are open. */
static void *serve(void *arg)
{
    struct conn *conn = arg;
    while (take_bytes(conn))
        continue;
    pthread_mutex_lock(&conn->peer->lock);
    close(conn->fd);
    conn->fd = -1;
    pthread_mutex_unlock(&conn->peer->lock);
    return NULL;
}

static bool take_connection(int fd, void *user)
{
    struct stream_peer *peer = user;
    struct conn *conn = calloc(1, sizeof *conn);
    if (!conn || peer->count == CONNS_MAX)
        abort();
    *conn = (struct conn){ .peer = peer, .fd = fd };
    if (pthread_create(&conn->thread, NULL, serve, conn) != 0)
        abort();
    peer->conns[peer->count++] = conn;
    return false;
}

struct stream_peer *stream_peer_new(void)
{
    struct stream_peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        abort();
    pthread_mutex_init(&peer->lock, NULL);
    peer->tcp = tcp_peer_new(0, take_connection, peer);
    return peer;
}

const char *stream_peer_target(const struct stream_peer *peer)
{
    return tcp_peer_target(peer->tcp);
}

void stream_peer_arm_for(struct stream_peer *peer, unsigned calls, enum stream_phase phase,
                         stream_harm_fn *harm)
{
    pthread_mutex_lock(&peer->lock);
    peer->phase = phase;
    peer->harm = harm;
    peer->due = calls;
    atomic_store(&peer->harmed, 0);
    pthread_mutex_unlock(&peer->lock);
}

void stream_peer_arm(struct stream_peer *peer, enum stream_phase phase, stream_harm_fn *harm)
{
    stream_peer_arm_for(peer, 1, phase, harm);
}

void stream_peer_say(struct stream_peer *peer, unsigned calls, const struct stream_answer *answer)
{
    pthread_mutex_lock(&peer->lock);
    peer->answer = *answer;
    pthread_mutex_unlock(&peer->lock);
    stream_peer_arm_for(peer, calls, PHASE_BEFORE_HEADERS, NULL);
}

unsigned stream_peer_harmed(const struct stream_peer *peer)
{
    return atomic_load(&peer->harmed);
}

struct stream_peer *stream_peer_free(struct stream_peer *peer)
{
    tcp_peer_free(peer->tcp); /* nobody is accepted any more */
    for (unsigned i = 0; i < peer->count; i++) {
        pthread_mutex_lock(&peer->lock);
        if (peer->conns[i]->fd >= 0)
            shutdown(peer->conns[i]->fd, SHUT_RDWR);
        pthread_mutex_unlock(&peer->lock);
        pthread_join(peer->conns[i]->thread, NULL);
        free(peer->conns[i]);
    }
    pthread_mutex_destroy(&peer->lock);
    free(peer);
    return NULL;
}
