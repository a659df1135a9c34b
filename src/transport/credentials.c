/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: how a channel of grpc-core is made: its arguments and its credentials.
 * Used by: channel.c.
 * Must not know: machines; what becomes of the channel.
 */
#include "credentials.h"

#include "explain.h"
#include "profile.h"

#include <grpc/grpc_security.h>

enum { ARGS_MAX = 24 };

/* Arguments under construction. */
struct args {
    size_t count;
    grpc_arg list[ARGS_MAX];
};

static void add_int(struct args *args, const char *key, int value)
{
    args->list[args->count++] =
        (grpc_arg){ .type = GRPC_ARG_INTEGER, .key = (char *)key, .value.integer = value };
}

static void add_string(struct args *args, const char *key, const char *value)
{
    if (value)
        args->list[args->count++] = (grpc_arg){ .type = GRPC_ARG_STRING,
                                                .key = (char *)key,
                                                .value.string = (char *)value };
}

static void add_profile(struct args *args, const struct isa__tr_profile *profile)
{
    add_string(args, GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, profile->server_name);
    add_string(args, GRPC_ARG_PRIMARY_USER_AGENT_STRING, profile->user_agent_prefix);
    add_string(args, GRPC_ARG_DEFAULT_AUTHORITY, profile->authority);
    add_string(args, GRPC_ARG_SERVICE_CONFIG, profile->service_config);
    if (profile->balancing == ISA_BALANCING_ROUND_ROBIN)
        add_string(args, GRPC_ARG_LB_POLICY_NAME, "round_robin");
    if (profile->max_receive_bytes)
        add_int(args, GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, (int)profile->max_receive_bytes);
    if (profile->max_send_bytes)
        add_int(args, GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, (int)profile->max_send_bytes);
    if (profile->max_metadata_bytes)
        add_int(args, GRPC_ARG_MAX_METADATA_SIZE, (int)profile->max_metadata_bytes);
}

static void add_all(struct args *args, const struct isa__tr_channel_config *config)
{
    int timeout_ms = (int)config->connect_timeout_ms;
    /* Without it two channels share one connection and one backoff. */
    add_int(args, GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    /* Core gives TCP and handshake the larger of its backoff and this "minimum backoff". And it
     * would retry a failed channel by itself when the backoff, counted from the start of the
     * attempt, is over: the channel is gone then, but core keeps its subchannel until that
     * timer fires. So all three are the connect timeout. */
    add_int(args, GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, timeout_ms);
    add_int(args, GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, timeout_ms);
    add_int(args, GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, timeout_ms);
    add_int(args, GRPC_ARG_KEEPALIVE_TIME_MS, (int)config->keepalive_time_ms);
    add_int(args, GRPC_ARG_KEEPALIVE_TIMEOUT_MS, (int)config->keepalive_timeout_ms);
    add_int(args, GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0); /* or quiet streams go unwatched */
    add_int(args, GRPC_ARG_ENABLE_HTTP_PROXY, 0); /* the environment must not redirect a target */
    /* A few megabytes on the wire can be gigabytes inflated, which core checks too late. */
    if (!config->profile || !config->profile->accepts_compressed) {
        add_int(args, GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE);
        add_int(args, GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
    }
    /* Core's layer for retries costs an eighth of a call, also where no policy asks for one. What it
     * does then, repeating a call that has never left, the pool does: isa__tr_call_is_unseen(). */
    if (!config->profile || !config->profile->service_config)
        add_int(args, GRPC_ARG_ENABLE_RETRIES, 0);
    if (config->profile)
        add_profile(args, config->profile);
}

static int make_tls(const struct isa__tr_profile *profile, grpc_channel_credentials **ret,
                    struct isa__text *why)
{
    struct isa__tr_material material;
    int error = isa__tr_material_load(profile, &material, why);
    if (error)
        return error;
    grpc_ssl_pem_key_cert_pair pair = { material.key, material.chain };
    *ret = grpc_ssl_credentials_create_ex(material.roots, material.key ? &pair : NULL, NULL, NULL);
    isa__tr_material_free(&material);
    if (*ret)
        return 0;
    isa__text_add(why, "there are no authorities to trust: set tls.roots_file, or install the "
                       "system's (on Debian, ca-certificates)");
    return ISA_EINVAL;
}

static int make_credentials(const struct isa__tr_channel_config *config,
                            grpc_channel_credentials **ret, struct isa__text *why)
{
    bool has_tls = config->profile && config->profile->has_tls;
    if (has_tls && config->is_refusing) {
        *ret = isa__tr_refusing_credentials(config->profile);
        return *ret ? 0 : ISA_ENOMEM;
    }
    if (has_tls)
        return make_tls(config->profile, ret, why);
    *ret = grpc_insecure_credentials_create();
    return 0;
}

int isa__tr_core_channel_new(const struct isa__tr_channel_config *config, grpc_channel **ret_core,
                             struct isa__text *why)
{
    struct args args = { 0 };
    grpc_channel_credentials *credentials;
    int error = make_credentials(config, &credentials, why);
    if (error)
        return error;
    add_all(&args, config);
    grpc_channel_args all = { args.count, args.list };
    *ret_core = grpc_channel_create(config->target, credentials, &all);
    grpc_channel_credentials_release(credentials);
    return 0;
}
