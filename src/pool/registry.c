/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: which links exist, by key; how many handles are on each; pool statistics.
 * Used by: conn.c, link.c, life.c, applications for their metrics.
 * Must not know: handles and calls.
 */
#include "registry.h"

#include "settings.h"

#include <isa/pool.h>

#include <assert.h>
#include <string.h>

enum {
    KEY_EXTRA_BYTES = 1024,
    TABLE_START = 64,
};

/* `lock` is a leaf: the table, and each link's registry fields. */
static struct {
    pthread_mutex_t lock;
    struct isa__link **table;
    size_t size; /* a power of two */
    size_t count;
    uint64_t handles;
    uint64_t opens;
    uint64_t shared_opens;
    atomic_bool is_closing; /* set under lock */
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct isa__link **slot_locked(const char *key, uint64_t hash)
{
    struct isa__link **slot = &pool.table[hash & (pool.size - 1)];
    while (*slot && ((*slot)->hash != hash || strcmp((*slot)->key, key) != 0))
        slot = &(*slot)->next_in_table;
    return slot;
}

static int grow_locked(void)
{
    if (pool.count < pool.size)
        return 0;
    size_t size = pool.size ? pool.size * 2 : TABLE_START;
    struct isa__link **table = isa__alloc_array(size, sizeof(struct isa__link *));
    if (!table)
        return ISA_ENOMEM;
    for (size_t i = 0; i < pool.size; i++) {
        while (pool.table[i]) {
            struct isa__link *link = pool.table[i];
            pool.table[i] = link->next_in_table;
            link->next_in_table = table[link->hash & (size - 1)];
            table[link->hash & (size - 1)] = link;
        }
    }
    isa__free(pool.table);
    pool.table = table;
    pool.size = size;
    return 0;
}

static void free_table_if_empty_locked(void)
{
    if (pool.count)
        return;
    isa__free(pool.table);
    pool.table = NULL;
    pool.size = 0;
}

static void remove_locked(struct isa__link *link)
{
    *slot_locked(link->key, link->hash) = link->next_in_table;
    link->is_in_table = false;
    pool.count--;
}

enum { NUMBERS = 16 };

/* Every setting that changes the channel or the pace of its attempts, but for what writes itself. */
static void list_numbers(const struct isa__link_config *config, double ret_numbers[NUMBERS])
{
    const struct isa__policy *policy = &config->policy;
    const double numbers[NUMBERS] = {
        policy->backoff.min_ms,
        policy->backoff.max_ms,
        policy->backoff.factor,
        policy->backoff.jitter,
        policy->dear_factor,
        policy->keep_connected,
        policy->dial_floor_ms,
        policy->attempt_timeout_ms,
        policy->idle_timeout_ms,
        config->channel.connect_timeout_ms,
        config->channel.keepalive_time_ms,
        config->channel.keepalive_timeout_ms,
        config->max_channels,
        config->calls_per_channel,
        config->max_waiting_calls,
        config->max_waiting_bytes,
    };
    memcpy(ret_numbers, numbers, sizeof numbers);
}

static pthread_once_t usual_once = PTHREAD_ONCE_INIT;
static double usual[NUMBERS]; /* the defaults */

static void list_usual(void)
{
    struct isa_conn_options options;
    struct isa__link_config config;
    struct isa__text text;
    char why[1];
    isa__text_init(&text, why, sizeof why);
    int error = isa__settings_read(NULL, &options, &config, &text);
    assert(!error);
    (void)error;
    list_numbers(&config, usual);
}

/* Only what differs from the defaults is spelled out, exactly: a key lives as long as its link. */
static void write_key(struct isa__text *key, const char *target,
                      const struct isa__link_config *config)
{
    double numbers[NUMBERS];
    pthread_once(&usual_once, list_usual);
    list_numbers(config, numbers);
    for (int i = 0; i < NUMBERS; i++) {
        if (numbers[i] != usual[i])
            isa__text_add(key, "%d=%.17g ", i, numbers[i]);
    }
    isa__guard_write_key(key, &config->guard);
    if (config->channel.profile) /* a digest: the key can be logged, its equals are equal */
        isa__text_add(key, " profile %s", isa__tr_profile_digest(config->channel.profile));
    isa__text_add(key, "\n%s", target);
}

static int find_or_make_locked(const char *key, const struct isa__link_config *config,
                               struct isa__link **ret_link)
{
    int error = grow_locked();
    if (error)
        return error;
    struct isa__link **slot = slot_locked(key, isa__hash(key));
    if (*slot) {
        *ret_link = *slot;
        pool.shared_opens++;
        return 0;
    }
    struct isa__link *link;
    error = isa__link_new(&isa__tr_core, key, config, &link);
    if (error) {
        free_table_if_empty_locked();
        return error;
    }
    *slot = link; /* the table holds the first reference */
    link->is_in_table = true;
    pool.count++;
    *ret_link = link;
    return 0;
}

int isa__registry_open(const char *target, const struct isa__link_config *config,
                       struct isa__link **ret_link)
{
    char buffer[ISA__TR_TARGET_MAX + KEY_EXTRA_BYTES];
    struct isa__text key;
    isa__text_init(&key, buffer, sizeof buffer);
    write_key(&key, target, config);
    pthread_mutex_lock(&pool.lock);
    int error = atomic_load(&pool.is_closing) ? ISA_ESHUTDOWN
                                              : find_or_make_locked(buffer, config, ret_link);
    if (!error) {
        isa__link_ref(*ret_link);
        (*ret_link)->handles++;
        pool.handles++;
        pool.opens++;
        isa__registry_on_opened();
    }
    pthread_mutex_unlock(&pool.lock);
    return error;
}

static bool drop(struct isa__link *link, bool only_unused)
{
    pthread_mutex_lock(&pool.lock);
    bool was_in_table = link->is_in_table;
    bool is_kept = only_unused && link->handles > 0;
    if (was_in_table && !is_kept) {
        remove_locked(link);
        free_table_if_empty_locked();
    }
    pthread_mutex_unlock(&pool.lock);
    if (was_in_table && !is_kept)
        isa__link_unref(link);
    return !is_kept;
}

void isa__registry_close(struct isa__link *link)
{
    pthread_mutex_lock(&pool.lock);
    pool.handles--;
    bool is_last = --link->handles == 0;
    pthread_mutex_unlock(&pool.lock);
    if (is_last && atomic_load(&link->is_used))
        isa__link_signal(link, ISA__LINK_UNUSED);
    else if (is_last)
        drop(link, true);
    isa__link_unref(link);
}

bool isa__registry_drop_unused(struct isa__link *link)
{
    return drop(link, true);
}

void isa__registry_drop(struct isa__link *link)
{
    drop(link, false);
}

uint64_t isa__registry_handles(struct isa__link *link)
{
    pthread_mutex_lock(&pool.lock);
    uint64_t handles = link->handles;
    pthread_mutex_unlock(&pool.lock);
    return handles;
}

bool isa__registry_is_closing(void)
{
    return atomic_load_explicit(&pool.is_closing, memory_order_acquire);
}

bool isa__registry_refuse_new(void)
{
    pthread_mutex_lock(&pool.lock);
    atomic_store(&pool.is_closing, true);
    bool has_links = pool.count > 0;
    pthread_mutex_unlock(&pool.lock);
    return has_links;
}

void isa__registry_accept_new(void)
{
    atomic_store(&pool.is_closing, false);
}

void isa__registry_close_all(uint32_t drain_ms)
{
    pthread_mutex_lock(&pool.lock); /* signals are lock-free posts */
    for (size_t i = 0; i < pool.size; i++) {
        for (struct isa__link *link = pool.table[i]; link; link = link->next_in_table) {
            isa__registry_begin_in_life(link);
            atomic_store(&link->drain_ms, drain_ms);
            isa__link_signal(link, ISA__LINK_CLOSE);
        }
    }
    pthread_mutex_unlock(&pool.lock);
}

int isa_pool_network_changed(void)
{
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    pthread_mutex_lock(&pool.lock); /* signals are lock-free posts */
    for (size_t i = 0; i < pool.size; i++) {
        for (struct isa__link *link = pool.table[i]; link; link = link->next_in_table) {
            if (atomic_load(&link->is_used))
                isa__link_signal(link, ISA__LINK_NETWORK_CHANGED);
        }
    }
    pthread_mutex_unlock(&pool.lock);
    return 0;
}

int isa_pool_get_stats(struct isa_pool_stats *ret_stats)
{
    struct isa_pool_stats stats = ISA_POOL_STATS_INIT;
    if (!ret_stats)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    pthread_mutex_lock(&pool.lock);
    stats.keys = pool.count;
    stats.handles = pool.handles;
    stats.opens = pool.opens;
    stats.shared_opens = pool.shared_opens;
    for (size_t i = 0; i < pool.size; i++) {
        for (struct isa__link *link = pool.table[i]; link; link = link->next_in_table)
            stats.ready += isa__link_private_state(link) == ISA__FSM_ST_READY;
    }
    pthread_mutex_unlock(&pool.lock);
    stats.channels = isa__tr_channel_count();
    return isa__opt_return(ret_stats, &stats, sizeof stats);
}
