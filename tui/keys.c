/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/keys.h"

#define CTRL(letter) ((letter)&0x1f)
#define IN_PAGED (IN_TREE | IN_CIRCUITS | IN_FLOWS | IN_RTT)
#define IN_TABLES (IN_PAGED | IN_CIRCUIT | IN_PLAIN | IN_UNKNOWN | IN_WHY)
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
	{ ACTION_BACK, IN_CIRCUIT | IN_WHY, { CODE_ESCAPE, CODE_LEFT, 'h' }, "Esc", "back",
	  "back to where you came from" },
	{ ACTION_OPEN, IN_CIRCUIT, { CODE_ENTER }, "Enter", NULL,
	  "edit the device under the cursor (in the view Devices)" },
	{ ACTION_EDIT, OF_CIRCUITS, { 'e' }, "e", "edit",
	  "edit: a circuit's plan, that of all marked ones, or a site's capacity" },
	{ ACTION_WORST, IN_TREE, { 'w' }, "w", "worst",
	  "to the child with the lowest quality; on a circuit: open it" },
	{ ACTION_VIEW, IN_CIRCUIT, { 'v' }, "v", "view",
	  "below: flows, devices, round trips, journal, why" },
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
	{ ACTION_FILTER, IN_PAGED | IN_CIRCUIT, { '/' }, "/", "filter",
	  "show only what matches: miller, 192.0.2.7, rtt>100 & down>10M" },
	{ ACTION_SORT, IN_PAGED | IN_CIRCUIT, { 's' }, "s", "sort", "sort by the next column" },
	{ ACTION_SORT_BACK, IN_PAGED | IN_CIRCUIT, { 'S' }, "S", NULL, "sort by the column before" },
	{ ACTION_REVERSE, IN_PAGED | IN_CIRCUIT, { 'r' }, "r", NULL, "turn the order round" },
	{ ACTION_FLOWS, IN_TREE | IN_RTT, { 'f' }, "f", NULL, "the flows of the site or circuit" },
	{ ACTION_RTT, IN_TREE, { 't' }, "t", NULL, "round trips over time of the site or circuit" },
	{ ACTION_WHY, OF_CIRCUITS | IN_UNKNOWN, { 'y' }, "y", NULL,
	  "why it is treated as it is: prefix, class, queue, limit" },
	{ ACTION_UNDO, OF_CIRCUITS, { 'u' }, "u", NULL,
	  "take back this console's last edit; shows what it would do first" },
	{ ACTION_MASK, IN_TABLES, { 'M' }, "M", NULL, "mask names and addresses, for screenshots" },
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

const struct key_binding *key_bindings(void)
{
	return bindings;
}

enum action key_action(enum key_context context, uint32_t code)
{
	if (code >= '1' && code <= '9' && (context & (IN_TABLES | IN_HELP)))
		return ACTION_SCREEN;
	for (const struct key_binding *binding = bindings; binding->action; binding++) {
		if (!(binding->contexts & context))
			continue;
		for (size_t i = 0; i < 4; i++)
			if (code && binding->codes[i] == code)
				return binding->action;
	}
	return ACTION_NONE;
}

void key_list(FILE *file)
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
		for (const struct key_binding *b = bindings; b->action; b++)
			if (b->contexts & sections[i].contexts)
				fprintf(file, "  %-14s %s\n", b->keys, b->help);
	}
}
