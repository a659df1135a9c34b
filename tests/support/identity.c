/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: how certificates, keys and files for tests are made.
 * Used by: tests of TLS, through identity.h.
 * Must not know: the library under test.
 */
#include "identity.h"

#include <dirent.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DAY_S = 86400, BEFORE_DAYS = 30, PATH_BYTES = 320, PATHS = 32 };

struct identity {
    EVP_PKEY *key;
    X509 *certificate;
    char *chain_pem;
    char *key_pem;
};

static void must(int is_true)
{
    if (!is_true)
        abort();
}

static void add_extension(X509 *certificate, int kind, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);
    must(extension != NULL);
    must(X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
}

static char *text_of(BIO *bio)
{
    char *at;
    long length = BIO_get_mem_data(bio, &at);
    char *text = strndup(at, (size_t)length);
    must(text != NULL);
    BIO_free(bio);
    return text;
}

static void write_pem(struct identity *identity)
{
    BIO *chain = BIO_new(BIO_s_mem());
    BIO *key = BIO_new(BIO_s_mem());
    must(PEM_write_bio_X509(chain, identity->certificate));
    must(PEM_write_bio_PrivateKey(key, identity->key, NULL, NULL, 0, NULL, NULL));
    identity->chain_pem = text_of(chain);
    identity->key_pem = text_of(key);
}

static struct identity *make(const struct identity *issuer, const char *name, const char *san,
                             int from_days, int until_days)
{
    static long serial;
    struct identity *identity = calloc(1, sizeof *identity);
    must(identity != NULL);
    identity->key = EVP_EC_gen("P-256");
    identity->certificate = X509_new();
    X509 *certificate = identity->certificate;
    must(X509_set_version(certificate, 2));
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ((long)getpid() << 16) + ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), (long)from_days * DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(certificate), (long)until_days * DAY_S);
    X509_set_pubkey(certificate, identity->key);
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate,
                         issuer ? X509_get_subject_name(issuer->certificate) : subject);
    if (!issuer)
        add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    if (san)
        add_extension(certificate, NID_subject_alt_name, san);
    must(X509_sign(certificate, issuer ? issuer->key : identity->key, EVP_sha256()));
    write_pem(identity);
    return identity;
}

struct identity *identity_new(const struct identity *issuer, const char *name, const char *san,
                              int valid_days)
{
    return make(issuer, name, san, -BEFORE_DAYS, valid_days);
}

struct identity *identity_new_later(const struct identity *issuer, const char *name,
                                    const char *san, int from_days)
{
    return make(issuer, name, san, from_days, from_days + BEFORE_DAYS);
}

const char *identity_chain(const struct identity *identity)
{
    return identity->chain_pem;
}

const char *identity_key(const struct identity *identity)
{
    return identity->key_pem;
}

struct identity *identity_free(struct identity *identity)
{
    if (!identity)
        return NULL;
    EVP_PKEY_free(identity->key);
    X509_free(identity->certificate);
    free(identity->chain_pem);
    free(identity->key_pem);
    free(identity);
    return NULL;
}

const char *scratch_new(void)
{
    static char dir[] = "/tmp/isa-scratch-XXXXXX";
    must(mkdtemp(dir) != NULL);
    return dir;
}

static const char *path_of(const char *dir, const char *name)
{
    static char paths[PATHS][PATH_BYTES];
    static unsigned at;
    char *path = paths[at++ % PATHS];
    must(snprintf(path, PATH_BYTES, "%s/%s", dir, name) < PATH_BYTES);
    return path;
}

void scratch_remove(const char *dir)
{
    DIR *files = opendir(dir);
    struct dirent *file;
    while (files && (file = readdir(files)))
        unlink(path_of(dir, file->d_name));
    if (files)
        closedir(files);
    rmdir(dir);
}

const char *scratch_write(const char *dir, const char *name, const char *text)
{
    const char *path = path_of(dir, name);
    const char *other = path_of(dir, ".new");
    FILE *file = fopen(other, "we");
    must(file != NULL);
    bool is_written = fputs(text, file) >= 0;
    bool is_closed = fclose(file) == 0;
    must(is_written && is_closed);
    must(rename(other, path) == 0);
    return path;
}
