/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: metadata, both ways: what may be sent, what arrived.
 * Used by: call.c; applications, through <isa/metadata.h>.
 * Must not know: calls and channels.
 */
#include <isa/metadata.h>

#include <grpc/compression.h>
#include <string.h>

#include "packing.h"

static struct isa_bytes bytes_of(const grpc_slice *slice)
{
    return (struct isa_bytes){ GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice) };
}

size_t isa_metadata_count(const struct isa_metadata *metadata)
{
    return metadata ? metadata->array.count : 0;
}

bool isa_metadata_at(const struct isa_metadata *metadata, size_t index, struct isa_bytes *ret_name,
                     struct isa_bytes *ret_value)
{
    if (index >= isa_metadata_count(metadata))
        return false;
    const grpc_metadata *entry = &metadata->array.metadata[index];
    if (ret_name)
        *ret_name = bytes_of(&entry->key);
    if (ret_value)
        *ret_value = bytes_of(&entry->value);
    return true;
}

bool isa_metadata_get(const struct isa_metadata *metadata, const char *name,
                      struct isa_bytes *ret_value)
{
    size_t count = name ? isa_metadata_count(metadata) : 0;
    for (size_t i = 0; i < count; i++) {
        if (grpc_slice_str_cmp(metadata->array.metadata[i].key, name) == 0)
            return isa_metadata_at(metadata, i, NULL, ret_value);
    }
    return false;
}

/* What core itself puts into a request, or takes out of it, is not the program's to set. */
static bool is_reserved(const char *name)
{
    static const char *const names[] = { "te", "content-type", "user-agent", "host" };
    if (strncmp(name, "grpc-", 5) == 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

bool isa__tr_header_is_sendable(const struct isa_header *header)
{
    if (!header->name || (header->value.size_bytes && !header->value.data))
        return false;
    grpc_slice name = grpc_slice_from_static_string(header->name);
    if (is_reserved(header->name) || !grpc_header_key_is_legal(name))
        return false;
    return grpc_is_binary_header(name) ||
           grpc_header_nonbin_value_is_legal(grpc_slice_from_static_buffer(
               header->value.data ? header->value.data : "", header->value.size_bytes));
}

static grpc_metadata entry_of(const struct isa_header *header)
{
    return (grpc_metadata){
        .key = grpc_slice_from_copied_string(header->name),
        .value = grpc_slice_from_copied_buffer(header->value.data ? header->value.data : "",
                                               header->value.size_bytes),
    };
}

static grpc_metadata compression_entry(enum isa_compression compression)
{
    static const char *const names[] = { [ISA_COMPRESSION_IDENTITY] = "identity",
                                         [ISA_COMPRESSION_DEFLATE] = "deflate",
                                         [ISA_COMPRESSION_GZIP] = "gzip" };
    return (grpc_metadata){
        .key = grpc_slice_from_static_string(GRPC_COMPRESSION_REQUEST_ALGORITHM_MD_KEY),
        .value = grpc_slice_from_static_string(names[compression]),
    };
}

int isa__tr_headers_make(const struct isa__tr_call_spec *spec, struct isa__tr_headers *ret_headers)
{
    size_t count = spec->header_count;
    size_t room = count + (spec->compression != ISA_COMPRESSION_DEFAULT) + spec->has_authorization;
    *ret_headers = (struct isa__tr_headers){ 0 };
    for (size_t i = 0; i < count; i++) {
        if (!isa__tr_header_is_sendable(&spec->headers[i]))
            return ISA_EINVAL;
    }
    if (room == 0)
        return 0;
    grpc_metadata *entries = isa__alloc_array(room, sizeof *entries);
    if (!entries)
        return ISA_ENOMEM;
    for (size_t i = 0; i < count; i++)
        entries[i] = entry_of(&spec->headers[i]);
    if (spec->compression != ISA_COMPRESSION_DEFAULT)
        entries[count++] = compression_entry(spec->compression);
    *ret_headers = (struct isa__tr_headers){ entries, count, false };
    return 0;
}

void isa__tr_headers_free(struct isa__tr_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        grpc_slice_unref(headers->entries[i].key);
        grpc_slice_unref(headers->entries[i].value);
    }
    isa__free(headers->entries);
    *headers = (struct isa__tr_headers){ 0 };
}
