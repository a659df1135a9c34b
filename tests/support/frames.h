/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: HTTP/2 frames, right and wrong, as bytes on a socket; what a client says, told apart.
 * Used by: the laboratory's raw peer, stream_peer.c.
 * Must not know: which mistake is wanted.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_type {
    FRAME_DATA = 0,
    FRAME_HEADERS = 1,
    FRAME_RST_STREAM = 3,
    FRAME_SETTINGS = 4,
    FRAME_PING = 6,
    FRAME_GOAWAY = 7,
    FRAME_WINDOW_UPDATE = 8,
    FRAME_CONTINUATION = 9,
};

enum { FLAG_ACK = 1, FLAG_END_STREAM = 1, FLAG_END_HEADERS = 4, FLAG_PADDED = 8 };

struct frame {
    uint32_t length;
    uint8_t type;
    uint8_t flags;
    uint32_t stream;
};

/* The head of a frame and the bytes behind it, which may be fewer or more than the head says. */
void frame_send(int fd, struct frame head, const void *bytes, size_t size_bytes);
/* A frame as it should be. */
void frame_send_whole(int fd, enum frame_type type, unsigned flags, uint32_t stream,
                      const void *bytes, size_t size_bytes);
void frame_send_bytes(int fd, const void *bytes, size_t size_bytes);

/* What has come from a client and was not told apart yet. */
struct frame_reader {
    uint8_t bytes[65536];
    size_t count;
    bool has_preface;
};

enum frame_news { FRAME_NOTHING, FRAME_PREFACE, FRAME_WHOLE, FRAME_NONSENSE };

/* Take the next thing off the reader: the preface first, then frames (of which only the head is
 * given). */
enum frame_news frame_next(struct frame_reader *reader, struct frame *ret_frame);

#endif
