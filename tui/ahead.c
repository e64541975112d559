/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/ahead.h"

#include <string.h>

#include "engine/base/clock.h"
#include "tui/screen.h"

/* What an action needs of the table. */
enum need { NEEDS_NOTHING, NEEDS_ROWS, NEEDS_SELECTED };

static enum need need_of(const struct console *console, enum action action)
{
	switch (action) {
	case ACTION_UP:
	case ACTION_DOWN:
	case ACTION_PAGE_UP:
	case ACTION_PAGE_DOWN:
	case ACTION_FIRST:
	case ACTION_LAST:
		return NEEDS_ROWS;
	case ACTION_OPEN:
	case ACTION_UNFOLD:
	case ACTION_FOLD:
	case ACTION_FLAT:
	case ACTION_WORST:
	case ACTION_MARK:
	case ACTION_MARK_ALL:
	case ACTION_FLOWS:
	case ACTION_RTT:
		return NEEDS_SELECTED;
	case ACTION_EDIT:
	case ACTION_DETAILS:
	case ACTION_ADD:
	case ACTION_DELETE:
	case ACTION_WHY:
	case ACTION_CAPTURE:
		/* Of the whole circuit, but where a row below it is meant. */
		return console->screen != SCREEN_CIRCUIT || action == ACTION_DELETE ||
				       action == ACTION_CAPTURE
			       ? NEEDS_SELECTED
			       : NEEDS_NOTHING;
	default:
		return NEEDS_NOTHING;
	}
}

/* Whether what the key acts on is about to come. */
static bool has_to_wait(struct console *console, uint32_t code)
{
	const struct list *list = console_list(console);
	const struct keymap *keymap = &console->settings->keymap;
	enum action action;

	if (!console->connected || console->help)
		return false;
	if (console->form.open)
		return form_is_awaited(&console->form) &&
		       key_action(keymap, IN_FORM, code) != ACTION_CANCEL;
	if (console->filtering || console->filter_refusal[0])
		return false;
	action = key_action(keymap, screen_get(console->screen)->context, code);
	switch (need_of(console, action)) {
	case NEEDS_ROWS:
		return !list_is_answered(list);
	case NEEDS_SELECTED:
		return !list_is_answered(list) || !list_is_settled(list);
	case NEEDS_NOTHING:
		break;
	}
	return false;
}

/* Without what it was for: only what needs nothing is still done. */
static void give_up(struct console *console, uint64_t now_ns)
{
	struct ahead ahead = console->ahead;
	unsigned int dropped = 0;

	console->ahead.count = 0;
	for (unsigned int i = 0; i < ahead.count; i++) {
		if (has_to_wait(console, ahead.codes[i]))
			dropped++;
		else
			console_key(console, ahead.codes[i], now_ns);
	}
	if (dropped)
		console_say(console, ROLE_WARNING, now_ns,
			    "The engine did not answer: %u of the keys pressed came to nothing.",
			    dropped);
}

void ahead_run(struct console *console, uint64_t now_ns)
{
	struct ahead *ahead = &console->ahead;
	unsigned int done = 0;

	while (done < ahead->count && !console->quit && !has_to_wait(console, ahead->codes[done]))
		console_key(console, ahead->codes[done++], now_ns);
	ahead->count -= done;
	memmove(ahead->codes, ahead->codes + done, ahead->count * sizeof(ahead->codes[0]));
	if (done)
		ahead->since_ns = now_ns;
	if (ahead->count && now_ns > ahead->since_ns + AHEAD_MOST_MS * NS_PER_MS)
		give_up(console, now_ns);
}

void ahead_key(struct console *console, uint32_t code, uint64_t now_ns)
{
	struct ahead *ahead = &console->ahead;

	if (!ahead->count && !has_to_wait(console, code)) {
		console_key(console, code, now_ns);
		return;
	}
	if (!ahead->count)
		ahead->since_ns = now_ns;
	if (ahead->count < AHEAD_KEYS_MAX)
		ahead->codes[ahead->count++] = code;
}
