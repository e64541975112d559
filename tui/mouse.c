/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/mouse.h"

#define WHEEL_ROWS 3

bool mouse_act(struct console *console, uint32_t code, uint64_t now_ns)
{
	struct list *list = console_list(console);
	bool wheel = code == CODE_WHEEL_UP || code == CODE_WHEEL_DOWN;

	if (!wheel && code < CODE_ROW)
		return false;
	if (console->form.open || console->filtering)
		return true;
	if (wheel && console->help) {
		console->help_top += code == CODE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS;
		console->help_top = console->help_top < 0 ? 0 : console->help_top;
	} else if (wheel) {
		list_move_to(list,
			     list->selected + (code == CODE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS));
	} else if (code >= CODE_COLUMN) {
		list_sort_by(list, code - CODE_COLUMN);
		console_say_order(console, now_ns);
	} else {
		list_move_to(list, list->top + (long)(code - CODE_ROW));
	}
	return true;
}
