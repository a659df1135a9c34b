/* Made by protoc-gen-isa from optional.proto, do not edit. */
#ifndef ISA_STUBS_optional_2eproto
#define ISA_STUBS_optional_2eproto

#include <isa/isa.h>

#include "optional.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- optional fields -------------------------------------------------------------------- */
/* Whether one is there, and with which value; the value is not copied. */

static inline bool optionals__every__has_a_double(const Optionals__Every *message)
{
    return message->_a_double_case == OPTIONALS__EVERY___A_DOUBLE_A_DOUBLE;
}
static inline void optionals__every__set_a_double(Optionals__Every *message, double value)
{
    message->a_double = value;
    message->_a_double_case = OPTIONALS__EVERY___A_DOUBLE_A_DOUBLE;
}
static inline void optionals__every__clear_a_double(Optionals__Every *message)
{
    message->_a_double_case = OPTIONALS__EVERY___A_DOUBLE__NOT_SET;
}

static inline bool optionals__every__has_a_float(const Optionals__Every *message)
{
    return message->_a_float_case == OPTIONALS__EVERY___A_FLOAT_A_FLOAT;
}
static inline void optionals__every__set_a_float(Optionals__Every *message, float value)
{
    message->a_float = value;
    message->_a_float_case = OPTIONALS__EVERY___A_FLOAT_A_FLOAT;
}
static inline void optionals__every__clear_a_float(Optionals__Every *message)
{
    message->_a_float_case = OPTIONALS__EVERY___A_FLOAT__NOT_SET;
}

static inline bool optionals__every__has_an_int32(const Optionals__Every *message)
{
    return message->_an_int32_case == OPTIONALS__EVERY___AN_INT32_AN_INT32;
}
static inline void optionals__every__set_an_int32(Optionals__Every *message, int32_t value)
{
    message->an_int32 = value;
    message->_an_int32_case = OPTIONALS__EVERY___AN_INT32_AN_INT32;
}
static inline void optionals__every__clear_an_int32(Optionals__Every *message)
{
    message->_an_int32_case = OPTIONALS__EVERY___AN_INT32__NOT_SET;
}

static inline bool optionals__every__has_an_int64(const Optionals__Every *message)
{
    return message->_an_int64_case == OPTIONALS__EVERY___AN_INT64_AN_INT64;
}
static inline void optionals__every__set_an_int64(Optionals__Every *message, int64_t value)
{
    message->an_int64 = value;
    message->_an_int64_case = OPTIONALS__EVERY___AN_INT64_AN_INT64;
}
static inline void optionals__every__clear_an_int64(Optionals__Every *message)
{
    message->_an_int64_case = OPTIONALS__EVERY___AN_INT64__NOT_SET;
}

static inline bool optionals__every__has_an_uint32(const Optionals__Every *message)
{
    return message->_an_uint32_case == OPTIONALS__EVERY___AN_UINT32_AN_UINT32;
}
static inline void optionals__every__set_an_uint32(Optionals__Every *message, uint32_t value)
{
    message->an_uint32 = value;
    message->_an_uint32_case = OPTIONALS__EVERY___AN_UINT32_AN_UINT32;
}
static inline void optionals__every__clear_an_uint32(Optionals__Every *message)
{
    message->_an_uint32_case = OPTIONALS__EVERY___AN_UINT32__NOT_SET;
}

static inline bool optionals__every__has_an_uint64(const Optionals__Every *message)
{
    return message->_an_uint64_case == OPTIONALS__EVERY___AN_UINT64_AN_UINT64;
}
static inline void optionals__every__set_an_uint64(Optionals__Every *message, uint64_t value)
{
    message->an_uint64 = value;
    message->_an_uint64_case = OPTIONALS__EVERY___AN_UINT64_AN_UINT64;
}
static inline void optionals__every__clear_an_uint64(Optionals__Every *message)
{
    message->_an_uint64_case = OPTIONALS__EVERY___AN_UINT64__NOT_SET;
}

static inline bool optionals__every__has_a_sint32(const Optionals__Every *message)
{
    return message->_a_sint32_case == OPTIONALS__EVERY___A_SINT32_A_SINT32;
}
static inline void optionals__every__set_a_sint32(Optionals__Every *message, int32_t value)
{
    message->a_sint32 = value;
    message->_a_sint32_case = OPTIONALS__EVERY___A_SINT32_A_SINT32;
}
static inline void optionals__every__clear_a_sint32(Optionals__Every *message)
{
    message->_a_sint32_case = OPTIONALS__EVERY___A_SINT32__NOT_SET;
}

static inline bool optionals__every__has_a_sint64(const Optionals__Every *message)
{
    return message->_a_sint64_case == OPTIONALS__EVERY___A_SINT64_A_SINT64;
}
static inline void optionals__every__set_a_sint64(Optionals__Every *message, int64_t value)
{
    message->a_sint64 = value;
    message->_a_sint64_case = OPTIONALS__EVERY___A_SINT64_A_SINT64;
}
static inline void optionals__every__clear_a_sint64(Optionals__Every *message)
{
    message->_a_sint64_case = OPTIONALS__EVERY___A_SINT64__NOT_SET;
}

static inline bool optionals__every__has_a_fixed32(const Optionals__Every *message)
{
    return message->_a_fixed32_case == OPTIONALS__EVERY___A_FIXED32_A_FIXED32;
}
static inline void optionals__every__set_a_fixed32(Optionals__Every *message, uint32_t value)
{
    message->a_fixed32 = value;
    message->_a_fixed32_case = OPTIONALS__EVERY___A_FIXED32_A_FIXED32;
}
static inline void optionals__every__clear_a_fixed32(Optionals__Every *message)
{
    message->_a_fixed32_case = OPTIONALS__EVERY___A_FIXED32__NOT_SET;
}

static inline bool optionals__every__has_a_fixed64(const Optionals__Every *message)
{
    return message->_a_fixed64_case == OPTIONALS__EVERY___A_FIXED64_A_FIXED64;
}
static inline void optionals__every__set_a_fixed64(Optionals__Every *message, uint64_t value)
{
    message->a_fixed64 = value;
    message->_a_fixed64_case = OPTIONALS__EVERY___A_FIXED64_A_FIXED64;
}
static inline void optionals__every__clear_a_fixed64(Optionals__Every *message)
{
    message->_a_fixed64_case = OPTIONALS__EVERY___A_FIXED64__NOT_SET;
}

static inline bool optionals__every__has_a_sfixed32(const Optionals__Every *message)
{
    return message->_a_sfixed32_case == OPTIONALS__EVERY___A_SFIXED32_A_SFIXED32;
}
static inline void optionals__every__set_a_sfixed32(Optionals__Every *message, int32_t value)
{
    message->a_sfixed32 = value;
    message->_a_sfixed32_case = OPTIONALS__EVERY___A_SFIXED32_A_SFIXED32;
}
static inline void optionals__every__clear_a_sfixed32(Optionals__Every *message)
{
    message->_a_sfixed32_case = OPTIONALS__EVERY___A_SFIXED32__NOT_SET;
}

static inline bool optionals__every__has_a_sfixed64(const Optionals__Every *message)
{
    return message->_a_sfixed64_case == OPTIONALS__EVERY___A_SFIXED64_A_SFIXED64;
}
static inline void optionals__every__set_a_sfixed64(Optionals__Every *message, int64_t value)
{
    message->a_sfixed64 = value;
    message->_a_sfixed64_case = OPTIONALS__EVERY___A_SFIXED64_A_SFIXED64;
}
static inline void optionals__every__clear_a_sfixed64(Optionals__Every *message)
{
    message->_a_sfixed64_case = OPTIONALS__EVERY___A_SFIXED64__NOT_SET;
}

static inline bool optionals__every__has_a_bool(const Optionals__Every *message)
{
    return message->_a_bool_case == OPTIONALS__EVERY___A_BOOL_A_BOOL;
}
static inline void optionals__every__set_a_bool(
    Optionals__Every *message, protobuf_c_boolean value)
{
    message->a_bool = value;
    message->_a_bool_case = OPTIONALS__EVERY___A_BOOL_A_BOOL;
}
static inline void optionals__every__clear_a_bool(Optionals__Every *message)
{
    message->_a_bool_case = OPTIONALS__EVERY___A_BOOL__NOT_SET;
}

static inline bool optionals__every__has_a_string(const Optionals__Every *message)
{
    return message->_a_string_case == OPTIONALS__EVERY___A_STRING_A_STRING;
}
static inline void optionals__every__set_a_string(Optionals__Every *message, char *value)
{
    message->a_string = value;
    message->_a_string_case = OPTIONALS__EVERY___A_STRING_A_STRING;
}
static inline void optionals__every__clear_a_string(Optionals__Every *message)
{
    message->_a_string_case = OPTIONALS__EVERY___A_STRING__NOT_SET;
}

static inline bool optionals__every__has_some_bytes(const Optionals__Every *message)
{
    return message->_some_bytes_case == OPTIONALS__EVERY___SOME_BYTES_SOME_BYTES;
}
static inline void optionals__every__set_some_bytes(
    Optionals__Every *message, ProtobufCBinaryData value)
{
    message->some_bytes = value;
    message->_some_bytes_case = OPTIONALS__EVERY___SOME_BYTES_SOME_BYTES;
}
static inline void optionals__every__clear_some_bytes(Optionals__Every *message)
{
    message->_some_bytes_case = OPTIONALS__EVERY___SOME_BYTES__NOT_SET;
}

static inline bool optionals__every__has_color(const Optionals__Every *message)
{
    return message->_color_case == OPTIONALS__EVERY___COLOR_COLOR;
}
static inline void optionals__every__set_color(Optionals__Every *message, Optionals__Color value)
{
    message->color = value;
    message->_color_case = OPTIONALS__EVERY___COLOR_COLOR;
}
static inline void optionals__every__clear_color(Optionals__Every *message)
{
    message->_color_case = OPTIONALS__EVERY___COLOR__NOT_SET;
}

static inline bool optionals__every__has_gone(const Optionals__Every *message)
{
    return message->_gone_case == OPTIONALS__EVERY___GONE_GONE;
}
static inline void optionals__every__set_gone(Optionals__Every *message, int32_t value)
{
    message->gone = value;
    message->_gone_case = OPTIONALS__EVERY___GONE_GONE;
}
static inline void optionals__every__clear_gone(Optionals__Every *message)
{
    message->_gone_case = OPTIONALS__EVERY___GONE__NOT_SET;
}

static inline bool optionals__mixed__has_limit(const Optionals__Mixed *message)
{
    return message->_limit_case == OPTIONALS__MIXED___LIMIT_LIMIT;
}
static inline void optionals__mixed__set_limit(Optionals__Mixed *message, int32_t value)
{
    message->limit = value;
    message->_limit_case = OPTIONALS__MIXED___LIMIT_LIMIT;
}
static inline void optionals__mixed__clear_limit(Optionals__Mixed *message)
{
    message->_limit_case = OPTIONALS__MIXED___LIMIT__NOT_SET;
}

static inline bool optionals__mixed__nested__has_base(const Optionals__Mixed__Nested *message)
{
    return message->_base_case == OPTIONALS__MIXED__NESTED___BASE_BASE;
}
static inline void optionals__mixed__nested__set_base(
    Optionals__Mixed__Nested *message, char *value)
{
    message->base = value;
    message->_base_case = OPTIONALS__MIXED__NESTED___BASE_BASE;
}
static inline void optionals__mixed__nested__clear_base(Optionals__Mixed__Nested *message)
{
    message->_base_case = OPTIONALS__MIXED__NESTED___BASE__NOT_SET;
}

static inline bool optionals__mixed__nested__deeper__has_bytes(
    const Optionals__Mixed__Nested__Deeper *message)
{
    return message->_bytes_case == OPTIONALS__MIXED__NESTED__DEEPER___BYTES_BYTES;
}
static inline void optionals__mixed__nested__deeper__set_bytes(
    Optionals__Mixed__Nested__Deeper *message, ProtobufCBinaryData value)
{
    message->bytes = value;
    message->_bytes_case = OPTIONALS__MIXED__NESTED__DEEPER___BYTES_BYTES;
}
static inline void optionals__mixed__nested__deeper__clear_bytes(
    Optionals__Mixed__Nested__Deeper *message)
{
    message->_bytes_case = OPTIONALS__MIXED__NESTED__DEEPER___BYTES__NOT_SET;
}

static inline bool optionals__clash__has_limit(const Optionals__Clash *message)
{
    return message->_limit_2_case == OPTIONALS__CLASH___LIMIT_2_LIMIT;
}
static inline void optionals__clash__set_limit(Optionals__Clash *message, int32_t value)
{
    message->limit = value;
    message->_limit_2_case = OPTIONALS__CLASH___LIMIT_2_LIMIT;
}
static inline void optionals__clash__clear_limit(Optionals__Clash *message)
{
    message->_limit_2_case = OPTIONALS__CLASH___LIMIT_2__NOT_SET;
}

static inline bool optionals__clash__has_other(const Optionals__Clash *message)
{
    return message->_other__case == OPTIONALS__CLASH___OTHER__OTHER;
}
static inline void optionals__clash__set_other(Optionals__Clash *message, int32_t value)
{
    message->other = value;
    message->_other__case = OPTIONALS__CLASH___OTHER__OTHER;
}
static inline void optionals__clash__clear_other(Optionals__Clash *message)
{
    message->_other__case = OPTIONALS__CLASH___OTHER___NOT_SET;
}

#ifdef __cplusplus
}
#endif

#endif
