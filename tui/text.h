/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Foreign text made fit for a terminal: names come from other people's databases, so every
 * character is looked at before it is shown. What could steer a terminal (controls, escape
 * sequences, direction marks) or is not UTF-8 comes out as '?'.
 */
#ifndef LQOS_TUI_TEXT_H
#define LQOS_TUI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_char {
	uint32_t code;
	int width; /* columns: 0 (combines with the one before), 1 or 2 */
};

/* Reads the first character. Returns its bytes, 0 at the end of the text. Without utf8 all that is
 * not ASCII is '?'. Widths are wcwidth's, so LC_CTYPE must be a UTF-8 one for utf8. */
size_t text_next(const char *text, bool utf8, struct text_char *next);

/* Columns the text takes. */
int text_width(const char *text, bool utf8);

/* Writes the character as UTF-8, unterminated; returns its bytes, at most 4. */
size_t text_encode(uint32_t code, char bytes[4]);

/* The bytes of as much of the text's start as fits into `most` bytes in whole characters: the
 * precision of a "%.*s". */
int text_fit(const char *text, size_t most);

/* The number of characters. */
size_t text_count(const char *text);

/* The number of bytes of the last character of the text; 0 when it is empty. */
size_t text_last(const char *text);

#endif
