/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation that cannot fail: out of memory aborts the program. Traffic goes on (programs, maps
 * and qdiscs outlive the engine), and the engine reconciles when it is started again.
 */
#ifndef LQOS_BASE_MEMORY_H
#define LQOS_BASE_MEMORY_H

#include <stddef.h>

void *xcalloc(size_t count, size_t size);
void *xreallocarray(void *old, size_t count, size_t size);
char *xstrdup(const char *text);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes room for one element more in a growing array of `size`-byte elements: the array, moved if
 * it had to grow (capacity doubles), with *capacity updated. */
void *grow(void *array, size_t count, size_t *capacity, size_t size);

/* Copies text, cut if need be, always terminated; size is the target's. */
void copy_text(char *target, size_t size, const char *text);

#endif
