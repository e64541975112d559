/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

#define BLOCK_BYTES 65536

struct block {
	struct block *older;
	size_t used, size;
	char bytes[];
};

struct arena {
	struct block *newest;
};

struct arena *arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	for (struct block *block = arena->newest, *older; block; block = older) {
		older = block->older;
		free(block);
	}
	free(arena);
}

/* Zeroed; texts stand close, a network has hundreds of thousands of short ones. */
static char *take(struct arena *arena, size_t size)
{
	struct block *block = arena->newest;

	if (!block || block->size - block->used < size) {
		size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;

		block = xcalloc(1, sizeof(*block) + room);
		block->size = room;
		block->older = arena->newest;
		arena->newest = block;
	}
	block->used += size;
	return block->bytes + block->used - size;
}

const char *arena_text(struct arena *arena, const char *text)
{
	return text ? arena_part(arena, text, strlen(text)) : NULL;
}

const char *arena_part(struct arena *arena, const char *text, size_t length)
{
	return memcpy(take(arena, length + 1), text, length);
}

const char *arena_format(struct arena *arena, const char *format, ...)
{
	va_list args, copy;
	char *text;
	int length;

	va_start(args, format);
	va_copy(copy, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = take(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, copy);
	va_end(copy);
	return text;
}
