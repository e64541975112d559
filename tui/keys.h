/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one table of keys: what binds a key also writes the footer, the help screen and
 * --list-keys.
 */
#ifndef LQOS_TUI_KEYS_H
#define LQOS_TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/base/error.h"

/* Keys that are no characters, above all of Unicode. */
enum key_code {
	CODE_NONE,
	CODE_TAB = '\t',
	CODE_ENTER = '\r',
	CODE_ESCAPE = 0x1b,
	CODE_ERASE = 0x7f,
	CODE_UP = 0x110000,
	CODE_DOWN,
	CODE_LEFT,
	CODE_RIGHT,
	CODE_PAGE_UP,
	CODE_PAGE_DOWN,
	CODE_HOME,
	CODE_END,
	CODE_BACK_TAB,
	CODE_DELETE,
	CODE_RESIZE,
	CODE_F1, /* and on to F12 */
	CODE_F12 = CODE_F1 + 11,
	/* The mouse: what it was pressed on (canvas_press), and its wheel. */
	CODE_CLICK,
	CODE_WHEEL_UP,
	CODE_WHEEL_DOWN,
	CODE_ROW = 0x120000,	/* and on: a row of the table, the first on screen is 0 */
	CODE_COLUMN = 0x130000, /* and on: the head of that column */
};

enum action {
	ACTION_NONE,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_OPEN,
	ACTION_UNFOLD,
	ACTION_FOLD,
	ACTION_ALL,
	ACTION_EDIT,
	ACTION_DETAILS,
	ACTION_ADD,
	ACTION_DELETE,
	ACTION_MARK,
	ACTION_MARK_ALL,
	ACTION_UNMARK,
	ACTION_UNDO,
	ACTION_WORST,
	ACTION_FLAT,
	ACTION_VIEW,
	ACTION_FLOWS,
	ACTION_RTT,
	ACTION_WHY,
	ACTION_CAPTURE,
	ACTION_CAPTURES,
	ACTION_MASK,
	ACTION_UNITS,
	ACTION_FILTER,
	ACTION_SORT,
	ACTION_SORT_BACK,
	ACTION_REVERSE,
	ACTION_PAUSE,
	ACTION_SCREEN, /* by its digit */
	ACTION_NEXT_SCREEN,
	ACTION_PREVIOUS_SCREEN,
	ACTION_BACK,
	ACTION_REDRAW,
	ACTION_HELP,
	ACTION_QUIT,
	ACTION_APPLY,
	ACTION_NEXT_FIELD,
	ACTION_PREVIOUS_FIELD,
	ACTION_TOGGLE,
	ACTION_ERASE,
	ACTION_ERASE_ALL,
	ACTION_CANCEL,
	ACTION_CONFIRM,
	ACTION_KEEP,
	ACTIONS,
};

/* Where a key means what it means; a set. */
enum key_context {
	IN_TREE = 1,
	IN_CIRCUITS = 2,
	IN_FLOWS = 4,
	IN_CIRCUIT = 8,
	IN_PLAIN = 16, /* queues, problems, journal, engine */
	IN_HELP = 32,
	IN_FORM = 64,
	IN_FILTER = 128,
	IN_RTT = 256,
	IN_UNKNOWN = 512,
	IN_WHY = 1024,
	IN_QUESTION = 2048,
	IN_CAPTURES = 4096,
};

#define KEY_CODES_MAX 4
#define KEY_NAMES_SIZE 48

struct key_binding {
	enum action action;
	unsigned int contexts;
	uint32_t codes[KEY_CODES_MAX];
	const char *keys;  /* as people call them; NULL: by the names of the codes */
	const char *label; /* in the footer; NULL: not there */
	const char *help;
};

#define KEY_BINDINGS_MAX 80

/* The bindings in force, in the order of the help; ends with ACTION_NONE. */
struct keymap {
	struct key_binding bindings[KEY_BINDINGS_MAX];
};

void keymap_init(struct keymap *keymap);

/* Binds the action to these keys ("Ctrl-E F4") alone; who had them in the same place loses them. The
 * refusal names what is allowed. */
bool keymap_bind(struct keymap *keymap, const char *action, const char *keys, struct error *err);

/* What the key does there; ACTION_NONE if nothing. */
enum action key_action(const struct keymap *keymap, enum key_context context, uint32_t code);

/* What people call the keys of the binding: "Up k". */
const char *key_names(const struct key_binding *binding, char text[KEY_NAMES_SIZE]);
/* By this name the configuration knows the action. */
const char *key_action_name(enum action action);

void key_list(const struct keymap *keymap, FILE *file);

#endif
