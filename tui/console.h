/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the interactive console: what is known of the engine, what each screen shows and
 * what the operator is doing. Keys change it, replies change it, the view draws it. Pure: no socket
 * and no terminal.
 */
#ifndef LQOS_TUI_CONSOLE_H
#define LQOS_TUI_CONSOLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "tui/form.h"
#include "tui/keys.h"
#include "tui/list.h"
#include "tui/notices.h"
#include "tui/settings.h"
#include "tui/theme.h"

enum screen_name {
	SCREEN_TREE,
	SCREEN_CIRCUITS,
	SCREEN_FLOWS,
	SCREEN_RTT,
	SCREEN_QUEUES,
	SCREEN_UNKNOWN,
	SCREEN_JOURNAL,
	SCREEN_PROBLEMS,
	SCREEN_STATUS,
	SCREEN_CIRCUIT, /* from here on without a number */
	SCREEN_WHY,
	SCREEN_CAPTURES,
	SCREENS,
};
#define SCREENS_NUMBERED SCREEN_CIRCUIT
#define CONSOLE_DEPTH_MAX 8

/* Keys typed before what they act on has come; see tui/ahead.h. */
#define AHEAD_KEYS_MAX 256
struct ahead {
	unsigned int count;
	uint64_t since_ns; /* when the first of them began to wait */
	uint32_t codes[AHEAD_KEYS_MAX];
};

struct console {
	const char *socket;
	const struct settings *settings;
	bool read_only;
	int interval_ms;
	enum units units;
	bool plain; /* for screen readers */

	bool connected;
	char trouble[400];  /* why not */
	json_t *status;	    /* as it last came; NULL: never */
	uint64_t status_ns; /* when */

	enum screen_name screen, came_from[CONSOLE_DEPTH_MAX]; /* Esc goes back through these */
	int depth;
	struct list lists[SCREENS];
	json_t *circuit; /* that the circuit screen is about */
	json_t *history; /* of what the circuit or the RTT screen is about */

	struct ahead ahead;
	bool paused;
	uint64_t paused_ns;
	bool help;
	int help_top;
	bool filtering;
	char filter_before[200];
	char filter_refusal[480];
	struct form form;
	json_int_t own_revision; /* made by this console's last edit */
	json_t *last_edit;	 /* its result, until it is taken back; NULL: none */
	json_t *marked;		 /* ids of circuits, as keys */
	json_t *wanted_marks;	 /* arguments of `circuits` for those to be marked; NULL: none */
	const char *wanted_verb; /* a request to make, with its arguments; NULL: none */
	json_t *wanted_arguments;
	bool masked;

	char message[640];
	char message_masked[160]; /* in its place while names are masked; "": it has none */
	enum role message_role;
	uint64_t message_ns;
	struct notices notices;
	bool redraw; /* the whole screen, once */
	bool quit;
};

/* settings: borrowed. */
void console_init(struct console *console, const char *socket, const struct settings *settings);
void console_release(struct console *console);

/* The numbered screen that is shown or that one came from. */
enum screen_name console_tab(const struct console *console);

struct list *console_list(struct console *console);

/* Esc goes back from there. */
void console_show(struct console *console, enum screen_name screen);

void console_key(struct console *console, uint32_t code, uint64_t now_ns);

void console_say(struct console *console, enum role role, uint64_t now_ns, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Says this in place of what was just said while names are masked. */
void console_mask_message(struct console *console, const char *words);

/* What the table is sorted by. */
void console_say_order(struct console *console, uint64_t now_ns);

/* What came from the engine. */
void console_take_status(struct console *console, const json_t *status, uint64_t now_ns);
void console_take_applied(struct console *console, const json_t *event, uint64_t now_ns);

/* Nothing has come for several intervals, or there is no engine: numbers are old. */
bool console_is_stale(const struct console *console, uint64_t now_ns);

#endif
