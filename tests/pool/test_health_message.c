/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: grpc.health.v1's messages byte by byte, also those that no honest peer sends.
 * Used by: ctest.
 * Must not know: calls.
 */
#include <criterion/criterion.h>

#include "health.h"

#include <stdlib.h>
#include <string.h>

static const enum isa_health untouched = (enum isa_health)77;

/* The bytes are copied to the end of a block of their own, so that a sanitizer sees a read beyond. */
static bool read(const void *bytes, size_t size_bytes, enum isa_health *ret_health)
{
    char *copy = size_bytes ? malloc(size_bytes) : NULL;
    if (size_bytes)
        memcpy(copy, bytes, size_bytes);
    bool is_read = isa__health_read((struct isa_bytes){ copy, size_bytes }, ret_health);
    free(copy);
    return is_read;
}

Test(pool_health_message, packs_a_name_of_any_length)
{
    uint8_t bytes[ISA__HEALTH_REQUEST_MAX];
    char name[ISA__HEALTH_SERVICE_MAX + 1];

    cr_expect_eq(isa__health_pack("", bytes), 0);
    cr_expect_eq(isa__health_pack("abc", bytes), 5);
    cr_expect_arr_eq(bytes,
                     "\x0a\x03"
                     "abc",
                     5);

    memset(name, 'n', sizeof name);
    name[127] = '\0';
    cr_expect_eq(isa__health_pack(name, bytes), 129);
    cr_expect_eq(bytes[1], 127);
    name[127] = 'n';
    name[128] = '\0';
    cr_expect_eq(isa__health_pack(name, bytes), 131);
    cr_expect_arr_eq(bytes, "\x0a\x80\x01n", 4);
    name[128] = 'n';
    name[ISA__HEALTH_SERVICE_MAX] = '\0';
    cr_expect_eq(isa__health_pack(name, bytes), ISA__HEALTH_REQUEST_MAX);
    cr_expect_arr_eq(bytes, "\x0a\x80\x08n", 4);
    cr_expect_eq(bytes[ISA__HEALTH_REQUEST_MAX - 1], 'n');
}

#define BYTES(string) string, sizeof string - 1

static const struct {
    const char *bytes;
    size_t size_bytes;
    enum isa_health health;
} good[] = {
    { BYTES(""), ISA_HEALTH_UNKNOWN },
    { BYTES("\x08\x00"), ISA_HEALTH_UNKNOWN },
    { BYTES("\x08\x01"), ISA_HEALTH_SERVING },
    { BYTES("\x08\x02"), ISA_HEALTH_NOT_SERVING },
    { BYTES("\x08\x03"), ISA_HEALTH_SERVICE_UNKNOWN },
    { BYTES("\x08\x04"), ISA_HEALTH_UNKNOWN }, /* never what we use the number for */
    { BYTES("\x08\x81\x00"), ISA_HEALTH_SERVING },
    { BYTES("\x88\x00\x01"), ISA_HEALTH_SERVING },
    { BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), ISA_HEALTH_UNKNOWN },
    { BYTES("\x08\x01\x08\x02"), ISA_HEALTH_NOT_SERVING }, /* the last one counts */
    { BYTES("\x12\x03xyz\x08\x01"), ISA_HEALTH_SERVING },  /* fields of later versions */
    { BYTES("\x08\x01\x11"
            "12345678"),
      ISA_HEALTH_SERVING },
    { BYTES("\x1d"
            "1234\x08\x01"),
      ISA_HEALTH_SERVING },
    { BYTES("\x10\x96\x01\x08\x01"), ISA_HEALTH_SERVING },
    { BYTES("\x0a\x01\x02\x08\x01"), ISA_HEALTH_SERVING }, /* field 1 as bytes */
};

Test(pool_health_message, reads_what_is_well_formed)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        enum isa_health health = untouched;
        cr_expect(read(good[i].bytes, good[i].size_bytes, &health), "%zu", i);
        cr_expect_eq(health, good[i].health, "%zu: %d", i, health);
    }
}

static const struct {
    const char *bytes;
    size_t size_bytes;
} bad[] = {
    { BYTES("\x08") },
    { BYTES("\x08\x81") },
    { BYTES("\x88") },
    { BYTES("\x00\x01") },                                         /* field 0 */
    { BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02") },     /* 65 bits */
    { BYTES("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00") }, /* eleven bytes */
    { BYTES("\x80\x80\x80\x80\x10\x01") },                         /* no such field number */
    { BYTES("\x12\x04xyz") },
    { BYTES("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x") },
    { BYTES("\x11"
            "1234567") },
    { BYTES("\x15"
            "123") },
    { BYTES("\x13\x14") }, /* a group */
    { BYTES("\x0e\x01") }, /* no such wire type */
    { BYTES("\x0f\x01") },
};

Test(pool_health_message, refuses_garbage_and_touches_nothing)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        enum isa_health health = untouched;
        cr_expect_not(read(bad[i].bytes, bad[i].size_bytes, &health), "%zu", i);
        cr_expect_eq(health, untouched, "%zu", i);
    }
}

Test(pool_health_message, copes_with_any_three_bytes)
{
    for (unsigned value = 0; value < 1u << 24; value += 7) {
        const unsigned char bytes[] = { (unsigned char)value, (unsigned char)(value >> 8),
                                        (unsigned char)(value >> 16) };
        enum isa_health health = untouched;
        bool is_read = read(bytes, value % 4, &health);
        cr_assert_eq(is_read, health != untouched);
        cr_assert(!is_read || health <= ISA_HEALTH_SERVICE_UNKNOWN);
    }
}

Test(pool_health_message, every_health_has_a_name)
{
    cr_expect_str_eq(isa_health_name(ISA_HEALTH_UNKNOWN), "UNKNOWN");
    cr_expect_str_eq(isa_health_name(ISA_HEALTH_UNIMPLEMENTED), "UNIMPLEMENTED");
    cr_expect_str_eq(isa_health_name(untouched), "?");
    for (unsigned i = 0; i <= ISA_HEALTH_UNIMPLEMENTED; i++)
        cr_expect_eq(isa_health_is_good((enum isa_health)i),
                     i == ISA_HEALTH_SERVING || i == ISA_HEALTH_UNIMPLEMENTED);
}
