/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands above the worst circuits: round trips of the last ten minutes as a heat map, time to
 * the right, slower ones further up, darker where there are more of that time's samples. */
#include "tui/screen.h"

#include <stdio.h>

#include "tui/cell.h"
#include "tui/glyphs.h"
#include "tui/mask.h"

#define LABEL 10
#define BANDS 8

/* A row of the map: the octaves [first, end) of a point. */
struct band {
	const char *label;
	size_t first, end;
	enum role role;
};

static const struct band bands[BANDS] = {
	{ "> 512 ms", 9, 12, ROLE_BAD }, { "< 512", 8, 9, ROLE_BAD },
	{ "< 256", 7, 8, ROLE_BAD },	 { "< 128", 6, 7, ROLE_WARNING },
	{ "<  64", 5, 6, ROLE_WARNING }, { "<  32", 4, 5, ROLE_GOOD },
	{ "<  16", 3, 4, ROLE_GOOD },	 { "<   8 ms", 0, 3, ROLE_GOOD },
};

static double count(const json_t *point, size_t first, size_t end)
{
	const json_t *list = json_object_get(point, "rtt");
	double sum = 0;

	for (size_t i = first; i < end; i++) {
		const json_t *number = json_array_get(list, i);

		if (json_is_integer(number) && json_integer_value(number) > 0)
			sum += (double)json_integer_value(number);
	}
	return sum;
}

/* The band in words: of all the time that is shown. */
static void draw_share(struct canvas *canvas, int y, const struct band *band, const json_t *points,
		       bool stale)
{
	double all = 0, here = 0;

	for (size_t i = 0; i < json_array_size(points); i++) {
		all += count(json_array_get(points, i), 0, 12);
		here += count(json_array_get(points, i), band->first, band->end);
	}
	if (all > 0)
		canvas_format(canvas, y, 1 + LABEL, canvas->columns,
			      stale ? ROLE_STALE : ROLE_NORMAL, "%.0f%% of all samples",
			      100 * here / all);
}

static void draw_band(struct canvas *canvas, int y, const struct band *band, const json_t *points,
		      bool stale)
{
	int points_count = (int)json_array_size(points), width = canvas->columns - LABEL - 2;

	canvas_text(canvas, y, 1, LABEL, ROLE_FAINT, band->label);
	if (canvas->looks.plain) {
		draw_share(canvas, y, band, points, stale);
		return;
	}
	for (int i = 0; i < width && i < points_count; i++) {
		const json_t *point = json_array_get(points, (size_t)(points_count - 1 - i));
		double all = count(point, 0, 12), here = count(point, band->first, band->end);
		enum role role = stale ? ROLE_STALE : band->role;

		if (all > 0 && here > 0)
			canvas_text(canvas, y, canvas->columns - 2 - i, 1, role,
				    glyph_shade(here / all, canvas->looks.utf8));
	}
}

void screen_rtt_draw(const struct console *console, struct canvas *canvas, int y, bool stale)
{
	const json_t *points = json_object_get(console->history, "points");
	const char *site = console->lists[SCREEN_RTT].site;
	json_t *masked = site[0] && console->masked ? mask_name(site) : NULL;
	double samples = 0, step_ms = 0;

	for (size_t i = 0; i < json_array_size(points); i++)
		samples += count(json_array_get(points, i), 0, 12);
	row_number(console->history, "step_ms", &step_ms);
	if (!points)
		canvas_text(canvas, y, 1, canvas->columns - 2, ROLE_FAINT,
			    "Round trips: waiting for the engine");
	else
		canvas_format(canvas, y, 1, canvas->columns - 2, ROLE_STRONG,
			      "Round trips to customers of %s, %.0f samples, %.0f s a column",
			      masked	? json_string_value(masked)
			      : site[0] ? site
					: "the network",
			      samples, step_ms / 1000);
	json_decref(masked);
	for (int i = 0; i < BANDS; i++)
		draw_band(canvas, y + 1 + i, &bands[i], points, stale);
}
