/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs from screen to screen: a row of a table each. A screen looks at its list and an
 * action and says what is to happen; it does nothing itself but fold and move.
 */
#ifndef LQOS_TUI_SCREEN_H
#define LQOS_TUI_SCREEN_H

#include "engine/model/network.h"
#include "tui/canvas.h"
#include "tui/console.h"
#include "tui/keys.h"
#include "tui/list.h"

enum intent_kind {
	INTENT_NONE,
	INTENT_SHOW_CIRCUIT,
	INTENT_SHOW,	/* a screen, of a circuit, a site or an address */
	INTENT_FORM,	/* of a circuit, a site or a device */
	INTENT_REQUEST, /* of the engine */
	INTENT_SAY,
};

struct intent {
	enum intent_kind kind;
	enum screen_name screen;
	enum form_kind form;
	char circuit[NODE_ID_SIZE], site[NODE_ID_SIZE], device[NODE_ID_SIZE], address[64];
	const char *words;
	const char *verb;
	json_t *arguments; /* given away */
};

struct screen {
	const char *title;
	enum table_name table;
	enum key_context context;
	struct intent (*act)(struct list *list, enum action action);
	/* Rows above the table, and what draws them; NULL: none. */
	int above_rows;
	void (*draw_above)(const struct console *console, struct canvas *canvas, int y, bool stale);
};

const struct screen *screen_get(enum screen_name name);

struct intent screen_tree_act(struct list *list, enum action action);
struct intent screen_circuits_act(struct list *list, enum action action);
struct intent screen_flows_act(struct list *list, enum action action);
struct intent screen_rtt_act(struct list *list, enum action action);
struct intent screen_unknown_act(struct list *list, enum action action);
void screen_rtt_draw(const struct console *console, struct canvas *canvas, int y, bool stale);
void screen_queues_draw(const struct console *console, struct canvas *canvas, int y, bool stale);
struct intent screen_circuit_act(struct list *list, enum action action);
void screen_circuit_draw(const struct console *console, struct canvas *canvas, int y, bool stale);

/* Starts a capture of what is meant, or says why there is none. */
struct intent screen_capture_circuit(const char *circuit);
struct intent screen_capture_address(const char *address);
struct intent screen_capture_flow(const json_t *row);
struct intent screen_captures_act(struct list *list, enum action action);
void screen_captures_draw(const struct console *console, struct canvas *canvas, int y, bool stale);

/* The form over everything, the help instead of everything. */
/* masked: without names where none is typed. */
void screen_form_draw(const struct form *form, struct canvas *canvas, bool masked);
/* Returns the first line really shown, for *top too far down. */
int screen_help_draw(const struct console *console, struct canvas *canvas, int top);

/* Draws the whole frame; tells the list how many rows it shows. */
void view_draw(struct console *console, struct canvas *canvas, uint64_t now_ns);
/* The keys of a context in one row. */
void view_footer(const struct keymap *keymap, struct canvas *canvas, int y,
		 enum key_context context);

#endif
