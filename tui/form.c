/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/form.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/units.h"
#include "tui/cell.h"

static const struct {
	const char *label, *name, *capacity;
} fields[FORM_FIELDS] = {
	[FIELD_DOWNLOAD] = { "Download", "download_max_bps", "download_max_bps" },
	[FIELD_UPLOAD] = { "Upload", "upload_max_bps", "upload_max_bps" },
	[FIELD_DOWNLOAD_MIN] = { "Least down", "download_min_bps", NULL },
	[FIELD_UPLOAD_MIN] = { "Least up", "upload_min_bps", NULL },
	[FIELD_SUSPENDED] = { "Suspended", "suspended", NULL },
};

void form_open(struct form *form, const char *circuit)
{
	form_close(form);
	*form = (struct form){ .open = true, .fresh = true, .wants_circuit = true };
	copy_text(form->circuit, sizeof(form->circuit), circuit);
}

void form_close(struct form *form)
{
	json_decref(form->now);
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

const char *form_field_label(enum form_field field)
{
	return fields[field].label;
}

const char *form_now(const struct form *form, enum form_field field, char text[32])
{
	if (field != FIELD_SUSPENDED)
		return format_limit(form->now, fields[field].name, text);
	copy_text(text, 32, row_flag(form->now, fields[field].name) ? "yes" : "no");
	return text;
}

bool form_highest(const struct form *form, enum form_field field, const char **site,
		  char capacity[32])
{
	const json_t *ancestors = json_object_get(form->now, "ancestors");
	const json_t *lowest = NULL;
	double lowest_bps = 0;
	json_t *ancestor;
	size_t i;

	if (!fields[field].capacity)
		return false;
	json_array_foreach (ancestors, i, ancestor) {
		double bps;

		if (row_number(ancestor, fields[field].capacity, &bps) &&
		    (!lowest || bps < lowest_bps)) {
			lowest = ancestor;
			lowest_bps = bps;
		}
	}
	if (!lowest)
		return false;
	*site = row_text(lowest, "name") ? row_text(lowest, "name") : row_text(lowest, "id");
	format_limit(lowest, fields[field].capacity, capacity);
	return *site != NULL;
}

static void changed(struct form *form)
{
	struct error err = { 0 };
	json_t *request = form_request(form, true, &err);

	form->notice[0] = '\0';
	json_decref(form->preview);
	form->preview = NULL;
	form->wants_preview = request != NULL;
	copy_text(form->trouble, sizeof(form->trouble), request ? "" : err.text);
	json_decref(request);
}

/* Puts in what was wished for; a field somebody else has changed since is left and named. */
static void grant_wish(struct form *form)
{
	struct form wish = { .now = form->wish };
	char notice[sizeof(form->notice)] = "";

	for (int field = 0; form->wish && field < FORM_FIELDS; field++) {
		const char *name = fields[field].name;

		if (json_equal(json_object_get(form->wish, name),
			       json_object_get(form->expected, name)))
			continue;
		if (json_equal(json_object_get(form->now, name),
			       json_object_get(form->expected, name)))
			form_now(&wish, (enum form_field)field, form->text[field]);
		else
			snprintf(notice, sizeof(notice),
				 "%s was changed again since; it is left as it is.",
				 fields[field].label);
	}
	json_decref(form->wish);
	json_decref(form->expected);
	form->wish = form->expected = NULL;
	changed(form);
	copy_text(form->notice, sizeof(form->notice), notice);
}

static void toggle(struct form *form)
{
	char *text = form->text[FIELD_SUSPENDED];

	copy_text(text, sizeof(form->text[0]), !strcmp(text, "yes") ? "no" : "yes");
	changed(form);
}

void form_type(struct form *form, uint32_t code)
{
	char *text = form->text[form->current];
	size_t length = strlen(text);

	if (form->apply_request || !form->now)
		return;
	if (form->current == FIELD_SUSPENDED) {
		if (code == 'y' || code == 'n') {
			copy_text(text, sizeof(form->text[0]), code == 'y' ? "yes" : "no");
			changed(form);
		}
		return;
	}
	if (code <= ' ' || code >= 0x7f)
		return;
	if (form->fresh)
		length = 0;
	form->fresh = false;
	if (length < 12) {
		text[length] = (char)code;
		text[length + 1] = '\0';
		changed(form);
	}
}

static void erase(struct form *form, bool all)
{
	char *text = form->text[form->current];
	size_t length = strlen(text);

	if (form->current == FIELD_SUSPENDED || !length)
		return;
	form->fresh = false;
	text[all ? 0 : length - 1] = '\0';
	changed(form);
}

void form_act(struct form *form, enum action action)
{
	int step = action == ACTION_NEXT_FIELD ? 1 : FORM_FIELDS - 1;

	if (form->apply_request || !form->now)
		return;
	switch (action) {
	case ACTION_NEXT_FIELD:
	case ACTION_PREVIOUS_FIELD:
		form->current = (enum form_field)(((int)form->current + step) % FORM_FIELDS);
		form->fresh = true;
		break;
	case ACTION_TOGGLE:
		if (form->current == FIELD_SUSPENDED)
			toggle(form);
		break;
	case ACTION_ERASE:
	case ACTION_ERASE_ALL:
		erase(form, action == ACTION_ERASE_ALL);
		break;
	case ACTION_APPLY:
		if (!form->trouble[0])
			form->wants_apply = true;
		break;
	default:
		break;
	}
}

/* A rate as typed: "80M", or "+20%" and "-10%" of what it is now. */
static bool read_rate(const char *text, const json_t *now, uint64_t *rate_bps, struct error *err)
{
	char *end;
	double percent;

	if (*text != '+' && *text != '-')
		return rate_parse(text, rate_bps, err);
	percent = strtod(text, &end);
	if (end == text || strcmp(end, "%") != 0 || !(percent > -100) || !(percent <= 1000))
		return error_set(err, ERROR_INVALID,
				 "\"%s\" is no share such as +20%% or -10%%, up to +1000%%", text);
	if (!json_is_integer(now))
		return error_set(err, ERROR_INVALID, "%s of what? There is no value yet", text);
	*rate_bps = (uint64_t)llround((double)json_integer_value(now) * (100 + percent) / 100);
	return true;
}

/* Adds the field when what is typed differs from what is. */
static bool add_field(const struct form *form, enum form_field field, json_t *request,
		      size_t *count, struct error *err)
{
	const json_t *now = json_object_get(form->now, fields[field].name);
	const char *text = form->text[field];
	uint64_t rate_bps;

	if (field == FIELD_SUSPENDED) {
		bool suspended = !strcmp(text, "yes");

		if (suspended == json_is_true(now))
			return true;
		json_object_set_new(request, fields[field].name, json_boolean(suspended));
		++*count;
		return true;
	}
	if (!json_is_integer(now) && !strcmp(text, "-"))
		return true;
	if (!*text)
		return error_set(err, ERROR_INVALID, "%s is empty; write a rate such as 50M",
				 fields[field].label);
	if (!read_rate(text, now, &rate_bps, err))
		return false;
	if (json_is_integer(now) && (uint64_t)json_integer_value(now) == rate_bps)
		return true;
	json_object_set_new(request, fields[field].name, json_integer((json_int_t)rate_bps));
	++*count;
	return true;
}

json_t *form_request(const struct form *form, bool dry_run, struct error *err)
{
	json_t *request = json_pack("{s:s, s:b}", "circuit", form->circuit, "dry_run", dry_run);
	const json_t *revision = json_object_get(form->now, "revision");
	size_t count = 0;

	*err = (struct error){ 0 };
	for (int field = 0; field < FORM_FIELDS; field++) {
		if (!add_field(form, (enum form_field)field, request, &count, err)) {
			json_decref(request);
			return NULL;
		}
	}
	if (!count) {
		json_decref(request);
		return NULL;
	}
	if (json_is_integer(revision))
		json_object_set_new(request, "expect_revision",
				    json_integer(json_integer_value(revision)));
	return request;
}

void form_take_circuit(struct form *form, const json_t *result, const char *refusal)
{
	bool first = !form->now;
	json_t *before = form->now;

	form->circuit_request = 0;
	if (!json_is_object(result)) {
		copy_text(form->notice, sizeof(form->notice),
			  refusal ? refusal : "the engine gave no circuit");
		return;
	}
	form->now = json_incref((json_t *)result);
	/* What was not touched follows the engine; what was typed stays. */
	for (int field = 0; field < FORM_FIELDS; field++) {
		struct form old = { .now = before };
		char was[32], text[32];

		form_now(&old, (enum form_field)field, was);
		form_now(form, (enum form_field)field, text);
		if (first || !strcmp(form->text[field], was))
			copy_text(form->text[field], sizeof(form->text[field]), text);
	}
	json_decref(before);
	if (first && form->wish)
		grant_wish(form);
	if (!first) {
		char notice[sizeof(form->notice)];

		copy_text(notice, sizeof(notice), form->notice);
		changed(form);
		copy_text(form->notice, sizeof(form->notice), notice);
	}
}

/* Someone else was faster: show what it is now, keep what was typed. */
static void take_refusal(struct form *form, const char *code, const char *words)
{
	copy_text(form->notice, sizeof(form->notice),
		  words ? words : "the engine refused without saying why");
	if (code && !strcmp(code, "conflict"))
		form->wants_circuit = true;
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
		form->wants_circuit = true;
		return false;
	}
	form_close(form);
	return true;
}

void form_lost(struct form *form)
{
	if (!form->open)
		return;
	if (form->apply_request)
		copy_text(form->notice, sizeof(form->notice),
			  "The engine went away before it answered; see the journal for whether "
			  "this was applied.");
	form->circuit_request = form->preview_request = form->apply_request = 0;
	form->wants_apply = false;
	form->wants_circuit = true;
}
