/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/console.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "tui/cell.h"
#include "tui/editing.h"
#include "tui/mouse.h"
#include "tui/rows.h"
#include "tui/screen.h"
#include "tui/text.h"

void console_init(struct console *console, const char *socket, const struct settings *settings)
{
	*console = (struct console){ .socket = socket,
				     .settings = settings,
				     .interval_ms = settings->interval_ms,
				     .units = settings->units };
	console->marked = json_object();
	for (int i = 0; i < SCREENS; i++)
		list_init(&console->lists[i], table_get(screen_get((enum screen_name)i)->table),
			  settings->habits);
}

void console_release(struct console *console)
{
	for (int i = 0; i < SCREENS; i++)
		list_release(&console->lists[i]);
	json_decref(console->status);
	json_decref(console->circuit);
	json_decref(console->history);
	json_decref(console->last_edit);
	json_decref(console->marked);
	json_decref(console->wanted_marks);
	json_decref(console->wanted_arguments);
	form_close(&console->form);
}

struct list *console_list(struct console *console)
{
	return &console->lists[console->screen];
}

void console_say(struct console *console, enum role role, uint64_t now_ns, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(console->message, sizeof(console->message), format, args);
	va_end(args);
	console->message_masked[0] = '\0';
	console->message_role = role;
	console->message_ns = now_ns;
}

void console_mask_message(struct console *console, const char *words)
{
	copy_text(console->message_masked, sizeof(console->message_masked), words);
}

bool console_is_stale(const struct console *console, uint64_t now_ns)
{
	uint64_t patience_ns = (3ULL * (uint64_t)console->interval_ms + 500) * NS_PER_MS;

	return !console->connected || !console->status_ns ||
	       now_ns > console->status_ns + patience_ns;
}

/* --- what comes from the engine -------------------------------------------------------------- */

void console_take_status(struct console *console, const json_t *status, uint64_t now_ns)
{
	struct list *list = &console->lists[SCREEN_STATUS];
	json_t *rows, *arguments;

	json_decref(console->status);
	console->status = json_incref((json_t *)status);
	console->status_ns = now_ns;
	notices_take(&console->notices, status);
	if (console->paused)
		return;
	rows = json_pack("{s:o}", "rows", status_rows(status));
	arguments = list_page_arguments(list, 0, 0);
	list_note_answer(list, arguments);
	list_take(list, rows, now_ns, true);
	json_decref(arguments);
	json_decref(rows);
}

void console_take_applied(struct console *console, const json_t *event, uint64_t now_ns)
{
	const char *author = row_text(event, "author"), *result = row_text(event, "result");
	bool failed = result && strcmp(result, "applied") != 0;
	double revision = 0, ms = 0;

	row_number(event, "revision", &revision);
	row_number(event, "ms", &ms);
	if ((json_int_t)revision == console->own_revision)
		return;
	console_say(console, failed ? ROLE_BAD : ROLE_NORMAL, now_ns,
		    failed ? "Revision %.0f by %s: %s" : "Revision %.0f by %s: %s in %.1f ms",
		    revision, author ? author : "somebody", result ? result : "applied", ms);
	if (failed)
		console_mask_message(console, "A revision failed; the reason is masked.");
}

/* --- keys ------------------------------------------------------------------------------------ */

static void type_filter(struct list *list, uint32_t code)
{
	size_t length = strlen(list->filter), size;
	char bytes[4];

	if (code < ' ' || code > 0x10ffff)
		return;
	size = text_encode(code, bytes);
	if (length + size >= sizeof(list->filter))
		return;
	memcpy(list->filter + length, bytes, size);
	list->filter[length + size] = '\0';
}

static void act_on_filter(struct console *console, uint32_t code)
{
	struct list *list = console_list(console);
	struct error err = { 0 };

	switch (key_action(&console->settings->keymap, IN_FILTER, code)) {
	case ACTION_KEEP:
		console->filtering = false;
		break;
	case ACTION_CANCEL:
		copy_text(list->filter, sizeof(list->filter), console->filter_before);
		console->filter_refusal[0] = '\0';
		console->filtering = false;
		break;
	case ACTION_ERASE:
		list->filter[strlen(list->filter) - text_last(list->filter)] = '\0';
		break;
	case ACTION_ERASE_ALL:
		list->filter[0] = '\0';
		break;
	default:
		type_filter(list, code);
	}
	if (list->table->paged)
		return; /* the engine says what it thinks of it */
	if (!rows_check_filter(list->table, list->filter, &err))
		copy_text(console->filter_refusal, sizeof(console->filter_refusal), err.text);
	else
		console->filter_refusal[0] = '\0';
	list_arrange(list);
}

static void act_on_help(struct console *console, enum action action, int page)
{
	switch (action) {
	case ACTION_BACK:
		console->help = false;
		break;
	case ACTION_UP:
		console->help_top--;
		break;
	case ACTION_DOWN:
		console->help_top++;
		break;
	case ACTION_PAGE_UP:
		console->help_top -= page;
		break;
	case ACTION_PAGE_DOWN:
		console->help_top += page;
		break;
	case ACTION_FIRST:
		console->help_top = 0;
		break;
	case ACTION_LAST:
		console->help_top = 10000;
		break;
	default:
		break;
	}
	if (console->help_top < 0)
		console->help_top = 0;
}

static void show_screen(struct console *console, enum screen_name screen)
{
	if (console->screen != screen) {
		json_decref(console->history);
		console->history = NULL;
	}
	console->screen = screen;
	console->help = false;
	console->filter_refusal[0] = '\0';
}

/* The numbered screen that is shown or that one came from. */
enum screen_name console_tab(const struct console *console)
{
	if (console->screen < SCREENS_NUMBERED)
		return console->screen;
	for (int i = console->depth; i-- > 0;)
		if (console->came_from[i] < SCREENS_NUMBERED)
			return console->came_from[i];
	return SCREEN_TREE;
}

static bool is_scoped(const struct list *list)
{
	return list->circuit[0] || list->site[0] || list->address[0];
}

static void set_scope(struct console *console, enum screen_name screen, const char *circuit,
		      const char *site, const char *address)
{
	struct list *list = &console->lists[screen];

	if (!strcmp(list->circuit, circuit) && !strcmp(list->site, site) &&
	    !strcmp(list->address, address))
		return;
	list_clear(list);
	list->filter[0] = '\0';
	copy_text(list->circuit, sizeof(list->circuit), circuit);
	copy_text(list->site, sizeof(list->site), site);
	copy_text(list->address, sizeof(list->address), address);
	json_decref(console->history);
	console->history = NULL;
	if (screen != SCREEN_CIRCUIT)
		return;
	json_decref(console->circuit);
	console->circuit = NULL;
}

/* By its number: of everything, and nowhere to go back to. */
static void go_to_screen(struct console *console, enum screen_name screen)
{
	set_scope(console, screen, "", "", "");
	console->depth = 0;
	show_screen(console, screen);
}

static void step_screen(struct console *console, int step)
{
	int at = (int)console_tab(console);

	go_to_screen(console,
		     (enum screen_name)((at + step + SCREENS_NUMBERED) % SCREENS_NUMBERED));
}

static void show(struct console *console, enum screen_name screen, const struct intent *intent)
{
	if (console->screen != screen) {
		if (console->depth == CONSOLE_DEPTH_MAX)
			memmove(console->came_from, console->came_from + 1,
				sizeof(console->came_from[0]) * (size_t)--console->depth);
		console->came_from[console->depth++] = console->screen;
	}
	set_scope(console, screen, intent->circuit, intent->site, intent->address);
	show_screen(console, screen);
}

void console_show(struct console *console, enum screen_name screen)
{
	const struct intent of_all = { .screen = screen };

	show(console, screen, &of_all);
}

static void carry_out(struct console *console, const struct intent *intent, uint64_t now_ns)
{
	switch (intent->kind) {
	case INTENT_NONE:
		break;
	case INTENT_SHOW_CIRCUIT:
		show(console, SCREEN_CIRCUIT, intent);
		break;
	case INTENT_SHOW:
		show(console, intent->screen, intent);
		break;
	case INTENT_FORM:
		editing_open(console, intent, now_ns);
		break;
	case INTENT_REQUEST:
		editing_request(console, intent->verb, intent->arguments, now_ns);
		break;
	case INTENT_SAY:
		console_say(console, ROLE_WARNING, now_ns, "%s", intent->words);
		break;
	}
}

static void go_back(struct console *console)
{
	struct list *list = console_list(console);

	console->message[0] = '\0';
	if (console->notices.drawn) {
		notices_see(&console->notices, console->status);
	} else if (list->filter[0]) {
		list->filter[0] = '\0';
		console->filter_refusal[0] = '\0';
		list_arrange(list);
	} else if (console->depth) {
		show_screen(console, console->came_from[--console->depth]);
	} else if (list->table != table_get(screen_get(console->screen)->table)) {
		list_show_table(list, table_get(screen_get(console->screen)->table));
	} else if (is_scoped(list)) {
		set_scope(console, console->screen, "", "", "");
	}
}

static bool move(struct list *list, enum action action)
{
	switch (action) {
	case ACTION_UP:
		list_move_to(list, list->selected - 1);
		return true;
	case ACTION_DOWN:
		list_move_to(list, list->selected + 1);
		return true;
	case ACTION_PAGE_UP:
		list_move_to(list, list->selected - list->height);
		return true;
	case ACTION_PAGE_DOWN:
		list_move_to(list, list->selected + list->height);
		return true;
	case ACTION_FIRST:
		list_move_to(list, 0);
		return true;
	case ACTION_LAST:
		list_move_to(list, list->total - 1);
		return true;
	default:
		return false;
	}
}

void console_say_order(struct console *console, uint64_t now_ns)
{
	const struct list *list = console_list(console);
	int sorted = table_sort_column(list->table, list->sort);
	const struct column *column = sorted < 0 ? NULL : &list->table->columns[sorted];

	console_say(console, ROLE_NORMAL, now_ns, "Sorted by %s%s: %s",
		    column ? column->title : "-", list->reverse ? ", reversed" : "",
		    column ? column->help : "");
}

static void sort_by(struct console *console, enum action action, uint64_t now_ns)
{
	struct list *list = console_list(console);

	if (action == ACTION_REVERSE) {
		list->reverse = !list->reverse;
		list_arrange(list);
	} else {
		list_sort_step(list, action == ACTION_SORT ? 1 : -1);
	}
	console_say_order(console, now_ns);
}

/* How the picture is shown. Returns whether that was the action. */
static bool change_picture(struct console *console, enum action action, uint64_t now_ns)
{
	switch (action) {
	case ACTION_MASK:
		console->masked = !console->masked;
		return true;
	case ACTION_UNITS:
		console->units = console->units == UNITS_BITS ? UNITS_BYTES : UNITS_BITS;
		console_say(console, ROLE_NORMAL, now_ns, "Rates are in %s a second",
			    console->units == UNITS_BITS ? "bits" : "bytes");
		return true;
	case ACTION_PAUSE:
		console->paused = !console->paused;
		console->paused_ns = now_ns;
		return true;
	case ACTION_REDRAW:
		console->redraw = true;
		return true;
	default:
		return false;
	}
}

static void act_on_table(struct console *console, enum action action, uint32_t code,
			 uint64_t now_ns)
{
	const struct screen *screen = screen_get(console->screen);
	struct list *list = console_list(console);
	struct intent intent;

	if (move(list, action) || change_picture(console, action, now_ns))
		return;
	switch (action) {
	case ACTION_SCREEN:
		if (code - '1' < SCREENS_NUMBERED)
			go_to_screen(console, (enum screen_name)(code - '1'));
		return;
	case ACTION_NEXT_SCREEN:
	case ACTION_PREVIOUS_SCREEN:
		step_screen(console, action == ACTION_NEXT_SCREEN ? 1 : -1);
		return;
	case ACTION_BACK:
		go_back(console);
		return;
	case ACTION_FILTER:
		console->filtering = true;
		console->message[0] = '\0';
		copy_text(console->filter_before, sizeof(console->filter_before), list->filter);
		return;
	case ACTION_SORT:
	case ACTION_SORT_BACK:
	case ACTION_REVERSE:
		sort_by(console, action, now_ns);
		return;
	case ACTION_CAPTURES:
		console_show(console, SCREEN_CAPTURES);
		return;
	case ACTION_UNDO:
		editing_undo(console, now_ns);
		return;
	case ACTION_MARK:
	case ACTION_MARK_ALL:
	case ACTION_UNMARK:
		editing_mark(console, action, now_ns);
		return;
	case ACTION_HELP:
		console->help = true;
		console->help_top = 0;
		return;
	case ACTION_QUIT:
		console->quit = true;
		return;
	default:
		break;
	}
	if (!screen->act)
		return;
	intent = screen->act(list, action);
	carry_out(console, &intent, now_ns);
}

void console_key(struct console *console, uint32_t code, uint64_t now_ns)
{
	const struct screen *screen = screen_get(console->screen);
	enum action action;

	if (mouse_act(console, code, now_ns))
		return;
	if (console->help) {
		action = key_action(&console->settings->keymap, IN_HELP, code);
		if (action == ACTION_SCREEN || action == ACTION_REDRAW)
			act_on_table(console, action, code, now_ns);
		else
			act_on_help(console, action, console_list(console)->height);
	} else if (console->form.open) {
		editing_key(console, code);
	} else if (console->filtering) {
		act_on_filter(console, code);
	} else {
		action = key_action(&console->settings->keymap, screen->context, code);
		if (action)
			act_on_table(console, action, code, now_ns);
	}
}
