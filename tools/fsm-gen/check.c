/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the order of the steps from a specification that was read to a model that was judged. */
/* Called by: main, the fuzzer. */
/* Must not know: how any step works. */
#include "model.h"

void fg_check(struct fg_model *model, struct fg_spec *spec)
{
    if (spec->is_unreadable)
        return;
    /* What could not be read may be what seems to be missing. */
    model->lost_states = model->lost_events = model->lost_uses = fg_diag_errors(spec->diag) > 0;
    fg_resolve(model, spec);
    fg_check_generated_names(model);
    fg_flatten(model);
    if (model->cells == NULL)
        return;
    fg_check_cells(model);
    fg_check_guards(model);
    fg_check_payloads(model);
    fg_check_effects(model);
    fg_check_projects(model);
    fg_check_states(model);
    fg_check_deadlines(model);
    fg_check_handlers(model);
    fg_check_unused(model);
    fg_check_defer(model);
    fg_check_hidden(model);
    fg_check_livelock(model);
    fg_check_resources(model);
    fg_check_temporal(model);
    fg_check_equal(model);
}
