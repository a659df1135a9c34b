/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the entries of the book and what is counted when one is completed.
 * Used by: traffic.c, main.c, summary.c, through book.h.
 * Must not know: how operations are made, when etcd is killed.
 */
#include "book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct operation *book_start(struct book *book, bool is_get, bool started_up)
{
    struct operation *operation = calloc(1, sizeof *operation);
    if (operation == NULL)
        return NULL;
    operation->book = book;
    operation->number = ++book->started;
    operation->is_get = is_get;
    operation->started_up = started_up;
    operation->next = book->newest;
    book->newest = operation;
    book->pending++;
    return operation;
}

void book_refuse(struct book *book)
{
    struct operation *operation = book->newest;
    book->newest = operation->next;
    book->started--;
    book->pending--;
    book->refused++;
    free(operation);
}

static bool contains(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; *text != '\0'; text++)
        if (strncasecmp(text, part, length) == 0)
            return true;
    return false;
}

static void count_failure(struct book *book, const struct isa_status *status)
{
    struct tally *tally = book->tallies;
    struct tally *end = book->tallies + book->tally_count;
    while (tally < end && (tally->code != status->code || tally->reason != status->reason))
        tally++;
    if (tally == book->tallies + BOOK_TALLIES)
        return; /* more kinds of failure than are shown; book->failed counts them all */
    if (tally == end) {
        book->tally_count++;
        tally->code = status->code;
        tally->reason = status->reason;
        snprintf(tally->text, sizeof tally->text, "%s", status->message);
    }
    tally->count++;
}

void book_end(struct operation *operation, const struct isa_status *status, bool is_right_value)
{
    struct book *book = operation->book;
    if (operation->completions++ > 0) {
        book->repeated++;
        return;
    }
    book->pending--;
    operation->is_ok = status->code == ISA_STATUS_OK && is_right_value;
    book->wrong_values += !is_right_value;
    if (operation->is_ok)
        book->ok++;
    else
        book->failed++;
    if (status->code != ISA_STATUS_OK) {
        count_failure(book, status);
        book->closed_texts += contains(status->message, "channel is closed") ||
                              contains(status->message, "closed channel");
    }
    if (!operation->started_up || operation->in_flight_at_kill)
        return;
    book->up++;
    if (!operation->is_ok && book->up_failed++ == 0)
        snprintf(book->up_text, sizeof book->up_text, "operation %llu: %s: %s",
                 (unsigned long long)operation->number, isa_status_name((int)status->code),
                 is_right_value ? status->message : "not the value that was put");
}

void book_mark_kill(struct book *book)
{
    for (struct operation *o = book->newest; o != NULL; o = o->next)
        if (o->completions == 0)
            o->in_flight_at_kill = true;
}

uint64_t book_count_incomplete(const struct book *book)
{
    uint64_t count = 0;
    for (const struct operation *o = book->newest; o != NULL; o = o->next)
        count += o->completions != 1;
    return count;
}

void book_fini(struct book *book)
{
    while (book->newest != NULL) {
        struct operation *next = book->newest->next;
        free(book->newest);
        book->newest = next;
    }
}
