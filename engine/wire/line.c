/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/wire/line.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

void line_buffer_init(struct line_buffer *buffer, size_t limit_bytes)
{
	*buffer = (struct line_buffer){ .limit_bytes = limit_bytes };
}

void line_buffer_release(struct line_buffer *buffer)
{
	free(buffer->data);
	line_buffer_init(buffer, buffer->limit_bytes);
}

void line_buffer_reset(struct line_buffer *buffer)
{
	buffer->start = 0;
	buffer->length = 0;
	buffer->scanned = 0;
	buffer->skipping = false;
}

/* Forgets bytes at the front. */
static void drop(struct line_buffer *buffer, size_t size)
{
	buffer->start += size;
	buffer->length -= size;
	buffer->scanned = 0;
	if (!buffer->length)
		buffer->start = 0;
}

static void make_room(struct line_buffer *buffer, size_t size)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 1024;

	if (buffer->start + buffer->length + size <= buffer->capacity)
		return;
	if (buffer->start) {
		memmove(buffer->data, buffer->data + buffer->start, buffer->length);
		buffer->start = 0;
	}
	while (capacity < buffer->length + size)
		capacity *= 2;
	if (capacity == buffer->capacity)
		return;
	buffer->data = xreallocarray(buffer->data, capacity, 1);
	buffer->capacity = capacity;
}

void line_buffer_feed(struct line_buffer *buffer, const void *bytes, size_t size)
{
	if (!size)
		return;
	make_room(buffer, size);
	memcpy(buffer->data + buffer->start + buffer->length, bytes, size);
	buffer->length += size;
}

/* The newline that ends the first line held, or NULL. Each byte is looked at once. */
static char *find_newline(struct line_buffer *buffer)
{
	char *unseen;

	if (buffer->scanned == buffer->length)
		return NULL;
	unseen = buffer->data + buffer->start + buffer->scanned;
	return memchr(unseen, '\n', buffer->length - buffer->scanned);
}

enum line_result line_buffer_take(struct line_buffer *buffer, char **line, size_t *length)
{
	for (;;) {
		char *newline = find_newline(buffer);
		char *text = buffer->length ? buffer->data + buffer->start : NULL;
		size_t size = newline ? (size_t)(newline - text) : buffer->length;
		bool told = buffer->skipping;

		if (!newline && !told && size <= buffer->limit_bytes) {
			buffer->scanned = size;
			return LINE_NONE;
		}
		drop(buffer, newline ? size + 1 : size);
		buffer->skipping = !newline;
		if (told && !newline)
			return LINE_NONE;
		if (told)
			continue;
		if (size > buffer->limit_bytes)
			return LINE_TOO_LONG;
		if (size && text[size - 1] == '\r')
			size--;
		text[size] = '\0';
		*line = text;
		if (length)
			*length = size;
		return LINE_READY;
	}
}
