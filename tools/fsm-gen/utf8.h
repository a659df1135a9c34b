/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: telling characters of UTF-8 from bytes that are none. */
/* Called by: what writes JSON. */
/* Must not know: JSON. */
#ifndef FG_UTF8_H
#define FG_UTF8_H

#include <stddef.h>

/* Length in bytes of the character that begins here, in a text that ends with a NUL; 0: none does. */
size_t fg_utf8_length(const unsigned char *text);

#endif
