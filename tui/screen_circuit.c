/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands above a circuit's flows: plan against rate, who limits it, and where it is. */
#include "tui/screen.h"

#include <math.h>
#include <stdio.h>

#include "tui/cell.h"
#include "tui/glyphs.h"
#include "tui/mask.h"
#include "tui/spark.h"

#define LABEL 12

static enum role numbers(bool stale)
{
	return stale ? ROLE_STALE : ROLE_NORMAL;
}

/* "North POP > Tower Alder > AP Alder-1": the ancestors come nearest first. */
static void draw_path(const json_t *circuit, struct canvas *canvas, int y, int x)
{
	const json_t *ancestors = json_object_get(circuit, "ancestors");

	for (size_t i = json_array_size(ancestors); i > 0; i--) {
		const char *name = row_text(json_array_get(ancestors, i - 1), "name");

		x += canvas_text(canvas, y, x, canvas->columns - x - 1, ROLE_FAINT,
				 name ? name : "-");
		if (i > 1) {
			canvas_text(canvas, y, x + 1, 1, ROLE_FAINT,
				    glyph(GLYPH_PATH, canvas->looks.utf8));
			x += 3;
		}
	}
}

static void draw_direction(json_t *circuit, struct canvas *canvas, int y, enum plan_field field,
			   bool stale)
{
	static const struct {
		const char *label, *rate, *most, *least;
	} directions[] = {
		[FIELD_DOWNLOAD] = { "Download", "download_bps", "download_max_bps",
				     "download_min_bps" },
		[FIELD_UPLOAD] = { "Upload", "upload_bps", "upload_max_bps", "upload_min_bps" },
	};
	const struct form highest = { .now = circuit };
	char rate[16], most[32], least[32], capacity[32];
	const char *site;
	int x = 1;

	canvas_text(canvas, y, x, LABEL, ROLE_FAINT, directions[field].label);
	x += LABEL;
	canvas_text_right(canvas, y, x, 6, stale ? ROLE_STALE : ROLE_STRONG,
			  format_rate(circuit, directions[field].rate, canvas->looks.units, rate));
	x += 7;
	x += canvas_format(
		canvas, y, x, 30, numbers(stale), "of %s, at least %s",
		format_limit(circuit, directions[field].most, canvas->looks.units, most),
		format_limit(circuit, directions[field].least, canvas->looks.units, least));
	if (form_highest(&highest, field, &site, capacity))
		canvas_format(canvas, y, x < 47 ? 47 : x + 2, canvas->columns,
			      form_is_limited(&highest, field) ? ROLE_WARNING : ROLE_FAINT,
			      form_is_limited(&highest, field) ? "limited by %s to %s"
							       : "highest here: %s %s",
			      site, capacity);
}

static void draw_quality(const json_t *circuit, struct canvas *canvas, int y, bool stale)
{
	static const struct column shares[] = {
		{ .field = "retransmits", .kind = CELL_SHARE },
		{ .field = "drops", .kind = CELL_COUNT },
		{ .field = "qoo", .kind = CELL_SCORE },
	};
	struct cell retransmits, drops, score;
	char p50[16], p95[16];
	double samples = 0;

	row_number(circuit, "rtt_samples", &samples);
	cell_format(&shares[0], circuit, canvas->looks, &retransmits);
	cell_format(&shares[1], circuit, canvas->looks, &drops);
	cell_format(&shares[2], circuit, canvas->looks, &score);
	canvas_text(canvas, y, 1, LABEL, ROLE_FAINT, "Quality");
	canvas_format(canvas, y, 1 + LABEL, canvas->columns, numbers(stale),
		      "RTT %s/%s ms of %.0f samples  retransmits %s  drops %s/s  QoO %s",
		      format_ms(circuit, "rtt_p50_us", p50), format_ms(circuit, "rtt_p95_us", p95),
		      fmin(samples, 1e9), retransmits.text, drops.text, score.text);
}

/* "▁▂▃▅ most 9.9M": the last minutes. */
static void draw_history(const struct console *console, struct canvas *canvas, int y, bool stale)
{
	static const struct {
		const char *label, *field;
	} rows[] = { { "Down", "download_bps" }, { "Up", "upload_bps" }, { "RTT", "rtt_p50_us" } };
	const json_t *points = json_object_get(console->history, "points");
	int width = canvas->columns - LABEL - 14;

	for (int i = 0; i < 3; i++) {
		double most = spark_most(points, rows[i].field);
		json_t *value = json_pack("{s:f}", "most", most);
		char text[16];

		canvas_format(canvas, y + i, 1, LABEL, ROLE_FAINT, "%s%s", rows[i].label,
			      i ? "" : " 10 min");
		spark_draw(canvas, y + i, 1 + LABEL, width, stale ? ROLE_STALE : ROLE_NORMAL,
			   points, rows[i].field, most);
		if (most > 0)
			canvas_format(canvas, y + i, 2 + LABEL + width, 11, ROLE_FAINT,
				      i < 2 ? "most %s" : "most %s ms",
				      i < 2 ? format_rate(value, "most", canvas->looks.units, text)
					    : format_ms(value, "most", text));
		json_decref(value);
	}
}

/* The tables one can look at here, the current one marked. */
static void draw_views(const struct console *console, struct canvas *canvas, int y)
{
	static const struct {
		enum table_name table;
		const char *title;
	} views[] = { { TABLE_FLOWS, "Flows" },
		      { TABLE_DEVICES, "Devices" },
		      { TABLE_HISTOGRAM, "Round trips" },
		      { TABLE_SAMPLES, "Samples" },
		      { TABLE_LEAF, "Queue" },
		      { TABLE_JOURNAL, "Journal" },
		      { TABLE_WHY, "Why" } };
	const struct table *now = console->lists[SCREEN_CIRCUIT].table;
	int x = 1;

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		x += 2 + canvas_text(canvas, y, x, canvas->columns - x,
				     now == table_get(views[i].table) ? ROLE_TAB_CURRENT : ROLE_TAB,
				     views[i].title);
}

void screen_circuit_draw(const struct console *console, struct canvas *canvas, int y, bool stale)
{
	static const struct column title = { .field = "id",
					     .second = "name",
					     .kind = CELL_CIRCUIT };
	static const struct column addresses = { .field = "addresses", .kind = CELL_LIST };
	json_t *circuit;
	const char *class = row_text(console->circuit, "class");
	const char *leaf = row_text(console->circuit, "leaf");
	struct cell cell;
	int x = 1;

	if (!console->circuit) {
		canvas_format(canvas, y, x, canvas->columns, ROLE_STRONG, "%s",
			      console->lists[SCREEN_CIRCUIT].circuit);
		return;
	}
	circuit = console->masked ? mask_row(console->circuit) : json_incref(console->circuit);
	cell_format(&title, circuit, canvas->looks, &cell);
	x += canvas_text(canvas, y, x, canvas->columns - 2, ROLE_STRONG, cell.text);
	if (!console->masked)
		draw_path(circuit, canvas, y, x + 3);
	draw_direction(circuit, canvas, y + 1, FIELD_DOWNLOAD, stale);
	draw_direction(circuit, canvas, y + 2, FIELD_UPLOAD, stale);
	draw_quality(circuit, canvas, y + 3, stale);
	draw_history(console, canvas, y + 5, stale);
	draw_views(console, canvas, y + 8);
	cell_format(&addresses, circuit, canvas->looks, &cell);
	canvas_text(canvas, y + 4, 1, LABEL, ROLE_FAINT, "Addresses");
	x = 1 + LABEL;
	x += canvas_text(canvas, y + 4, x, canvas->columns - x - 24, numbers(false), cell.text);
	canvas_format(canvas, y + 4, x + 3, canvas->columns, ROLE_FAINT, "class %s, leaf %s",
		      class ? class : "-", leaf && *leaf ? leaf : "default");
	json_decref(circuit);
}
