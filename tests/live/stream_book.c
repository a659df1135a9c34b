/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the book of a streaming call.
 * Used by: test_stream*.c, test_metadata.c, through stream_book.h.
 * Must not know: servers, the rooms behind the public headers.
 */
#include "stream_book.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void keep(char *to, size_t size, struct isa_bytes bytes)
{
    size_t length = bytes.size_bytes < size ? bytes.size_bytes : size - 1;
    if (length)
        memcpy(to, bytes.data, length);
    to[length] = '\0';
}

static void on_message(struct isa_call *call, const struct isa_message *message, void *user)
{
    struct stream_book *book = user;
    cr_assert_eq(call, book->call ? book->call : call);
    book->late += book->ends > 0;
    book->messages++;
    book->bytes += message->bytes.size_bytes;
    keep(book->last, sizeof book->last, message->bytes);
    book->out_of_order += strtoul(book->last, NULL, 10) != book->next++;
    if (book->on_message)
        book->on_message(book);
}

static void on_headers(struct isa_call *call, const struct isa_metadata *headers, void *user)
{
    struct stream_book *book = user;
    struct isa_bytes value = { 0 };
    (void)call;
    book->late += book->ends > 0 || (book->messages > 0 && book->headers == 0);
    book->headers++;
    if (isa_metadata_get(headers, "x-initial", &value))
        keep(book->initial, sizeof book->initial, value);
}

static void on_writable(struct isa_call *call, void *user)
{
    struct stream_book *book = user;
    (void)call;
    book->late += book->ends > 0;
    book->writables++;
    if (book->on_writable)
        book->on_writable(book);
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct stream_book *book = user;
    struct isa_bytes value = { 0 };
    (void)call;
    book->ends++;
    book->status = reply->status;
    snprintf(book->text, sizeof book->text, "%s", reply->status.message);
    book->status.message = book->text;
    keep(book->reply, sizeof book->reply, reply->bytes);
    if (isa_metadata_get(reply->trailers, "x-trailing-bin", &value))
        keep(book->trailing, sizeof book->trailing, value);
}

struct isa_stream book_stream(struct stream_book *book, const char *method, const char *request)
{
    struct isa_stream stream = ISA_STREAM_INIT;
    memset(book, 0, sizeof *book);
    stream.method = method;
    if (request)
        stream.request_bytes = (struct isa_bytes){ request, strlen(request) };
    stream.half_close = request != NULL;
    stream.on_message = on_message;
    stream.on_headers = on_headers;
    stream.on_writable = on_writable;
    stream.on_end = on_end;
    stream.user = book;
    return stream;
}

void book_start(struct stream_book *book, struct client *client, const struct isa_stream *stream)
{
    book->client = client;
    int error = isa_call_stream(client->conn, stream, &book->call);
    cr_assert_eq(error, 0, "%s", isa_error_name(error));
}

static bool has_ended(void *arg)
{
    return ((struct stream_book *)arg)->ends > 0;
}

void book_await_end(struct stream_book *book)
{
    client_await(book->client, has_ended, book);
}

struct want {
    const struct stream_book *book;
    unsigned count;
};

static bool has_messages(void *arg)
{
    const struct want *want = arg;
    return want->book->messages >= want->count;
}

void book_await_messages(struct stream_book *book, unsigned count)
{
    struct want want = { book, count };
    client_await(book->client, has_messages, &want);
}

void book_end(struct stream_book *book)
{
    book->call = isa_call_unref(book->call);
    cr_assert_eq(book->ends, 1, "a stream ends once");
    cr_assert_eq(book->late, 0, "nothing is heard after the end, and headers come first");
}
