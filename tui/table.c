/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/table.h"

#include <math.h>
#include <string.h>

#include "tui/glyphs.h"
#include "tui/keys.h"
#include "tui/text.h"

/* The least width of a column: on narrow screens the first one gives way to the numbers. */
static int least(const struct table *table, size_t i, int width)
{
	int narrow = width * 3 / 10 > 11 ? width * 3 / 10 : 11;

	return i == 0 && table->columns[0].width > narrow ? narrow : table->columns[i].width;
}

/* Takes in columns by rank as long as they fit; from RANK_EXTRA on only once the first column has
 * room. Returns the width that is left. */
static int choose(const struct table *table, int width, const char *without, struct layout *layout)
{
	int left = width, reserve = 0;

	for (int rank = 0; rank < RANK_HIDDEN; rank++) {
		for (size_t n = 0; n < layout->count; n++) {
			size_t i = layout->order[n];
			const struct column *column = &table->columns[i];
			int need = least(table, i, width);

			if (column->rank != rank ||
			    (without && column->field && !strcmp(column->field, without)))
				continue;
			if (rank == RANK_EXTRA)
				reserve = 8;
			if (rank && need + column->gap + reserve > left)
				return left;
			layout->width[i] = need;
			left -= need + column->gap;
		}
	}
	return left;
}

/* A name without its value says nothing: where only the first column fits, it and the next in rank
 * share the width. Returns the width that is left. */
static int share_between_two(const struct table *table, int width, int left, struct layout *layout)
{
	int second = -1, widest, *first = &layout->width[0];

	for (size_t i = 1; i < table->count; i++) {
		if (layout->width[i] >= 0)
			return left;
		if (second < 0 || table->columns[i].rank < table->columns[second].rank)
			second = (int)i;
	}
	if (second < 0 || width < 12)
		return left;
	width -= table->columns[0].gap + table->columns[second].gap;
	widest = table->columns[second].widest ? table->columns[second].widest
					       : table->columns[second].width;
	layout->width[second] = width - (*first > width / 2 ? width / 2 : *first);
	if (layout->width[second] > widest)
		layout->width[second] = widest;
	if (*first > width - layout->width[second])
		*first = width - layout->width[second];
	return width - layout->width[second] - *first;
}

/* The operator's own columns: in their order, as many as fit. Returns the width that is left. */
static int take_chosen(const struct table *table, int width, struct layout *layout)
{
	int left = width;

	for (size_t n = 0; n < layout->count; n++) {
		size_t i = layout->order[n];
		int need = least(table, i, width) + table->columns[i].gap;

		if (n && need > left)
			break;
		layout->width[i] = need - table->columns[i].gap;
		left -= need;
	}
	return left;
}

static void order_columns(const struct table *table, const struct column_choice *choice,
			  struct layout *layout)
{
	layout->count = choice->count ? choice->count : table->count;
	for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
		layout->width[i] = -1;
	for (size_t i = 0; i < layout->count; i++)
		layout->order[i] = choice->count ? choice->index[i] : (uint8_t)i;
}

void table_layout(const struct table *table, const struct column_choice *choice, int width,
		  const char *without, struct layout *layout)
{
	int left, wish = 0;

	order_columns(table, choice, layout);
	left = choice->count ? take_chosen(table, width, layout)
			     : share_between_two(table, width,
						 choose(table, width, without, layout), layout);
	if (left < 0) {
		int *first = &layout->width[layout->order[0]];

		*first += left;
		if (*first < 1)
			*first = 1;
		return;
	}
	for (size_t i = 0; i < table->count; i++)
		if (layout->width[i] >= 0 && table->columns[i].widest > layout->width[i])
			wish += table->columns[i].widest - layout->width[i];
	for (size_t i = 0; i < table->count && wish > 0; i++) {
		int want = table->columns[i].widest - layout->width[i], given;

		if (layout->width[i] < 0 || want <= 0)
			continue;
		given = wish > left ? (want * left + wish - 1) / wish : want;
		layout->width[i] += given;
		left -= given;
		wish -= want;
	}
}

int table_layout_natural(const struct table *table, const struct column_choice *choice,
			 const json_t *rows, struct looks looks, struct layout *layout)
{
	int whole = 0;

	order_columns(table, choice, layout);
	for (size_t shown = 0; shown < layout->count; shown++) {
		size_t i = layout->order[shown], n;
		const struct column *column = &table->columns[i];
		json_t *row;

		if (!choice->count && column->rank == RANK_HIDDEN)
			continue;
		layout->width[i] = text_width(column->title, looks.utf8);
		json_array_foreach (rows, n, row) {
			struct cell cell;
			int width;

			cell_format(column, row, looks, &cell);
			width = text_width(cell.text, looks.utf8) + (int)strlen(cell.tail);
			if (width > layout->width[i])
				layout->width[i] = width;
		}
		if ((column->kind == CELL_LOAD || column->kind == CELL_SHARE_BAR) &&
		    layout->width[i] < 10)
			layout->width[i] = 10;
		whole += column->gap + layout->width[i];
	}
	return whole;
}

static bool is_left(const struct column *column)
{
	switch (column->kind) {
	case CELL_RATE:
	case CELL_MS:
	case CELL_SCORE:
	case CELL_SHARE:
	case CELL_SHARES:
	case CELL_NUMBERS:
	case CELL_COUNT:
	case CELL_BYTES:
	case CELL_SECONDS:
		return false;
	default:
		return true;
	}
}

void table_draw_heading(struct canvas *canvas, int y, const struct table *table,
			const struct layout *layout, int sorted, bool reverse)
{
	int x = 0;

	for (size_t n = 0; n < layout->count; n++) {
		size_t i = layout->order[n];
		const struct column *column = &table->columns[i];
		bool here = (int)i == sorted;
		enum role role = here ? ROLE_HEADING_SORTED : ROLE_HEADING;
		bool descending = table_is_descending(column) != reverse;
		const char *mark =
			glyph(descending ? GLYPH_DESCENDING : GLYPH_ASCENDING, canvas->looks.utf8);
		int width = layout->width[i], used;

		if (width < 0)
			continue;
		x += column->gap;
		if (is_left(column)) {
			used = canvas_text(canvas, y, x, width, role, column->title);
			if (here)
				canvas_text(canvas, y, x + used, width - used, role, mark);
		} else {
			used = text_width(column->title, canvas->looks.utf8);
			canvas_text_right(canvas, y, x, width, role, column->title);
			if (here)
				canvas_text(canvas, y, x + width - used - 1, 1, role, mark);
		}
		if (table_order(table, i))
			canvas_press(canvas, y, x, width, CODE_COLUMN + (uint32_t)i);
		x += width;
	}
}

/* The last cell is kept for the mark of a full link, so that it does not need colour. */
static void draw_bar(struct canvas *canvas, int y, int x, int width, enum role role, double load)
{
	int cells = width > 1 ? width - 1 : 1;
	int eighths = (int)lround(fmin(load, 1) * cells * 8);

	if (eighths == 0 && load > 0.001)
		eighths = 1;
	for (int i = 0; i < cells; i++) {
		int part = eighths - 8 * i;

		canvas_text(canvas, y, x + i, 1, part > 0 ? role : ROLE_FAINT,
			    glyph_eighths(part, canvas->looks.utf8));
	}
	if (load >= 0.95 && width > 1)
		canvas_text(canvas, y, x + cells, 1, role, "!");
}

/* Counts may be of any share: without the mark of a full link. */
static void draw_share(struct canvas *canvas, int y, int x, int width, enum role role, double share)
{
	int eighths = (int)lround(fmin(share, 1) * width * 8);

	if (eighths == 0 && share > 0)
		eighths = 1;
	for (int i = 0; i < width && eighths - 8 * i > 0; i++)
		canvas_text(canvas, y, x + i, 1, role,
			    glyph_eighths(eighths - 8 * i, canvas->looks.utf8));
}

static void draw_left(struct canvas *canvas, int y, int x, int width, const struct cell *cell)
{
	int tail = (int)strlen(cell->tail);
	bool room = tail && (width - tail >= 14 ||
			     text_width(cell->text, canvas->looks.utf8) + tail <= width);
	int used = canvas_text(canvas, y, x, room ? width - tail : width, cell->role, cell->text);

	if (room)
		canvas_text(canvas, y, x + used, tail, ROLE_FAINT, cell->tail);
}

void table_draw_row(struct canvas *canvas, int y, const struct table *table,
		    const struct layout *layout, const json_t *row, bool stale)
{
	int x = 0;

	for (size_t n = 0; n < layout->count; n++) {
		size_t i = layout->order[n];
		const struct column *column = &table->columns[i];
		int width = layout->width[i];
		struct cell cell;

		if (width < 0)
			continue;
		x += column->gap;
		cell_format(column, row, canvas->looks, &cell);
		if (stale)
			cell.role = ROLE_STALE;
		if (canvas->looks.plain && cell.load >= 0)
			canvas_text_right(canvas, y, x, width, cell.role, cell.text);
		else if (cell.load >= 0 && column->kind == CELL_SHARE_BAR)
			draw_share(canvas, y, x, width, cell.role, cell.load);
		else if (cell.load >= 0)
			draw_bar(canvas, y, x, width, cell.role, cell.load);
		else if (is_left(column))
			draw_left(canvas, y, x, width, &cell);
		else
			canvas_text_right(canvas, y, x, width, cell.role, cell.text);
		x += width;
	}
}
