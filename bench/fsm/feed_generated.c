/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what fsm-gen makes of link.fsm, as a contender; compiled once for each way to dispatch.
 * Used by: main.c, by the name in BACK_END.
 * Must not know: how the machine works.
 */
#include "contender.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define STRING2(a) #a
#define STRING(a) STRING2(a)

static inline enum link_result dispatch(struct link *link, enum link_event ev)
{
    return link_dispatch(link, ev, NULL);
}

DEFINE_FEED(dispatch)

extern const struct contender JOIN(contender_, BACK_END);
const struct contender JOIN(contender_, BACK_END) = { STRING(BACK_END), link_init, feed };
