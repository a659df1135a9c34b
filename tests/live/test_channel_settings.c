/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what a peer sees of a channel's settings.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "client.h"
#include "grpc_server.h"

static struct server *server;
static struct client client;
static struct client_op op;
static struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;

static void set_up(void)
{
    server = server_new(NULL);
}

static void tear_down(void)
{
    client_end(&client);
    server_free(server);
}

TestSuite(live_channel_settings, .init = set_up, .fini = tear_down);

static void ask(const char *method, const char *request)
{
    client_open(&client, server_target(server), &options);
    client_do(&client, &op, method, request);
}

Test(live_channel_settings, the_user_agent_begins_with_the_prefix)
{
    options.user_agent_prefix = "tool-service/1.2";

    ask("/test.Test/Header", "user-agent");

    cr_expect_eq(strncmp(op.reply, "tool-service/1.2 grpc-c/", 24), 0, "%s", op.reply);
}

Test(live_channel_settings, the_authority_is_the_one_that_was_set)
{
    options.authority = "service.example:443";

    ask("/test.Test/Header", ":authority");

    cr_expect_str_eq(op.reply, "service.example:443");
}

Test(live_channel_settings, a_reply_above_the_limit_ends_its_call)
{
    options.max_receive_bytes = 1000;

    ask("/test.Test/Size", "1001");

    cr_expect_eq(op.status.code, ISA_STATUS_RESOURCE_EXHAUSTED);
    cr_expect(strstr(op.status.message, "1001 vs. 1000"), "%s", op.status.message);
}

Test(live_channel_settings, a_reply_larger_than_the_default_is_received_when_allowed)
{
    options.max_receive_bytes = 5000000;

    ask("/test.Test/Size", "4999000");

    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.status.message);
    cr_expect_eq(op.reply_bytes, 4999000);
}

Test(live_channel_settings, a_request_above_the_limit_is_not_sent)
{
    options.max_send_bytes = 4;

    ask("/test.Test/Echo", "12345");

    cr_expect_eq(op.status.code, ISA_STATUS_RESOURCE_EXHAUSTED);
    cr_expect(strstr(op.status.message, "5 vs. 4"), "%s", op.status.message);
}

Test(live_channel_settings, a_retry_policy_in_the_service_config_retries)
{
    options.service_config = "{\"methodConfig\":[{\"name\":[{\"service\":\"test.Test\"}],"
                             "\"retryPolicy\":{\"maxAttempts\":3,\"initialBackoff\":\"0.01s\","
                             "\"maxBackoff\":\"0.02s\",\"backoffMultiplier\":1,"
                             "\"retryableStatusCodes\":[\"UNAVAILABLE\"]}}]}";

    ask("/test.Test/Fail", "14 not now");

    cr_expect_eq(op.status.code, ISA_STATUS_UNAVAILABLE);
    cr_expect_str_eq(op.status.message, "not now");
    cr_expect_eq(server_counts(server).calls, 3);
}

Test(live_channel_settings, a_service_config_that_core_refuses_fails_each_attempt)
{
    options.service_config = "{\"methodConfig\":5}";

    ask("/test.Test/Echo", "x");

    cr_expect_eq(op.status.code, ISA_STATUS_UNAVAILABLE);
    cr_expect_eq(op.status.reason, ISA_REASON_OTHER, "%s", isa_reason_name(op.status.reason));
    cr_expect(strstr(op.status.message, "grpc-core refuses the service_config"), "%s",
              op.status.message);
}
