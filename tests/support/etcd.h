/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a real etcd as a child process: start, kill, start again at the same address, clean up.
 * Used by: tests and the demo.
 * Must not know: the library under test; loops.
 *
 * etcd never survives the thread that started it. Functions that return int give 0, or -1 and have
 * said why on stderr.
 */
#ifndef ETCD_H
#define ETCD_H

#include <stdbool.h>
#include <stdint.h>

struct etcd; /* opaque */

/* Whether etcd can be run on this machine. If not, say so by etcd_missing_text. */
bool etcd_is_installed(void);
extern const char etcd_missing_text[];

/* Choose an address and make a folder; nothing runs yet. NULL: it said why on stderr. */
struct etcd *etcd_new(void);

/* "127.0.0.2:port"; the same for life, lives as long as the object. */
const char *etcd_target(const struct etcd *etcd);

/* Speak TLS, and want a certificate of one of the roots. Files; before etcd_start(). */
void etcd_set_tls(struct etcd *etcd, const char *chain, const char *key, const char *roots);

/* Start the process; it does not answer at once. Call it again after etcd_kill(), data is kept. */
int etcd_start(struct etcd *etcd);

/* Whether the process runs. Notices an exit nobody asked for, and then shows its log. */
bool etcd_is_running(struct etcd *etcd);

/* End the process at once, with SIGKILL, and see it gone. Nothing when it does not run. */
void etcd_kill(struct etcd *etcd);

/* Send it a signal, SIGCONT for example; with SIGSTOP, see it stopped. Nothing when it does not run. */
void etcd_signal(const struct etcd *etcd, int number);

/* Whether the port accepts a connection at this moment. Never blocks. */
bool etcd_accepts(const struct etcd *etcd);

/* Block until the port accepts. -1: not within timeout_ms, or the process ended. */
int etcd_wait_accepts(struct etcd *etcd, uint32_t timeout_ms);

/* Show on stderr what etcd wrote last. */
void etcd_show_log(const struct etcd *etcd);

/* Kill the process, remove the folder. Returns NULL; takes NULL. */
struct etcd *etcd_free(struct etcd *etcd);

#endif
