/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of others on a terminal or in a log: an escape sequence in a customer's name must not be
 * obeyed there, and a line end not begin a line of its own.
 */
#ifndef LQOS_BASE_PLAIN_H
#define LQOS_BASE_PLAIN_H

#include <stdio.h>

/* Control characters but the tabulator become "?", in place; those of UTF-8 beyond ASCII (C1)
 * too. */
void plain_make(char *text);

/* A line, so made, with a line end behind it. */
void plain_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
