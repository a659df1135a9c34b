/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of names, texts and classes of errors, and of status names.
 * Used by: ctest.
 * Must not know: who returns which error.
 */
#include <criterion/criterion.h>

#include <isa/error.h>
#include <isa/version.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>

struct entry {
    int value;
    enum isa_error_class class_;
    const char *name;
    const char *text;
};

static const struct entry errors[] = {
#define ENTRY(name, value, class_, text) { value, ISA_CLASS_##class_, "ISA_" #name, text },
    ISA_ERROR_MAP(ENTRY)
#undef ENTRY
};

enum { ERRORS = sizeof errors / sizeof *errors };

static const int strangers[] = { 1, -ERRORS, -1000, INT_MAX, INT_MIN };

enum { STRANGERS = sizeof strangers / sizeof *strangers };

Test(base_error, every_code_has_its_name)
{
    for (size_t i = 0; i < ERRORS; i++)
        cr_expect_str_eq(isa_error_name(errors[i].value), errors[i].name);
}

Test(base_error, every_code_has_its_text)
{
    for (size_t i = 0; i < ERRORS; i++) {
        cr_expect_str_eq(isa_error_text(errors[i].value), errors[i].text);
        cr_expect_gt(strlen(errors[i].text), 0, "%s says nothing", errors[i].name);
    }
}

Test(base_error, every_code_has_its_class)
{
    for (size_t i = 0; i < ERRORS; i++)
        cr_expect_eq(isa_error_class_of(errors[i].value), errors[i].class_, "%s", errors[i].name);
}

Test(base_error, codes_are_negative_dense_and_distinct)
{
    for (size_t i = 0; i < ERRORS; i++)
        cr_expect_eq(errors[i].value, -(int)i, "%s is %d", errors[i].name, errors[i].value);
}

Test(base_error, only_success_has_no_class)
{
    for (size_t i = 1; i < ERRORS; i++)
        cr_expect_neq(errors[i].class_, ISA_CLASS_NONE, "%s", errors[i].name);
    cr_expect_eq(isa_error_class_of(0), ISA_CLASS_NONE);
}

Test(base_error, a_number_that_is_no_code_is_a_bug_of_unknown_name)
{
    for (size_t i = 0; i < STRANGERS; i++) {
        cr_expect_str_eq(isa_error_name(strangers[i]), "ISA_E?", "%d", strangers[i]);
        cr_expect_str_eq(isa_error_text(strangers[i]), "unknown error", "%d", strangers[i]);
        cr_expect_eq(isa_error_class_of(strangers[i]), ISA_CLASS_BUG, "%d", strangers[i]);
    }
}

Test(base_error, status_codes_have_the_names_of_the_grpc_specification)
{
    static const char *const names[] = {
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    };

    for (int code = 0; code < (int)(sizeof names / sizeof *names); code++)
        cr_expect_str_eq(isa_status_name(code), names[code], "%d", code);
}

Test(base_error, a_number_that_is_no_status_has_no_name)
{
    static const int numbers[] = { -1, 17, INT_MAX, INT_MIN };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        cr_expect_str_eq(isa_status_name(numbers[i]), "?", "%d", numbers[i]);
}

Test(base_error, the_version_is_that_of_the_headers)
{
    char written[32];

    snprintf(written, sizeof written, "%d.%d.%d", ISA_VERSION_MAJOR, ISA_VERSION_MINOR,
             ISA_VERSION_PATCH);

    cr_expect_str_eq(isa_version(), written);
    cr_expect_str_eq(isa_version(), ISA_VERSION_STRING);
}
