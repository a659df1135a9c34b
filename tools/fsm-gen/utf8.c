/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: telling characters of UTF-8 from bytes that are none. */
/* Called by: what writes JSON. */
/* Must not know: JSON. */
#include "utf8.h"

size_t fg_utf8_length(const unsigned char *s)
{
    static const struct {
        unsigned char mask, lead, low, high; /* low..high: what the second byte may be */
    } forms[] = {
        { 0x80, 0x00, 0, 0 },       { 0xe0, 0xc0, 0x80, 0xbf }, { 0xff, 0xe0, 0xa0, 0xbf },
        { 0xff, 0xed, 0x80, 0x9f }, { 0xf0, 0xe0, 0x80, 0xbf }, { 0xff, 0xf0, 0x90, 0xbf },
        { 0xff, 0xf4, 0x80, 0x8f }, { 0xf8, 0xf0, 0x80, 0xbf },
    };
    static const size_t lengths[] = { 1, 2, 3, 3, 3, 4, 4, 4 };

    if (*s == 0xc0 || *s == 0xc1 || *s > 0xf4)
        return 0;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if ((*s & forms[i].mask) != forms[i].lead)
            continue;
        if (lengths[i] > 1 && (s[1] < forms[i].low || s[1] > forms[i].high))
            return 0;
        for (size_t j = 2; j < lengths[i]; j++)
            if ((s[j] & 0xc0) != 0x80)
                return 0;
        return lengths[i];
    }
    return 0;
}
