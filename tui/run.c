/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/run.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "tui/ahead.h"
#include "tui/console.h"
#include "tui/link.h"
#include "tui/screen.h"
#include "tui/terminal.h"

bool run_is_utf8(const struct options *options)
{
	return !options->ascii && !strcmp(nl_langinfo(CODESET), "UTF-8");
}

/* When the picture changes by itself: ages are shown in seconds. */
static uint64_t wait_ns(const struct link *link, uint64_t now_ns)
{
	uint64_t due_ns = client_due_ns(link_client(link));
	uint64_t wait = NS_PER_SECOND;

	if (due_ns <= now_ns)
		return 0;
	return due_ns - now_ns < wait ? due_ns - now_ns : wait;
}

static void draw(struct console *console, struct terminal *terminal, struct canvas *canvas)
{
	int rows, columns;

	terminal_size(terminal, &rows, &columns);
	if (rows != canvas->rows || columns != canvas->columns)
		canvas_resize(canvas, rows, columns);
	if (console->redraw)
		terminal_redraw(terminal);
	console->redraw = false;
	view_draw(console, canvas, clock_now_ns());
	terminal_show(terminal, canvas);
}

/* What a click is as good as; any other key is itself. */
static uint32_t pressed(const struct canvas *canvas, uint32_t code, int row, int column)
{
	if (code != CODE_CLICK)
		return code;
	if (row < 0 || row >= canvas->rows || column < 0 || column >= canvas->columns)
		return CODE_RESIZE;
	return canvas_cell(canvas, row, column)->press;
}

static bool loop(struct console *console, struct link *link, struct terminal *terminal,
		 struct canvas *canvas)
{
	const struct client *client = link_client(link);

	while (!console->quit) {
		uint64_t now_ns = clock_now_ns();
		int row = 0, column = 0;
		uint32_t code;

		link_run(link, now_ns);
		/* The height is known only once it is drawn, and the rows asked for depend on it. What
		 * comes meanwhile is drawn before we wait. */
		do {
			ahead_run(console, clock_now_ns());
			draw(console, terminal, canvas);
		} while (link_run(link, clock_now_ns()) && !console->quit);
		if (console->quit)
			break;
		if (!terminal_wait(terminal, client_fd(client), client_events(client),
				   wait_ns(link, clock_now_ns())))
			return false;
		now_ns = clock_now_ns();
		while (!console->quit &&
		       (code = terminal_key(terminal, &row, &column)) != CODE_NONE)
			ahead_key(console, pressed(canvas, code, row, column), now_ns);
	}
	return true;
}

static void apply_options(struct console *console, const struct options *options)
{
	struct list *list;

	console->read_only = options->read_only;
	console->plain = options->plain;
	console->screen = SCREEN_TREE;
	for (int i = 0; i < SCREENS_NUMBERED; i++)
		if (console->lists[i].table == options->table)
			console->screen = (enum screen_name)i;
	list = console_list(console);
	if (options->table == table_get(TABLE_SITES))
		list_show_table(list, options->table);
	if (options->filter)
		copy_text(list->filter, sizeof(list->filter), options->filter);
}

/* Whoever names a theme means it; otherwise NO_COLOR and screen readers have their say. */
static enum theme theme_of(const struct settings *settings, bool plain)
{
	const char *no_colour = getenv("NO_COLOR");

	return (plain || (no_colour && *no_colour)) && !settings->theme_named ? THEME_MONO
									      : settings->theme;
}

bool run_console(const struct options *options, const struct warnings *warnings, struct error *err)
{
	struct terminal *terminal;
	struct console console;
	struct canvas *canvas;
	struct link *link;
	bool ended_well;

	terminal = terminal_open(theme_of(options->settings, options->plain), err);
	if (!terminal)
		return false;
	if (options->settings->mouse)
		terminal_take_mouse(terminal);
	console_init(&console, options->socket, options->settings);
	apply_options(&console, options);
	if (warnings->count)
		console_say(&console, ROLE_WARNING, clock_now_ns(), "Configuration: %s",
			    warnings->list[0].text);
	link = link_new(&console);
	canvas = canvas_new(1, 1, run_is_utf8(options));
	ended_well = loop(&console, link, terminal, canvas);
	terminal_close(terminal);
	canvas_free(canvas);
	link_free(link);
	console_release(&console);
	*err = (struct error){ 0 };
	return ended_well;
}
