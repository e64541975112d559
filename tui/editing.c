/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/editing.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/memory.h"
#include "tui/cell.h"

#define MARKS_MAX 1000 /* as many as the engine changes at once */

/* --- forms ------------------------------------------------------------------------------------- */

static bool may_edit(struct console *console, uint64_t now_ns)
{
	const char *role = row_text(console->status, "role");

	if (console->read_only)
		console_say(console, ROLE_WARNING, now_ns,
			    "This console was started with --read-only.");
	else if (!console->connected)
		console_say(console, ROLE_WARNING, now_ns,
			    "There is no engine to ask; the edit has to wait until it is back.");
	else if (role && !strcmp(role, "read"))
		console_say(console, ROLE_WARNING, now_ns,
			    "You may look but not change: that takes membership in group "
			    "lqos-admin.");
	else
		return true;
	return false;
}

void editing_open(struct console *console, const struct intent *intent, uint64_t now_ns)
{
	struct form *form = &console->form;

	if (!may_edit(console, now_ns))
		return;
	switch (intent->form) {
	case FORM_PLAN:
		if (json_object_size(console->marked))
			form_open_many(form, console->marked);
		else
			form_open(form, FORM_PLAN, intent->circuit, NULL);
		break;
	case FORM_SITE:
	case FORM_DELETE_SITE:
		form_open(form, intent->form, intent->site, NULL);
		break;
	case FORM_ADD:
		form_open(form, FORM_ADD, "", intent->site);
		form_begin_with(form, "prefixes", intent->address);
		break;
	case FORM_ADD_DEVICE:
		form_open(form, intent->form, "", intent->circuit);
		break;
	case FORM_DEVICE:
	case FORM_DELETE_DEVICE:
		form_open(form, intent->form, intent->device, intent->circuit);
		break;
	default:
		form_open(form, intent->form, intent->circuit, NULL);
	}
}

void editing_request(struct console *console, const char *verb, json_t *arguments, uint64_t now_ns)
{
	if (!may_edit(console, now_ns)) {
		json_decref(arguments);
		return;
	}
	json_decref(console->wanted_arguments);
	console->wanted_verb = verb;
	console->wanted_arguments = arguments;
}

void editing_take_answer(struct console *console, const json_t *result, uint64_t now_ns)
{
	const char *subject = row_text(result, "subject"), *file = row_text(result, "file");
	bool ended = row_text(result, "state") != NULL;

	console_say(console, ROLE_GOOD, now_ns, "%s %s: %s",
		    ended ? "No longer captured is" : "Captured for a minute is",
		    subject ? subject : "-", file ? file : "-");
	console_mask_message(console,
			     ended ? "The capture was stopped." : "A capture runs for a minute.");
	if (console->screen != SCREEN_CAPTURES)
		console_show(console, SCREEN_CAPTURES);
}

void editing_undo(struct console *console, uint64_t now_ns)
{
	const char *circuit = row_text(console->last_edit, "circuit");

	char revision[32];

	if (!console->last_edit) {
		console_say(console, ROLE_WARNING, now_ns,
			    "This console has changed nothing that could be taken back.");
		return;
	}
	if (!may_edit(console, now_ns))
		return;
	if (!circuit) {
		snprintf(revision, sizeof(revision), "%" JSON_INTEGER_FORMAT,
			 console->own_revision);
		form_open(&console->form, FORM_UNDO, revision, NULL);
		return;
	}
	form_open(&console->form, FORM_PLAN, circuit, NULL);
	form_wish(&console->form, json_object_get(console->last_edit, "before"),
		  json_object_get(console->last_edit, "after"));
}

void editing_key(struct console *console, uint32_t code)
{
	struct form *form = &console->form;
	enum action action =
		key_action(&console->settings->keymap, form->asking ? IN_QUESTION : IN_FORM, code);

	/* What is applied by itself once the engine is back, hours later, was not asked for. */
	if ((action == ACTION_APPLY || action == ACTION_CONFIRM) && !console->connected &&
	    form->now) {
		form->asking = false;
		form_note(form, "There is no engine to ask: nothing was applied. Enter again once "
				"it is back.");
	} else if (action == ACTION_CANCEL && form->asking)
		form->asking = false;
	else if (action == ACTION_CANCEL)
		form_close(form);
	else if (action)
		form_act(form, action);
	else if (!form->asking)
		form_type(form, code);
}

static int count_classes(const json_t *result)
{
	static const char *const names[] = { "classes_added", "classes_changed", "classes_removed",
					     NULL };
	const json_t *summary = json_object_get(result, "summary");
	int count = 0;

	for (size_t i = 0; names[i]; i++)
		count += (int)json_integer_value(json_object_get(summary, names[i]));
	return count;
}

/* "Applied in 3.1 ms to 1 class, epoch 4127 -> 4128, u undo: change class 3:41 download ceil 50M ->
 * 80M": what a narrow screen clips is told last. */
void editing_take_result(struct console *console, const json_t *result, uint64_t now_ns)
{
	const json_t *operations = json_object_get(result, "operations");
	const char *first = json_string_value(json_array_get(operations, 0));
	size_t count = json_array_size(operations);
	char more[32] = "", epochs[48] = "", done[160];
	int classes = count_classes(result);
	double ms = 0, before, after;

	row_number(result, "ms", &ms);
	if (row_number(result, "epoch_before", &before) && row_number(result, "epoch", &after))
		snprintf(epochs, sizeof(epochs), ", epoch %.0f -> %.0f", before, after);
	if (count > 1)
		snprintf(more, sizeof(more), " and %zu more", count - 1);
	console->own_revision = json_integer_value(json_object_get(result, "revision"));
	json_decref(console->last_edit);
	console->last_edit = json_incref((json_t *)result);
	json_object_clear(console->marked);
	snprintf(done, sizeof(done), "Applied in %.1f ms to %d class%s%s, u undo", ms, classes,
		 classes == 1 ? "" : "es", epochs);
	console_say(console, ROLE_GOOD, now_ns, "%s: %s%s", done,
		    first ? first : "nothing had to change in the kernel", more);
	console_mask_message(console, done);
}

/* --- marks -------------------------------------------------------------------------------------- */

/* NULL when the row is no circuit. */
static const char *circuit_of(const json_t *row)
{
	const char *kind = row_text(row, "kind");

	return kind && !strcmp(kind, "circuit") ? row_text(row, "id") : NULL;
}

bool editing_is_marked(const struct console *console, const json_t *row)
{
	const char *circuit = circuit_of(row);

	return circuit && json_object_get(console->marked, circuit);
}

static void say_marked(struct console *console, uint64_t now_ns)
{
	size_t count = json_object_size(console->marked);

	console_say(console, ROLE_NORMAL, now_ns,
		    count ? "%zu marked: e edits them all, U unmarks them" : "Nothing is marked",
		    count);
}

static void mark_one(struct console *console, struct list *list, uint64_t now_ns)
{
	const char *circuit = circuit_of(list_selected(list));

	if (!circuit) {
		console_say(console, ROLE_WARNING, now_ns,
			    "Circuits are marked; A marks all of a site.");
		return;
	}
	if (json_object_get(console->marked, circuit))
		json_object_del(console->marked, circuit);
	else if (json_object_size(console->marked) < MARKS_MAX)
		json_object_set_new(console->marked, circuit, json_true());
	list_move_to(list, list->selected + 1);
	say_marked(console, now_ns);
}

/* In the tree: of the site under the cursor, or of that of the circuit there. */
static void mark_all(struct console *console, const struct list *list)
{
	const json_t *row = list_selected(list);
	const char *site = list->site;

	if (list->table == table_get(TABLE_TREE))
		site = row_text(row, circuit_of(row) ? "site_id" : "id");
	json_decref(console->wanted_marks);
	console->wanted_marks = json_pack("{s:s, s:s, s:i}", "filter", list->filter, "sort", "name",
					  "limit", MARKS_MAX);
	if (site && *site)
		json_object_set_new(console->wanted_marks, "site", json_string(site));
}

void editing_mark(struct console *console, enum action action, uint64_t now_ns)
{
	struct list *list = console_list(console);

	if (action == ACTION_MARK) {
		mark_one(console, list, now_ns);
	} else if (action == ACTION_MARK_ALL) {
		mark_all(console, list);
	} else {
		json_object_clear(console->marked);
		say_marked(console, now_ns);
	}
}

void editing_take_marks(struct console *console, const json_t *result, uint64_t now_ns)
{
	double total = 0;
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(result, "rows"), i, row) {
		const char *circuit = circuit_of(row);

		if (circuit && json_object_size(console->marked) < MARKS_MAX)
			json_object_set_new(console->marked, circuit, json_true());
	}
	row_number(result, "total", &total);
	say_marked(console, now_ns);
	if (total > MARKS_MAX)
		console_say(console, ROLE_WARNING, now_ns,
			    "%d of %.0f are marked: no more are changed at once", MARKS_MAX, total);
}
