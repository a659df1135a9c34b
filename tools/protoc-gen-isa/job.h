/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one run of the plugin: what protoc asked for, the types it knows, the first error.
 * Used by: every step of the run.
 * Must not know: how any step works.
 */
#ifndef PGI_JOB_H
#define PGI_JOB_H

#include "parameters.h"
#include "text.h"

#include <google/protobuf/compiler/plugin.pb-c.h>

/* The names that protobuf-c gives them are longer than a line of code can bear. */
typedef Google__Protobuf__Compiler__CodeGeneratorRequest pgi_request;
typedef Google__Protobuf__Compiler__CodeGeneratorResponse pgi_response;
typedef Google__Protobuf__Compiler__CodeGeneratorResponse__File pgi_output;
typedef Google__Protobuf__FileDescriptorProto pgi_file;
typedef Google__Protobuf__DescriptorProto pgi_message;
typedef Google__Protobuf__FieldDescriptorProto pgi_field;
typedef Google__Protobuf__OneofDescriptorProto pgi_oneof;
typedef Google__Protobuf__EnumDescriptorProto pgi_enum;
typedef Google__Protobuf__ServiceDescriptorProto pgi_service;
typedef Google__Protobuf__MethodDescriptorProto pgi_method;
typedef Google__Protobuf__SourceCodeInfo__Location pgi_location;

#define PGI_IS_TYPE(field, kind)                                                                   \
    ((field)->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_##kind)
#define PGI_IS_REPEATED(field)                                                                     \
    ((field)->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED)

/** A message or an enumeration. */
struct pgi_type {
    const char *full_name;   /* in the .proto, without a dot in front */
    const char *c_full_name; /* the same with the package that C is told: pgi_type_name() etc. */
    const pgi_file *file;
    bool is_enum;
};

/** A field of proto3 that says whether it is there: made a oneof of one for protoc-gen-c. */
struct pgi_presence {
    struct pgi_presence *next;
    const pgi_file *file;
    const struct pgi_type *message;
    const pgi_field *field;
    const pgi_oneof *oneof;
};

/** A number that protoc-gen-c cannot write, and what stands for it meanwhile. */
struct pgi_literal {
    struct pgi_literal *next;
    const char *stand_in, *exact;
};

struct pgi_job {
    struct pgi_arena *arena;
    pgi_request *request;
    struct pgi_parameters parameters;
    struct pgi_names types; /* full name -> struct pgi_type */
    struct pgi_presence *presences, **presences_end;
    struct pgi_literal *literals;
    unsigned literal_count;
    /* "M__O__NOT_SET" -> how the value of this oneof begins in C, if not as {0} */
    struct pgi_names oneof_values;
    const char *error; /* the first; NULL: none */
};

/** Keep the first error. @return -1 */
int pgi_refuse(struct pgi_job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** @return NULL: the request does not say what it is */
pgi_file *pgi_find_file(const struct pgi_job *job, const char *name);
/** name begins with a dot, as in descriptors. */
const struct pgi_type *pgi_find_type(const struct pgi_job *job, const char *name);
/** Learn all types; refuse what no .proto can say. @return 0 or -1 */
int pgi_index(struct pgi_job *job);
/** package.name as C is told it. */
char *pgi_c_full_name(struct pgi_arena *arena, const pgi_file *file, const char *full_name);

/** Make every file that is asked for such as protoc-gen-c 1.4 takes it. @return 0 or -1 */
int pgi_rewrite(struct pgi_job *job);
/** Names of members and oneofs that C would have twice, or not at all, get an underscore. */
int pgi_rename_members(struct pgi_job *job, pgi_message *message, const char *full_name,
                       bool is_proto3);
/** Comments that a C comment can hold. */
char *pgi_clean_comment(struct pgi_arena *arena, const char *comment);
/** What protoc-gen-c wrote, with what it cannot write put right. */
char *pgi_mend(const struct pgi_job *job, const char *content);

/** The two files of calls, for a .proto: NAME.isa.h and NAME.isa.c. @return 0 or -1 */
int pgi_write_calls(struct pgi_job *job, const pgi_file *file, char **ret_header,
                    char **ret_source);

#endif
