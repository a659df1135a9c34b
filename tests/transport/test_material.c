/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of certificates and keys that are missing, damaged or do not fit.
 * Used by: ctest.
 * Must not know: channels.
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "failing_alloc.h"
#include "identity.h"
#include "profile.h"

static struct isa_tls_options tls = ISA_TLS_OPTIONS_INIT;
static struct identity *authority;
static struct identity *ours;
static const char *dir;
static char words[512];

static void set_up(void)
{
    failing_alloc_install();
    authority = identity_new(NULL, "Authority", NULL, 1);
    ours = identity_new(authority, "client", NULL, 1);
    dir = scratch_new();
    tls.roots_file = scratch_write(dir, "roots", identity_chain(authority));
    tls.chain_file = scratch_write(dir, "chain", identity_chain(ours));
    tls.key_file = scratch_write(dir, "key", identity_key(ours));
}

static void tear_down(void)
{
    cr_expect_eq(failing_alloc_live(), 0);
    scratch_remove(dir);
    identity_free(authority);
    identity_free(ours);
}

TestSuite(transport_material, .init = set_up, .fini = tear_down);

static int load(struct isa__tr_material *ret_material)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct isa__tr_profile *profile;
    struct isa__text why;
    isa__text_init(&why, words, sizeof words);
    options.tls = &tls;
    cr_assert_eq(isa__tr_profile_new(&options, &profile), 0);
    int error = isa__tr_material_load(profile, ret_material, &why);
    isa__tr_profile_unref(profile);
    return error;
}

static void expect_refusal(const char *file, const char *rest)
{
    struct isa__tr_material material;
    cr_expect_eq(load(&material), ISA_EINVAL);
    cr_expect(strstr(words, file), "'%s' lacks '%s'", words, file);
    cr_expect(strstr(words, rest), "'%s' lacks '%s'", words, rest);
}

/* The first half of a text. */
static const char *half_of(const char *text)
{
    static char half[8192];
    snprintf(half, sizeof half, "%.*s", (int)(strlen(text) / 2), text);
    return half;
}

Test(transport_material, what_is_whole_and_fits_is_given)
{
    struct isa__tr_material material;

    cr_assert_eq(load(&material), 0, "%s", words);

    cr_expect_str_eq(material.roots, identity_chain(authority));
    cr_expect_str_eq(material.chain, identity_chain(ours));
    cr_expect_str_eq(material.key, identity_key(ours));
    isa__tr_material_free(&material);
    cr_expect_null(material.key);
}

Test(transport_material, a_file_that_is_not_there_is_named)
{
    tls.roots_file = "/nonexistent/roots.pem";

    expect_refusal("tls.roots_file '/nonexistent/roots.pem'", ": No such file or directory");
}

Test(transport_material, a_file_must_be_a_file)
{
    char pipe[256];
    tls.roots_file = dir;
    expect_refusal(dir, ": not a regular file");
    snprintf(pipe, sizeof pipe, "%s/pipe", dir);
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    tls.roots_file = pipe;

    expect_refusal(pipe, ": not a regular file");
}

Test(transport_material, a_half_written_certificate_is_seen)
{
    char both[8192];
    tls.roots_file = scratch_write(dir, "half", half_of(identity_chain(authority)));
    expect_refusal("half", ": certificate 1 of 1 is cut short or damaged; was it half-written?");
    snprintf(both, sizeof both, "%s%s", identity_chain(ours), half_of(identity_chain(authority)));
    tls.roots_file = scratch_write(dir, "roots", identity_chain(authority));
    tls.chain_file = scratch_write(dir, "both", both);

    expect_refusal("both", ": certificate 2 of 2 is cut short or damaged; was it half-written?");
}

Test(transport_material, a_half_written_key_is_seen_and_not_told)
{
    tls.key_file = scratch_write(dir, "half", half_of(identity_key(ours)));

    expect_refusal("half", ": the private key is cut short or damaged");
}

Test(transport_material, an_empty_file_is_seen)
{
    tls.roots_file = scratch_write(dir, "empty", "");
    expect_refusal("empty", ": there is no PEM certificate in it");
    tls.roots_file = NULL;
    tls.key_file = scratch_write(dir, "empty", "");

    expect_refusal("empty", ": there is no PEM private key in it");
}

Test(transport_material, a_key_of_another_certificate_is_seen)
{
    tls.key_file = scratch_write(dir, "other", identity_key(authority));

    expect_refusal("other", ": not the key of the first certificate in tls.chain_file");
}

Test(transport_material, a_key_with_a_passphrase_is_refused_without_asking)
{
    static const char locked[] = "-----BEGIN EC PRIVATE KEY-----\n"
                                 "Proc-Type: 4,ENCRYPTED\n"
                                 "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n"
                                 "\n"
                                 "AAAAAAAAAAAAAAAAAAAAAA==\n"
                                 "-----END EC PRIVATE KEY-----\n";
    tls.key_file = scratch_write(dir, "locked", locked);

    expect_refusal("locked", ": the private key has a passphrase: store it without");
}

Test(transport_material, a_revocation_list_that_nobody_would_look_at_is_refused)
{
    char text[8192];
    snprintf(text, sizeof text, "%s-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
             identity_chain(authority));
    tls.roots_file = scratch_write(dir, "revoked", text);

    expect_refusal(
        "revoked",
        ": it has a certificate revocation list, which would not be looked at: take it out");
}

Test(transport_material, a_certificate_with_a_passphrase_is_refused_without_asking)
{
    static const char locked[] = "-----BEGIN CERTIFICATE-----\n"
                                 "Proc-Type: 4,ENCRYPTED\n"
                                 "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n"
                                 "\n"
                                 "AAAAAAAAAAAAAAAAAAAAAA==\n"
                                 "-----END CERTIFICATE-----\n";
    tls.roots_file = scratch_write(dir, "locked", locked);

    expect_refusal("locked", ": a certificate is encrypted with a passphrase: store it without");
}

Test(transport_material, a_file_that_is_too_large_or_no_text_is_refused)
{
    char path[256];
    snprintf(path, sizeof path, "%s/large", dir);
    FILE *file = fopen(path, "we");
    cr_assert(file && fputs("-----BEGIN CERTIFICATE-----", file) >= 0);
    cr_assert(fseek(file, 100, SEEK_SET) == 0 && fputs("x", file) >= 0 && fflush(file) == 0);
    tls.roots_file = path;
    expect_refusal(path, ": it has a zero byte: PEM is text");
    cr_assert(fseek(file, ISA__TR_PEM_MAX_BYTES, SEEK_SET) == 0 && fputs("x", file) >= 0);
    fclose(file);

    expect_refusal(path, ": larger than 4 MiB");
}

Test(transport_material, it_is_loaded_whole_or_not_at_all)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct isa__tr_profile *profile;
    struct isa__tr_material material;
    struct isa__text why;
    unsigned nth = 0;
    int error;
    options.tls = &tls;
    cr_assert_eq(isa__tr_profile_new(&options, &profile), 0);
    int64_t live = failing_alloc_live();

    do {
        isa__text_init(&why, words, sizeof words);
        failing_alloc_arm(++nth);
        error = isa__tr_material_load(profile, &material, &why);
        cr_assert_eq(error, failing_alloc_disarm() ? ISA_ENOMEM : 0);
        cr_assert(!error || failing_alloc_live() == live, "allocation %u left something", nth);
    } while (error);

    cr_expect_eq(nth, 4);
    isa__tr_material_free(&material);
    isa__tr_profile_unref(profile);
}
