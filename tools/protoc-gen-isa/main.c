/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the command line, standard input and output.
 * Called by: protoc; by people for --help.
 * Must not know: what is read and written.
 */
#include "child.h"
#include "generate.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "Usage: protoc --isa_out=DIR [--isa_opt=OPTION,...] FILE.proto...\n"
    "\n"
    "protoc's plugin for gRPC in C with ISA Common: protoc runs it. For each FILE.proto it\n"
    "writes FILE.pb-c.h and FILE.pb-c.c, the messages as protoc-gen-c makes them, and\n"
    "FILE.isa.h and FILE.isa.c, a typed function for each method of each service.\n"
    "\n"
    "  no_messages             only FILE.isa.h and FILE.isa.c\n"
    "  protoc_gen_c=PROGRAM    protobuf-c's plugin, if not protoc-gen-c in PATH\n"
    "  dllexport_decl=NAME     as for protoc-gen-c\n"
    "\n"
    "Run by hand: --help, --version.\n";

static void read_all(FILE *file, struct pgi_text *text)
{
    char bytes[65536];
    size_t count;

    while ((count = fread(bytes, 1, sizeof(bytes), file)) > 0)
        pgi_add_bytes(text, bytes, count);
}

static int run(struct pgi_arena *arena)
{
    struct pgi_text request = { .arena = arena }, answer = { .arena = arena };
    const char *fault;

    read_all(stdin, &request);
    if (ferror(stdin)) {
        (void)fputs("protoc-gen-isa: cannot read the request\n", stderr);
        return 1;
    }
    fault =
        pgi_generate(arena, (const uint8_t *)request.bytes, request.size, pgi_run_child, &answer);
    if (fault != NULL) {
        (void)fprintf(stderr,
                      "protoc-gen-isa: standard input is not a request of protoc's: %s\n"
                      "protoc-gen-isa is run by protoc: protoc --isa_out=DIR FILE.proto\n",
                      fault);
        return 1;
    }
    if (fwrite(answer.bytes, 1, answer.size, stdout) != answer.size || fflush(stdout) != 0) {
        (void)fputs("protoc-gen-isa: cannot write the answer\n", stderr);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct pgi_arena *arena;
    int status;

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        (void)puts("protoc-gen-isa " PGI_VERSION);
        return 0;
    }
    if (argc > 1 || isatty(STDIN_FILENO)) {
        const int is_asked = argc == 2 && strcmp(argv[1], "--help") == 0;

        (void)fputs(help, is_asked ? stdout : stderr);
        return is_asked ? 0 : 2;
    }
    arena = pgi_arena_new();
    status = run(arena);
    pgi_arena_free(arena);
    return status;
}
