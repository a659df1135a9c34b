/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the record of what a test machine did, as one line of words. */
/* Called by: the tests of generated machines. */
/* Must not know: any machine. */
#ifndef RECORDER_H
#define RECORDER_H

struct recorder {
    char text[1024];
};

/* Append one word, formatted as by printf. */
void record(struct recorder *recorder, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The record so far; it begins anew afterwards. Valid until the next call. */
const char *take_record(struct recorder *recorder);

#endif
