/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `lqosd --size`: what a number of circuits takes, before there is a box. Needs no privileges. */
#ifndef LQOS_SIZE_H
#define LQOS_SIZE_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/base/error.h"

/* Prints a line for each kind of leaf, for so many circuits of which `active` (NULL: all) have
 * traffic within ten minutes. Refused in words when these are no numbers that can be. */
bool size_print(const char *circuits, const char *active, FILE *out, struct error *err);

#endif
