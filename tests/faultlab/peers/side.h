/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what all kinds of peers share: settings, the line to the parent, sockets.
 * Used by: the files of isa-faultlab-peer.
 * Must not know: the library under test; what a kind of peer does.
 */
#ifndef SIDE_H
#define SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIDE_CONTROL = 0, SIDE_LINE_BYTES = 128 };

/* The command line: "name=value" words. */
struct side_settings {
    char **words;
    int count;
};
long side_number(const struct side_settings *settings, const char *name);
/* "" when it is not there. */
const char *side_text(const struct side_settings *settings, const char *name);

/* Wait for a line of the parent. False: the parent is gone. */
bool side_hear(char line[SIDE_LINE_BYTES]);
/* Each line gets one answer, and so does the start: "I listen". */
void side_answer(unsigned number);
/* Whether the line begins with this word; its argument then stands in ret_rest, which may be NULL. */
bool side_is(const char *line, const char *word, const char **ret_rest);

/* End the process when something did not work. */
void side_must(bool is_done, const char *what);
uint64_t side_now_us(void);

/* A socket that is bound to an address of loopback ("": the peers' usual one) and does not listen. */
int side_bind_tcp(const char *address, uint16_t port);
int side_connect_tcp(uint16_t port);
void side_listen(int fd);
/* Close with a reset instead of an orderly end. */
void side_reset(int fd);

/* The kinds: each returns when the parent is gone. */
void peer_grpc(const struct side_settings *settings);
void peer_raw(const struct side_settings *settings);
void peer_proxy(const struct side_settings *settings);
void peer_dns(const struct side_settings *settings);
void peer_raw_list(void);

#endif
