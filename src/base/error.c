/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: names, texts and classes of the error list, names of status codes, the version.
 * Used by: applications.
 * Must not know: where an error came from.
 */
#include "base.h"

#include <isa/version.h>

const char *isa_version(void)
{
    return ISA_VERSION_STRING;
}

const char *isa_error_name(int error)
{
    switch (error) {
#define NAME_CASE(name, value, class_, text)                                                       \
    case value:                                                                                    \
        return "ISA_" #name;
        ISA_ERROR_MAP(NAME_CASE)
#undef NAME_CASE
    default:
        return "ISA_E?";
    }
}

const char *isa_error_text(int error)
{
    switch (error) {
#define TEXT_CASE(name, value, class_, text)                                                       \
    case value:                                                                                    \
        return text;
        ISA_ERROR_MAP(TEXT_CASE)
#undef TEXT_CASE
    default:
        return "unknown error";
    }
}

enum isa_error_class isa_error_class_of(int error)
{
    switch (error) {
#define CLASS_CASE(name, value, class_, text)                                                      \
    case value:                                                                                    \
        return ISA_CLASS_##class_;
        ISA_ERROR_MAP(CLASS_CASE)
#undef CLASS_CASE
    default:
        return ISA_CLASS_BUG;
    }
}

const char *isa_status_name(int code)
{
    static const char *const names[] = {
#define STATUS_NAME(name, value) [value] = #name,
        ISA_STATUS_MAP(STATUS_NAME)
#undef STATUS_NAME
    };
    if (code < 0 || (size_t)code >= sizeof names / sizeof *names)
        return "?";
    return names[code];
}
