/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: reading the wire format into protobuf-c's structs.
 * Must not know: where the bytes are from.
 */
#include "message.h"

#include "arena.h"
#include "wire.h"

#include <protobuf-c/protobuf-c.h>
#include <string.h>

/* What a message was made by; see message.h. */
enum syntax { UNDECIDED, PROTO2, PROTO3 };

struct decoder {
    struct isa__arena arena;
    struct isa__text *why;
    const uint8_t *begin; /* of all */
    struct required *required;
    int error;
};

/* Stands before every message in memory. */
struct prefix {
    struct isa__arena_block *newest; /* of the outermost message: what is to be freed */
    struct required *required;       /* of one that has required fields */
};

/* Which required fields a message has had; looked at in the end, since it may be merged with more. */
struct required {
    struct required *next;
    const ProtobufCMessage *message;
    uint8_t is_seen[]; /* of each field */
};

static bool fail(struct decoder *d, int error, const ProtobufCMessageDescriptor *type,
                 const char *field, const uint8_t *at, const char *what)
{
    if (!d->error && d->why)
        isa__text_add(d->why, "%s%s%s: %s at byte %zu", type->name, *field ? "." : "", field, what,
                      (size_t)(at - d->begin));
    if (!d->error)
        d->error = error;
    return false;
}

static void *allocate(struct decoder *d, const ProtobufCMessageDescriptor *type, const uint8_t *at,
                      size_t size_bytes)
{
    void *memory = isa__arena_alloc(&d->arena, size_bytes);
    if (!memory && d->arena.is_over_budget)
        fail(d, ISA_ETOOBIG, type, "", at, "takes too much memory");
    else if (!memory)
        fail(d, ISA_ENOMEM, type, "", at, "out of memory");
    return memory;
}

/* ---- structs ------------------------------------------------------------------------------------ */

static void *at_offset(const void *message, unsigned offset)
{
    return (char *)(uintptr_t)message + offset;
}

static enum syntax syntax_of(const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        if (type->fields[i].label == PROTOBUF_C_LABEL_NONE)
            return PROTO3;
        if (type->fields[i].label != PROTOBUF_C_LABEL_REPEATED)
            return PROTO2;
    }
    return UNDECIDED;
}

static size_t element_bytes(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default:
        return 4;
    }
}

static enum wire wire_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return WIRE_FIXED32;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return WIRE_FIXED64;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return WIRE_LENGTH;
    default:
        return WIRE_VARINT;
    }
}

/* Code of protoc-gen-c that was told to be small has no init function. */
static void init_message(const ProtobufCMessageDescriptor *type, ProtobufCMessage *message)
{
    if (type->message_init) {
        type->message_init(message);
        return;
    }
    message->descriptor = type;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        void *member = at_offset(message, field->offset);
        if (!field->default_value || field->label == PROTOBUF_C_LABEL_REPEATED)
            continue;
        if (field->type == PROTOBUF_C_TYPE_STRING)
            memcpy(member, &field->default_value, sizeof field->default_value);
        else
            memcpy(member, field->default_value, element_bytes(field->type));
    }
}

static bool has_required(const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        if (type->fields[i].label == PROTOBUF_C_LABEL_REQUIRED)
            return true;
    }
    return false;
}

static struct prefix *prefix_of(const ProtobufCMessage *message)
{
    return (struct prefix *)(uintptr_t)message - 1;
}

static ProtobufCMessage *new_message(struct decoder *d, const ProtobufCMessageDescriptor *type,
                                     const uint8_t *at)
{
    struct prefix *prefix = allocate(d, type, at, sizeof *prefix + type->sizeof_message);
    if (!prefix)
        return NULL;
    ProtobufCMessage *message = (ProtobufCMessage *)(prefix + 1);
    init_message(type, message);
    if (has_required(type)) {
        struct required *required = allocate(d, type, at, sizeof *required + type->n_fields);
        if (!required)
            return NULL;
        required->next = d->required;
        required->message = message;
        d->required = prefix->required = required;
    }
    return message;
}

/* The capacity of an array follows from how many are in it: the next power of two, at least 4. So it
 * grows by doubling, without a field for its size. */
static size_t capacity_of(size_t count)
{
    size_t capacity = 4;
    while (capacity < count)
        capacity *= 2;
    return count ? capacity : 0;
}

/* Room for `more` elements behind `count`, in *array. */
static bool reserve(struct decoder *d, const ProtobufCMessageDescriptor *type, const uint8_t *at,
                    void **array, size_t count, size_t more, size_t size_bytes)
{
    bool is_full = count < 4 ? count == 0 : (count & (count - 1)) == 0;
    if (more == 1 && !is_full)
        return true;
    size_t wanted = capacity_of(count + more);
    if (wanted <= capacity_of(count))
        return true;
    if (wanted > SIZE_MAX / size_bytes)
        return fail(d, ISA_ETOOBIG, type, "", at, "takes too much memory");
    void *larger = allocate(d, type, at, wanted * size_bytes);
    if (!larger)
        return false;
    if (count)
        memcpy(larger, *array, count * size_bytes);
    *array = larger;
    return true;
}

static bool keep_unknown(struct decoder *d, ProtobufCMessage *message, uint32_t id, enum wire wire,
                         const uint8_t *at, const uint8_t *end)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    void *array = message->unknown_fields;
    size_t size_bytes = (size_t)(end - at);
    if (!reserve(d, type, at, &array, message->n_unknown_fields, 1,
                 sizeof *message->unknown_fields))
        return false;
    message->unknown_fields = array;
    uint8_t *copy = allocate(d, type, at, size_bytes ? size_bytes : 1);
    if (!copy)
        return false;
    memcpy(copy, at, size_bytes);
    message->unknown_fields[message->n_unknown_fields++] =
        (ProtobufCMessageUnknownField){ id, (ProtobufCWireType)wire, size_bytes, copy };
    return true;
}

/* ---- fields ------------------------------------------------------------------------------------- */

/* One value of a field, on its way from the wire to where it belongs. */
struct value {
    ProtobufCMessage *message;
    const ProtobufCFieldDescriptor *field;
    const uint8_t *at; /* where it begins */
    enum syntax syntax;
    unsigned depth;
};

static bool read_message(struct decoder *d, ProtobufCMessage *message, struct span s,
                         unsigned depth);

static bool refuse(struct decoder *d, const struct value *v, const char *what)
{
    return fail(d, ISA_EINVAL, v->message->descriptor, v->field->name, v->at, what);
}

static bool read_string(struct decoder *d, const struct value *v, struct span bytes, char **to)
{
    size_t size_bytes = (size_t)(bytes.end - bytes.at);
    if (size_bytes && memchr(bytes.at, '\0', size_bytes))
        return refuse(d, v, "a string with a NUL");
    if (v->syntax == PROTO3 && !isa__wire_is_utf8(bytes.at, bytes.end))
        return refuse(d, v, "a string that is not UTF-8");
    char *copy = allocate(d, v->message->descriptor, v->at, size_bytes + 1);
    if (!copy)
        return false;
    memcpy(copy, bytes.at, size_bytes);
    *to = copy;
    return true;
}

static bool read_binary(struct decoder *d, const struct value *v, struct span bytes,
                        ProtobufCBinaryData *to)
{
    size_t size_bytes = (size_t)(bytes.end - bytes.at);
    uint8_t *copy = NULL;
    if (size_bytes && !(copy = allocate(d, v->message->descriptor, v->at, size_bytes)))
        return false;
    if (size_bytes)
        memcpy(copy, bytes.at, size_bytes);
    *to = (ProtobufCBinaryData){ size_bytes, copy };
    return true;
}

/* What comes again is read into what is there: merged. */
static bool read_submessage(struct decoder *d, const struct value *v, struct span bytes,
                            ProtobufCMessage **to)
{
    if (v->depth >= ISA__MESSAGE_DEPTH)
        return fail(d, ISA_ETOOBIG, v->message->descriptor, v->field->name, v->at,
                    "messages nested more than 100 deep");
    if (!*to && !(*to = new_message(d, v->field->descriptor, v->at)))
        return false;
    return read_message(d, *to, bytes, v->depth + 1);
}

static bool read_lengthy(struct decoder *d, const struct value *v, struct span bytes, void *to)
{
    if (v->field->type == PROTOBUF_C_TYPE_STRING)
        return read_string(d, v, bytes, to);
    if (v->field->type == PROTOBUF_C_TYPE_BYTES)
        return read_binary(d, v, bytes, to);
    return read_submessage(d, v, bytes, to);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static void store_varint(ProtobufCType type, uint64_t value, void *to)
{
    protobuf_c_boolean truth = value != 0;
    uint32_t low = (uint32_t)value;
    if (type == PROTOBUF_C_TYPE_SINT32)
        low = (uint32_t)unzigzag(low);
    if (type == PROTOBUF_C_TYPE_SINT64)
        value = (uint64_t)unzigzag(value);
    if (type == PROTOBUF_C_TYPE_BOOL)
        memcpy(to, &truth, sizeof truth);
    else if (element_bytes(type) == 8)
        memcpy(to, &value, sizeof value);
    else
        memcpy(to, &low, sizeof low);
}

static uint64_t little_endian(const uint8_t *at, size_t size_bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size_bytes; i++)
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

static void store_fixed(const uint8_t *at, size_t size_bytes, void *to)
{
    uint64_t value = little_endian(at, size_bytes);
    uint32_t low = (uint32_t)value;
    if (size_bytes == 8)
        memcpy(to, &value, sizeof value);
    else
        memcpy(to, &low, sizeof low);
}

/* Whether a closed enum has no such value: it is kept as unknown. */
static bool is_foreign(const struct value *v, uint64_t number)
{
    return v->field->type == PROTOBUF_C_TYPE_ENUM && v->syntax == PROTO2 &&
           !protobuf_c_enum_descriptor_get_value(v->field->descriptor, (int)(uint32_t)number);
}

/* One value that is no packed list, from the wire to `to`; `ret_is_kept` becomes false when it went to the
 * unknown fields instead. */
static bool read_value(struct decoder *d, const struct value *v, enum wire wire, struct span *s,
                       void *to, bool *ret_is_kept)
{
    const uint8_t *begin = s->at;
    struct span bytes;
    uint64_t number;
    switch (wire) {
    case WIRE_VARINT:
        if (!isa__wire_varint(s, &number))
            return refuse(d, v, "a number is cut short");
        if (is_foreign(v, number)) {
            *ret_is_kept = false;
            return keep_unknown(d, v->message, v->field->id, WIRE_VARINT, begin, s->at);
        }
        store_varint(v->field->type, number, to);
        return true;
    case WIRE_LENGTH:
        return isa__wire_length(s, &bytes) ? read_lengthy(d, v, bytes, to)
                                           : refuse(d, v, "it is longer than what is left");
    default:
        if (!isa__wire_bytes(s, wire == WIRE_FIXED64 ? 8 : 4, &bytes))
            return refuse(d, v, "a number is cut short");
        store_fixed(bytes.at, wire == WIRE_FIXED64 ? 8 : 4, to);
        return true;
    }
}

static size_t count_packed(struct span s, enum wire wire)
{
    size_t count = 0;
    if (wire != WIRE_VARINT)
        return (size_t)(s.end - s.at) / (wire == WIRE_FIXED64 ? 8 : 4);
    for (; s.at < s.end; s.at++)
        count += *s.at < 0x80;
    return count;
}

static bool read_repeated(struct decoder *d, const struct value *v, enum wire wire, struct span *s)
{
    size_t *count = at_offset(v->message, v->field->quantifier_offset);
    void **array = at_offset(v->message, v->field->offset);
    size_t size_bytes = element_bytes(v->field->type);
    bool is_kept = true;
    if (!reserve(d, v->message->descriptor, v->at, array, *count, 1, size_bytes))
        return false;
    char *to = (char *)*array + *count * size_bytes;
    memset(to, 0, size_bytes);
    if (!read_value(d, v, wire, s, to, &is_kept))
        return false;
    *count += is_kept;
    return true;
}

static bool read_packed(struct decoder *d, const struct value *v, enum wire wire, struct span *s)
{
    size_t *count = at_offset(v->message, v->field->quantifier_offset);
    void **array = at_offset(v->message, v->field->offset);
    struct span list;
    if (!isa__wire_length(s, &list))
        return refuse(d, v, "it is longer than what is left");
    if (!reserve(d, v->message->descriptor, v->at, array, *count, count_packed(list, wire),
                 element_bytes(v->field->type)))
        return false;
    while (list.at < list.end) {
        if (!read_repeated(d, v, wire, &list))
            return false;
    }
    return true;
}

/* Another member of the union was set before: what it was is forgotten. */
static void choose_member(const struct value *v)
{
    uint32_t *which = at_offset(v->message, v->field->quantifier_offset);
    if (*which != v->field->id)
        memset(at_offset(v->message, v->field->offset), 0, element_bytes(v->field->type));
    *which = v->field->id;
}

static void mark_present(const struct value *v)
{
    const protobuf_c_boolean yes = 1;
    struct required *required = prefix_of(v->message)->required;
    ProtobufCType type = v->field->type;
    if (required)
        required->is_seen[v->field - v->message->descriptor->fields] = 1;
    if (v->field->label == PROTOBUF_C_LABEL_OPTIONAL && type != PROTOBUF_C_TYPE_STRING &&
        type != PROTOBUF_C_TYPE_MESSAGE)
        memcpy(at_offset(v->message, v->field->quantifier_offset), &yes, sizeof yes);
}

static bool read_single(struct decoder *d, const struct value *v, enum wire wire, struct span *s)
{
    bool is_kept = true;
    bool is_member = v->field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
    union {
        uint64_t number;
        ProtobufCBinaryData bytes;
        void *pointer;
    } fresh = { 0 };
    size_t size_bytes = element_bytes(v->field->type);
    void *to = at_offset(v->message, v->field->offset);
    if (v->field->type == PROTOBUF_C_TYPE_MESSAGE) {
        if (is_member)
            choose_member(v);
        if (!read_value(d, v, wire, s, to, &is_kept))
            return false;
    } else {
        if (!read_value(d, v, wire, s, &fresh, &is_kept))
            return false;
        if (!is_kept)
            return true;
        if (is_member)
            choose_member(v);
        memcpy(to, &fresh, size_bytes);
    }
    if (!is_member)
        mark_present(v);
    return true;
}

static bool read_field(struct decoder *d, const struct value *v, enum wire wire, struct span *s)
{
    enum wire own = wire_of(v->field->type);
    if (v->field->label != PROTOBUF_C_LABEL_REPEATED && wire == own)
        return read_single(d, v, wire, s);
    if (v->field->label == PROTOBUF_C_LABEL_REPEATED && wire == own)
        return read_repeated(d, v, wire, s);
    if (v->field->label == PROTOBUF_C_LABEL_REPEATED && wire == WIRE_LENGTH)
        return read_packed(d, v, own, s);
    const uint8_t *begin = s->at;
    if (!isa__wire_skip(s, v->field->id, wire, v->depth))
        return refuse(d, v, "it is cut short");
    return keep_unknown(d, v->message, v->field->id, wire, begin, s->at);
}

/* Fields mostly come in the order of their numbers, or are repeated. */
static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *type,
                                                  uint32_t id, const ProtobufCFieldDescriptor *last)
{
    if (last && last->id == id)
        return last;
    if (last && last + 1 < type->fields + type->n_fields && last[1].id == id)
        return last + 1;
    return protobuf_c_message_descriptor_get_field(type, id);
}

static bool read_message(struct decoder *d, ProtobufCMessage *message, struct span s,
                         unsigned depth)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const enum syntax syntax = syntax_of(type);
    const ProtobufCFieldDescriptor *last = NULL;
    while (s.at < s.end) {
        const uint8_t *at = s.at;
        uint32_t id;
        enum wire wire;
        if (!isa__wire_tag(&s, &id, &wire) || wire == WIRE_END_GROUP)
            return fail(d, ISA_EINVAL, type, "", at, "no field can begin so");
        const ProtobufCFieldDescriptor *field = find_field(type, id, last);
        const uint8_t *begin = s.at;
        if (field) {
            const struct value v = { message, field, at, syntax, depth };
            if (!read_field(d, &v, wire, &s))
                return false;
            last = field;
        } else if (!isa__wire_skip(&s, id, wire, depth)) {
            return fail(d, ISA_EINVAL, type, "", at, "an unknown field is cut short");
        } else if (!keep_unknown(d, message, id, wire, begin, s.at)) {
            return false;
        }
    }
    return true;
}

static bool check_required(struct decoder *d, const uint8_t *end)
{
    for (const struct required *r = d->required; r; r = r->next) {
        const ProtobufCMessageDescriptor *type = r->message->descriptor;
        for (unsigned i = 0; i < type->n_fields; i++) {
            if (type->fields[i].label == PROTOBUF_C_LABEL_REQUIRED && !r->is_seen[i])
                return fail(d, ISA_EINVAL, type, type->fields[i].name, end,
                            "required, but not there");
        }
    }
    return true;
}

int isa__message_unpack(const struct ProtobufCMessageDescriptor *type, const void *data,
                        size_t size_bytes, struct isa__text *why,
                        struct ProtobufCMessage **ret_message)
{
    static const uint8_t nothing[1];
    struct decoder d = { .why = why, .begin = data ? data : nothing };
    struct span all = { d.begin, d.begin + size_bytes };
    size_t budget = size_bytes > ISA__MESSAGE_FLOOR / ISA__MESSAGE_GROWTH
                        ? size_bytes * ISA__MESSAGE_GROWTH
                        : ISA__MESSAGE_FLOOR;
    isa__arena_init(&d.arena, sizeof(struct prefix) + type->sizeof_message + size_bytes * 2,
                    budget);
    ProtobufCMessage *message = new_message(&d, type, d.begin);
    if (message && read_message(&d, message, all, 1) && check_required(&d, all.end)) {
        prefix_of(message)->newest = d.arena.newest;
        *ret_message = message;
        return 0;
    }
    isa__arena_free(d.arena.newest);
    return d.error;
}

void isa__message_free(struct ProtobufCMessage *message)
{
    if (message)
        isa__arena_free(prefix_of(message)->newest);
}
