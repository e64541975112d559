/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts that are given back all at once: those of a plan, a request, a network. */
#ifndef LQOS_BASE_ARENA_H
#define LQOS_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);

/* A copy of the text, valid until arena_free; NULL stays NULL. */
const char *arena_text(struct arena *arena, const char *text);
/* A copy of its first `length` bytes, as a text. */
const char *arena_part(struct arena *arena, const char *text, size_t length);
const char *arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
