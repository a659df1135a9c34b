/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: writing and telling apart HTTP/2 frames.
 * Used by: the laboratory's raw peer, stream_peer.c, through frames.h.
 * Must not know: which mistake is wanted.
 */
#include "frames.h"

#include <string.h>
#include <sys/socket.h>

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum { PREFACE_BYTES = sizeof preface - 1, HEAD_BYTES = 9 };

/* What is sent here fits into any socket's buffer; a client that is gone is no concern. */
void frame_send_bytes(int fd, const void *bytes, size_t size_bytes)
{
    if (size_bytes)
        (void)!send(fd, bytes, size_bytes, MSG_NOSIGNAL);
}

void frame_send(int fd, struct frame head, const void *bytes, size_t size_bytes)
{
    uint8_t frame[HEAD_BYTES + 1024] = {
        (uint8_t)(head.length >> 16),
        (uint8_t)(head.length >> 8),
        (uint8_t)head.length,
        head.type,
        head.flags,
        (uint8_t)(head.stream >> 24),
        (uint8_t)(head.stream >> 16),
        (uint8_t)(head.stream >> 8),
        (uint8_t)head.stream,
    };
    if (size_bytes > sizeof frame - HEAD_BYTES)
        size_bytes = sizeof frame - HEAD_BYTES;
    if (size_bytes)
        memcpy(frame + HEAD_BYTES, bytes, size_bytes);
    frame_send_bytes(fd, frame, HEAD_BYTES + size_bytes);
}

void frame_send_whole(int fd, enum frame_type type, unsigned flags, uint32_t stream,
                      const void *bytes, size_t size_bytes)
{
    struct frame head = { (uint32_t)size_bytes, (uint8_t)type, (uint8_t)flags, stream };
    frame_send(fd, head, bytes, size_bytes);
}

static void drop(struct frame_reader *reader, size_t count)
{
    memmove(reader->bytes, reader->bytes + count, reader->count - count);
    reader->count -= count;
}

static enum frame_news next_preface(struct frame_reader *reader)
{
    if (reader->count < PREFACE_BYTES)
        return FRAME_NOTHING;
    if (memcmp(reader->bytes, preface, PREFACE_BYTES) != 0)
        return FRAME_NONSENSE;
    drop(reader, PREFACE_BYTES);
    reader->has_preface = true;
    return FRAME_PREFACE;
}

enum frame_news frame_next(struct frame_reader *reader, struct frame *ret_frame)
{
    const uint8_t *b = reader->bytes;
    if (!reader->has_preface)
        return next_preface(reader);
    if (reader->count < HEAD_BYTES)
        return FRAME_NOTHING;
    *ret_frame = (struct frame){
        .length = (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2],
        .type = b[3],
        .flags = b[4],
        .stream = ((uint32_t)b[5] << 24 | (uint32_t)b[6] << 16 | (uint32_t)b[7] << 8 | b[8]) &
                  0x7fffffffU,
    };
    size_t whole = HEAD_BYTES + ret_frame->length;
    if (whole > sizeof reader->bytes)
        return FRAME_NONSENSE;
    if (reader->count < whole)
        return FRAME_NOTHING;
    drop(reader, whole);
    return FRAME_WHOLE;
}
