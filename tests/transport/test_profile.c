/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what goes into a profile, its ranges and its digest.
 * Used by: ctest.
 * Must not know: channels.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "failing_alloc.h"
#include "identity.h"
#include "profile.h"

static struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
static struct isa_tls_options tls = ISA_TLS_OPTIONS_INIT;
static char words[256];

static int check(void)
{
    struct isa__text why;
    isa__text_init(&why, words, sizeof words);
    return isa__tr_profile_check(&options, &why);
}

static void expect_refusal(int error, const char *sentence)
{
    cr_expect_eq(check(), error, "%s", sentence);
    cr_expect_str_eq(words, sentence, "%s", words);
}

Test(transport_profile, defaults_need_none)
{
    struct isa__tr_profile *profile = (void *)&options;

    cr_assert_eq(check(), 0);
    cr_assert_eq(isa__tr_profile_new(&options, &profile), 0);

    cr_expect_null(profile);
}

Test(transport_profile, all_zero_tls_is_tls)
{
    struct isa__tr_profile *profile;
    options.tls = &tls;

    cr_assert_eq(check(), 0, "%s", words);
    cr_assert_eq(isa__tr_profile_new(&options, &profile), 0);

    cr_expect(profile->has_tls);
    cr_expect_eq(strlen(isa__tr_profile_digest(profile)), 64);
    isa__tr_profile_unref(profile);
}

Test(transport_profile, headers_keep_their_bounds)
{
    char text[300];
    memset(text, 'a', sizeof text);
    text[256] = '\0';
    options.user_agent_prefix = text;
    cr_expect_eq(check(), 0, "%s", words);
    text[256] = 'a', text[257] = '\0';
    expect_refusal(ISA_EINVAL, "user_agent_prefix is longer than 256 characters");
    options.user_agent_prefix = "";
    expect_refusal(ISA_EINVAL, "user_agent_prefix is empty: leave it NULL for the default");
    options.user_agent_prefix = "a\nb";
    expect_refusal(ISA_EINVAL, "user_agent_prefix 'a\\x0ab' has a character that does not belong "
                               "there, \\x0a");
    options.user_agent_prefix = " a";
    expect_refusal(ISA_EINVAL, "user_agent_prefix begins or ends with a space");
    options.user_agent_prefix = NULL;

    options.authority = "user@host";
    expect_refusal(ISA_EINVAL,
                   "authority 'user@host' has a character that does not belong there, \\x40");
    options.authority = "[::1]:80";
    cr_expect_eq(check(), 0, "%s", words);
}

Test(transport_profile, limits_and_choices_keep_their_ranges)
{
    options.max_receive_bytes = 0x80000000U;
    expect_refusal(ISA_EINVAL, "max_receive_bytes is 2147483648: its range is 1 to 2147483647, or "
                               "0 for the default");
    options.max_receive_bytes = 0x7fffffff;
    options.max_send_bytes = 0xffffffffU;
    expect_refusal(ISA_EINVAL, "max_send_bytes is 4294967295: its range is 1 to 2147483647, or 0 "
                               "for the default");
    options.max_send_bytes = 1;
    options.balancing = (enum isa_balancing)2;
    expect_refusal(ISA_EINVAL, "balancing is 2: use one of enum isa_balancing");
    options.balancing = ISA_BALANCING_ROUND_ROBIN;
}

Test(transport_profile, a_service_config_is_a_json_object_of_bounded_size)
{
    static char large[65540] = "{\"a\":\"";
    options.service_config = "{\"loadBalancingConfig\":[]";
    expect_refusal(ISA_EINVAL, "service_config: byte 25 should be a comma or the closing bracket");
    options.service_config = "{}";
    cr_expect_eq(check(), 0);
    cr_expect_str_empty(words);

    memset(large + 6, 'x', 65537 - 6);
    memcpy(large + 65534, "\"}", 3);
    options.service_config = large;
    cr_expect_eq(check(), 0, "65536 bytes: %s", words);
    memcpy(large + 65534, "x\"}", 4);
    expect_refusal(ISA_EINVAL, "service_config is longer than 65536 bytes");
}

Test(transport_profile, of_file_and_memory_there_is_one)
{
    options.tls = &tls;
    tls.roots_file = tls.roots_pem = "a";
    expect_refusal(ISA_EINVAL, "tls.roots_file and tls.roots_pem are both set: keep one");
    tls.roots_pem = NULL;
    tls.roots_file = "";
    expect_refusal(ISA_EINVAL, "tls.roots_file is empty: leave it NULL for none");
    tls.roots_file = NULL;
    tls.key_file = "/key";
    expect_refusal(ISA_EINVAL,
                   "tls.key is set without a certificate: set tls.chain_file or tls.chain_pem");
    tls.key_file = NULL;
    tls.chain_file = "/chain";
    expect_refusal(ISA_EINVAL, "tls.chain is set without a key: set tls.key_file or tls.key_pem");
    tls.key_file = "/key";
    cr_expect_eq(check(), 0, "files are looked at when they are needed: %s", words);
    tls.server_name = "host:443";
    expect_refusal(ISA_EINVAL,
                   "tls.server_name 'host:443' has a character that does not belong there, \\x3a");
}

Test(transport_profile, a_struct_of_another_version_is_told_from_ours)
{
    struct {
        struct isa_tls_options known;
        const char *newer;
    } newer = { ISA_TLS_OPTIONS_INIT, NULL };
    options.tls = &newer.known;

    newer.known.size = sizeof newer;
    cr_expect_eq(check(), 0, "%s", words);
    newer.newer = "x";
    expect_refusal(ISA_EUNKNOWN_OPTION, "tls: a field that this version does not know is set: "
                                        "start from ISA_TLS_OPTIONS_INIT");
    newer.known.size = 1;
    expect_refusal(ISA_EINVAL, "tls: size is too small: start from ISA_TLS_OPTIONS_INIT");
}

Test(transport_profile, what_is_in_memory_is_looked_at_at_once)
{
    options.tls = &tls;
    tls.roots_pem = "nonsense";

    expect_refusal(ISA_EINVAL, "tls.roots_pem: there is no PEM certificate in it");
}

Test(transport_profile, a_digest_holds_no_key_and_tells_keys_apart)
{
    struct identity *one = identity_new(NULL, "one", NULL, 1);
    struct identity *two = identity_new(NULL, "one", NULL, 1);
    struct isa__tr_profile *profiles[2] = { NULL };
    options.tls = &tls;
    tls.chain_file = "/chain";

    tls.key_pem = identity_key(one);
    cr_assert_eq(isa__tr_profile_new(&options, &profiles[0]), 0);
    tls.key_pem = identity_key(two);
    cr_assert_eq(isa__tr_profile_new(&options, &profiles[1]), 0);

    cr_assert(profiles[0] && profiles[1]);
    cr_expect_str_neq(profiles[0]->digest, profiles[1]->digest);
    cr_expect_eq(strspn(profiles[0]->digest, "0123456789abcdef"), 64);
    isa__tr_profile_unref(profiles[0]);
    isa__tr_profile_unref(profiles[1]);
    identity_free(one);
    identity_free(two);
}

Test(transport_profile, one_is_made_whole_or_not_at_all, .init = failing_alloc_install)
{
    struct isa__tr_profile *profile;
    unsigned nth = 0;
    int error;
    options.tls = &tls;
    options.user_agent_prefix = options.authority = "a";
    options.service_config = "{}";
    tls.roots_file = tls.chain_file = tls.key_file = "/file";
    tls.server_name = "a";

    do {
        failing_alloc_arm(++nth);
        error = isa__tr_profile_new(&options, &profile);
        cr_assert_eq(error, failing_alloc_disarm() ? ISA_ENOMEM : 0);
        cr_assert(!error || failing_alloc_live() == 0, "allocation %u left something", nth);
    } while (error);

    cr_expect_eq(nth, 9);
    isa__tr_profile_unref(profile);
    cr_expect_eq(failing_alloc_live(), 0);
}
