/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a peer that speaks HTTP/2 by hand and harms one call, at one phase of its answer.
 * Used by: test_call_faults.c, test_unsent.c.
 * Must not know: the library under test.
 *
 * Every other call is answered with headers, the message "0" and the status OK.
 */
#ifndef STREAM_PEER_H
#define STREAM_PEER_H

#include <stdbool.h>
#include <stdint.h>

struct stream_peer; /* opaque */

/* How far the answer has come when the harm is done. */
enum stream_phase {
    PHASE_BEFORE_HEADERS,
    PHASE_AFTER_HEADERS,
    PHASE_MID_MESSAGE,   /* half a message was sent */
    PHASE_BEFORE_STATUS, /* a whole one */
    PHASE_COUNT
};

/* What is done to the call. The connection's descriptor stays the peer's; false: it is spent. */
typedef bool stream_harm_fn(int fd, uint32_t stream);

stream_harm_fn harm_by_silence;
stream_harm_fn harm_by_reset;      /* of the connection */
stream_harm_fn harm_by_close;      /* of the connection */
stream_harm_fn harm_by_half_close; /* of the connection: it reads on */
stream_harm_fn harm_by_refusal;    /* RST_STREAM, INTERNAL_ERROR */
stream_harm_fn harm_by_goaway;     /* GOAWAY, which leaves this call out */
stream_harm_fn harm_by_end;        /* of the stream, without a status */
stream_harm_fn harm_by_garbage;    /* headers that cannot be decoded */
stream_harm_fn harm_by_nonsense;   /* SETTINGS that are cut short */
stream_harm_fn harm_by_giant_frame;
stream_harm_fn harm_by_large_message; /* 2,000 bytes */
stream_harm_fn harm_by_odd_status;    /* no number */
/* Answers that are no answers: after the headers. */
stream_harm_fn harm_by_empty_ok;         /* status OK, and no message */
stream_harm_fn harm_by_two_messages;     /* then status OK */
stream_harm_fn harm_by_endless_messages; /* two, and no status */
stream_harm_fn harm_by_half_message;     /* then status OK */
stream_harm_fn harm_by_bad_flag;         /* a first byte of 2, then status OK */
stream_harm_fn harm_by_unparsable;   /* a message that no protobuf decoder takes, then status OK */
stream_harm_fn harm_by_two_notes;    /* two messages, { 1: 7 } each, then status OK */
stream_harm_fn harm_by_peers_cancel; /* RST_STREAM, CANCEL */
/* Status UNAVAILABLE, with a wait for the next attempt; or with one that forbids it. */
stream_harm_fn harm_by_pushback; /* 300 ms */
stream_harm_fn harm_by_no_more;

/* Frames by the megabyte that say nothing. */
stream_harm_fn harm_by_unknown_frames;
stream_harm_fn harm_by_window_updates;

struct stream_peer *stream_peer_new(void);
const char *stream_peer_target(const struct stream_peer *peer);
/* Harm the next call. */
void stream_peer_arm(struct stream_peer *peer, enum stream_phase phase, stream_harm_fn *harm);
/* Harm the next so many calls. */
void stream_peer_arm_for(struct stream_peer *peer, unsigned calls, enum stream_phase phase,
                         stream_harm_fn *harm);
/* Answer the next so many calls with a status of its own: ":status", "grpc-status" ("" for none) and
 * "grpc-message", percent-encoded, below 127 bytes each; and close the connection then, or not. */
struct stream_answer {
    const char *http;
    const char *code;
    const char *message;
    bool closes;
};
void stream_peer_say(struct stream_peer *peer, unsigned calls, const struct stream_answer *answer);
/* How many were harmed since. */
unsigned stream_peer_harmed(const struct stream_peer *peer);
/* Returns NULL. */
struct stream_peer *stream_peer_free(struct stream_peer *peer);

#endif
