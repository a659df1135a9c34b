/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a strict reader of one JSON object whose values are strings and whole numbers.
 * Used by: the tests in this folder, to judge what programs write.
 * Must not know: what the members mean.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>

enum { JSON_NAME_SIZE = 64, JSON_VALUE_SIZE = 2048 };

struct json_member {
    char name[JSON_NAME_SIZE];
    bool is_string;
    char value[JSON_VALUE_SIZE]; /* a string's content as UTF-8, a number as written */
};

/*
 * Read a line that must be exactly one object in well-formed UTF-8. Returns the number of members,
 * or -1 when it is not such an object, or has more members than there is room for.
 */
int json_read(const char *line, struct json_member *members, size_t room);

/* The member of that name; NULL: there is none, or more than one. */
const struct json_member *json_find(const struct json_member *members, int count, const char *name);

#endif
