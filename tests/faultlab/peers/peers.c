/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: starting a peer's process, its port, talking to it, ending it.
 * Used by: the fault laboratory's scenarios, chaos runs, through peers.h.
 * Must not know: what the kinds of peers do; the library under test.
 */
#include "peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Not 127.0.0.1: a client's own socket might be given the peer's port there while it is down. */
#define ADDRESS "127.0.0.2"
#define PYTHON "/usr/bin/python3"

enum { WORDS_BYTES = 512, WORDS_MAX = 32, PATH_BYTES = 512, LINE_BYTES = 128, START_MS = 20000 };

struct peer {
    pid_t pid;   /* 0: it does not run */
    int control; /* a packet is a line; -1: it does not run */
    int holder;  /* bound to the port and never listening: keeps it ours between two lives */
    uint16_t port;
    char target[32];
    char words[WORDS_BYTES];
};

static void must(bool is_done, const char *what)
{
    if (is_done)
        return;
    fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* A list of words in one piece of memory, as exec wants it. */
struct arguments {
    char text[WORDS_BYTES + 2 * PATH_BYTES];
    size_t used;
    char *words[WORDS_MAX + 1];
    size_t count;
};

static void add_word(struct arguments *arguments, const char *word, size_t length)
{
    must(arguments->count < WORDS_MAX && arguments->used + length < sizeof arguments->text,
         "too many words");
    char *copy = arguments->text + arguments->used;
    memcpy(copy, word, length);
    copy[length] = '\0';
    arguments->used += length + 1;
    arguments->words[arguments->count++] = copy;
    arguments->words[arguments->count] = NULL;
}

static void add_words(struct arguments *arguments, const char *words)
{
    while (*words) {
        size_t length = strcspn(words, " ");
        if (length)
            add_word(arguments, words, length);
        words += length;
        words += *words == ' ';
    }
}

/* The peer's program lies beside the one that runs. */
static void add_program(struct arguments *arguments)
{
    char path[PATH_BYTES];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    must(length > 0, "/proc/self/exe");
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    must(slash != NULL, "path of this program");
    size_t room = sizeof path - (size_t)(slash + 1 - path);
    snprintf(slash + 1, room, "isa-faultlab-peer");
    add_word(arguments, path, strlen(path));
}

static bool has_word(const char *words, const char *word)
{
    return strstr(words, word) != NULL;
}

/* A network of its own, in which its loopback can also be reached from outside. */
static void add_network(struct arguments *arguments)
{
    static const char prepare[] =
        "ip link set lo up && echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet && exec \"$@\"";
    add_words(arguments, "unshare --net -- sh -c");
    add_word(arguments, prepare, sizeof prepare - 1);
    add_words(arguments, "sh");
}

static void make_arguments(const struct peer *peer, struct arguments *arguments)
{
    char port[16];
    *arguments = (struct arguments){ .count = 0 };
    if (has_word(peer->words, "netns=1"))
        add_network(arguments);
    if (strncmp(peer->words, "python", 6) == 0)
        add_words(arguments, PYTHON " " ISA_PEER_PYTHON);
    else
        add_program(arguments);
    add_words(arguments, peer->words);
    snprintf(port, sizeof port, "port=%u", peer->port);
    add_words(arguments, port);
}

/* In the child: only what is allowed between fork and exec of a process with threads. */
static void become(char *const *words, pid_t parent, int control)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before the line above */
        _exit(EXIT_FAILURE);
    if (control >= 0)
        dup2(control, STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
        close(fd);
    execvp(words[0], words);
    _exit(127);
}

static pid_t spawn(char *const *words, int control)
{
    pid_t parent = getpid();
    fflush(NULL);
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0)
        become(words, parent, control);
    return pid;
}

static int collect(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        must(errno == EINTR, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The next line it says, as a number. */
static unsigned hear(const struct peer *peer, const char *to_what)
{
    char line[LINE_BYTES];
    struct pollfd wait = { .fd = peer->control, .events = POLLIN };
    if (poll(&wait, 1, START_MS) == 1) {
        ssize_t size = recv(peer->control, line, sizeof line - 1, 0);
        if (size > 0) {
            line[size] = '\0';
            return (unsigned)strtoul(line, NULL, 10);
        }
    }
    fprintf(stderr, "peer '%s' did not answer to '%s'\n", peer->words, to_what);
    exit(EXIT_FAILURE);
}

static void start(struct peer *peer)
{
    int sockets[2];
    struct arguments arguments;
    make_arguments(peer, &arguments);
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) == 0, "socketpair");
    peer->pid = spawn(arguments.words, sockets[1]);
    close(sockets[1]);
    peer->control = sockets[0];
    hear(peer, "the start");
}

static void hold_port(struct peer *peer)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    int on = 1;
    inet_pton(AF_INET, ADDRESS, &address.sin_addr);
    peer->holder = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(peer->holder >= 0, "socket");
    must(setsockopt(peer->holder, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "SO_REUSEADDR");
    must(bind(peer->holder, (const struct sockaddr *)&address, size) == 0, "bind to " ADDRESS);
    must(getsockname(peer->holder, (struct sockaddr *)&address, &size) == 0, "getsockname");
    peer->port = ntohs(address.sin_port);
    snprintf(peer->target, sizeof peer->target, ADDRESS ":%u", peer->port);
}

struct peer *peer_new(const char *words, ...)
{
    va_list list;
    struct peer *peer = calloc(1, sizeof *peer);
    must(peer != NULL, "calloc");
    va_start(list, words);
    vsnprintf(peer->words, sizeof peer->words, words, list);
    va_end(list);
    hold_port(peer);
    start(peer);
    return peer;
}

const char *peer_target(const struct peer *peer)
{
    return peer->target;
}

uint16_t peer_port(const struct peer *peer)
{
    return peer->port;
}

int peer_pid(const struct peer *peer)
{
    return peer->pid;
}

unsigned peer_tell(struct peer *peer, const char *line, ...)
{
    char text[LINE_BYTES];
    va_list list;
    va_start(list, line);
    vsnprintf(text, sizeof text, line, list);
    va_end(list);
    must(send(peer->control, text, strlen(text) + 1, MSG_NOSIGNAL) >= 0, text);
    return hear(peer, text);
}

void peer_stop(struct peer *peer)
{
    int status = 0;
    must(kill(peer->pid, SIGSTOP) == 0, "SIGSTOP");
    must(waitpid(peer->pid, &status, WUNTRACED) == peer->pid && WIFSTOPPED(status), "stop");
}

void peer_continue(struct peer *peer)
{
    must(kill(peer->pid, SIGCONT) == 0, "SIGCONT");
}

void peer_kill(struct peer *peer)
{
    if (!peer->pid)
        return;
    kill(peer->pid, SIGKILL);
    collect(peer->pid);
    close(peer->control);
    peer->pid = 0;
    peer->control = -1;
}

void peer_restart(struct peer *peer)
{
    peer_kill(peer);
    start(peer);
}

void peer_restart_as(struct peer *peer, const char *words, ...)
{
    va_list list;
    va_start(list, words);
    vsnprintf(peer->words, sizeof peer->words, words, list);
    va_end(list);
    peer_restart(peer);
}

struct peer *peer_free(struct peer *peer)
{
    if (!peer)
        return NULL;
    peer_kill(peer);
    close(peer->holder);
    free(peer);
    return NULL;
}

int peer_run(const char *words, ...)
{
    char text[WORDS_BYTES];
    struct arguments arguments = { .count = 0 };
    va_list list;
    va_start(list, words);
    vsnprintf(text, sizeof text, words, list);
    va_end(list);
    add_words(&arguments, text);
    return collect(spawn(arguments.words, -1));
}

bool peer_has_python(void)
{
    return access(PYTHON, X_OK) == 0 && peer_run(PYTHON " " ISA_PEER_PYTHON " check") == 0;
}
