/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/link.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "tui/cell.h"
#include "tui/editing.h"
#include "tui/feed.h"
#include "tui/mask.h"

struct link {
	struct console *console;
	struct client *client;
	struct feed status, list, circuit, history;
	bool first_rows; /* those now expected answer a request, so they are shown also in a pause */
	json_int_t marks_request, other_request;
	uint64_t now_ns;
	bool heard; /* something, in this run */
};

static const char verb_status[] = "status";
static const char verb_circuit[] = "circuit";
static const char verb_history[] = "history";

static void on_connected(void *data)
{
	struct link *link = data;

	link->heard = true;
	link->console->connected = true;
}

static void on_lost(void *data)
{
	struct link *link = data;

	link->heard = true;
	link->console->connected = false;
	feed_forget(&link->status);
	feed_forget(&link->list);
	feed_forget(&link->circuit);
	feed_forget(&link->history);
	link->marks_request = link->other_request = 0;
	form_lost(&link->console->form);
}

/* --- what comes ------------------------------------------------------------------------------ */

static void say_refusal(struct link *link, const char *words)
{
	console_say(link->console, ROLE_BAD, link->now_ns, "%s", words);
	console_mask_message(link->console, MASKED_REFUSAL);
}

static bool is_as_scoped(const json_t *sent, const char *name, const char *wanted)
{
	const char *text = row_text(sent, name);

	return !strcmp(text ? text : "", wanted);
}

/* Not of a screen that was left meanwhile. */
static bool is_of_screen(const struct link *link)
{
	const struct list *list = console_list(link->console);
	const json_t *sent = link->list.sent;

	return link->list.sent_verb == list->table->verb &&
	       is_as_scoped(sent, "circuit", list->circuit) &&
	       is_as_scoped(sent, "site", list->site) &&
	       is_as_scoped(sent, "address", list->address);
}

static void take_rows(struct link *link, const json_t *result, bool current)
{
	struct console *console = link->console;
	struct list *list = console_list(console);
	json_t *made;

	if (!is_of_screen(link) || (console->paused && !link->first_rows))
		return;
	if (current)
		link->first_rows = false;
	if (!link->list.request)
		list_note_answer(list, link->list.sent);
	if (!list->table->make_rows) {
		list_take(list, result, link->now_ns, current);
		return;
	}
	made = json_pack("{s:o}", "rows", list->table->make_rows(result));
	list_take(list, made, link->now_ns, current);
	json_decref(made);
}

static void take_circuit(struct link *link, const json_t *result, bool current)
{
	struct console *console = link->console;

	/* A pause holds what is shown, not what there is nothing shown of yet. */
	if (!current || (console->paused && console->circuit))
		return;
	json_decref(console->circuit);
	console->circuit = json_incref((json_t *)result);
}

static void take_history(struct link *link, const json_t *result, bool current)
{
	struct console *console = link->console;

	if (!current || (console->paused && console->history))
		return;
	json_decref(console->history);
	console->history = json_incref((json_t *)result);
}

static void take_event(struct link *link, const json_t *message)
{
	struct console *console = link->console;
	const char *event = row_text(message, "event");
	const json_t *result = json_object_get(message, "result");
	const char *refusal = row_text(json_object_get(message, "error"), "message");
	bool current;

	if (event && !strcmp(event, "applied")) {
		console_take_applied(console, message, link->now_ns);
		return;
	}
	if (!json_is_object(result)) {
		/* What was shown until now is gone, e.g. the circuit. */
		if (refusal)
			say_refusal(link, refusal);
	} else if (feed_is_update(&link->status, message, &current)) {
		console_take_status(console, result, link->now_ns);
	} else if (feed_is_update(&link->list, message, &current)) {
		take_rows(link, result, current);
	} else if (feed_is_update(&link->circuit, message, &current)) {
		take_circuit(link, result, current);
	} else if (feed_is_update(&link->history, message, &current)) {
		take_history(link, result, current);
	}
}

/* To a request of the form's or for what is to be marked. */
static void take_other_reply(struct link *link, json_int_t id, const json_t *message)
{
	struct form *form = &link->console->form;
	const json_t *error = json_object_get(message, "error");
	const json_t *result = json_object_get(message, "result");
	const char *code = row_text(error, "code"), *words = row_text(error, "message");

	if (id == form->circuit_request) {
		form_take_circuit(form, result, words);
	} else if (id == form->preview_request) {
		form_take_preview(form, result, code, words);
	} else if (id == form->apply_request) {
		if (form_take_apply(form, result, code, words))
			editing_take_result(link->console, result, link->now_ns);
	} else if (id == link->marks_request) {
		link->marks_request = 0;
		if (words)
			say_refusal(link, words);
		else
			editing_take_marks(link->console, result, link->now_ns);
	} else if (id == link->other_request) {
		link->other_request = 0;
		if (words)
			say_refusal(link, words);
		else
			editing_take_answer(link->console, result, link->now_ns);
	}
}

static void take_list_reply(struct link *link, const char *refusal)
{
	struct console *console = link->console;

	link->first_rows = !refusal;
	if (refusal && !is_of_screen(link))
		return;
	if (refusal)
		list_note_refusal(console_list(console), link->list.sent);
	copy_text(console->filter_refusal, sizeof(console->filter_refusal), refusal ? refusal : "");
}

static void on_message(void *data, const json_t *message)
{
	struct link *link = data;
	const json_t *id = json_object_get(message, "id");
	const char *refusal;

	link->heard = true;
	if (json_object_get(message, "event"))
		take_event(link, message);
	else if (feed_reply(&link->list, message, &refusal))
		take_list_reply(link, refusal);
	else if (feed_reply(&link->status, message, &refusal) ||
		 feed_reply(&link->circuit, message, &refusal) ||
		 feed_reply(&link->history, message, &refusal)) {
		if (refusal)
			say_refusal(link, refusal);
	} else if (json_is_integer(id) && json_integer_value(id)) {
		take_other_reply(link, json_integer_value(id), message);
	}
}

/* --- what is wanted -------------------------------------------------------------------------- */

static json_t *history_arguments(const struct list *list)
{
	return json_pack("{s:s*, s:s*}", "circuit", list->circuit[0] ? list->circuit : NULL, "site",
			 list->site[0] ? list->site : NULL);
}

static void ask_for_screen(struct link *link)
{
	struct console *console = link->console;
	const struct list *list = console_list(console);
	bool circuit = console->screen == SCREEN_CIRCUIT;

	feed_want(&link->status, verb_status, json_object());
	if (console->screen == SCREEN_STATUS)
		feed_want(&link->list, NULL, NULL);
	else
		feed_want(&link->list, list->table->verb, list_arguments(list));
	feed_want(&link->circuit, circuit ? verb_circuit : NULL,
		  circuit ? json_pack("{s:s}", "circuit", list->circuit) : NULL);
	feed_want(&link->history, circuit || console->screen == SCREEN_RTT ? verb_history : NULL,
		  history_arguments(list));
	feed_sync(&link->history, link->client, console->interval_ms);
	feed_sync(&link->status, link->client, console->interval_ms);
	feed_sync(&link->list, link->client, console->interval_ms);
	feed_sync(&link->circuit, link->client, console->interval_ms);
}

static void ask_for_form(struct link *link)
{
	struct form *form = &link->console->form;
	json_t *arguments;
	const char *verb;
	struct error err;

	if (!form->open || !client_is_connected(link->client))
		return;
	if (form->wants_circuit && !form->circuit_request) {
		form->wants_circuit = false;
		verb = form_subject(form, &arguments);
		if (verb)
			form->circuit_request = client_request(link->client, verb, arguments);
	}
	if (form->wants_apply && !form->circuit_request && !form->preview_request) {
		json_t *request = form_request(form, false, &err);

		form->wants_apply = false;
		if (request)
			form->apply_request =
				client_request(link->client, form_verb(form), request);
		else if (!err.text[0])
			form_close(form); /* nothing to change */
		return;
	}
	if (form->wants_preview && !form->preview_request && !form->apply_request) {
		json_t *request = form_request(form, true, &err);

		form->wants_preview = false;
		if (request)
			form->preview_request =
				client_request(link->client, form_verb(form), request);
	}
}

static void ask_for_marks(struct link *link)
{
	struct console *console = link->console;

	if (!console->wanted_marks || !client_is_connected(link->client) || link->marks_request)
		return;
	link->marks_request = client_request(link->client, "circuits", console->wanted_marks);
	console->wanted_marks = NULL;
}

static void ask_for_other(struct link *link)
{
	struct console *console = link->console;

	if (!console->wanted_arguments || !client_is_connected(link->client) || link->other_request)
		return;
	link->other_request =
		client_request(link->client, console->wanted_verb, console->wanted_arguments);
	console->wanted_arguments = NULL;
}

struct link *link_new(struct console *console)
{
	static const struct client_handler handler = { .connected = on_connected,
						       .message = on_message,
						       .lost = on_lost };
	struct link *link = xcalloc(1, sizeof(*link));

	link->console = console;
	link->client = client_new(console->socket, &handler, link);
	return link;
}

void link_free(struct link *link)
{
	feed_release(&link->status);
	feed_release(&link->list);
	feed_release(&link->circuit);
	feed_release(&link->history);
	client_free(link->client);
	free(link);
}

bool link_run(struct link *link, uint64_t now_ns)
{
	const char *trouble;

	link->now_ns = now_ns;
	link->heard = false;
	client_run(link->client, now_ns);
	ask_for_screen(link);
	ask_for_form(link);
	ask_for_marks(link);
	ask_for_other(link);
	client_run(link->client, now_ns);
	trouble = client_trouble(link->client);
	copy_text(link->console->trouble, sizeof(link->console->trouble), trouble ? trouble : "");
	return link->heard;
}

const struct client *link_client(const struct link *link)
{
	return link->client;
}
