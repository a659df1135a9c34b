/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the example of TLS, against a real etcd: a TLS that is not grpc-core's.
 * Used by: ctest.
 * Must not know: the library; the program is run as users run it.
 */
#include "child.h"
#include "etcd.h"
#include "identity.h"
#include "watch_support.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ETCD_MS = 15000 };

static const char *dir;
static struct identity *authority;
static struct identity *theirs;
static struct identity *ours;
static struct etcd *etcd;
static char roots[128], chain[128], key[128];
static int input; /* what the example reads */
static struct child *child;

static void write_to(char path[128], const char *name, const char *text)
{
    snprintf(path, 128, "%s", scratch_write(dir, name, text));
}

static void set_up(void)
{
    char their_chain[128], their_key[128];
    if (!etcd_is_installed())
        cr_skip("%s", etcd_missing_text);
    dir = scratch_new();
    authority = identity_new(NULL, "Authority", NULL, 30);
    theirs = identity_new(authority, "etcd", "IP:127.0.0.2", 30);
    ours = identity_new(authority, "example", NULL, 30);
    write_to(roots, "roots.pem", identity_chain(authority));
    write_to(chain, "chain.pem", identity_chain(ours));
    write_to(key, "key.pem", identity_key(ours));
    write_to(their_chain, "etcd.pem", identity_chain(theirs));
    write_to(their_key, "etcd.key", identity_key(theirs));
    etcd = etcd_new();
    cr_assert_not_null(etcd);
    etcd_set_tls(etcd, their_chain, their_key, roots);
    cr_assert_eq(etcd_start(etcd), 0);
    cr_assert_eq(etcd_wait_accepts(etcd, ETCD_MS), 0);
}

static void tear_down(void)
{
    child_free(child);
    etcd_free(etcd);
    identity_free(authority);
    identity_free(theirs);
    identity_free(ours);
    if (dir)
        scratch_remove(dir);
}

TestSuite(example_tls, .init = set_up, .fini = tear_down);

static void start_example(void)
{
    int ends[2];
    const char *arguments[] = { etcd_target(etcd), roots, chain, key, NULL };
    cr_assert_eq(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC); /* or it would wait for an end of its own making */
    input = ends[1];
    child = child_start(EXAMPLE_TLS, arguments);
}

static void end_example(void)
{
    close(input);
    dup2(STDOUT_FILENO, STDIN_FILENO); /* the last reader of the pipe is the example */
    cr_expect(child_wait(child, RUN_MS), "it does not end:\n%s%s", child->out.text,
              child->err.text);
    cr_expect_eq(child->exit_status, 0, "%s%s", child->out.text, child->err.text);
}

static void ask(const char *answer)
{
    dprintf(input, "hello\n");
    cr_expect(child_wait_text(child, answer, RUN_MS), "'%s' did not come:\n%s%s", answer,
              child->out.text, child->err.text);
}

Test(example_tls, reads_over_mutual_tls_and_renews_its_certificate)
{
    struct identity *renewed = identity_new(authority, "example", NULL, 60);
    start_example();
    ask("no such key\n");
    write_to(key, "key.pem", identity_key(renewed));
    write_to(chain, "chain.pem", identity_chain(renewed));

    kill(child->pid, SIGHUP);

    cr_expect(child_wait_text(child, "READY -> CONNECTING (renewed)", RUN_MS), "%s%s",
              child->out.text, child->err.text);
    ask("CONNECTING -> READY (connected) \nno such key\n");
    end_example();
    identity_free(renewed);
}

Test(example_tls, says_that_etcd_does_not_accept_its_certificate)
{
    struct identity *stranger = identity_new(NULL, "Stranger", NULL, 30);
    write_to(key, "key.pem", identity_key(stranger));
    write_to(chain, "chain.pem", identity_chain(stranger));

    start_example();

    ask("(client_cert)");
    cr_expect(strstr(child->out.text, "most likely the server does not accept our client"));
    end_example();
    identity_free(stranger);
}

Test(example_tls, names_the_file_that_is_half_written)
{
    char half[4096];
    snprintf(half, sizeof half, "%.100s", identity_key(ours));
    write_to(key, "key.pem", half);

    start_example();

    ask("(credentials)");
    cr_expect(strstr(child->out.text, "key.pem': the private key is cut short or damaged"), "%s",
              child->out.text);
    end_example();
}
