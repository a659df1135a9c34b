/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the process: its descriptors, its signals, its exit status.
 * Used by: a shell.
 * Must not know: options, handles, formats.
 */
#include "args.h"
#include "watch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Started without standard output, the first socket would become it, and receive our lines. */
static void occupy_standard_descriptors(void)
{
    int fd = 0;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

int main(int argc, char **argv)
{
    struct args args;
    occupy_standard_descriptors();
    signal(SIGPIPE, SIG_IGN); /* a reader that leaves is an error of write() */
    setvbuf(stdout, NULL, _IOLBF, 0);

    switch (args_parse(argc, argv, &args)) {
    case ARGS_RUN:
        return (int)watch_run(&args);
    case ARGS_SHOWN:
        return EXIT_READY;
    default:
        return EXIT_USAGE;
    }
}
