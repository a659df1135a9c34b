/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the process: one case, its verdict, the exit status.
 * Used by: a shell, tests/interop.
 * Must not know: what a case does.
 */
#include "args.h"
#include "cases.h"
#include "run.h"

#include <stdio.h>

enum { EXIT_PASSED = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_CANNOT = 3 };

static int show(const struct run *run)
{
    const char *name = run->args->test_case->name;
    switch (run->verdict) {
    case VERDICT_PASSED:
        printf("%s: passed\n", name);
        return EXIT_PASSED;
    case VERDICT_CANNOT:
        printf("%s: cannot be run: %s\n", name, run->why);
        return EXIT_CANNOT;
    default:
        printf("%s: FAILED: %s\n", name, run->why);
        return EXIT_FAILED;
    }
}

int main(int argc, char **argv)
{
    struct args args;
    struct run run;
    switch (args_parse(argc, argv, &args)) {
    case ARGS_RUN:
        break;
    case ARGS_SHOWN:
        return EXIT_PASSED;
    default:
        return EXIT_USAGE;
    }
    if (run_begin(&run, &args) == 0)
        args.test_case->fn(&run);
    run_end(&run);
    return show(&run);
}
