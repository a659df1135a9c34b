/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: etcd's address, folder, command line and process.
 * Used by: tests and the demo, through etcd.h.
 * Must not know: the library under test; loops.
 */
#include "etcd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Not 127.0.0.1: while etcd is down, another program that asks for any port there might be given
 * ours, or a client's own socket might get it and connect to itself.
 */
#define ADDRESS "127.0.0.2"
#define LOG_TAIL_BYTES 4000

enum { PATH_SIZE = 256, URL_SIZE = 48, PROBE_EVERY_MS = 2 };

struct etcd {
    char folder[PATH_SIZE];
    char log[PATH_SIZE + 16];
    char target[URL_SIZE];
    uint16_t client_port;
    uint16_t peer_port;
    pid_t pid; /* 0: not running */
    bool has_tls;
    char tls[3][PATH_SIZE + 32]; /* as its environment says it */
};

const char etcd_missing_text[] = "etcd is not installed (Debian package etcd-server)";

static const char *const candidates[] = { "/usr/bin/etcd", "/usr/local/bin/etcd", "/bin/etcd" };

static const char *find_binary(void)
{
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
        if (access(candidates[i], X_OK) == 0)
            return candidates[i];
    return NULL;
}

bool etcd_is_installed(void)
{
    return find_binary() != NULL;
}

static int fail(const char *what)
{
    fprintf(stderr, "etcd: %s: %s\n", what, strerror(errno));
    return -1;
}

static struct sockaddr_in address_of(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    inet_pton(AF_INET, ADDRESS, &address.sin_addr);
    return address;
}

/* A socket that holds a free port of ours. */
static int hold_free_port(uint16_t *ret_port)
{
    struct sockaddr_in address = address_of(0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail("socket");
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        close(fd);
        return fail("bind to " ADDRESS);
    }
    *ret_port = ntohs(address.sin_port);
    return fd;
}

/* Both are held before either is let go, so that they differ. */
static int choose_ports(struct etcd *etcd)
{
    int client = hold_free_port(&etcd->client_port);
    int peer = hold_free_port(&etcd->peer_port);
    if (client >= 0)
        close(client);
    if (peer >= 0)
        close(peer);
    return client < 0 || peer < 0 ? -1 : 0;
}

struct etcd *etcd_new(void)
{
    const char *parent = getenv("TMPDIR");
    struct etcd *etcd = calloc(1, sizeof *etcd);
    if (etcd == NULL)
        return NULL;
    if (parent == NULL || strlen(parent) > PATH_SIZE - 32)
        parent = "/tmp";
    snprintf(etcd->folder, sizeof etcd->folder, "%s/isa-etcd-XXXXXX", parent);
    if (mkdtemp(etcd->folder) == NULL) {
        fail(etcd->folder);
        free(etcd);
        return NULL;
    }
    snprintf(etcd->log, sizeof etcd->log, "%s/etcd.log", etcd->folder);
    if (choose_ports(etcd) != 0)
        return etcd_free(etcd);
    snprintf(etcd->target, sizeof etcd->target, ADDRESS ":%u", etcd->client_port);
    return etcd;
}

const char *etcd_target(const struct etcd *etcd)
{
    return etcd->target;
}

/* In the child. Its own group, so that the terminal's Ctrl-C is its parent's business alone. */
static void become_etcd(const struct etcd *etcd, pid_t parent, const char *binary,
                        char *const *arguments, char *const *environment)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before the line above */
        _exit(127);
    int log = open(etcd->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execve(binary, arguments, environment);
    _exit(127);
}

void etcd_set_tls(struct etcd *etcd, const char *chain, const char *key, const char *roots)
{
    etcd->has_tls = true;
    snprintf(etcd->tls[0], sizeof etcd->tls[0], "ETCD_CERT_FILE=%s", chain);
    snprintf(etcd->tls[1], sizeof etcd->tls[1], "ETCD_KEY_FILE=%s", key);
    snprintf(etcd->tls[2], sizeof etcd->tls[2], "ETCD_TRUSTED_CA_FILE=%s", roots);
}

int etcd_start(struct etcd *etcd)
{
    char client[URL_SIZE], peer[URL_SIZE], cluster[URL_SIZE + 16], data[PATH_SIZE + 16];
    char cpu[64] = "ETCD_UNSUPPORTED_ARCH=";
    const char *unsupported = getenv("ETCD_UNSUPPORTED_ARCH");
    const char *binary = find_binary();
    if (binary == NULL) {
        fprintf(stderr, "%s\n", etcd_missing_text);
        return -1;
    }
    snprintf(client, sizeof client, "%s://" ADDRESS ":%u", etcd->has_tls ? "https" : "http",
             etcd->client_port);
    snprintf(peer, sizeof peer, "http://" ADDRESS ":%u", etcd->peer_port);
    snprintf(cluster, sizeof cluster, "isa=%s", peer);
    snprintf(data, sizeof data, "%s/data", etcd->folder);
    if (unsupported != NULL)
        snprintf(cpu, sizeof cpu, "ETCD_UNSUPPORTED_ARCH=%s", unsupported);

    /* With the default election timeout etcd accepts connections two seconds before it answers. */
    char *arguments[] = { "etcd",  "--name",
                          "isa",   "--data-dir",
                          data,    "--listen-client-urls",
                          client,  "--advertise-client-urls",
                          client,  "--listen-peer-urls",
                          peer,    "--initial-advertise-peer-urls",
                          peer,    "--initial-cluster",
                          cluster, "--heartbeat-interval",
                          "10",    "--election-timeout",
                          "100",   NULL };
    /* Not ours: settings of another etcd, and a proxy, may be in there. */
    static char wants_certificate[] = "ETCD_CLIENT_CERT_AUTH=true";
    char *environment[6] = { NULL };
    char **next = environment;
    if (unsupported != NULL)
        *next++ = cpu;
    for (int i = 0; i < 3 && etcd->has_tls; i++)
        *next++ = (char *)etcd->tls[i];
    if (etcd->has_tls)
        *next = wants_certificate;

    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return fail("fork");
    if (pid == 0)
        become_etcd(etcd, parent, binary, arguments, environment);
    etcd->pid = pid;
    return 0;
}

/* A loop that handles SIGCHLD may have collected the child first: then there is none to wait for. */
static bool has_exited(pid_t pid, int options)
{
    pid_t waited = 0;
    do
        waited = waitpid(pid, NULL, options);
    while (waited < 0 && errno == EINTR);
    return waited != 0;
}

bool etcd_is_running(struct etcd *etcd)
{
    if (etcd->pid == 0)
        return false;
    if (!has_exited(etcd->pid, WNOHANG))
        return true;
    etcd->pid = 0;
    fputs("etcd ended by itself\n", stderr);
    etcd_show_log(etcd);
    return false;
}

void etcd_kill(struct etcd *etcd)
{
    if (etcd->pid == 0)
        return;
    kill(etcd->pid, SIGKILL);
    has_exited(etcd->pid, 0);
    etcd->pid = 0;
}

void etcd_signal(const struct etcd *etcd, int number)
{
    if (etcd->pid == 0 || kill(etcd->pid, number) != 0 || number != SIGSTOP)
        return;
    /* Its threads go on until the signal has reached each of them. */
    while (waitpid(etcd->pid, NULL, WUNTRACED) < 0 && errno == EINTR)
        continue;
}

bool etcd_accepts(const struct etcd *etcd)
{
    struct sockaddr_in address = address_of(etcd->client_port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool accepted = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (!accepted && errno == EINPROGRESS) {
        /* On loopback the answer is there by now. */
        struct pollfd outcome = { .fd = fd, .events = POLLOUT };
        int error = 0;
        socklen_t size = sizeof error;
        accepted = poll(&outcome, 1, 0) == 1 &&
                   getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    }
    close(fd);
    return accepted;
}

static int64_t now_ms(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int etcd_wait_accepts(struct etcd *etcd, uint32_t timeout_ms)
{
    int64_t deadline = now_ms() + timeout_ms;
    while (!etcd_accepts(etcd)) {
        if (!etcd_is_running(etcd))
            return -1;
        if (now_ms() >= deadline) {
            fprintf(stderr, "etcd does not accept connections on %s after %u ms\n", etcd->target,
                    (unsigned)timeout_ms);
            etcd_show_log(etcd);
            return -1;
        }
        poll(NULL, 0, PROBE_EVERY_MS);
    }
    return 0;
}

void etcd_show_log(const struct etcd *etcd)
{
    char tail[LOG_TAIL_BYTES];
    FILE *log = fopen(etcd->log, "r");
    if (log == NULL) {
        fail(etcd->log);
        return;
    }
    if (fseek(log, -LOG_TAIL_BYTES, SEEK_END) != 0)
        rewind(log); /* it is shorter */
    size_t size = fread(tail, 1, sizeof tail, log);
    fclose(log);
    fputs("---- etcd's log, its end ----\n", stderr);
    fwrite(tail, 1, size, stderr);
    fputs("---- end of etcd's log ----\n", stderr);
}

static void remove_folder(char *folder)
{
    char *arguments[] = { "rm", "-rf", "--", folder, NULL };
    char *environment[] = { NULL };
    pid_t pid = 0;
    errno = posix_spawn(&pid, "/bin/rm", NULL, NULL, arguments, environment);
    if (errno != 0)
        fail("/bin/rm");
    else
        has_exited(pid, 0);
}

struct etcd *etcd_free(struct etcd *etcd)
{
    if (etcd == NULL)
        return NULL;
    etcd_kill(etcd);
    remove_folder(etcd->folder);
    free(etcd);
    return NULL;
}
