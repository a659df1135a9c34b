/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the calls of a .proto as C has them: names, types, kinds.
 * Used by: what writes them.
 * Must not know: how they are written.
 */
#ifndef PGI_STUBS_H
#define PGI_STUBS_H

#include "job.h"

enum pgi_kind { PGI_UNARY, PGI_SERVER_STREAM, PGI_CLIENT_STREAM, PGI_BIDI };

struct pgi_stub {
    enum pgi_kind kind;
    const char *name;               /* of the function; others begin with it */
    const char *upper_name;         /* the same in capitals */
    const char *path;               /* "/package.Service/Method" */
    const char *request, *response; /* types in C */
    const char *descriptor;         /* of the response */
    const char *comment;            /* from the .proto; may be empty */
    bool is_deprecated;
};

struct pgi_service_stubs {
    const char *full_name, *comment;
    struct pgi_stub *stubs;
    size_t count;
};

struct pgi_stubs {
    const pgi_file *file;
    const char *stem, *guard;
    struct pgi_service_stubs *services;
    size_t count;
};

/** @return 0 or -1 */
int pgi_collect_stubs(struct pgi_job *job, const pgi_file *file, struct pgi_stubs *ret_stubs);

void pgi_emit_header(const struct pgi_job *job, const struct pgi_stubs *stubs,
                     struct pgi_text *text);
void pgi_emit_source(const struct pgi_stubs *stubs, struct pgi_text *text);
/** Functions for fields of proto3 that say whether they are there. */
void pgi_emit_presence(const struct pgi_job *job, const pgi_file *file, struct pgi_text *text);
/** A comment of a .proto, or text of ours, as lines of a C comment; blank lines around it are dropped. */
void pgi_emit_comment(struct pgi_text *text, const char *comment);
/** What follows the name in a declaration: its parameters, in lines of 100 columns. */
void pgi_emit_parameters(struct pgi_text *text, const char *head, const char *const *parameters);
/** The parameters of the function that calls; NULL ends them. */
const char *const *pgi_stub_parameters(struct pgi_arena *arena, const struct pgi_stub *stub);

static inline bool pgi_sends_many(const struct pgi_stub *stub)
{
    return stub->kind == PGI_CLIENT_STREAM || stub->kind == PGI_BIDI;
}

static inline bool pgi_receives_many(const struct pgi_stub *stub)
{
    return stub->kind == PGI_SERVER_STREAM || stub->kind == PGI_BIDI;
}

#endif
