/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/keys.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "engine/base/memory.h"
#include "tui/text.h"

#define CTRL(letter) ((letter)&0x1f)
#define IN_PAGED (IN_TREE | IN_CIRCUITS | IN_FLOWS | IN_RTT)
#define IN_TABLES (IN_PAGED | IN_CIRCUIT | IN_PLAIN | IN_UNKNOWN | IN_WHY | IN_CAPTURES)
#define IN_SORTED (IN_PAGED | IN_CIRCUIT | IN_PLAIN | IN_UNKNOWN)
#define OF_MARKS (IN_TREE | IN_CIRCUITS | IN_RTT)
#define OF_CIRCUITS (IN_TREE | IN_CIRCUITS | IN_FLOWS | IN_RTT | IN_CIRCUIT)

/* clang-format off */
static const struct key_binding bindings[] = {
	{ ACTION_OPEN, IN_TREE, { CODE_ENTER }, "Enter", "open",
	  "open: a site folds or unfolds, a circuit shows its flows" },
	{ ACTION_OPEN, IN_CIRCUITS | IN_FLOWS | IN_RTT, { CODE_ENTER }, "Enter", "open",
	  "open the circuit: its plan, limits and flows" },
	{ ACTION_OPEN, IN_UNKNOWN, { CODE_ENTER }, "Enter", "why",
	  "why it is treated as it is" },
	{ ACTION_BACK, IN_CIRCUIT | IN_WHY | IN_CAPTURES, { CODE_ESCAPE, CODE_LEFT, 'h' }, "Esc", "back",
	  "back to where you came from" },
	{ ACTION_OPEN, IN_CIRCUIT, { CODE_ENTER }, "Enter", NULL,
	  "edit the device under the cursor (in the view Devices)" },
	{ ACTION_EDIT, OF_CIRCUITS, { 'e' }, "e", "edit",
	  "edit: a circuit's plan, that of all marked ones, or a site's capacity" },
	{ ACTION_WORST, IN_TREE, { 'w' }, "w", "worst",
	  "to the child with the lowest quality; on a circuit: open it" },
	{ ACTION_FLAT, IN_TREE, { 'F' }, "F", "flat",
	  "all sites side by side, the worst first; again: the tree at that site" },
	{ ACTION_VIEW, IN_CIRCUIT, { 'v' }, "v", "view",
	  "below: flows, devices, round trips, samples, queue, journal, why" },
	{ ACTION_UNFOLD, IN_TREE, { CODE_RIGHT, 'l', '+' }, "Right l +", NULL,
	  "unfold the site" },
	{ ACTION_FOLD, IN_TREE, { CODE_LEFT, 'h', '-' }, "Left h -", NULL,
	  "fold the site; where there is none to fold: to the site above" },
	{ ACTION_ALL, IN_TREE, { '*' }, "*", "all", "unfold all sites; again: fold all" },
	{ ACTION_DETAILS, OF_CIRCUITS, { 'E' }, "E", NULL,
	  "edit a circuit's name, site (moves it) and comment" },
	{ ACTION_ADD, OF_MARKS | IN_CIRCUIT | IN_UNKNOWN, { 'a' }, "a", NULL,
	  "add a circuit; on a circuit's screen: a device" },
	{ ACTION_DELETE, OF_MARKS | IN_CIRCUIT, { 'D', CODE_DELETE }, "D Delete", NULL,
	  "delete the circuit, device or empty site, after a question" },
	{ ACTION_MARK, OF_MARKS, { 'm' }, "m", NULL, "mark the circuit, or unmark it" },
	{ ACTION_MARK_ALL, OF_MARKS, { 'A' }, "A", NULL,
	  "mark all circuits of the site, or that the filter lets through" },
	{ ACTION_UNMARK, OF_MARKS, { 'U' }, "U", NULL, "unmark all" },
	{ ACTION_FILTER, IN_SORTED, { '/' }, "/", "filter",
	  "show only what matches: miller, 192.0.2.7, rtt>100 & down>10M" },
	{ ACTION_SORT, IN_SORTED, { 's' }, "s", "sort", "sort by the next column" },
	{ ACTION_SORT_BACK, IN_SORTED, { 'S' }, "S", NULL, "sort by the column before" },
	{ ACTION_REVERSE, IN_SORTED, { 'r' }, "r", NULL, "turn the order round" },
	{ ACTION_FLOWS, IN_TREE | IN_RTT, { 'f' }, "f", NULL, "the flows of the site or circuit" },
	{ ACTION_RTT, IN_TREE, { 't' }, "t", NULL, "round trips over time of the site or circuit" },
	{ ACTION_WHY, OF_CIRCUITS | IN_UNKNOWN, { 'y' }, "y", NULL,
	  "why it is treated as it is: prefix, class, queue, limit" },
	{ ACTION_CAPTURE, IN_CAPTURES, { 'c' }, "c", "stop",
	  "stop the capture; its file stays" },
	{ ACTION_CAPTURE, OF_CIRCUITS | IN_UNKNOWN, { 'c' }, "c", NULL,
	  "capture packets of the circuit, device, flow or address for a minute, to a file" },
	{ ACTION_CAPTURES, IN_TABLES, { 'C' }, "C", NULL, "the captures and their last packets" },
	{ ACTION_UNDO, OF_CIRCUITS, { 'u' }, "u", NULL,
	  "take back this console's last edit; shows what it would do first" },
	{ ACTION_MASK, IN_TABLES, { 'M' }, "M", NULL, "mask names and addresses, for screenshots" },
	{ ACTION_UNITS, IN_TABLES, { 'b' }, "b", NULL, "rates in bytes a second; again: in bits" },
	{ ACTION_PAUSE, IN_TABLES, { ' ' }, "Space", "pause",
	  "hold the picture; the engine goes on counting" },
	{ ACTION_UP, IN_TABLES | IN_HELP, { CODE_UP, 'k' }, "Up k", NULL, "a row up" },
	{ ACTION_DOWN, IN_TABLES | IN_HELP, { CODE_DOWN, 'j' }, "Down j", NULL, "a row down" },
	{ ACTION_PAGE_UP, IN_TABLES | IN_HELP, { CODE_PAGE_UP, CTRL('b') }, "PgUp Ctrl-B", NULL,
	  "a page up" },
	{ ACTION_PAGE_DOWN, IN_TABLES | IN_HELP, { CODE_PAGE_DOWN, CTRL('f') }, "PgDn Ctrl-F", NULL,
	  "a page down" },
	{ ACTION_FIRST, IN_TABLES | IN_HELP, { CODE_HOME, 'g' }, "Home g", NULL, "the first row" },
	{ ACTION_LAST, IN_TABLES | IN_HELP, { CODE_END, 'G' }, "End G", NULL, "the last row" },
	{ ACTION_SCREEN, IN_TABLES | IN_HELP, { 0 }, "1 .. 9", NULL, "the screen of that number" },
	{ ACTION_NEXT_SCREEN, IN_TABLES, { CODE_TAB }, "Tab", NULL, "the next screen" },
	{ ACTION_PREVIOUS_SCREEN, IN_TABLES, { CODE_BACK_TAB }, "Shift-Tab", NULL,
	  "the screen before" },
	{ ACTION_BACK, IN_PAGED | IN_PLAIN | IN_UNKNOWN, { CODE_ESCAPE }, "Esc", NULL,
	  "drop the filter, then go back to where you came from" },
	{ ACTION_REDRAW, IN_TABLES | IN_HELP, { CTRL('l') }, "Ctrl-L", NULL,
	  "draw the whole screen again" },
	{ ACTION_BACK, IN_HELP, { CODE_ESCAPE, '?', 'q', CODE_ENTER }, "Esc", "back",
	  "leave the help" },
	{ ACTION_HELP, IN_TABLES, { '?' }, "?", "help", "this help" },
	{ ACTION_QUIT, IN_TABLES, { 'q', CTRL('c') }, "q", "quit", "quit" },

	{ ACTION_APPLY, IN_FORM, { CODE_ENTER }, "Enter", "apply", "apply what is typed" },
	{ ACTION_NEXT_FIELD, IN_FORM, { CODE_TAB, CODE_DOWN }, "Tab Down", "next field",
	  "the next field" },
	{ ACTION_PREVIOUS_FIELD, IN_FORM, { CODE_BACK_TAB, CODE_UP }, "Shift-Tab Up", NULL,
	  "the field before" },
	{ ACTION_TOGGLE, IN_FORM, { ' ' }, "Space", "yes/no", "turn yes to no and back; in a text: a blank" },
	{ ACTION_ERASE, IN_FORM | IN_FILTER, { CODE_ERASE, CTRL('h'), CODE_DELETE }, "Backspace", NULL,
	  "erase a character" },
	{ ACTION_ERASE_ALL, IN_FORM | IN_FILTER, { CTRL('u') }, "Ctrl-U", NULL, "erase all" },
	{ ACTION_CANCEL, IN_FORM | IN_FILTER, { CODE_ESCAPE, CTRL('c') }, "Esc", "cancel",
	  "leave all as it was" },
	{ ACTION_CONFIRM, IN_QUESTION, { 'y' }, "y", "yes", "do it" },
	{ ACTION_CANCEL, IN_QUESTION, { 'n', CODE_ESCAPE, CTRL('c') }, "n Esc", "no",
	  "back to the form" },
	{ ACTION_KEEP, IN_FILTER, { CODE_ENTER }, "Enter", "keep", "keep the filter" },
	{ ACTION_NONE },
};
/* clang-format on */

_Static_assert(sizeof(bindings) / sizeof(bindings[0]) <= KEY_BINDINGS_MAX, "a larger keymap");

static const char *const action_names[ACTIONS] = {
	[ACTION_UP] = "up",
	[ACTION_DOWN] = "down",
	[ACTION_PAGE_UP] = "page-up",
	[ACTION_PAGE_DOWN] = "page-down",
	[ACTION_FIRST] = "first",
	[ACTION_LAST] = "last",
	[ACTION_OPEN] = "open",
	[ACTION_UNFOLD] = "unfold",
	[ACTION_FOLD] = "fold",
	[ACTION_ALL] = "all",
	[ACTION_FLAT] = "flat",
	[ACTION_EDIT] = "edit",
	[ACTION_DETAILS] = "details",
	[ACTION_ADD] = "add",
	[ACTION_DELETE] = "delete",
	[ACTION_MARK] = "mark",
	[ACTION_MARK_ALL] = "mark-all",
	[ACTION_UNMARK] = "unmark",
	[ACTION_UNDO] = "undo",
	[ACTION_WORST] = "worst",
	[ACTION_VIEW] = "view",
	[ACTION_FLOWS] = "flows",
	[ACTION_RTT] = "rtt",
	[ACTION_WHY] = "why",
	[ACTION_CAPTURE] = "capture",
	[ACTION_CAPTURES] = "captures",
	[ACTION_MASK] = "mask",
	[ACTION_UNITS] = "units",
	[ACTION_FILTER] = "filter",
	[ACTION_SORT] = "sort",
	[ACTION_SORT_BACK] = "sort-back",
	[ACTION_REVERSE] = "reverse",
	[ACTION_PAUSE] = "pause",
	[ACTION_NEXT_SCREEN] = "next-screen",
	[ACTION_PREVIOUS_SCREEN] = "previous-screen",
	[ACTION_BACK] = "back",
	[ACTION_REDRAW] = "redraw",
	[ACTION_HELP] = "help",
	[ACTION_QUIT] = "quit",
	[ACTION_APPLY] = "apply",
	[ACTION_NEXT_FIELD] = "next-field",
	[ACTION_PREVIOUS_FIELD] = "previous-field",
	[ACTION_TOGGLE] = "toggle",
	[ACTION_ERASE] = "erase",
	[ACTION_ERASE_ALL] = "erase-all",
	[ACTION_CANCEL] = "cancel",
	[ACTION_CONFIRM] = "confirm",
	[ACTION_KEEP] = "keep",
};

static const struct {
	const char *name;
	uint32_t code;
} code_names[] = {
	{ "Enter", CODE_ENTER },	{ "Esc", CODE_ESCAPE },	 { "Tab", CODE_TAB },
	{ "Shift-Tab", CODE_BACK_TAB }, { "Space", ' ' },	 { "Backspace", CODE_ERASE },
	{ "Delete", CODE_DELETE },	{ "Up", CODE_UP },	 { "Down", CODE_DOWN },
	{ "Left", CODE_LEFT },		{ "Right", CODE_RIGHT }, { "PgUp", CODE_PAGE_UP },
	{ "PgDn", CODE_PAGE_DOWN },	{ "Home", CODE_HOME },	 { "End", CODE_END },
};
#define CODE_NAMES (sizeof(code_names) / sizeof(code_names[0]))

void keymap_init(struct keymap *keymap)
{
	memset(keymap, 0, sizeof(*keymap));
	memcpy(keymap->bindings, bindings, sizeof(bindings));
}

const char *key_action_name(enum action action)
{
	return action_names[action];
}

/* --- the names of keys --------------------------------------------------------------------------- */

static void name_code(uint32_t code, char text[16])
{
	for (size_t i = 0; i < CODE_NAMES; i++) {
		if (code_names[i].code != code)
			continue;
		copy_text(text, 16, code_names[i].name);
		return;
	}
	if (code >= CODE_F1 && code <= CODE_F12)
		snprintf(text, 16, "F%u", code - CODE_F1 + 1);
	else if (code < ' ')
		snprintf(text, 16, "Ctrl-%c", (char)(code + '@'));
	else
		text[text_encode(code, text)] = '\0';
}

static uint32_t parse_code(const char *name, size_t length)
{
	struct text_char only;
	char text[16];
	int number;

	if (length >= sizeof(text))
		return CODE_NONE;
	copy_text(text, length + 1, name);
	for (size_t i = 0; i < CODE_NAMES; i++)
		if (!strcasecmp(code_names[i].name, text))
			return code_names[i].code;
	if (length == 6 && !strncasecmp(text, "Ctrl-", 5) && isalpha((unsigned char)text[5]))
		return CTRL((uint32_t)toupper((unsigned char)text[5]));
	if (toupper((unsigned char)text[0]) == 'F' && sscanf(text + 1, "%2d", &number) == 1 &&
	    number >= 1 && number <= 12)
		return CODE_F1 + (uint32_t)number - 1;
	if (text_next(text, true, &only) != length || only.code <= ' ' || only.width != 1)
		return CODE_NONE;
	return only.code;
}

const char *key_names(const struct key_binding *binding, char text[KEY_NAMES_SIZE])
{
	char name[16];

	if (binding->keys)
		return binding->keys;
	text[0] = '\0';
	for (size_t i = 0; i < KEY_CODES_MAX && binding->codes[i]; i++) {
		name_code(binding->codes[i], name);
		snprintf(text + strlen(text), KEY_NAMES_SIZE - strlen(text), "%s%s", i ? " " : "",
			 name);
	}
	return text;
}

/* --- binding ------------------------------------------------------------------------------------- */

static enum action find_action(const char *name)
{
	for (int i = 1; i < ACTIONS; i++)
		if (action_names[i] && !strcmp(action_names[i], name))
			return (enum action)i;
	return ACTION_NONE;
}

static unsigned int contexts_of(const struct keymap *keymap, enum action action)
{
	unsigned int contexts = 0;

	for (const struct key_binding *b = keymap->bindings; b->action; b++)
		if (b->action == action)
			contexts |= b->contexts;
	return contexts;
}

static bool refuse_action(const char *name, struct error *err)
{
	char known[460] = "";

	for (int i = 1; i < ACTIONS; i++)
		if (action_names[i])
			snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
				 known[0] ? ", " : "", action_names[i]);
	return error_set(err, ERROR_INVALID, "there is no action \"%.40s\"; take %s", name, known);
}

static bool parse_codes(const char *keys, bool typing, uint32_t codes[KEY_CODES_MAX],
			struct error *err)
{
	size_t count = 0;

	for (const char *at = keys + strspn(keys, " "); *at; at += strspn(at, " ")) {
		size_t length = strcspn(at, " ");
		uint32_t code = parse_code(at, length);

		if (!code)
			return error_set(err, ERROR_INVALID,
					 "\"%.*s\" is no key; take a character, Ctrl-A to Ctrl-Z, "
					 "F1 to F12, Enter, Esc, Tab, Shift-Tab, Space, Backspace, "
					 "Delete, Up, Down, Left, Right, PgUp, PgDn, Home or End",
					 length > 40 ? 40 : (int)length, at);
		if (typing && code >= ' ' && code < CODE_ERASE)
			return error_set(
				err, ERROR_INVALID,
				"\"%.*s\" is typed into texts there; take a key that writes "
				"nothing",
				(int)length, at);
		if (code >= '1' && code <= '9')
			return error_set(err, ERROR_INVALID, "the digits are for the screens");
		if (count == KEY_CODES_MAX)
			return error_set(err, ERROR_INVALID, "an action has at most %d keys",
					 KEY_CODES_MAX);
		codes[count++] = code;
		at += length;
	}
	return count || error_set(err, ERROR_INVALID, "no key is named");
}

static void drop_code(struct key_binding *binding, uint32_t code)
{
	size_t kept = 0;

	for (size_t i = 0; i < KEY_CODES_MAX; i++)
		if (binding->codes[i] && binding->codes[i] != code)
			binding->codes[kept++] = binding->codes[i];
	if (kept < KEY_CODES_MAX && binding->codes[kept])
		binding->keys = NULL;
	while (kept < KEY_CODES_MAX)
		binding->codes[kept++] = 0;
}

bool keymap_bind(struct keymap *keymap, const char *action, const char *keys, struct error *err)
{
	enum action number = find_action(action);
	unsigned int contexts = contexts_of(keymap, number);
	uint32_t codes[KEY_CODES_MAX] = { 0 };

	if (!number)
		return refuse_action(action, err);
	if (!parse_codes(keys, contexts & (IN_FORM | IN_FILTER), codes, err))
		return error_prefix(err, "%s", action);
	for (struct key_binding *b = keymap->bindings; b->action; b++) {
		if (b->action == number) {
			memcpy(b->codes, codes, sizeof(codes));
			b->keys = NULL;
			continue;
		}
		for (size_t i = 0; i < KEY_CODES_MAX && (b->contexts & contexts); i++)
			if (codes[i])
				drop_code(b, codes[i]);
	}
	return true;
}

enum action key_action(const struct keymap *keymap, enum key_context context, uint32_t code)
{
	if (code >= '1' && code <= '9' && (context & (IN_TABLES | IN_HELP)))
		return ACTION_SCREEN;
	for (const struct key_binding *binding = keymap->bindings; binding->action; binding++) {
		if (!(binding->contexts & context))
			continue;
		for (size_t i = 0; i < KEY_CODES_MAX; i++)
			if (code && binding->codes[i] == code)
				return binding->action;
	}
	return ACTION_NONE;
}

void key_list(const struct keymap *keymap, FILE *file)
{
	static const struct {
		unsigned int contexts;
		const char *title;
	} sections[] = {
		{ IN_TABLES | IN_HELP, "Tables" },
		{ IN_FORM | IN_QUESTION | IN_FILTER, "Forms and filter" },
	};

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		fprintf(file, "%s%s\n", i ? "\n" : "", sections[i].title);
		for (const struct key_binding *b = keymap->bindings; b->action; b++) {
			const char *name = action_names[b->action];
			char keys[KEY_NAMES_SIZE];

			if (b->contexts & sections[i].contexts)
				fprintf(file, "  %-14s %-15s %s\n", key_names(b, keys),
					name ? name : "", b->help);
		}
	}
}
