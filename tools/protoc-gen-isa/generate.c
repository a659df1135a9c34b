/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the run from protoc's request to the answer.
 * Called by: main.c, the fuzzer.
 * Must not know: how any step works.
 */
#include "generate.h"

#include "job.h"
#include "names.h"
#include "option.h"
#include "wire.h"

#include <string.h>

#define REQUEST_TYPE (&google__protobuf__compiler__code_generator_request__descriptor)
#define RESPONSE_TYPE (&google__protobuf__compiler__code_generator_response__descriptor)

static void add_output(struct pgi_job *job, pgi_response *response, char *name, char *content)
{
    pgi_output *output = pgi_alloc(job->arena, sizeof(*output));

    google__protobuf__compiler__code_generator_response__file__init(output);
    output->name = name;
    output->content = content;
    response->file[response->n_file++] = output;
}

/* protobuf-c has calls of its own, without a transport, whose names C and C++ do not always take.
 * They are left out: the calls are ours. */
static struct pgi_text pack_for_child(struct pgi_job *job)
{
    pgi_request *request = job->request;
    const size_t count = request->n_proto_file;
    size_t *service_counts = pgi_alloc(job->arena, count * sizeof(*service_counts));
    struct pgi_text packed = { .arena = job->arena };

    for (size_t i = 0; i < count; i++) {
        service_counts[i] = request->proto_file[i]->n_service;
        request->proto_file[i]->n_service = 0;
    }
    request->parameter =
        job->parameters.for_child == NULL
            ? NULL
            : pgi_copy(job->arena, job->parameters.for_child, strlen(job->parameters.for_child));
    packed.size = protobuf_c_message_get_packed_size(&request->base);
    packed.bytes = pgi_alloc(job->arena, packed.size + 1);
    (void)protobuf_c_message_pack(&request->base, (uint8_t *)packed.bytes);
    for (size_t i = 0; i < count; i++)
        request->proto_file[i]->n_service = service_counts[i];
    return packed;
}

/* What protoc-gen-c answers; NULL after a refusal. */
static pgi_response *ask_child(struct pgi_job *job, pgi_run_fn *run)
{
    const char *program = job->parameters.protoc_gen_c, *fault;
    const struct pgi_text packed = pack_for_child(job);
    struct pgi_text output = { .arena = job->arena };
    pgi_response *response = NULL;

    fault = run(job->arena, program, (const uint8_t *)packed.bytes, packed.size, &output);
    if (fault == NULL &&
        (fault = pgi_wire_fault(job->arena, RESPONSE_TYPE, (const uint8_t *)output.bytes,
                                output.size)) != NULL)
        fault = pgi_format(job->arena, "%s has answered nonsense: %s", program, fault);
    if (fault == NULL) {
        response = (pgi_response *)protobuf_c_message_unpack(
            RESPONSE_TYPE, pgi_arena_allocator(job->arena), output.size,
            (const uint8_t *)output.bytes);
        if (response == NULL)
            fault = pgi_format(job->arena, "%s has answered nonsense", program);
        else if (response->error != NULL)
            fault = pgi_format(job->arena, "%s: %s", program, response->error);
    }
    if (fault != NULL)
        (void)pgi_refuse(job, "%s", fault);
    return fault == NULL ? response : NULL;
}

static int add_messages(struct pgi_job *job, pgi_run_fn *run, pgi_response *response)
{
    pgi_response *from_child = ask_child(job, run);
    pgi_output **outputs;

    if (from_child == NULL)
        return -1;
    outputs = pgi_alloc(
        job->arena, (response->n_file + from_child->n_file + 2 * job->request->n_file_to_generate) *
                        sizeof(*outputs));
    response->file = outputs;
    for (size_t i = 0; i < from_child->n_file; i++) {
        const pgi_output *output = from_child->file[i];

        if (output->name != NULL && output->content != NULL)
            add_output(job, response, output->name, pgi_mend(job, output->content));
    }
    return 0;
}

static int add_calls(struct pgi_job *job, pgi_response *response)
{
    for (size_t i = 0; i < job->request->n_file_to_generate; i++) {
        const pgi_file *file = pgi_find_file(job, job->request->file_to_generate[i]);
        const char *stem = pgi_file_stem(job->arena, file->name);
        char *header = NULL, *source = NULL;

        if (pgi_has_no_c(file))
            continue;
        if (pgi_write_calls(job, file, &header, &source) != 0)
            return -1;
        add_output(job, response, pgi_format(job->arena, "%s.isa.h", stem), header);
        add_output(job, response, pgi_format(job->arena, "%s.isa.c", stem), source);
    }
    return 0;
}

static int answer(struct pgi_job *job, pgi_run_fn *run, pgi_response *response)
{
    const char *fault = pgi_read_parameters(job->arena, job->request->parameter, &job->parameters);

    if (fault != NULL)
        return pgi_refuse(job, "%s", fault);
    if (pgi_index(job) != 0 || pgi_rewrite(job) != 0)
        return -1;
    response->file =
        pgi_alloc(job->arena, 2 * job->request->n_file_to_generate * sizeof(*response->file));
    if (job->parameters.writes_messages && add_messages(job, run, response) != 0)
        return -1;
    return add_calls(job, response);
}

const char *pgi_generate(struct pgi_arena *arena, const uint8_t *bytes, size_t size,
                         pgi_run_fn *run, struct pgi_text *ret_answer)
{
    struct pgi_job job = { .arena = arena,
                           .types = { .arena = arena },
                           .oneof_values = { .arena = arena } };
    const char *fault = pgi_wire_fault(arena, REQUEST_TYPE, bytes, size);
    pgi_response response;

    job.presences_end = &job.presences;
    if (fault != NULL)
        return fault;
    job.request = (pgi_request *)protobuf_c_message_unpack(REQUEST_TYPE, pgi_arena_allocator(arena),
                                                           size, bytes);
    if (job.request == NULL)
        return "a field that is required is missing";
    google__protobuf__compiler__code_generator_response__init(&response);
    response.has_supported_features = 1;
    response.supported_features =
        GOOGLE__PROTOBUF__COMPILER__CODE_GENERATOR_RESPONSE__FEATURE__FEATURE_PROTO3_OPTIONAL;
    if (answer(&job, run, &response) != 0) {
        response.n_file = 0;
        response.error = pgi_copy(arena, job.error, strlen(job.error));
    }
    ret_answer->arena = arena;
    ret_answer->size = protobuf_c_message_get_packed_size(&response.base);
    ret_answer->bytes = pgi_alloc(arena, ret_answer->size + 1);
    (void)protobuf_c_message_pack(&response.base, (uint8_t *)ret_answer->bytes);
    return NULL;
}
