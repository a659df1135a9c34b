/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the promises of `check`: always_reachable (E15) and leads_to (E16). */
/* Called by: main. */
/* Must not know: guards (every branch counts as possible), C. */
#include "model.h"

void fg_check_temporal(struct fg_model *model)
{
    for (const struct fg_check *c = model->spec->checks; c != NULL; c = c->next)
        fg_error(model->spec->diag, c->at, "'check' is not supported yet");
}
