/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: names and texts of states and reasons.
 * Used by: applications, every room's log lines.
 * Must not know: how a state came about.
 */
#include "base.h"

struct words {
    const char *name;
    const char *text;
};

static const struct words reasons[] = {
#define REASON_WORDS(name, string, meaning) [ISA_REASON_##name] = { string, meaning },
    ISA_REASON_MAP(REASON_WORDS)
#undef REASON_WORDS
};

const char *isa_state_name(enum isa_state state)
{
    switch (state) {
    case ISA_STATE_IDLE:
        return "IDLE";
    case ISA_STATE_CONNECTING:
        return "CONNECTING";
    case ISA_STATE_READY:
        return "READY";
    case ISA_STATE_TRANSIENT_FAILURE:
        return "TRANSIENT_FAILURE";
    case ISA_STATE_SHUTDOWN:
        return "SHUTDOWN";
    }
    return "?";
}

static const struct words *words_of(enum isa_reason reason)
{
    static const struct words unknown = { "?", "?" };
    unsigned at = (unsigned)reason;
    return at < ISA_REASON_COUNT ? &reasons[at] : &unknown;
}

const char *isa_reason_name(enum isa_reason reason)
{
    return words_of(reason)->name;
}

const char *isa_reason_text(enum isa_reason reason)
{
    return words_of(reason)->text;
}
