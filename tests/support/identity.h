/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: certificates and keys for tests, made when they are needed; files in a directory that goes
 * with the test.
 * Used by: tests of TLS.
 * Must not know: the library under test.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

struct identity; /* a certificate and its key; opaque */

/*
 * Make one, valid from 30 days before to valid_days after today; of valid_days below 0: expired.
 * issuer  NULL: an authority that vouches for itself.
 * san     As openssl writes it: "DNS:localhost,IP:127.0.0.2"; NULL: none.
 */
struct identity *identity_new(const struct identity *issuer, const char *name, const char *san,
                              int valid_days);
/* The same, but not valid before so many days from now. */
struct identity *identity_new_later(const struct identity *issuer, const char *name,
                                    const char *san, int from_days);
const char *identity_chain(const struct identity *identity); /* PEM */
const char *identity_key(const struct identity *identity);   /* PEM */
struct identity *identity_free(struct identity *identity);

/* A new directory below /tmp, its path; and its end, with all that is in it. */
const char *scratch_new(void);
void scratch_remove(const char *dir);
/* Write dir/name, replacing what is there at once, and give its path, valid for a dozen more of these. */
const char *scratch_write(const char *dir, const char *name, const char *text);

#endif
