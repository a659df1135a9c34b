/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: profiles: what of a handle's options they take, their ranges, their digest, their end.
 * Used by: the pool, through transport.h.
 * Must not know: channels; what is in the files it names.
 */
#include "profile.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

static_assert(sizeof(struct isa_tls_options) ==
                  offsetof(struct isa_tls_options, server_name) + sizeof(const char *),
              "no padding at the end: an unknown tail must be options, not chance");

enum {
    NAME_MAX_CHARS = 253, /* of a host, RFC 1035 */
    AUTHORITY_MAX_CHARS = 255,
    USER_AGENT_MAX_CHARS = 256,
    SERVICE_CONFIG_MAX_BYTES = 65536,
    SHOWN_CHARS = 64,
    DIGEST_BYTES = 32,
};

static int refuse(struct isa__text *why, const char *name, const char *what)
{
    isa__text_add(why, "%s %s", name, what);
    return ISA_EINVAL;
}

/* Printable, as long as it may be, and without what would end a header or a host. */
static int check_word(struct isa__text *why, const char *name, const char *word, size_t max_chars,
                      const char *forbidden)
{
    if (!word)
        return 0;
    size_t length = strnlen(word, max_chars + 1);
    if (length == 0)
        return refuse(why, name, "is empty: leave it NULL for the default");
    if (length > max_chars) {
        isa__text_add(why, "%s is longer than %zu characters", name, max_chars);
        return ISA_EINVAL;
    }
    for (const unsigned char *at = (const unsigned char *)word; *at; at++) {
        if (*at >= ' ' && *at < 0x7f && !strchr(forbidden, *at))
            continue;
        isa__text_add(why, "%s '", name);
        isa__text_add_quoted(why, word, SHOWN_CHARS);
        isa__text_add(why, "' has a character that does not belong there, \\x%02x", *at);
        return ISA_EINVAL;
    }
    if (word[0] == ' ' || word[length - 1] == ' ')
        return refuse(why, name, "begins or ends with a space");
    return 0;
}

static int check_pem(struct isa__text *why, const char *name, const char *file, const char *text)
{
    if (file && text) {
        isa__text_add(why, "tls.%s_file and tls.%s_pem are both set: keep one", name, name);
        return ISA_EINVAL;
    }
    if ((file && !*file) || (text && !*text)) {
        isa__text_add(why, "tls.%s_%s is empty: leave it NULL for none", name,
                      file ? "file" : "pem");
        return ISA_EINVAL;
    }
    if (text && strnlen(text, ISA__TR_PEM_MAX_BYTES + 1) > ISA__TR_PEM_MAX_BYTES) {
        isa__text_add(why, "tls.%s_pem is longer than %d bytes", name, ISA__TR_PEM_MAX_BYTES);
        return ISA_EINVAL;
    }
    return 0;
}

static int read_tls(const struct isa_tls_options *options, struct isa_tls_options *tls,
                    struct isa__text *why)
{
    int error =
        isa__opt_copy(tls, sizeof *tls, options, offsetof(struct isa_tls_options, roots_pem));
    if (error)
        isa__text_add(why, "tls: %s: start from ISA_TLS_OPTIONS_INIT",
                      error == ISA_EINVAL ? "size is too small"
                                          : "a field that this version does not know is set");
    return error;
}

/* What is in memory is looked at here; files are read when they are needed. */
static int check_material(const struct isa_tls_options *tls, struct isa__text *why)
{
    struct isa__tr_profile profile = {
        .has_tls = true,
        .roots = { "roots", NULL, (char *)tls->roots_pem },
        .chain = { "chain", NULL, (char *)tls->chain_pem },
        .key = { "key", NULL, (char *)tls->key_pem },
    };
    struct isa__tr_material material;
    int error = isa__tr_material_load(&profile, &material, why);
    if (!error)
        isa__tr_material_free(&material);
    return error;
}

static int check_tls(const struct isa_tls_options *options, struct isa__text *why)
{
    struct isa_tls_options tls;
    int error = read_tls(options, &tls, why);
    if (!error)
        error = check_pem(why, "roots", tls.roots_file, tls.roots_pem);
    if (!error)
        error = check_pem(why, "chain", tls.chain_file, tls.chain_pem);
    if (!error)
        error = check_pem(why, "key", tls.key_file, tls.key_pem);
    if (error)
        return error;
    bool has_chain = tls.chain_file || tls.chain_pem;
    bool has_key = tls.key_file || tls.key_pem;
    if (has_chain && !has_key)
        return refuse(why, "tls.chain", "is set without a key: set tls.key_file or tls.key_pem");
    if (has_key && !has_chain)
        return refuse(why, "tls.key",
                      "is set without a certificate: set tls.chain_file or tls.chain_pem");
    error = check_word(why, "tls.server_name", tls.server_name, NAME_MAX_CHARS, " /@:,");
    return error ? error : check_material(&tls, why);
}

static int check_limit(struct isa__text *why, const char *name, uint32_t bytes)
{
    if (bytes <= INT32_MAX)
        return 0;
    isa__text_add(why, "%s is %u: its range is 1 to 2147483647, or 0 for the default", name, bytes);
    return ISA_EINVAL;
}

static int check_service_config(const char *text, struct isa__text *why)
{
    if (!text)
        return 0;
    if (strnlen(text, SERVICE_CONFIG_MAX_BYTES + 1) > SERVICE_CONFIG_MAX_BYTES)
        return refuse(why, "service_config", "is longer than 65536 bytes");
    isa__text_add(why, "service_config: ");
    if (!isa__tr_json_check(text, why))
        return ISA_EINVAL;
    isa__text_init(why, why->at, why->size_bytes);
    return 0;
}

int isa__tr_profile_check(const struct isa_conn_options *o, struct isa__text *why)
{
    int error = o->tls ? check_tls(o->tls, why) : 0;
    if (!error)
        error =
            check_word(why, "user_agent_prefix", o->user_agent_prefix, USER_AGENT_MAX_CHARS, "");
    if (!error)
        error = check_word(why, "authority", o->authority, AUTHORITY_MAX_CHARS, " /@,");
    if (!error)
        error = check_service_config(o->service_config, why);
    if (!error && o->health_service &&
        strnlen(o->health_service, ISA__TR_HEALTH_SERVICE_MAX + 1) > ISA__TR_HEALTH_SERVICE_MAX)
        error = refuse(why, "health_service", "is longer than 1024 bytes");
    if (!error)
        error = check_limit(why, "max_receive_bytes", o->max_receive_bytes);
    if (!error)
        error = check_limit(why, "max_send_bytes", o->max_send_bytes);
    if (!error)
        error = check_limit(why, "max_metadata_bytes", o->max_metadata_bytes);
    if (!error && (unsigned)o->balancing > ISA_BALANCING_ROUND_ROBIN) {
        isa__text_add(why, "balancing is %u: use one of enum isa_balancing",
                      (unsigned)o->balancing);
        return ISA_EINVAL;
    }
    return error;
}

static void wipe(char *text)
{
    if (text)
        OPENSSL_cleanse(text, strlen(text));
    isa__free(text);
}

static void free_pem(struct isa__tr_pem *pem)
{
    isa__free(pem->file);
    wipe(pem->text);
}

static void free_profile(struct isa__tr_profile *profile)
{
    free_pem(&profile->roots);
    free_pem(&profile->chain);
    free_pem(&profile->key);
    isa__free(profile->server_name);
    isa__free(profile->user_agent_prefix);
    isa__free(profile->authority);
    isa__free(profile->service_config);
    isa__free(profile->health_service);
    isa__free(profile);
}

static bool copy(char **to, const char *from)
{
    *to = from ? isa__strdup(from) : NULL;
    return !from || *to;
}

static bool copy_pem(struct isa__tr_pem *pem, const char *name, const char *file, const char *text)
{
    pem->name = name;
    return copy(&pem->file, file) && copy(&pem->text, text);
}

static bool copy_tls(struct isa__tr_profile *profile, const struct isa_tls_options *options)
{
    struct isa_tls_options tls;
    if (isa__opt_copy(&tls, sizeof tls, options, 0) < 0)
        return false; /* it was checked: not to be */
    profile->has_tls = true;
    return copy_pem(&profile->roots, "roots", tls.roots_file, tls.roots_pem) &&
           copy_pem(&profile->chain, "chain", tls.chain_file, tls.chain_pem) &&
           copy_pem(&profile->key, "key", tls.key_file, tls.key_pem) &&
           copy(&profile->server_name, tls.server_name);
}

/* Each field with its length, or a mark that there is none: no two profiles look alike. */
static bool add_to_digest(EVP_MD_CTX *digest, const char *field)
{
    uint64_t length = field ? strlen(field) : UINT64_MAX;
    return EVP_DigestUpdate(digest, &length, sizeof length) == 1 &&
           (!field || EVP_DigestUpdate(digest, field, strlen(field)) == 1);
}

static bool write_digest(struct isa__tr_profile *profile)
{
    const char *const fields[] = {
        profile->has_tls ? "tls" : NULL,
        profile->roots.file,
        profile->roots.text,
        profile->chain.file,
        profile->chain.text,
        profile->key.file,
        profile->key.text,
        profile->server_name,
        profile->user_agent_prefix,
        profile->authority,
        profile->service_config,
        profile->health_service,
    };
    uint32_t numbers[] = { (uint32_t)profile->balancing, profile->max_receive_bytes,
                           profile->max_send_bytes, profile->max_metadata_bytes,
                           profile->accepts_compressed };
    unsigned char bytes[DIGEST_BYTES];
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool is_fine = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1;
    for (size_t i = 0; is_fine && i < sizeof fields / sizeof *fields; i++)
        is_fine = add_to_digest(digest, fields[i]);
    is_fine = is_fine && EVP_DigestUpdate(digest, numbers, sizeof numbers) == 1 &&
              EVP_DigestFinal_ex(digest, bytes, NULL) == 1;
    EVP_MD_CTX_free(digest);
    for (size_t i = 0; is_fine && i < sizeof bytes; i++)
        snprintf(profile->digest + 2 * i, 3, "%02x", bytes[i]);
    return is_fine;
}

int isa__tr_profile_new(const struct isa_conn_options *o, struct isa__tr_profile **ret_profile)
{
    *ret_profile = NULL;
    if (!o->tls && !o->user_agent_prefix && !o->authority && !o->service_config && !o->balancing &&
        !o->health_service && !o->max_receive_bytes && !o->max_send_bytes &&
        !o->max_metadata_bytes && !o->accept_compressed)
        return 0;
    struct isa__tr_profile *profile = isa__alloc(sizeof *profile);
    if (!profile)
        return ISA_ENOMEM;
    atomic_init(&profile->refs, 1);
    profile->balancing = o->balancing;
    profile->max_receive_bytes = o->max_receive_bytes;
    profile->max_send_bytes = o->max_send_bytes;
    profile->max_metadata_bytes = o->max_metadata_bytes;
    profile->accepts_compressed = o->accept_compressed;
    if ((o->tls && !copy_tls(profile, o->tls)) ||
        !copy(&profile->user_agent_prefix, o->user_agent_prefix) ||
        !copy(&profile->authority, o->authority) ||
        !copy(&profile->service_config, o->service_config) ||
        !copy(&profile->health_service, o->health_service) || !write_digest(profile)) {
        free_profile(profile);
        return ISA_ENOMEM;
    }
    *ret_profile = profile;
    return 0;
}

struct isa__tr_profile *isa__tr_profile_ref(struct isa__tr_profile *profile)
{
    if (profile)
        atomic_fetch_add_explicit(&profile->refs, 1, memory_order_relaxed);
    return profile;
}

void isa__tr_profile_unref(struct isa__tr_profile *profile)
{
    if (profile && atomic_fetch_sub_explicit(&profile->refs, 1, memory_order_acq_rel) == 1)
        free_profile(profile);
}

const char *isa__tr_profile_health_service(const struct isa__tr_profile *profile)
{
    return profile ? profile->health_service : NULL;
}

const char *isa__tr_profile_digest(const struct isa__tr_profile *profile)
{
    return profile->digest;
}
