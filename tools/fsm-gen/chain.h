/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: how many local events may follow one another before the machine rests. */
/* Called by: flatten (room for events that wait), the report; what is local: the check of livelocks. */
/* Must not know: which action sends which event: that is not written down. */
#ifndef FG_CHAIN_H
#define FG_CHAIN_H

#include "model.h"

struct fg_chain {
    const struct fg_trans *
        *steps; /* length of them; of an endless one, as far as it was followed */
    int length;
    bool is_endless; /* it may come round */
};

/* The longest one: each step but the last goes on to a state and has an action. */
struct fg_chain fg_longest_chain(const struct fg_model *model);

bool fg_is_local(const struct fg_model *model, int event);

/* Only a step with an action can send the event of the next step. */
bool fg_runs_action(const struct fg_model *model, const struct fg_trans *trans);

#endif
