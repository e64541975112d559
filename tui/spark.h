/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers over time in one row, and shades of a share: for the circuit's and the RTT screen. */
#ifndef LQOS_TUI_SPARK_H
#define LQOS_TUI_SPARK_H

#include <jansson.h>

#include "tui/canvas.h"

/* The largest number of the field in the points; 0 when there is none. */
double spark_most(const json_t *points, const char *field);
/* Draws the newest points that fit, flush right; no data leaves a gap. most: the full height. */
void spark_draw(struct canvas *canvas, int y, int x, int width, enum role role,
		const json_t *points, const char *field, double most);

#endif
