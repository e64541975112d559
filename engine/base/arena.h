/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is given back all at once: a tick, a plan, a request, a network. */
#ifndef LQOS_BASE_ARENA_H
#define LQOS_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);

/* Zeroed memory, aligned for any type, valid until arena_free. */
void *arena_alloc(struct arena *arena, size_t size);
/* A copy of the text; NULL stays NULL. */
const char *arena_text(struct arena *arena, const char *text);
/* A copy of its first `length` bytes, as a text. */
const char *arena_part(struct arena *arena, const char *text, size_t length);
const char *arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
