/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands above the queues: what the engine itself takes, how full its tables are, and why a queue
 * carries more than its share. */
#include "tui/screen.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/cell.h"
#include "tui/notices.h"
#include "tui/text.h"

#define LABEL 12

static enum role numbers(bool stale)
{
	return stale ? ROLE_STALE : ROLE_NORMAL;
}

static void draw_cost(const json_t *status, struct canvas *canvas, int y, bool stale)
{
	double share;
	char text[32] = "-";

	if (row_number(status, "cpu_share", &share))
		snprintf(text, sizeof(text), "%.1f %%", 100 * fmin(fmax(share, 0), 1000));
	canvas_text(canvas, y, 1, LABEL, ROLE_FAINT, "Engine");
	canvas_format(canvas, y, 1 + LABEL, canvas->columns, numbers(stale), "%s of a CPU", text);
}

/* "flows 60 of 1.0M  prefixes 182 of 512k": the live flows, see notices.h. */
static void draw_tables(const json_t *status, struct canvas *canvas, int y, bool stale)
{
	static const char *const names[] = { "flows", "prefixes", "slots" };
	int x = 1 + LABEL;

	canvas_text(canvas, y, 1, LABEL, ROLE_FAINT, "Tables");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const json_t *table = json_object_get(json_object_get(status, "tables"), names[i]);
		const json_t *counts = json_object_get(status, "counts");
		struct column used = { .field = i ? "used" : "flows", .kind = CELL_COUNT };
		struct column size = { .field = "size", .kind = CELL_COUNT };
		struct cell left, right;
		bool full = notices_is_full(status, names[i]);

		cell_format(&used, i ? table : counts, canvas->looks, &left);
		cell_format(&size, table, canvas->looks, &right);
		x += canvas_format(canvas, y, x, canvas->columns - x - 1,
				   stale  ? ROLE_STALE
				   : full ? ROLE_WARNING
					  : ROLE_NORMAL,
				   "%s %s of %s%s", names[i], left.text, right.text,
				   full ? ", nearly full" : "");
		x += 2;
	}
}

/* The row of the fullest queue that has a hint, how many have one, and whether loads are known. */
static const json_t *find_hint(const struct list *list, size_t *count, bool *known)
{
	const json_t *fullest = NULL;
	double most = -1;
	json_t *row;
	size_t i;

	*count = 0;
	*known = false;
	json_array_foreach (list->all, i, row) {
		*known |= row_load(row) >= 0;
		if (!row_text(row, "hint"))
			continue;
		++*count;
		if (row_load(row) > most || !fullest)
			fullest = row;
		most = fmax(most, row_load(row));
	}
	return fullest;
}

static void draw_placement(const struct console *console, struct canvas *canvas, int y, bool stale)
{
	const struct list *list = &console->lists[SCREEN_QUEUES];
	size_t count, queues = json_array_size(list->all);
	char text[400], more[40] = "";
	const json_t *row;
	double queue = 0;
	bool known;

	row = find_hint(list, &count, &known);
	canvas_text(canvas, y, 1, LABEL, ROLE_FAINT, "Placement");
	row_number(row, "queue", &queue);
	if (count > 1)
		snprintf(more, sizeof(more), " (and %zu more)", count - 1);
	if (row && console->masked)
		snprintf(text, sizeof(text), "queue %.0f carries more than its share%s",
			 fmin(queue, 1e6), more);
	else if (row)
		snprintf(text, sizeof(text), "queue %.0f: %.*s%s", fmin(queue, 1e6),
			 text_fit(row_text(row, "hint"), 300), row_text(row, "hint"), more);
	else
		snprintf(text, sizeof(text), "%s",
			 !known	       ? "-"
			 : queues == 1 ? "one queue: there is nothing to place"
				       : "no queue carries much more than its share");
	canvas_wrap(canvas, y, 1 + LABEL, canvas->columns - LABEL - 2, 2,
		    stale ? ROLE_STALE
		    : row ? ROLE_WARNING
			  : ROLE_NORMAL,
		    text);
}

void screen_queues_draw(const struct console *console, struct canvas *canvas, int y, bool stale)
{
	draw_cost(console->status, canvas, y, stale);
	draw_tables(console->status, canvas, y + 1, stale);
	draw_placement(console, canvas, y + 2, stale);
}
