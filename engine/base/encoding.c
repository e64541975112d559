/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/base/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

#define FILE_MOST_BYTES (256u << 20)

/* A text that goes on behind a zero would be lost without a word. */
static void blank_zeros(char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!text[i])
			text[i] = ' ';
}

/* NULL when a byte has no meaning in that encoding. */
static char *convert(const char *from, const char *bytes, size_t size)
{
	iconv_t converter = iconv_open("UTF-8", from);
	size_t left = size, room = size * 3, result;
	char *text, *in = (char *)bytes, *out;

	if (converter == (iconv_t)-1)
		return NULL;
	out = text = xcalloc(room + 1, 1);
	result = iconv(converter, &in, &left, &out, &room);
	iconv_close(converter);
	if (result == (size_t)-1 || left) {
		free(text);
		return NULL;
	}
	blank_zeros(text, (size_t)(out - text));
	return text;
}

bool text_is_utf8(const char *text, size_t size)
{
	size_t plain = 0;
	char *copy;

	while (plain < size && !((unsigned char)text[plain] & 0x80))
		plain++;
	if (plain == size)
		return true;
	copy = convert("UTF-8", text, size);
	free(copy);
	return copy != NULL;
}

static const char *find_utf16(const char *bytes, size_t size)
{
	if (size < 2 || size % 2)
		return NULL;
	if (!memcmp(bytes, "\xff\xfe", 2) || (bytes[0] && !bytes[1]))
		return "UTF-16LE";
	if (!memcmp(bytes, "\xfe\xff", 2) || (!bytes[0] && bytes[1]))
		return "UTF-16BE";
	return NULL;
}

char *text_decode(const char *bytes, size_t size)
{
	const char *utf16 = find_utf16(bytes, size);
	char *text = NULL;

	if (utf16)
		text = convert(utf16, bytes, size);
	else
		text = convert("UTF-8", bytes, size);
	if (!text)
		text = convert("WINDOWS-1252", bytes, size);
	if (!text)
		text = convert("ISO-8859-1", bytes, size); /* every byte has a meaning */
	if (text && !strncmp(text, "\xef\xbb\xbf", 3))
		memmove(text, text + 3, strlen(text + 3) + 1);
	return text ? text : xcalloc(1, 1);
}

static char *read_stream(FILE *file, const char *path, struct error *err)
{
	size_t size = 0, room = 1 << 16;
	char *bytes = xcalloc(room, 1), *text = NULL;

	while (size <= FILE_MOST_BYTES && !feof(file) && !ferror(file)) {
		if (size == room)
			bytes = xreallocarray(bytes, room *= 2, 1);
		size += fread(bytes + size, 1, room - size, file);
	}
	if (ferror(file))
		error_set_errno(err, errno, "can't read %s", path);
	else if (size > FILE_MOST_BYTES)
		error_set(err, ERROR_INVALID, "%s is larger than %u MiB", path,
			  FILE_MOST_BYTES >> 20);
	else
		text = text_decode(bytes, size);
	free(bytes);
	return text;
}

char *text_read_file(const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	char *text;

	if (!file) {
		error_set_errno(err, errno, "can't open %s", path);
		return NULL;
	}
	text = read_stream(file, path, err);
	fclose(file);
	return text;
}
