/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/text.h"

#include <string.h>
#include <wchar.h>

/* The sequence's length and code point by RFC 3629; 0 for what is no UTF-8. */
static size_t decode(const unsigned char *bytes, uint32_t *code)
{
	static const struct {
		unsigned char mask, value;
		uint32_t least;
	} forms[] = { { 0x80, 0x00, 0 },
		      { 0xe0, 0xc0, 0x80 },
		      { 0xf0, 0xe0, 0x800 },
		      { 0xf8, 0xf0, 0x10000 } };

	for (size_t extra = 0; extra < 4; extra++) {
		if ((bytes[0] & forms[extra].mask) != forms[extra].value)
			continue;
		*code = bytes[0] & (unsigned char)~forms[extra].mask;
		for (size_t i = 1; i <= extra; i++) {
			if ((bytes[i] & 0xc0) != 0x80)
				return 0;
			*code = *code << 6 | (bytes[i] & 0x3f);
		}
		if (*code < forms[extra].least || *code > 0x10ffff ||
		    (*code >= 0xd800 && *code < 0xe000))
			return 0;
		return extra + 1;
	}
	return 0;
}

/* Marks that turn the direction of what follows, join, or break lines: harmless in a text file,
 * misleading in a table. */
static bool is_misleading(uint32_t code)
{
	return (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || code == 0xad ||
	       (code >= 0xe0000 && code <= 0xe0fff);
}

size_t text_next(const char *text, bool utf8, struct text_char *next)
{
	uint32_t code;
	size_t size;

	if (!*text)
		return 0;
	*next = (struct text_char){ .code = '?', .width = 1 };
	size = decode((const unsigned char *)text, &code);
	if (!size)
		return 1;
	if (code >= 0x20 && code < 0x7f) {
		next->code = code;
	} else if (utf8 && code >= 0xa0 && !is_misleading(code)) {
		int width = wcwidth((wchar_t)code);

		if (width >= 0)
			*next = (struct text_char){ .code = code, .width = width };
	}
	return size;
}

int text_width(const char *text, bool utf8)
{
	struct text_char next;
	int width = 0;
	size_t size;

	for (; (size = text_next(text, utf8, &next)); text += size)
		width += next.width;
	return width;
}

size_t text_encode(uint32_t code, char bytes[4])
{
	size_t extra = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = { 0x00, 0xc0, 0xe0, 0xf0 };

	for (size_t i = extra; i > 0; i--, code >>= 6)
		bytes[i] = (char)(0x80 | (code & 0x3f));
	bytes[0] = (char)(lead[extra] | code);
	return extra + 1;
}

static bool continues(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

int text_fit(const char *text, size_t most)
{
	size_t length = strnlen(text, most + 1), cut = most;

	if (length <= most)
		return (int)length;
	/* What is no UTF-8 may be cut anywhere. */
	while (cut && most - cut < 4 && continues(text[cut]))
		cut--;
	return (int)cut;
}

size_t text_count(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += !continues(*text);
	return count;
}

size_t text_last(const char *text)
{
	size_t length = strlen(text), size = 0;

	while (size < length && size < 4) {
		size++;
		if (!continues(text[length - size]))
			break;
	}
	return size;
}
