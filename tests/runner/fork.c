/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: running Criterion tests under ThreadSanitizer and valgrind: one fork per test, Criterion's
 *       own output.
 * Used by: isa_add_test() in a build with ISA_SANITIZE=thread or ISA_FORK_RUNNER.
 * Must not know: what is tested.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Criterion maps an arena at an address of its choice, which ThreadSanitizer keeps for itself, so
 * no program linked with both starts. The tests stay as they are: these definitions come before
 * the library's, and its runner, arena and event pipe are never entered.
 */
enum { EXIT_SKIPPED = 77 };

extern struct criterion_test *__start_cr_tst[];
extern struct criterion_test *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[] __attribute__((weak));
extern struct criterion_suite *__stop_cr_sts[] __attribute__((weak));

static const struct criterion_test *running;
static void *running_param;
static bool has_failed;

static const struct criterion_test_extra_data *suite_data(const struct criterion_test *test)
{
    static const struct criterion_test_extra_data none;
    for (struct criterion_suite **at = __start_cr_sts; at != __stop_cr_sts; at++)
        if (*at && (*at)->data && strcmp((*at)->name, test->category) == 0)
            return (*at)->data;
    return &none;
}

static void report(const char *verdict, const char *detail)
{
    printf("[%s] %s::%s%s%s\n", verdict, running->category, running->name, detail[0] ? ": " : "",
           detail);
    fflush(stdout);
}

/* What a test calls, by way of Criterion's macros. */

void criterion_internal_test_setup(void)
{
    const struct criterion_test_extra_data *suite = suite_data(running);
    if (suite->init)
        suite->init();
    if (running->data->init)
        running->data->init();
}

void criterion_internal_test_main(void (*body)(void))
{
    if (running->data->kind_ == CR_TEST_PARAMETERIZED)
        ((void (*)(void *))body)(running_param);
    else
        body();
}

void criterion_internal_test_teardown(void)
{
    const struct criterion_test_extra_data *suite = suite_data(running);
    if (running->data->fini)
        running->data->fini();
    if (suite->fini)
        suite->fini();
}

void criterion_send_assert(struct criterion_assert_stats *stats)
{
    if (stats->passed)
        return;
    printf("[----] %s:%u: Assertion Failed\n[----]   %s\n", stats->file, stats->line,
           stats->message);
    fflush(stdout);
}

void cri_asserts_passed_incr(void)
{
}

void criterion_continue_test(void)
{
    has_failed = true;
}

void criterion_abort_test(void)
{
    exit(EXIT_FAILURE);
}

void criterion_skip_test(const char *format, ...)
{
    char reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    report("SKIP", reason);
    exit(EXIT_SKIPPED);
}

void criterion_test_die(const char *message, ...)
{
    report("FAIL", message);
    exit(EXIT_FAILURE);
}

void *cr_malloc(size_t size)
{
    return malloc(size);
}

void *cr_calloc(size_t count, size_t size)
{
    return calloc(count, size);
}

void *cr_realloc(void *memory, size_t size)
{
    return realloc(memory, size);
}

void cr_free(void *memory)
{
    free(memory);
}

/* The runner. */

enum verdict { PASSED, FAILED, CRASHED, SKIPPED };

static void run_in_child(void)
{
    double timeout_s = running->data->timeout;
    if (timeout_s <= 0)
        timeout_s = suite_data(running)->timeout;
    if (timeout_s > 0)
        alarm((unsigned)timeout_s + 1);
    running->test();
    exit(has_failed ? EXIT_FAILURE : EXIT_SUCCESS);
}

static enum verdict judge(int status)
{
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == running->data->signal ? PASSED : CRASHED;
    if (running->data->signal != 0)
        return FAILED;
    if (WEXITSTATUS(status) == EXIT_SKIPPED && running->data->exit_code != EXIT_SKIPPED)
        return SKIPPED;
    return WEXITSTATUS(status) == running->data->exit_code ? PASSED : FAILED;
}

static enum verdict run_one(void)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        run_in_child();
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("fork");
        return CRASHED;
    }
    return judge(status);
}

static void count_one(unsigned count[4])
{
    enum verdict verdict = run_one();
    count[verdict]++;
    if (verdict == PASSED)
        report("PASS", "");
    else if (verdict != SKIPPED)
        report("FAIL", verdict == CRASHED ? "CRASH!" : "");
}

static void count_params(unsigned count[4])
{
    struct criterion_test_params params = running->data->param_();
    for (size_t i = 0; i < params.length; i++) {
        running_param = (char *)params.params + i * params.size;
        count_one(count);
    }
    if (params.cleanup)
        params.cleanup(&params);
}

int main(void)
{
    unsigned count[4] = { 0 };
    for (struct criterion_test **at = __start_cr_tst; at != __stop_cr_tst; at++) {
        running = *at;
        if (!running)
            continue;
        if (running->data->disabled || suite_data(running)->disabled)
            report("SKIP", "disabled");
        else if (running->data->kind_ == CR_TEST_PARAMETERIZED)
            count_params(count);
        else
            count_one(count);
    }
    unsigned failing = count[FAILED] + count[CRASHED];
    printf("[====] Synthesis: Tested: %u | Passing: %u | Failing: %u | Crashing: %u\n",
           count[PASSED] + failing, count[PASSED], failing, count[CRASHED]);
    return failing > 0;
}
