/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/canvas.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "tui/glyphs.h"
#include "tui/text.h"

struct canvas *canvas_new(int rows, int columns, bool utf8)
{
	struct canvas *canvas = xcalloc(1, sizeof(*canvas));

	canvas->looks.utf8 = utf8;
	canvas_resize(canvas, rows, columns);
	return canvas;
}

void canvas_free(struct canvas *canvas)
{
	if (!canvas)
		return;
	free(canvas->cells);
	free(canvas);
}

void canvas_resize(struct canvas *canvas, int rows, int columns)
{
	canvas->rows = rows > 0 ? rows : 1;
	canvas->columns = columns > 0 ? columns : 1;
	free(canvas->cells);
	canvas->cells =
		xcalloc((size_t)canvas->rows * (size_t)canvas->columns, sizeof(*canvas->cells));
	canvas_clear(canvas);
}

void canvas_clear(struct canvas *canvas)
{
	size_t count = (size_t)canvas->rows * (size_t)canvas->columns;

	for (size_t i = 0; i < count; i++)
		canvas->cells[i] = (struct canvas_cell){ .code = { ' ' } };
	canvas->cursor_row = canvas->rows - 1;
	canvas->cursor_column = 0;
}

struct canvas_cell *canvas_cell(const struct canvas *canvas, int row, int column)
{
	return &canvas->cells[(size_t)row * (size_t)canvas->columns + (size_t)column];
}

/* A wide character of which half is painted over leaves a blank, not a torn half. */
static void mend(struct canvas *canvas, int row, int column)
{
	struct canvas_cell *cell = canvas_cell(canvas, row, column);

	if (!cell->code[0] && column > 0)
		canvas_cell(canvas, row, column - 1)->code[0] = ' ';
	if (column + 1 < canvas->columns && !canvas_cell(canvas, row, column + 1)->code[0])
		canvas_cell(canvas, row, column + 1)->code[0] = ' ';
}

static void put(struct canvas *canvas, int row, int column, enum role role,
		const struct text_char *next)
{
	bool selected = canvas_cell(canvas, row, column)->selected;

	for (int i = 0; i < next->width; i++) {
		mend(canvas, row, column + i);
		*canvas_cell(canvas, row, column + i) = (struct canvas_cell){
			.code = { i ? 0 : next->code }, .role = (uint8_t)role, .selected = selected
		};
	}
}

static void combine(struct canvas *canvas, int row, int column, uint32_t code)
{
	struct canvas_cell *cell = canvas_cell(canvas, row, column);

	if (!cell->code[0] && column > 0)
		cell = canvas_cell(canvas, row, column - 1);
	for (size_t i = 1; i < sizeof(cell->code) / sizeof(cell->code[0]); i++) {
		if (!cell->code[i]) {
			cell->code[i] = code;
			return;
		}
	}
}

int canvas_text(struct canvas *canvas, int row, int column, int width, enum role role,
		const char *text)
{
	struct text_char next;
	int used = 0;
	size_t size;
	bool cut;

	if (row < 0 || row >= canvas->rows || column < 0 || column >= canvas->columns)
		return 0;
	if (width > canvas->columns - column)
		width = canvas->columns - column;
	if (width <= 0)
		return 0;
	cut = text_width(text, canvas->looks.utf8) > width;
	for (; (size = text_next(text, canvas->looks.utf8, &next)); text += size) {
		if (used + next.width > width - cut)
			break;
		if (next.width)
			put(canvas, row, column + used, role, &next);
		else if (used)
			combine(canvas, row, column + used - 1, next.code);
		used += next.width;
	}
	if (cut) {
		text_next(glyph(GLYPH_ELLIPSIS, canvas->looks.utf8), canvas->looks.utf8, &next);
		put(canvas, row, column + used++, role, &next);
	}
	return used;
}

void canvas_text_right(struct canvas *canvas, int row, int column, int width, enum role role,
		       const char *text)
{
	int wanted = text_width(text, canvas->looks.utf8);
	int blank = wanted < width ? width - wanted : 0;

	canvas_text(canvas, row, column + blank, width - blank, role, text);
}

int canvas_format(struct canvas *canvas, int row, int column, int width, enum role role,
		  const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return canvas_text(canvas, row, column, width, role, text);
}

int canvas_wrap(struct canvas *canvas, int row, int column, int width, int rows, enum role role,
		const char *text)
{
	int used = 0;

	while (*text && used < rows && width > 0) {
		char line[512];
		size_t length = (size_t)text_fit(text, sizeof(line) - 1);

		memcpy(line, text, length);
		line[length] = '\0';
		while (text_width(line, canvas->looks.utf8) > width && used < rows - 1) {
			char *blank = strrchr(line, ' ');

			if (!blank)
				break;
			*blank = '\0';
		}
		canvas_text(canvas, row + used++, column, width, role, line);
		text += strlen(line);
		while (*text == ' ')
			text++;
	}
	return used;
}

void canvas_fill(struct canvas *canvas, int row, int column, int width, enum role role,
		 const char *text)
{
	for (int i = 0; i < width; i++)
		canvas_text(canvas, row, column + i, 1, role, text);
}

void canvas_cursor(struct canvas *canvas, int row, int column)
{
	canvas->cursor_row = row < 0 ? 0 : row < canvas->rows ? row : canvas->rows - 1;
	canvas->cursor_column = column < 0		   ? 0
				: column < canvas->columns ? column
							   : canvas->columns - 1;
}

void canvas_press(struct canvas *canvas, int row, int column, int width, uint32_t code)
{
	for (int i = 0; i < width && column + i < canvas->columns && row < canvas->rows; i++)
		canvas_cell(canvas, row, column + i)->press = code;
}

void canvas_select(struct canvas *canvas, int row)
{
	if (row < 0 || row >= canvas->rows)
		return;
	for (int column = 0; column < canvas->columns; column++)
		canvas_cell(canvas, row, column)->selected = true;
	canvas_cursor(canvas, row, 0);
}

void canvas_box(struct canvas *canvas, int row, int column, int rows, int columns, enum role role,
		const char *title)
{
	bool utf8 = canvas->looks.utf8;

	for (int y = row; y < row + rows; y++) {
		bool top = y == row, bottom = y == row + rows - 1;
		enum glyph left = top	   ? GLYPH_TOP_LEFT
				  : bottom ? GLYPH_BOTTOM_LEFT
					   : GLYPH_VERTICAL;
		enum glyph right = top	    ? GLYPH_TOP_RIGHT
				   : bottom ? GLYPH_BOTTOM_RIGHT
					    : GLYPH_VERTICAL;
		const char *middle = top || bottom ? glyph(GLYPH_HORIZONTAL, utf8) : " ";

		for (int x = 0; y >= 0 && y < canvas->rows && x < columns; x++)
			if (column + x >= 0 && column + x < canvas->columns)
				canvas_cell(canvas, y, column + x)->selected = false;
		canvas_text(canvas, y, column, 1, role, glyph(left, utf8));
		canvas_fill(canvas, y, column + 1, columns - 2, role, middle);
		canvas_text(canvas, y, column + columns - 1, 1, role, glyph(right, utf8));
	}
	if (title && columns > 6) {
		int used = canvas_text(canvas, row, column + 3, columns - 6, ROLE_STRONG, title);

		canvas_text(canvas, row, column + 2, 1, role, " ");
		canvas_text(canvas, row, column + 3 + used, 1, role, " ");
	}
}

void canvas_print_row(const struct canvas *canvas, int row, FILE *file)
{
	int end = canvas->columns;

	while (end > 0 && canvas_cell(canvas, row, end - 1)->code[0] == ' ')
		end--;
	for (int column = 0; column < end; column++) {
		const struct canvas_cell *cell = canvas_cell(canvas, row, column);

		for (size_t i = 0; i < 3 && cell->code[i]; i++) {
			char bytes[4];

			fwrite(bytes, 1, text_encode(cell->code[i], bytes), file);
		}
	}
}

void canvas_print(const struct canvas *canvas, FILE *file)
{
	for (int row = 0; row < canvas->rows; row++) {
		canvas_print_row(canvas, row, file);
		fputc('\n', file);
	}
}
