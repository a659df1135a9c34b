/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the grammar of a duration, a whole number and a unit, and its limits.
 * Used by: args.c, through duration.h.
 * Must not know: which option a duration is for.
 */
#include "duration.h"

#include <stdio.h>
#include <string.h>

#define LONGEST_MS 2147483647u

struct unit {
    const char *name;
    uint32_t ms;
};

static const struct unit units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };

static uint32_t ms_of_unit(const char *name)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i].name, name) == 0)
            return units[i].ms;
    return 0;
}

int duration_parse(const char *text, uint32_t *ret_ms, char *why, size_t why_size_bytes)
{
    size_t digits = strspn(text, "0123456789");
    uint64_t number = 0;
    for (size_t i = 0; i < digits && number <= LONGEST_MS; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');

    if (digits == 0) {
        snprintf(why, why_size_bytes, "a duration is a whole number and a unit: 250ms, 5s, 2m, 1h");
        return -1;
    }
    if (text[digits] == '\0') {
        snprintf(why, why_size_bytes, "a duration needs a unit: write %.10ss or %.10sms", text,
                 text);
        return -1;
    }
    uint32_t unit_ms = ms_of_unit(text + digits);
    if (unit_ms == 0) {
        snprintf(why, why_size_bytes, "a duration is a whole number and a unit: ms, s, m or h");
        return -1;
    }
    if (number == 0) {
        snprintf(why, why_size_bytes, "a duration is at least 1ms");
        return -1;
    }
    if (number > LONGEST_MS / unit_ms) {
        snprintf(why, why_size_bytes, "a duration is at most %uh", LONGEST_MS / 3600000u);
        return -1;
    }
    *ret_ms = (uint32_t)number * unit_ms;
    return 0;
}
