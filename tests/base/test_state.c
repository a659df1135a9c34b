/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the names and texts of states and reasons.
 * Used by: ctest.
 * Must not know: how a state comes about.
 */
#include <criterion/criterion.h>

#include <isa/state.h>

#include <ctype.h>
#include <string.h>

Test(base_state, states_have_the_names_and_the_order_of_grpc)
{
    static const char *const names[] = { "IDLE", "CONNECTING", "READY", "TRANSIENT_FAILURE",
                                         "SHUTDOWN" };

    for (int state = 0; state < 5; state++)
        cr_expect_str_eq(isa_state_name((enum isa_state)state), names[state], "%d", state);
}

Test(base_state, a_number_that_is_no_state_has_no_name)
{
    cr_expect_str_eq(isa_state_name((enum isa_state)5), "?");
    cr_expect_str_eq(isa_state_name((enum isa_state)77), "?");
}

Test(base_state, every_reason_has_its_name_and_meaning)
{
#define EXPECT_WORDS(name, string, meaning)                                                        \
    cr_expect_str_eq(isa_reason_name(ISA_REASON_##name), string);                                  \
    cr_expect_str_eq(isa_reason_text(ISA_REASON_##name), meaning);
    ISA_REASON_MAP(EXPECT_WORDS)
#undef EXPECT_WORDS
}

Test(base_state, reason_names_are_distinct_and_fit_for_metrics)
{
    for (int a = 0; a < ISA_REASON_COUNT; a++) {
        const char *name = isa_reason_name((enum isa_reason)a);
        for (const char *at = name; *at; at++)
            cr_expect(islower((unsigned char)*at) || *at == '_', "%s", name);
        for (int b = 0; b < a; b++)
            cr_expect_str_neq(name, isa_reason_name((enum isa_reason)b));
    }
}

Test(base_state, a_number_that_is_no_reason_has_no_words)
{
    static const unsigned numbers[] = { ISA_REASON_COUNT, 1000, 0xffffffffU };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        cr_expect_str_eq(isa_reason_name((enum isa_reason)numbers[i]), "?", "%u", numbers[i]);
        cr_expect_str_eq(isa_reason_text((enum isa_reason)numbers[i]), "?", "%u", numbers[i]);
    }
}
