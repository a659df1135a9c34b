/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the log hook.
 * Used by: ctest.
 * Must not know: what the library logs.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "base.h"

struct heard {
    int lines;
    enum isa_log_level level;
    char line[2048];
};

static void hear(enum isa_log_level level, const char *line, void *user)
{
    struct heard *heard = user;
    heard->lines++;
    heard->level = level;
    strncpy(heard->line, line, sizeof heard->line - 1);
}

Test(base_log, without_a_hook_nothing_is_evaluated)
{
    int evaluations = 0;

    isa__log(ISA_LOG_ERROR, "%d", ++evaluations);

    cr_expect_eq(evaluations, 0);
}

Test(base_log, a_hook_hears_the_formatted_line_and_its_level)
{
    struct heard heard = { 0 };
    isa_set_log(hear, ISA_LOG_INFO, &heard);

    isa__log(ISA_LOG_WARNING, "target=%s attempt=%d", "a:1", 3);

    cr_expect_eq(heard.lines, 1);
    cr_expect_eq(heard.level, ISA_LOG_WARNING);
    cr_expect_str_eq(heard.line, "target=a:1 attempt=3");
}

Test(base_log, the_level_is_the_most_verbose_one_that_passes)
{
    struct heard heard = { 0 };
    isa_set_log(hear, ISA_LOG_WARNING, &heard);

    isa__log(ISA_LOG_ERROR, "1");
    isa__log(ISA_LOG_WARNING, "2");
    isa__log(ISA_LOG_INFO, "3");
    isa__log(ISA_LOG_DEBUG, "4");

    cr_expect_eq(heard.lines, 2);
    cr_expect_str_eq(heard.line, "2");
}

Test(base_log, a_hook_taken_away_hears_nothing_more)
{
    struct heard heard = { 0 };
    isa_set_log(hear, ISA_LOG_DEBUG, &heard);

    isa_set_log(NULL, ISA_LOG_DEBUG, NULL);
    isa__log(ISA_LOG_ERROR, "gone");

    cr_expect_eq(heard.lines, 0);
}

Test(base_log, an_unknown_level_is_refused_and_changes_nothing)
{
    struct heard heard = { 0 };
    isa_set_log(hear, ISA_LOG_ERROR, &heard);

    cr_expect_eq(isa_set_log(NULL, (enum isa_log_level)0, NULL), ISA_EINVAL);
    cr_expect_eq(isa_set_log(NULL, (enum isa_log_level)5, NULL), ISA_EINVAL);
    isa__log(ISA_LOG_ERROR, "still heard");

    cr_expect_eq(heard.lines, 1);
}

Test(base_log, a_long_line_is_cut_and_terminated)
{
    struct heard heard = { 0 };
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    isa_set_log(hear, ISA_LOG_DEBUG, &heard);

    isa__log(ISA_LOG_DEBUG, "%s", text);

    cr_expect_eq(strlen(heard.line), 1023);
}
