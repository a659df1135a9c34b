/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: which links exist, by key; how many handles are on each; pool statistics and shutdown.
 * Used by: conn.c, link.c, applications at their end.
 * Must not know: handles and calls.
 */
#include "registry.h"

#include <isa/pool.h>

#include <string.h>

enum {
    KEY_EXTRA_BYTES = 256,
    TABLE_START = 64,
    HEAR_MS = 1000, /* for other loops to hear the end, beyond the grace for calls */
};

/* `lock` is a leaf: the table, and each link's registry fields. `life` is held while the engine
 * starts, so that it cannot start behind a shutdown; nothing that takes it holds another lock. */
static struct {
    pthread_mutex_t lock;
    pthread_mutex_t life;
    struct isa__link **table;
    size_t size; /* a power of two */
    size_t count;
    uint64_t handles;
    uint64_t opens;
    uint64_t shared_opens;
    atomic_bool is_closing;
    atomic_uint_fast64_t living;  /* links whose machine has begun and not finished */
    atomic_uint_fast64_t unheard; /* handles that have not heard their last */
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER, .life = PTHREAD_MUTEX_INITIALIZER };

/* What isa_pool_shutdown() was given; one at a time. */
static struct {
    struct isa__tr_port *port;
    struct isa__tr_msg end; /* to port: all is gone */
    isa_pool_done_fn *on_done;
    void *user;
    bool is_engine_to_join;
    uint32_t drain_ms;
    uint64_t patience_us; /* monotonic: when drain_ms has passed */
    atomic_bool is_stopping;
    struct isa__tr_timer *impatience; /* control loop */
    bool is_impatient;                /* control loop: do not wait for loops that stand still */
} ending;

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

/* Every setting that changes the channel or the pace of its attempts is in the key. */
static void write_key(struct isa__text *key, const char *target,
                      const struct isa__link_config *config)
{
    const struct isa__policy *policy = &config->policy;
    isa__text_add(key, "%s\n%u %u %a %d %u %u %u %u %u %u", target, policy->backoff.min_ms,
                  policy->backoff.max_ms, policy->backoff.factor, (int)policy->backoff.jitter,
                  policy->dial_floor_ms, policy->attempt_timeout_ms, policy->idle_timeout_ms,
                  config->channel.connect_timeout_ms, config->channel.keepalive_time_ms,
                  config->channel.keepalive_timeout_ms);
}

static int find_or_make_locked(const char *target, const char *key,
                               const struct isa__link_config *config, struct isa__link **ret_link)
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
    error = isa__link_new(&isa__tr_core, target, key, config, &link);
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
    int error = atomic_load(&pool.is_closing)
                    ? ISA_ESHUTDOWN
                    : find_or_make_locked(target, buffer, config, ret_link);
    if (!error) {
        isa__link_ref(*ret_link);
        (*ret_link)->handles++;
        pool.handles++;
        pool.opens++;
        atomic_fetch_add(&pool.unheard, 1);
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

static int engage_in_life(struct isa__link *link)
{
    if (isa__registry_is_closing())
        return ISA_ESHUTDOWN;
    int error = isa__tr_start();
    if (error)
        return error;
    if (!atomic_load(&link->is_used)) {
        atomic_fetch_add(&pool.living, 1);
        isa__link_begin(link);
    }
    return 0;
}

int isa__registry_engage(struct isa__link *link)
{
    if (isa__registry_is_closing())
        return ISA_ESHUTDOWN;
    if (atomic_load_explicit(&link->is_used, memory_order_acquire))
        return 0;
    pthread_mutex_lock(&pool.life);
    int error = engage_in_life(link);
    pthread_mutex_unlock(&pool.life);
    return error;
}

static void on_no_channel(void)
{
    isa__tr_timer_stop(ending.impatience);
    isa__tr_stop(ending.port, &ending.end, ending.patience_us);
}

/* Control loop; or, when the engine was stopped meanwhile, any thread: then it does nothing. */
static void end_if_over(struct isa__tr_msg *unused)
{
    (void)unused;
    if (atomic_load(&pool.living) || (atomic_load(&pool.unheard) && !ending.is_impatient))
        return;
    if (!atomic_exchange(&ending.is_stopping, true))
        isa__tr_when_no_channel(on_no_channel);
}

void isa__registry_on_finished(void)
{
    atomic_fetch_sub(&pool.living, 1);
    if (isa__registry_is_closing())
        end_if_over(NULL);
}

void isa__registry_on_heard(void)
{
    static struct isa__tr_msg last = { .fn = end_if_over }; /* no handle is opened while closing */
    if (atomic_fetch_sub(&pool.unheard, 1) == 1 && isa__registry_is_closing())
        isa__tr_core.post(&last);
}

static void on_impatience(void *unused)
{
    (void)unused;
    ending.is_impatient = true;
    end_if_over(NULL);
}

/* Control loop. */
static void begin_waiting(struct isa__tr_msg *unused)
{
    uint32_t drain_ms = ending.drain_ms < INT32_MAX ? ending.drain_ms : INT32_MAX;
    isa__tr_timer_start(ending.impatience, isa__tr_control(), drain_ms + HEAR_MS);
    end_if_over(unused);
}

static void on_end(struct isa__tr_msg *msg)
{
    (void)msg;
    struct isa__tr_port *port = ending.port;
    if (ending.is_engine_to_join)
        isa__tr_join();
    isa__tr_timer_free(ending.impatience);
    if (ending.on_done && !isa__tr_port_is_dead(port))
        ending.on_done(ending.user);
    isa__tr_port_release(port);
    isa__tr_port_unref(port);
}

static void close_all(void)
{
    pthread_mutex_lock(&pool.lock); /* signals are lock-free posts */
    for (size_t i = 0; i < pool.size; i++) {
        for (struct isa__link *link = pool.table[i]; link; link = link->next_in_table) {
            if (!atomic_load(&link->is_used)) {
                atomic_fetch_add(&pool.living, 1);
                isa__link_begin(link);
            }
            atomic_store(&link->drain_ms, ending.drain_ms);
            isa__link_signal(link, ISA__LINK_CLOSE);
        }
    }
    pthread_mutex_unlock(&pool.lock);
}

static int begin_end_in_life(void)
{
    static struct isa__tr_msg begin = { .fn = begin_waiting };
    if (isa__registry_is_closing())
        return ISA_ESHUTDOWN;
    pthread_mutex_lock(&pool.lock);
    bool is_in_use = pool.count > 0 || atomic_load(&pool.unheard) > 0;
    pthread_mutex_unlock(&pool.lock);
    /* Handles that were never used close by the same road as the others. */
    int error = is_in_use ? isa__tr_start() : 0;
    if (error)
        return error;
    pthread_mutex_lock(&pool.lock);
    atomic_store(&pool.is_closing, true);
    pthread_mutex_unlock(&pool.lock);
    ending.is_engine_to_join = isa__tr_is_running();
    if (!ending.is_engine_to_join) {
        isa__tr_port_post(ending.port, &ending.end);
        return 0;
    }
    isa__tr_core.post(&begin); /* first: once all is closed, the control loop may be gone */
    close_all();
    return 0;
}

int isa_pool_shutdown(struct ev_loop *loop, uint32_t drain_ms, isa_pool_done_fn *on_done,
                      void *user)
{
    if (!loop)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    struct isa__tr_port *port;
    int error = isa__tr_port_get(loop, &port);
    if (error)
        return error;
    pthread_mutex_lock(&pool.life);
    error = isa__registry_is_closing() ? ISA_ESHUTDOWN : 0;
    struct isa__tr_timer *timer = error ? NULL : isa__tr_timer_new(on_impatience, NULL);
    if (!error && !timer)
        error = ISA_ENOMEM;
    if (!error) {
        ending.impatience = timer;
        ending.drain_ms = drain_ms;
        ending.port = port;
        ending.end.fn = on_end;
        ending.on_done = on_done;
        ending.user = user;
        ending.patience_us = isa__now_us() + (uint64_t)drain_ms * 1000;
        isa__tr_port_hold(port);
        error = begin_end_in_life();
        if (error)
            isa__tr_port_release(port);
    }
    pthread_mutex_unlock(&pool.life);
    if (error) {
        isa__tr_timer_free(timer);
        isa__tr_port_unref(port);
    }
    return error;
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
