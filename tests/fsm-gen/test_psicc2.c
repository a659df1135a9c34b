/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the published trace of a machine with every kind of transition between nested states. */
/* Called by: ctest. */
/* Must not know: how the generator works. */
#include "psicc2_with_fsm.h"

#include <criterion/criterion.h>
#include <string.h>

#define ACTION(name, text)                                                                         \
    void psicc2_act_##name(struct psicc2 *ctx)                                                     \
    {                                                                                              \
        record(&ctx->recorder, text);                                                              \
    }

ACTION(in_s, "s-ENTRY")
ACTION(out_s, "s-EXIT")
ACTION(in_s1, "s1-ENTRY")
ACTION(out_s1, "s1-EXIT")
ACTION(in_s11, "s11-ENTRY")
ACTION(out_s11, "s11-EXIT")
ACTION(in_s2, "s2-ENTRY")
ACTION(out_s2, "s2-EXIT")
ACTION(in_s21, "s21-ENTRY")
ACTION(out_s21, "s21-EXIT")
ACTION(in_s211, "s211-ENTRY")
ACTION(out_s211, "s211-EXIT")
ACTION(s_e, "s-E")
ACTION(s_i, "s-I")
ACTION(s1_a, "s1-A")
ACTION(s1_b, "s1-B")
ACTION(s1_c, "s1-C")
ACTION(s1_d, "s1-D")
ACTION(s1_f, "s1-F")
ACTION(s1_i, "s1-I")
ACTION(s11_d, "s11-D")
ACTION(s11_g, "s11-G")
ACTION(s11_h, "s11-H")
ACTION(s2_c, "s2-C")
ACTION(s2_f, "s2-F")
ACTION(s2_i, "s2-I")
ACTION(s21_a, "s21-A")
ACTION(s21_b, "s21-B")
ACTION(s21_g, "s21-G")
ACTION(s211_d, "s211-D")
ACTION(s211_h, "s211-H")

void psicc2_act_set_foo(struct psicc2 *ctx)
{
    ctx->a = true;
}

void psicc2_act_clear_foo(struct psicc2 *ctx)
{
    ctx->a = false;
}

bool psicc2_grd_foo(const struct psicc2 *ctx)
{
    return ctx->a;
}

void psicc2_on_unexpected(struct psicc2 *ctx, enum psicc2_state state, enum psicc2_event ev)
{
    record(&ctx->recorder, "unexpected:%s/%s", psicc2_state_name(state), psicc2_event_name(ev));
}

/* As published, but for what initial transitions print: they have no actions here. There the action
 * of a transition comes before the exits; here it comes behind them, as UML says. */
static const struct step {
    enum psicc2_event event;
    const char *text;
} steps[] = {
    { PSICC2_EV_A, "s211-EXIT s21-EXIT s21-A s21-ENTRY s211-ENTRY" },
    { PSICC2_EV_B, "s211-EXIT s21-B s211-ENTRY" },
    { PSICC2_EV_D, "s211-EXIT s211-D s211-ENTRY" },
    { PSICC2_EV_E, "s211-EXIT s21-EXIT s2-EXIT s-E s1-ENTRY s11-ENTRY" },
    { PSICC2_EV_I, "s1-I" },
    { PSICC2_EV_F, "s11-EXIT s1-EXIT s1-F s2-ENTRY s21-ENTRY s211-ENTRY" },
    { PSICC2_EV_I, "s2-I" },
    { PSICC2_EV_I, "s-I" },
    { PSICC2_EV_F, "s211-EXIT s21-EXIT s2-EXIT s2-F s1-ENTRY s11-ENTRY" },
    { PSICC2_EV_A, "s11-EXIT s1-EXIT s1-A s1-ENTRY s11-ENTRY" },
    { PSICC2_EV_B, "s11-EXIT s1-B s11-ENTRY" },
    { PSICC2_EV_D, "s11-EXIT s1-EXIT s1-D s1-ENTRY s11-ENTRY" },
    { PSICC2_EV_D, "s11-EXIT s11-D s11-ENTRY" },
    { PSICC2_EV_E, "s11-EXIT s1-EXIT s-E s1-ENTRY s11-ENTRY" },
    { PSICC2_EV_G, "s11-EXIT s1-EXIT s11-G s2-ENTRY s21-ENTRY s211-ENTRY" },
    { PSICC2_EV_H, "s211-EXIT s21-EXIT s2-EXIT s211-H s1-ENTRY s11-ENTRY" },
    { PSICC2_EV_H, "s11-EXIT s1-EXIT s11-H s1-ENTRY s11-ENTRY" },
    { PSICC2_EV_C, "s11-EXIT s1-EXIT s1-C s2-ENTRY s21-ENTRY s211-ENTRY" },
    { PSICC2_EV_G, "s211-EXIT s21-EXIT s2-EXIT s21-G s1-ENTRY s11-ENTRY" },
    { PSICC2_EV_C, "s11-EXIT s1-EXIT s1-C s2-ENTRY s21-ENTRY s211-ENTRY" },
    { PSICC2_EV_C, "s211-EXIT s21-EXIT s2-EXIT s2-C s1-ENTRY s11-ENTRY" },
};

Test(fsm_gen_psicc2, does_what_is_published_in_22_steps)
{
    static struct psicc2 machine;

    psicc2_init(&machine);
    (void)psicc2_start(&machine);
    cr_expect_str_eq(take_record(&machine.recorder), "s-ENTRY s2-ENTRY s21-ENTRY s211-ENTRY");

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        (void)psicc2_dispatch(&machine, steps[i].event, NULL);
        cr_expect_str_eq(take_record(&machine.recorder), steps[i].text, "step %zu", i + 2);
    }
}
