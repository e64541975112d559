/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from files of unknown origin, as UTF-8. */
#ifndef LQOS_BASE_ENCODING_H
#define LQOS_BASE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/error.h"

/* True when the text is UTF-8 (RFC 3629), as plain ASCII is. */
bool text_is_utf8(const char *text, size_t size);

/* The bytes as UTF-8, terminated, without a byte order mark and with blanks in place of zeros; the
 * caller frees it. UTF-16 is known by
 * its mark, or by every other byte of the beginning being zero; what is not UTF-8 either is taken
 * as Windows-1252. */
char *text_decode(const char *bytes, size_t size);

/* A whole file of text, decoded; the caller frees it. NULL when it can't be read or is too big. */
char *text_read_file(const char *path, struct error *err);

#endif
