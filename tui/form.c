/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/form.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/memory.h"
#include "tui/text.h"

void form_begin_with(struct form *form, const char *field, const char *text)
{
	int count;
	const struct form_field *fields = form_fields(form, &count);

	for (int i = 0; i < count; i++)
		if (!strcmp(fields[i].name, field))
			copy_text(form->text[i], FORM_TEXT_SIZE, text);
}

void form_close(struct form *form)
{
	json_decref(form->now);
	json_decref(form->targets);
	json_decref(form->preview);
	json_decref(form->wish);
	json_decref(form->expected);
	*form = (struct form){ 0 };
}

void form_wish(struct form *form, json_t *plan, json_t *expected)
{
	form->wish = json_incref(plan);
	form->expected = json_incref(expected);
}

static enum field_type current_type(const struct form *form)
{
	int count;
	const struct form_field *fields = form_fields(form, &count);

	return count ? fields[form->current].type : TYPE_TEXT;
}

void form_note(struct form *form, const char *words)
{
	copy_text(form->notice, sizeof(form->notice), words);
	form->notice_is_engines = false;
}

/* The engine's words, or ours where it has none. */
static void note_refusal(struct form *form, const char *words, const char *ours)
{
	form_note(form, words ? words : ours);
	form->notice_is_engines = words != NULL;
}

static void changed(struct form *form)
{
	struct error err = { 0 };
	json_t *request = form_request(form, true, &err);

	form->notice[0] = '\0';
	form->asking = form->confirmed = false;
	json_decref(form->preview);
	form->preview = NULL;
	form->wants_preview = request != NULL;
	copy_text(form->trouble, sizeof(form->trouble), request ? "" : err.text);
	json_decref(request);
}

void form_open(struct form *form, enum form_kind kind, const char *id, const char *below)
{
	json_t *arguments;

	form_close(form);
	*form = (struct form){ .open = true, .kind = kind, .fresh = true };
	copy_text(form->id, sizeof(form->id), id);
	copy_text(form->circuit, sizeof(form->circuit), below ? below : "");
	form->wants_circuit = form_subject(form, &arguments) != NULL;
	json_decref(arguments);
	if (form->wants_circuit)
		return;
	form->now = json_object();
	if (kind == FORM_ADD && below)
		form_begin_with(form, "site", below);
	if (kind == FORM_UNDO) /* asks for nothing to be typed */
		changed(form);
}

void form_open_many(struct form *form, const json_t *marked)
{
	form_open(form, FORM_PLANS, "", NULL);
	form->targets = json_copy((json_t *)marked);
}

/* Puts in what was wished for; a field somebody else has changed since is left and named. */
static void grant_wish(struct form *form)
{
	struct form wish = { .kind = form->kind, .now = form->wish };
	char notice[sizeof(form->notice)] = "";
	int count;
	const struct form_field *fields = form_fields(form, &count);

	for (int i = 0; form->wish && i < count; i++) {
		const char *name = fields[i].name;

		if (json_equal(json_object_get(form->wish, name),
			       json_object_get(form->expected, name)))
			continue;
		if (json_equal(json_object_get(form->now, name),
			       json_object_get(form->expected, name)))
			form_now(&wish, i, form->text[i]);
		else
			snprintf(notice, sizeof(notice),
				 "%s was changed again since; it is left as it is.",
				 fields[i].label);
	}
	json_decref(form->wish);
	json_decref(form->expected);
	form->wish = form->expected = NULL;
	changed(form);
	form_note(form, notice);
}

static void set_flag(struct form *form, bool yes)
{
	copy_text(form->text[form->current], FORM_TEXT_SIZE, yes ? "yes" : "no");
	changed(form);
}

bool form_is_awaited(const struct form *form)
{
	return !form->now && (form->wants_circuit || form->circuit_request);
}

void form_give_up(struct form *form, const char *why)
{
	form->wants_circuit = false;
	form->circuit_request = 0;
	form_note(form, why);
}

void form_type(struct form *form, uint32_t code)
{
	enum field_type type = current_type(form);
	char *text = form->text[form->current], bytes[4];
	size_t length = strlen(text), size;
	int count;

	form_fields(form, &count);
	if (form->apply_request || !form->now || !count)
		return;
	if (type == TYPE_FLAG) {
		if (code == 'y' || code == 'n')
			set_flag(form, code == 'y');
		return;
	}
	if (code < ' ' || code == 0x7f || code > 0x10ffff ||
	    (type == TYPE_RATE && (code == ' ' || code > 0x7e)))
		return;
	if (form->fresh)
		length = 0;
	form->fresh = false;
	size = text_encode(code, bytes);
	if (length + size >= (type == TYPE_RATE || type == TYPE_DURATION ? 13 : FORM_TEXT_SIZE))
		return;
	memcpy(text + length, bytes, size);
	text[length + size] = '\0';
	changed(form);
}

static void erase(struct form *form, bool all)
{
	char *text = form->text[form->current];
	size_t length = strlen(text);
	int count;

	form_fields(form, &count);
	if (!count || (!length && current_type(form) != TYPE_FLAG))
		return;
	form->fresh = false;
	if (current_type(form) == TYPE_FLAG)
		form_now(form, form->current, text);
	else
		text[all ? 0 : length - text_last(text)] = '\0';
	changed(form);
}

/* Space is a character where one types text. */
static void toggle(struct form *form)
{
	if (current_type(form) == TYPE_FLAG)
		set_flag(form, strcmp(form->text[form->current], "yes") != 0);
	else
		form_type(form, ' ');
}

static void apply(struct form *form)
{
	json_t *request;
	struct error err;
	char question[300];

	request = form_request(form, false, &err);
	json_decref(request);
	copy_text(form->trouble, sizeof(form->trouble), request ? "" : err.text);
	if (form->trouble[0])
		return;
	form->asking = !form->confirmed && form_question(form, question, sizeof(question));
	form->confirmed = false;
	form->wants_apply = !form->asking;
}

void form_act(struct form *form, enum action action)
{
	int count;

	form_fields(form, &count);
	if (form->apply_request || !form->now)
		return;
	switch (action) {
	case ACTION_NEXT_FIELD:
	case ACTION_PREVIOUS_FIELD:
		if (count)
			form->current =
				(form->current + (action == ACTION_NEXT_FIELD ? 1 : count - 1)) %
				count;
		form->fresh = true;
		break;
	case ACTION_TOGGLE:
		toggle(form);
		break;
	case ACTION_ERASE:
	case ACTION_ERASE_ALL:
		erase(form, action == ACTION_ERASE_ALL);
		break;
	case ACTION_CONFIRM:
		form->confirmed = form->asking;
		form->asking = false;
		apply(form);
		break;
	case ACTION_APPLY:
		apply(form);
		break;
	default:
		break;
	}
}

/* Of a device: what the circuit's list says of it, with the circuit's revision. NULL: not there. */
static json_t *subject_of(const struct form *form, const json_t *result)
{
	json_t *device, *now;
	size_t i;

	if (form->kind != FORM_DEVICE && form->kind != FORM_DELETE_DEVICE)
		return json_incref((json_t *)result);
	json_array_foreach (json_object_get(result, "devices"), i, device) {
		const char *id = json_string_value(json_object_get(device, "id"));

		if (!id || strcmp(id, form->id) != 0)
			continue;
		now = json_copy(device);
		json_object_set(now, "revision", json_object_get(result, "revision"));
		return now;
	}
	return NULL;
}

/* What was not touched follows the engine; what was typed stays. */
static void follow_engine(struct form *form, json_t *before)
{
	struct form old = { .kind = form->kind, .now = before };
	int count;

	form_fields(form, &count);
	for (int i = 0; i < count; i++) {
		char was[FORM_TEXT_SIZE];

		form_now(&old, i, was);
		if (!before || !strcmp(form->text[i], was))
			form_now(form, i, form->text[i]);
	}
}

void form_take_circuit(struct form *form, const json_t *result, const char *refusal)
{
	json_t *before = form->now, *now = NULL;
	char notice[sizeof(form->notice)];

	form->circuit_request = 0;
	if (json_is_object(result))
		now = subject_of(form, result);
	if (!now) {
		note_refusal(form, refusal, "the engine does not know it any more");
		return;
	}
	form->now = now;
	follow_engine(form, before);
	json_decref(before);
	if (!before && form->wish)
		grant_wish(form);
	if (before || form->kind >= FORM_DELETE) {
		copy_text(notice, sizeof(notice), form->notice);
		changed(form);
		copy_text(form->notice, sizeof(form->notice), notice);
	}
}

static bool has_subject(const struct form *form)
{
	json_t *arguments;
	bool has = form_subject(form, &arguments) != NULL;

	json_decref(arguments);
	return has;
}

/* Someone else was faster: show what it is now, keep what was typed. */
static void take_refusal(struct form *form, const char *code, const char *words)
{
	note_refusal(form, words, "the engine refused without saying why");
	if (code && !strcmp(code, "conflict"))
		form->wants_circuit = has_subject(form);
}

void form_take_preview(struct form *form, const json_t *result, const char *code, const char *words)
{
	form->preview_request = 0;
	if (form->wants_preview)
		return; /* of what was typed before */
	json_decref(form->preview);
	form->preview = json_is_object(result) ? json_incref((json_t *)result) : NULL;
	if (!form->preview)
		take_refusal(form, code, words);
}

bool form_take_apply(struct form *form, const json_t *result, const char *code, const char *words)
{
	form->apply_request = 0;
	if (!json_is_object(result)) {
		take_refusal(form, code, words);
		/* Even what was refused may have changed something, e.g. be committed but not in
		 * force yet. */
		form->wants_circuit = has_subject(form);
		return false;
	}
	form_close(form);
	return true;
}

void form_lost(struct form *form)
{
	bool wanted = form->now || form_is_awaited(form);

	if (!form->open)
		return;
	if (form->apply_request)
		form_note(form, "The engine went away before it answered; see the journal for "
				"whether this was applied.");
	form->circuit_request = form->preview_request = form->apply_request = 0;
	form->wants_apply = false;
	form->wants_circuit = wanted && has_subject(form);
}
