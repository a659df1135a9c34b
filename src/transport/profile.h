/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what is in a profile, for the files that make a channel of it.
 * Used by: profile.c, credentials.c, channel_args.c, explain.c.
 * Must not know: channels.
 */
#ifndef ISA_TR_PROFILE_H
#define ISA_TR_PROFILE_H

#include "transport.h"

enum { ISA__TR_PEM_MAX_BYTES = 4194304 }; /* longest PEM text accepted */

/** PEM text: in a file, in memory, or (both NULL) none. */
struct isa__tr_pem {
    const char *name; /* of the setting, without "_file" or "_pem" */
    char *file;
    char *text;
};

struct isa__tr_profile {
    atomic_uint refs;
    bool has_tls;
    struct isa__tr_pem roots;
    struct isa__tr_pem chain;
    struct isa__tr_pem key;
    char *server_name;
    char *user_agent_prefix;
    char *authority;
    char *service_config;
    char *health_service; /* NULL: its health is not watched */
    enum isa_balancing balancing;
    uint32_t max_receive_bytes;  /* 0: core's default */
    uint32_t max_send_bytes;     /* 0: core's default */
    uint32_t max_metadata_bytes; /* 0: core's default */
    bool accepts_compressed;
    char digest[65];
};

/** The words of a profile's PEM texts as they are now. Owned; wiped by isa__tr_material_free(). */
struct isa__tr_material {
    char *roots; /* NULL: the system's */
    char *chain; /* NULL: none */
    char *key;
};

/**
 * Read the files, and see that all of it is whole and fits together.
 *
 * @param why  Receives one sentence that names the file when something is wrong.
 * @return 0, ISA_EINVAL or ISA_ENOMEM
 */
int isa__tr_material_load(const struct isa__tr_profile *profile,
                          struct isa__tr_material *ret_material, struct isa__text *why);
void isa__tr_material_free(struct isa__tr_material *material);

/** Whether text is one JSON object (RFC 8259); if not, one sentence says where it is not. */
bool isa__tr_json_check(const char *text, struct isa__text *why);

#endif
