/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one streaming call of a client, with a book of what it heard.
 * Used by: test_stream*.c, test_metadata.c.
 * Must not know: servers, the rooms behind the public headers.
 */
#ifndef STREAM_BOOK_H
#define STREAM_BOOK_H

#include "client.h"

enum { BOOK_TEXT_BYTES = 512 };

struct stream_book {
    struct client *client;
    struct isa_call *call; /* a reference, until book_end() */
    unsigned long next;    /* the number that the next message should begin with */
    size_t bytes;
    struct isa_gap gap; /* the last one */
    struct isa_status status;
    /* Optional, inside the callbacks. */
    void (*on_message)(struct stream_book *book);
    void (*on_writable)(struct stream_book *book);
    void (*on_resume)(struct stream_book *book);
    unsigned messages;
    unsigned out_of_order;
    unsigned headers;
    unsigned writables;
    unsigned resumes;
    unsigned ends;
    unsigned late; /* anything after the end */
    unsigned user;
    char last[64];    /* the start of the last message */
    char initial[64]; /* "x-initial" */
    char text[BOOK_TEXT_BYTES];
    char reply[64];
    char trailing[64]; /* "x-trailing-bin" */
};

/* A stream to start from, of which the book hears everything. */
struct isa_stream book_stream(struct stream_book *book, const char *method, const char *request);
/* A test's own settings in; asserts that it was accepted. */
void book_start(struct stream_book *book, struct client *client, const struct isa_stream *stream);
void book_await_end(struct stream_book *book);
void book_await_messages(struct stream_book *book, unsigned count);
/* Give the call back, and assert that it ended once and nothing came after. */
void book_end(struct stream_book *book);

#endif
