/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the cases of many calls: one after the other, each on a new connection, all at once.
 * Used by: cases.c.
 * Must not know: flags other than those of the soaks.
 */
#include "args.h"
#include "cases.h"
#include "messages.h"

#include "test.isa.h"

#include <inttypes.h>

/* What a soak has counted. */
struct soak {
    uint32_t failures;
    uint32_t late;
    uint64_t longest_us;
    struct answer answer;
    uint64_t duration_us;
};

static void on_reply(struct isa_call *call, const Grpc__Testing__SimpleResponse *response,
                     const struct isa_reply *reply, void *user)
{
    struct soak *soak = user;
    (void)call;
    soak->duration_us = reply->duration_us;
    if (response != NULL)
        answer_body(&soak->answer, response->payload);
    answer_end(&soak->answer, reply);
}

static void iterate(struct run *run, struct isa_conn *conn, struct soak *soak)
{
    struct simple_request request;
    simple_request_init(&request, LARGE_REPLY, LARGE_REQUEST);
    soak->answer = (struct answer){ 0 };
    run_started(
        run,
        grpc_testing_test_service_unary_call(conn, &request.message, NULL, on_reply, soak, NULL),
        &soak->answer.is_done);

    soak->failures += soak->answer.code != ISA_STATUS_OK || !soak->answer.body_is_zero ||
                      soak->answer.body_bytes != LARGE_REPLY;
    soak->late += soak->duration_us > run->args->soak_latency_ms * UINT64_C(1000);
    if (soak->duration_us > soak->longest_us)
        soak->longest_us = soak->duration_us;
}

static void judge(struct run *run, const struct soak *soak)
{
    const struct args *args = run->args;
    if (soak->failures + soak->late <= args->soak_max_failures)
        return;
    run_fail(
        run,
        "of %" PRIu32 " iterations %" PRIu32 " failed and %" PRIu32 " took more than %" PRIu32
        " ms (the longest %" PRIu64 " us); %" PRIu32 " are allowed. The last ended with %s: %s",
        args->soak_iterations, soak->failures, soak->late, args->soak_latency_ms, soak->longest_us,
        args->soak_max_failures, isa_status_name((int)soak->answer.code), soak->answer.message);
}

void case_rpc_soak(struct run *run)
{
    struct soak soak = { 0 };
    for (uint32_t i = 0; i < run->args->soak_iterations && !run_is_over(run); i++)
        iterate(run, run->conn, &soak);
    judge(run, &soak);
}

/* Handles with equal settings share a connection, so the old one is ended before the next is opened. */
void case_channel_soak(struct run *run)
{
    struct soak soak = { 0 };
    for (uint32_t i = 0; i < run->args->soak_iterations && !run_is_over(run); i++) {
        struct isa_conn *conn = NULL;
        if (run_open(run, &conn) != 0)
            break;
        iterate(run, conn, &soak);
        isa_conn_force_close(conn);
        isa_conn_unref(conn);
    }
    judge(run, &soak);
}

/* Many calls at once. */
struct crowd {
    struct run *run;
    size_t left;
    bool is_done;
};

static void on_one_of_many(struct isa_call *call, const Grpc__Testing__SimpleResponse *response,
                           const struct isa_reply *reply, void *user)
{
    struct crowd *crowd = user;
    struct answer answer = { 0 };
    (void)call;
    if (response != NULL)
        answer_body(&answer, response->payload);
    answer_end(&answer, reply);
    expect_body(crowd->run, &answer, LARGE_REPLY);
    crowd->is_done = --crowd->left == 0;
}

void case_concurrent_large_unary(struct run *run)
{
    enum { CALLS = 1000, DEADLINE_MS = 300000 };
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    struct crowd crowd = { .run = run, .left = CALLS };
    struct simple_request request;
    simple_request_init(&request, LARGE_REPLY, LARGE_REQUEST);
    options.deadline_ms = DEADLINE_MS;

    for (size_t i = 0; i < CALLS; i++) {
        int error = grpc_testing_test_service_unary_call(run->conn, &request.message, &options,
                                                         on_one_of_many, &crowd, NULL);
        if (error < 0) {
            run_fail(run, "call %zu could not be started: %s", i + 1, isa_error_text(error));
            crowd.left -= CALLS - i;
            crowd.is_done = crowd.left == 0;
            break;
        }
    }
    run_wait(run, &crowd.is_done);
}
