/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One frame in memory: what screens draw on, what the terminal shows and what batch mode prints.
 * Text is cleaned and clipped on its way in, so nothing drawn here can steer a terminal.
 */
#ifndef LQOS_TUI_CANVAS_H
#define LQOS_TUI_CANVAS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tui/theme.h"

struct canvas_cell {
	uint32_t code[3]; /* the character and up to two that combine with it; all 0: the right
			   * half of the character before */
	uint32_t press;	  /* the key that a click here is as good as; 0: none */
	uint8_t role;	  /* enum role */
	bool selected;
};

struct canvas {
	int rows, columns;
	struct looks looks;
	int cursor_row, cursor_column;
	struct canvas_cell *cells;
};

struct canvas *canvas_new(int rows, int columns, bool utf8);
void canvas_free(struct canvas *canvas);
/* Gives it another size (at least 1x1) and clears it. */
void canvas_resize(struct canvas *canvas, int rows, int columns);
void canvas_clear(struct canvas *canvas);

struct canvas_cell *canvas_cell(const struct canvas *canvas, int row, int column);

/* Puts text at row and column, at most width columns of it (an ellipsis ends what is cut) and never
 * over the edges. Returns the columns it took. */
int canvas_text(struct canvas *canvas, int row, int column, int width, enum role role,
		const char *text);
/* The same, flush with the right end of the width. */
void canvas_text_right(struct canvas *canvas, int row, int column, int width, enum role role,
		       const char *text);
int canvas_format(struct canvas *canvas, int row, int column, int width, enum role role,
		  const char *format, ...) __attribute__((format(printf, 6, 7)));
/* Puts text on up to `rows` rows, broken at blanks. Returns the rows it took. */
int canvas_wrap(struct canvas *canvas, int row, int column, int width, int rows, enum role role,
		const char *text);

/* Repeats a one-column text. */
void canvas_fill(struct canvas *canvas, int row, int column, int width, enum role role,
		 const char *text);
/* Where the terminal's cursor rests; beyond the edge: at the edge. */
void canvas_cursor(struct canvas *canvas, int row, int column);
void canvas_select(struct canvas *canvas, int row);
/* A click on these cells is as good as the key. What is drawn over them later takes it away. */
void canvas_press(struct canvas *canvas, int row, int column, int width, uint32_t code);
/* Draws a frame of lines with blanks within. */
void canvas_box(struct canvas *canvas, int row, int column, int rows, int columns, enum role role,
		const char *title);

/* Writes a row as UTF-8 text, without blanks at its end and without a line feed. */
void canvas_print_row(const struct canvas *canvas, int row, FILE *file);
/* Writes the rows as UTF-8 text, without blanks at the ends of the lines. */
void canvas_print(const struct canvas *canvas, FILE *file);

#endif
