/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame that all screens share: header, tabs, table, information line and footer. */
#include "tui/screen.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/clock.h"
#include "tui/cell.h"
#include "tui/editing.h"
#include "tui/glyphs.h"
#include "tui/mask.h"
#include "tui/text.h"

#define MESSAGE_NS (12 * NS_PER_SECOND)

/* --- header ---------------------------------------------------------------------------------- */

static enum role state_words(const struct console *console, uint64_t now_ns, char *text,
			     size_t size)
{
	const char *state = row_text(console->status, "state");
	uint64_t silent_ns = now_ns > console->status_ns ? now_ns - console->status_ns : 0;
	char age[16];

	format_age((double)(silent_ns / NS_PER_SECOND), age);
	if (!console->status_ns) {
		snprintf(text, size, "%s", console->connected ? "connecting" : "no engine");
		return ROLE_WARNING;
	}
	if (!console->connected) {
		snprintf(text, size, "engine away %s", age);
		return ROLE_BAD;
	}
	if (console_is_stale(console, now_ns)) {
		snprintf(text, size, "no answer for %s", age);
		return ROLE_BAD;
	}
	if (console->paused) {
		format_age((double)((now_ns - console->paused_ns) / NS_PER_SECOND), age);
		snprintf(text, size, "paused %s", age);
		return ROLE_WARNING;
	}
	snprintf(text, size, "%s", state ? state : "-");
	return state && !strcmp(state, "live") ? ROLE_GOOD : ROLE_WARNING;
}

/* Puts a label and a value if both fit before the end; returns the column behind them. */
static int segment(struct canvas *canvas, int x, int end, enum role role, const char *label,
		   const char *value)
{
	int wide = canvas->columns >= 100;
	int label_width = text_width(label, canvas->looks.utf8);
	int need = label_width + (label_width > 0) + text_width(value, canvas->looks.utf8);

	if (x + need > end)
		return x;
	if (label_width)
		x += canvas_text(canvas, 0, x, label_width, ROLE_FAINT, label) + 1;
	x += canvas_text(canvas, 0, x, end - x, role, value);
	return x + (wide ? 3 : 2);
}

static void link_use(const json_t *status, const char *rate, const char *link, enum units units,
		     char text[40])
{
	char used[16], whole[32];

	snprintf(text, 40, "%s/%s", format_rate(status, rate, units, used),
		 format_limit(status, link, units, whole));
}

static void draw_header(const struct console *console, struct canvas *canvas, uint64_t now_ns)
{
	const json_t *status = console->status;
	const json_t *rtt = json_object_get(json_object_get(status, "rtt"), "customer");
	enum role strong = console_is_stale(console, now_ns) ? ROLE_STALE : ROLE_STRONG;
	const char *host = row_text(status, "host");
	char text[100], p50[16], p95[16];
	enum role role = state_words(console, now_ns, text, sizeof(text));
	int end = canvas->columns - text_width(text, canvas->looks.utf8) - 1, x = 1;
	double epoch;

	canvas_text(canvas, 0, end < 1 ? 1 : end, canvas->columns - 1, role, text);
	end -= 2;
	if (canvas->columns >= 100 || !host)
		x = segment(canvas, x, end, ROLE_NORMAL, "", "lqos-top");
	if (!status) {
		segment(canvas, x, end, ROLE_FAINT, "", console->socket);
		return;
	}
	if (host && text_width(host, canvas->looks.utf8) <= 16)
		x = segment(canvas, x, end, strong, "", host);
	link_use(status, "download_bps", "download_link_bps", console->units, text);
	x = segment(canvas, x, end, strong, "down", text);
	link_use(status, "upload_bps", "upload_link_bps", console->units, text);
	x = segment(canvas, x, end, strong, "up", text);
	snprintf(text, sizeof(text), "%s/%s ms", format_ms(rtt, "p50_us", p50),
		 format_ms(rtt, "p95_us", p95));
	x = segment(canvas, x, end, strong, "RTT", text);
	snprintf(text, sizeof(text), "-");
	if (row_number(status, "epoch", &epoch))
		snprintf(text, sizeof(text), "%.0f", epoch);
	segment(canvas, x, end, strong, "epoch", text);
}

/* --- tabs ------------------------------------------------------------------------------------ */

/* "/miller 3/12": the filter and where the selection is. Returns the columns it takes. */
static int place_words(const struct list *list, size_t marked, bool utf8, char *filter, size_t size,
		       char place[48])
{
	place[0] = filter[0] = '\0';
	if (list->rows && list->total)
		snprintf(place, 48, "%ld/%ld", list->selected + 1, list->total);
	if (marked)
		snprintf(filter, size, "%zu marked  ", marked);
	if (list->filter[0])
		snprintf(filter + strlen(filter), size - strlen(filter), "/%s  ", list->filter);
	return text_width(filter, utf8) + (int)strlen(place);
}

static void draw_place(const struct list *list, size_t marked, struct canvas *canvas, int y,
		       int from)
{
	char filter[sizeof(list->filter) + 24], place[48];
	int width = place_words(list, marked, canvas->looks.utf8, filter, sizeof(filter), place);
	int right = (int)strlen(place);

	if (width > canvas->columns - from - 1)
		width = canvas->columns - from - 1;
	if (width < right)
		return;
	canvas_text(canvas, y, canvas->columns - 1 - width, width - right, ROLE_WARNING, filter);
	canvas_text(canvas, y, canvas->columns - 1 - right, right, ROLE_FAINT, place);
}

/* Returns the column behind the tabs. */
static int put_tabs(const struct console *console, struct canvas *canvas, int y, bool titles)
{
	enum screen_name current = console_tab(console);
	double problems = 0;
	int x = 1;

	row_number(json_object_get(console->status, "counts"), "problems", &problems);
	for (int i = 0; i < SCREENS_NUMBERED; i++) {
		const char *title = screen_get((enum screen_name)i)->title;
		bool here = (int)current == i;
		int from = x;

		x += canvas_format(canvas, y, x, 2, ROLE_FAINT,
				   canvas->columns >= 100 ? "%d " : "%d", i + 1);
		if (titles || here)
			x += canvas_text(canvas, y, x, canvas->columns - x,
					 here ? ROLE_TAB_CURRENT : ROLE_TAB, title) +
			     1;
		if (i == SCREEN_PROBLEMS && problems > 0 && titles)
			x += canvas_format(canvas, y, x, canvas->columns - x, ROLE_WARNING, "%.0f ",
					   fmin(problems, 1e6));
		canvas_press(canvas, y, from, x - from, (uint32_t)('1' + i));
		x += (canvas->columns >= 100 && titles) || !titles;
	}
	return x;
}

/* The other screens' titles give way to what is filtered. */
static void draw_tabs(const struct console *console, struct canvas *canvas, int y)
{
	const struct list *list = &console->lists[console->screen];
	size_t marked = json_object_size(console->marked);
	char filter[sizeof(list->filter) + 24], place[48];
	int need = place_words(list, marked, canvas->looks.utf8, filter, sizeof(filter), place);
	int x = put_tabs(console, canvas, y, true);

	if (x + need >= canvas->columns) {
		canvas_fill(canvas, y, 0, canvas->columns, ROLE_NORMAL, " ");
		x = put_tabs(console, canvas, y, false);
	}
	draw_place(list, marked, canvas, y, x);
}

/* --- information line and footer ------------------------------------------------------------- */

/* "North POP > Tower Alder > ": the sites above. Returns the bytes it takes, less than size. */
static size_t describe_path(const json_t *row, struct looks looks, char *text, size_t size)
{
	const char *site = row_text(row, "site");
	size_t used = 0, i;
	json_t *above;

	*text = '\0';
	json_array_foreach (json_object_get(row, "path"), i, above) {
		const char *name = row_text(above, "name");

		if (used < size)
			used += (size_t)snprintf(text + used, size - used, "%s %s ",
						 name ? name : "-", glyph(GLYPH_PATH, looks.utf8));
	}
	if (!json_object_get(row, "path") && site)
		used = (size_t)snprintf(text, size, "%s %s ", site, glyph(GLYPH_PATH, looks.utf8));
	return used < size ? used : size - 1;
}

static void describe_row(const struct list *list, struct looks looks, char *text, size_t size)
{
	static const struct column about[] = {
		{ .field = "id", .second = "name", .kind = CELL_CIRCUIT },
		{ .field = "circuit", .second = "circuit_name", .kind = CELL_CIRCUIT },
		{ .field = "subject", .kind = CELL_TEXT },
		{ .field = "reason", .kind = CELL_TEXT },
		{ .field = "in_force", .kind = CELL_VALUE },
		{ .field = "field", .second = "action", .kind = CELL_TEXT },
		{ .field = "before", .kind = CELL_VALUE },
		{ .field = "after", .kind = CELL_VALUE },
		{ .field = "result", .kind = CELL_TEXT },
		{ .field = "value", .kind = CELL_TEXT },
		{ .field = "hint", .kind = CELL_TEXT },
		{ .title = "class ", .field = "class", .kind = CELL_TEXT },
		{ .field = "state", .kind = CELL_TEXT },
		{ .title = "DSCP ",
		  .field = "download_dscp",
		  .second = "upload_dscp",
		  .kind = CELL_PAIR },
		{ .title = "ECN ",
		  .field = "download_ecn",
		  .second = "upload_ecn",
		  .kind = CELL_PAIR },
		{ .field = "addresses", .kind = CELL_LIST },
	};
	const json_t *row = list_selected(list);
	size_t used = describe_path(row, looks, text, size), start = used;

	for (size_t i = 0; row && i < sizeof(about) / sizeof(about[0]); i++) {
		struct cell cell;

		cell_format(&about[i], row, looks, &cell);
		if (!strcmp(cell.text, "-") || used >= size)
			continue;
		if (used > start)
			used += (size_t)snprintf(text + used, size - used, " %s ",
						 glyph(GLYPH_SEPARATOR, looks.utf8));
		if (used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s",
						 about[i].title ? about[i].title : "", cell.text);
	}
}

/* Of a table that comes whole it is our own, about what is typed. */
static const char *refusal_words(const struct console *console)
{
	return console->masked && console->lists[console->screen].table->paged
		       ? MASKED_REFUSAL
		       : console->filter_refusal;
}

static void draw_filter_prompt(const struct console *console, struct canvas *canvas, int y)
{
	const struct list *list = &console->lists[console->screen];
	int x = 1 + canvas_text(canvas, y, 1, canvas->columns - 2, ROLE_STRONG, "Filter: ");

	x += canvas_text(canvas, y, x, canvas->columns - x - 2, ROLE_NORMAL, list->filter);
	canvas_cursor(canvas, y, x);
	canvas_text(canvas, y, x, 1, ROLE_FIELD_CURRENT, " ");
	if (console->filter_refusal[0])
		canvas_text(canvas, y, x + 2, canvas->columns - x - 3, ROLE_BAD,
			    refusal_words(console));
	else if (!list->filter[0])
		canvas_text(canvas, y, x + 2, canvas->columns - x - 3, ROLE_FAINT,
			    "a piece of a name or address, rtt>100, down>10M, joined by &");
}

static const char *message_words(const struct console *console)
{
	return console->masked && console->message_masked[0] ? console->message_masked
							     : console->message;
}

/* Returns whether there was something to say. */
static bool draw_information(struct console *console, struct canvas *canvas, int y, uint64_t now_ns)
{
	const char *message = row_text(console->status, "message");
	int width = canvas->columns - 2;
	char text[600];

	if (console->filtering) {
		draw_filter_prompt(console, canvas, y);
		return true;
	}
	if (console->message[0] && now_ns < console->message_ns + MESSAGE_NS) {
		canvas_text(canvas, y, 1, width, console->message_role, message_words(console));
		return true;
	}
	if (console->filter_refusal[0] || !console->connected || (message && *message)) {
		if (!console->connected)
			snprintf(text, sizeof(text), "Trying again; %s", console->trouble);
		canvas_text(canvas, y, 1, width, console->connected ? ROLE_BAD : ROLE_WARNING,
			    !console->connected		 ? text
			    : console->filter_refusal[0] ? refusal_words(console)
			    : console->masked ? "The engine is in trouble; its words are masked."
					      : message);
		return true;
	}
	if (console->notices.text[0]) {
		canvas_text(canvas, y, 1, width, ROLE_WARNING,
			    console->masked ? console->notices.masked : console->notices.text);
		console->notices.drawn = true;
		return true;
	}
	if (!console->masked)
		describe_row(&console->lists[console->screen], canvas->looks, text, sizeof(text));
	canvas_text(canvas, y, 1, width, ROLE_FAINT,
		    console->masked ? "Names and addresses are masked; M shows them." : text);
	return false;
}

static int hint_width(const struct key_binding *binding, bool utf8)
{
	char keys[KEY_NAMES_SIZE];

	return text_width(key_names(binding, keys), utf8) + 1 + (int)strlen(binding->label);
}

static int draw_hint(struct canvas *canvas, int y, int x, const struct key_binding *binding)
{
	char keys[KEY_NAMES_SIZE];
	int from = x;

	x += canvas_text(canvas, y, x, canvas->columns - x, ROLE_KEY, key_names(binding, keys)) + 1;
	x += canvas_text(canvas, y, x, canvas->columns - x, ROLE_FAINT, binding->label);
	canvas_press(canvas, y, from, x - from, binding->codes[0]);
	return x + 2;
}

/* Help and quit keep their place; of the others those that fit are shown. */
void view_footer(const struct keymap *keymap, struct canvas *canvas, int y,
		 enum key_context context)
{
	int end = canvas->columns - 1, x = 1;

	for (int pass = 0; pass < 2; pass++) {
		for (const struct key_binding *b = keymap->bindings; b->action; b++) {
			bool last = b->action == ACTION_HELP || b->action == ACTION_QUIT;

			if (!(b->contexts & context) || !b->label || !b->codes[0])
				continue;
			if (pass == 0 && last)
				end -= hint_width(b, canvas->looks.utf8) + 2;
			if (pass == 0 || last || x + hint_width(b, canvas->looks.utf8) > end)
				continue;
			x = draw_hint(canvas, y, x, b);
		}
	}
	for (const struct key_binding *b = keymap->bindings; b->action; b++)
		if ((b->contexts & context) && b->label && b->codes[0] &&
		    (b->action == ACTION_HELP || b->action == ACTION_QUIT))
			x = draw_hint(canvas, y, x, b);
}

/* --- the table ------------------------------------------------------------------------------- */

static void draw_nothing(const struct console *console, struct canvas *canvas, int y, int rows)
{
	const struct list *list = &console->lists[console->screen];
	char text[600];
	int at = y + (rows > 4 ? 1 : 0);

	if (list->rows && list->filter[0])
		snprintf(text, sizeof(text), "Nothing matches %s.", list->filter);
	else if (list->rows)
		snprintf(text, sizeof(text), "%s", list->table->empty);
	else if (console->connected)
		snprintf(text, sizeof(text), "Waiting for the engine at %s.", console->socket);
	else
		snprintf(text, sizeof(text), "No engine yet at %s; trying again.", console->socket);
	if (rows > 0)
		canvas_text(canvas, at, 2, canvas->columns - 3, ROLE_FAINT, text);
}

static void draw_table(struct console *console, struct canvas *canvas, int y, int rows, bool stale)
{
	struct list *list = console_list(console);
	struct layout layout;

	list_set_height(list, rows);
	table_layout(list->table, &list->habits[table_name_of(list->table)].columns,
		     canvas->columns - 1, list->circuit[0] ? "circuit" : NULL, &layout);
	table_draw_heading(canvas, y, list->table, &layout,
			   table_sort_column(list->table, list->sort), list->reverse);
	if (!list->rows || !list->total)
		draw_nothing(console, canvas, y + 1, rows);
	for (int i = 0; i < rows; i++) {
		const json_t *row = list_row(list, list->top + i);
		json_t *shown;

		if (!row)
			continue;
		shown = console->masked ? mask_row(row) : json_incref((json_t *)row);
		table_draw_row(canvas, y + 1 + i, list->table, &layout, shown, stale);
		json_decref(shown);
		if (editing_is_marked(console, row))
			canvas_text(canvas, y + 1 + i, 0, 1, ROLE_WARNING, "*");
		if (list->top + i == list->selected)
			canvas_select(canvas, y + 1 + i);
		canvas_press(canvas, y + 1 + i, 0, canvas->columns, CODE_ROW + (uint32_t)i);
	}
}

static enum key_context context_of(const struct console *console)
{
	return console->form.asking ? IN_QUESTION
	       : console->form.open ? IN_FORM
	       : console->filtering ? IN_FILTER
				    : screen_get(console->screen)->context;
}

void view_draw(struct console *console, struct canvas *canvas, uint64_t now_ns)
{
	const struct screen *screen = screen_get(console->screen);
	bool stale = console_is_stale(console, now_ns);
	int rows = canvas->rows, y = 1, bottom = rows - 1;
	bool tabs = rows >= 8, information = rows >= 9;

	canvas->looks.units = console->units;
	canvas->looks.plain = console->plain;
	canvas_clear(canvas);
	console->notices.drawn = false;
	draw_header(console, canvas, now_ns);
	if (tabs)
		draw_tabs(console, canvas, y++);
	if (console->help) {
		console->help_top = screen_help_draw(console, canvas, console->help_top);
		return;
	}
	if (screen->draw_above && rows >= y + screen->above_rows + 8) {
		screen->draw_above(console, canvas, y, stale);
		y += screen->above_rows;
	}
	bottom -= information;
	draw_table(console, canvas, y, bottom - y - 1, stale);
	if (information)
		draw_information(console, canvas, bottom, now_ns);
	/* Too small for a line of its own: what there is to say takes the footer's. */
	if (information ||
	    !(console->filtering || console->message[0] || console->notices.text[0]) ||
	    !draw_information(console, canvas, rows - 1, now_ns)) {
		if (!information)
			canvas_fill(canvas, rows - 1, 0, canvas->columns, ROLE_NORMAL, " ");
		view_footer(&console->settings->keymap, canvas, rows - 1, context_of(console));
	}
	if (console->form.open)
		screen_form_draw(&console->form, canvas, console->masked);
}
