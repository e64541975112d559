/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/ahead.h"

#include <stdio.h>
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

/* Whether what the key acts on is not at hand yet. */
static bool has_to_wait(struct console *console, uint32_t code)
{
	const struct list *list = console_list(console);
	const struct keymap *keymap = &console->settings->keymap;
	enum action action;

	if (console->help)
		return false;
	if (console->form.open)
		return form_is_awaited(&console->form) &&
		       key_action(keymap, IN_FORM, code) != ACTION_CANCEL;
	if (console->filtering)
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

/* Why what is waited for will not come; NULL: it may yet. */
static const char *why_not(struct console *console)
{
	if (!console->connected)
		return "the engine went away";
	if (!console->form.open && console->filter_refusal[0] &&
	    list_is_refused(console_list(console)))
		return console->filter_refusal;
	return NULL;
}

/* Behind these one types a text. */
static bool takes_text(enum action action)
{
	return action == ACTION_FILTER || action == ACTION_EDIT || action == ACTION_DETAILS ||
	       action == ACTION_ADD || action == ACTION_UNDO;
}

/* Whether the key leads out of where one is: that is meant whatever became of those before it. */
static bool leads_out(const struct console *console, uint32_t code, bool typing)
{
	const struct keymap *keymap = &console->settings->keymap;
	enum action action;

	if (console->form.open)
		return key_action(keymap, IN_FORM, code) == ACTION_CANCEL;
	if (typing && code >= ' ' && code <= 0x10ffff)
		return false;
	action = key_action(keymap, screen_get(console->screen)->context, code);
	return action == ACTION_QUIT || (action == ACTION_BACK && code == CODE_ESCAPE);
}

/* Without what the first was for, those behind it would act on something else than was meant. */
static void give_up(struct console *console, const char *why, uint64_t now_ns)
{
	struct ahead ahead = console->ahead;
	struct form *form = &console->form;
	unsigned int dropped = 0;
	bool typing = false;
	char words[sizeof(form->notice)];

	console->ahead.count = 0;
	for (unsigned int i = 0; i < ahead.count && !console->quit; i++) {
		if (leads_out(console, ahead.codes[i], typing)) {
			console_key(console, ahead.codes[i], now_ns);
			continue;
		}
		typing |= takes_text(key_action(&console->settings->keymap,
						screen_get(console->screen)->context,
						ahead.codes[i]));
		dropped++;
	}
	if (form->open) {
		snprintf(words, sizeof(words),
			 "%u of the keys pressed came to nothing: %s. Esc closes the form.",
			 dropped, why);
		form_give_up(form, words);
	} else {
		console_say(console, ROLE_WARNING, now_ns,
			    "%u of the keys pressed came to nothing: %s", dropped, why);
		if (why == console->filter_refusal)
			console_mask_message(console, "Keys that were pressed came to nothing.");
	}
}

void ahead_run(struct console *console, uint64_t now_ns)
{
	struct ahead *ahead = &console->ahead;
	unsigned int done = 0;
	const char *why;

	while (done < ahead->count && !console->quit && !has_to_wait(console, ahead->codes[done]))
		console_key(console, ahead->codes[done++], now_ns);
	ahead->count -= done;
	memmove(ahead->codes, ahead->codes + done, ahead->count * sizeof(ahead->codes[0]));
	if (done)
		ahead->since_ns = now_ns;
	if (!ahead->count || console->quit)
		return;
	why = why_not(console);
	if (!why && now_ns > ahead->since_ns + AHEAD_MOST_MS * NS_PER_MS)
		why = "the engine did not answer";
	if (why)
		give_up(console, why, now_ns);
}

void ahead_key(struct console *console, uint32_t code, uint64_t now_ns)
{
	struct ahead *ahead = &console->ahead;

	/* Rows that will not come are not waited for: those that are shown are meant. A form is not
	 * there to be typed into. */
	if (!ahead->count &&
	    (!has_to_wait(console, code) || (!console->form.open && why_not(console)))) {
		console_key(console, code, now_ns);
		return;
	}
	if (!ahead->count)
		ahead->since_ns = now_ns;
	if (ahead->count < AHEAD_KEYS_MAX)
		ahead->codes[ahead->count++] = code;
}
