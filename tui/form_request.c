/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what is typed to what the engine is asked for. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/prefix.h"
#include "engine/base/units.h"
#include "tui/cell.h"
#include "tui/form.h"
#include "tui/text.h"

#define MANY 10 /* circuits that are changed without a question */
#define DAYS_MAX 3650
#define ID_CHARACTERS ((NODE_ID_SIZE - 1) / 4)

const char *form_verb(const struct form *form)
{
	return form->kind == FORM_PLAN ? "circuit.set" : form->kind == FORM_UNDO ? "undo" : "edit";
}

/* --- one field --------------------------------------------------------------------------------- */

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

/* "2h", "30m", "7d", "90s"; a bare number is minutes. */
static bool read_duration(const char *text, json_int_t *seconds, struct error *err)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = { { "", 60 },     { "m", 60 }, { "min", 60 },  { "h", 3600 },
		      { "d", 86400 }, { "s", 1 },  { "w", 604800 } };
	char *end;
	double value = strtod(text, &end);

	while (*end == ' ')
		end++;
	for (size_t i = 0; end != text && i < sizeof(units) / sizeof(units[0]); i++) {
		double all = value * units[i].seconds;

		if (strcmp(units[i].unit, end) != 0 || !(all >= 1) || all > DAYS_MAX * 86400.0)
			continue;
		*seconds = (json_int_t)llround(all);
		return true;
	}
	return error_set(err, ERROR_INVALID,
			 "\"%.40s\" is no time such as 30m, 2h or 7d, up to %d days", text,
			 DAYS_MAX);
}

static bool add_rate(const struct form *form, const struct form_field *field, const char *text,
		     json_t *request, struct error *err)
{
	const json_t *now = json_object_get(form->now, field->name);
	uint64_t rate_bps;

	if (!strcmp(text, "-") && form->kind == FORM_SITE) {
		json_object_set_new(request, field->name, json_null());
		return true;
	}
	if (!*text)
		return error_set(err, ERROR_INVALID, "%s is empty; write a rate such as 50M",
				 field->label);
	/* Of many, each has another value now: the engine knows them. */
	if (form->kind == FORM_PLANS && (*text == '+' || *text == '-')) {
		json_t *any = json_integer(1);
		bool ok = read_rate(text, any, &rate_bps, err);

		json_decref(any);
		if (ok)
			json_object_set_new(request, field->name, json_string(text));
		return ok;
	}
	if (!read_rate(text, now, &rate_bps, err))
		return false;
	if (!json_is_integer(now) || (uint64_t)json_integer_value(now) != rate_bps)
		json_object_set_new(request, field->name, json_integer((json_int_t)rate_bps));
	return true;
}

/* Adds the field when what is typed differs from what is. */
static bool add_field(const struct form *form, int index, json_t *request, struct error *err)
{
	int count;
	const struct form_field *field = &form_fields(form, &count)[index];
	const char *text = form->text[index];
	char now[FORM_TEXT_SIZE];
	json_int_t seconds = 0;

	if (!strcmp(text, form_now(form, index, now)))
		return true;
	switch (field->type) {
	case TYPE_RATE:
		return add_rate(form, field, text, request, err);
	case TYPE_FLAG:
		json_object_set_new(request, field->name, json_boolean(!strcmp(text, "yes")));
		return true;
	case TYPE_DURATION:
		if (!read_duration(text, &seconds, err))
			return false;
		json_object_set_new(request, field->name, json_integer(seconds));
		return true;
	case TYPE_SITE:
		json_object_set_new(request, field->name,
				    *text && strcmp(text, "-") != 0 ? json_string(text)
								    : json_null());
		return true;
	case TYPE_PREFIXES:
		return true; /* rows of their own */
	default:
		json_object_set_new(request, field->name, json_string(text));
		return true;
	}
}

static bool add_fields(const struct form *form, json_t *request, size_t *added, struct error *err)
{
	size_t before = json_object_size(request);
	int count;

	form_fields(form, &count);
	for (int i = 0; i < count; i++)
		if (!add_field(form, i, request, err))
			return false;
	*added = json_object_size(request) - before;
	return true;
}

/* --- prefixes ---------------------------------------------------------------------------------- */

static const char *text_of(const struct form *form, const char *name)
{
	int count;
	const struct form_field *fields = form_fields(form, &count);

	for (int i = 0; i < count; i++)
		if (!strcmp(fields[i].name, name))
			return form->text[i];
	return "";
}

/* The words of a text as keys; each has to be a prefix. */
static bool split_prefixes(const char *text, json_t *prefixes, struct error *err)
{
	char copy[FORM_TEXT_SIZE], *rest = copy, *word;
	struct prefix prefix;

	copy_text(copy, sizeof(copy), text);
	while ((word = strsep(&rest, " ,;")) != NULL) {
		if (!*word)
			continue;
		if (!prefix_parse(word, &prefix, err))
			return false;
		json_object_set_new(prefixes, word, json_true());
	}
	return true;
}

/* What the field of a device's prefixes stood at before anything was typed: there may be more. */
static bool find_shown(const struct form *form, json_t *shown, struct error *err)
{
	char text[FORM_TEXT_SIZE];
	int count;
	const struct form_field *fields = form_fields(form, &count);
	bool ok = true;

	for (int i = 0; i < count && ok; i++)
		if (fields[i].type == TYPE_PREFIXES)
			ok = split_prefixes(form_now(form, i, text), shown, err);
	return ok;
}

static void append_prefix(json_t *edits, const char *action, const char *prefix, const char *device)
{
	json_array_append_new(edits, json_pack("{s:s, s:s, s:s, s:s}", "action", action, "kind",
					       "prefix", "id", prefix, "device", device));
}

/* What was taken away goes first: a prefix may be written in another way. */
static bool add_prefixes(const struct form *form, const char *device, json_t *edits,
			 struct error *err)
{
	json_t *wanted = json_object(), *shown = json_object(), *item, *value;
	const json_t *list = json_object_get(form->now, "prefixes");
	bool ok = split_prefixes(text_of(form, "prefixes"), wanted, err) &&
		  find_shown(form, shown, err);
	const char *prefix;
	size_t i;

	json_array_foreach (list, i, item) {
		prefix = json_string_value(item);
		if (!ok || !prefix || form->kind != FORM_DEVICE)
			continue;
		if (json_object_get(wanted, prefix))
			json_object_del(wanted, prefix);
		else if (json_object_get(shown, prefix))
			append_prefix(edits, "delete", prefix, device);
	}
	json_object_foreach (wanted, prefix, value)
		if (ok)
			append_prefix(edits, "add", prefix, device);
	json_decref(wanted);
	json_decref(shown);
	return ok;
}

/* --- the edits ---------------------------------------------------------------------------------- */

static json_t *new_edit(const char *action, const char *kind, const char *id)
{
	return json_pack("{s:s, s:s, s:s}", "action", action, "kind", kind, "id", id);
}

static bool edit_many(const struct form *form, json_t *edits, struct error *err)
{
	json_t *fields = json_object(), *value;
	size_t added = 0;
	const char *id;
	bool ok = add_fields(form, fields, &added, err);

	json_object_foreach (form->targets, id, value) {
		json_t *edit = new_edit("set", "circuit", id);

		json_object_update(edit, fields);
		if (ok && added)
			json_array_append_new(edits, edit);
		else
			json_decref(edit);
	}
	json_decref(fields);
	return ok;
}

static bool edit_one(const struct form *form, const char *kind, json_t *edits, struct error *err)
{
	json_t *edit = new_edit("set", kind, form->id);
	size_t added = 0;
	bool ok = add_fields(form, edit, &added, err);

	if (ok && added)
		json_array_append(edits, edit);
	json_decref(edit);
	return ok && (form->kind != FORM_DEVICE || add_prefixes(form, form->id, edits, err));
}

/* Moves the MAC from the circuit's row, where the form put it, to its device. */
static bool edit_new_circuit(const struct form *form, json_t *edits, struct error *err)
{
	const char *id = text_of(form, "id"), *mac = text_of(form, "mac");
	json_t *edit = json_pack("{s:s, s:s}", "action", "add", "kind", "circuit"), *device;
	size_t added;
	char name[sizeof(form->id) + 8];
	bool ok = add_fields(form, edit, &added, err);

	/* Its device; where that would be longer than an id can be, by the very name. */
	snprintf(name, sizeof(name), text_count(id) + 2 > ID_CHARACTERS ? "%s" : "%s-1", id);
	json_object_del(edit, "mac");
	json_array_append_new(edits, edit);
	if (!ok)
		return false;
	if (!*id)
		return error_set(err, ERROR_INVALID, "Still missing: an id");
	if (!*text_of(form, "download_max_bps") || !*text_of(form, "upload_max_bps"))
		return error_set(err, ERROR_INVALID, "Still missing: the plan both ways");
	if (!*mac && !*text_of(form, "prefixes"))
		return true;
	device = new_edit("add", "device", name);
	json_object_set_new(device, "circuit", json_string(id));
	json_object_set_new(device, "mac", json_string(mac));
	json_array_append_new(edits, device);
	return add_prefixes(form, name, edits, err);
}

static bool edit_new_device(const struct form *form, json_t *edits, struct error *err)
{
	const char *id = text_of(form, "id");
	json_t *edit = json_pack("{s:s, s:s, s:s}", "action", "add", "kind", "device", "circuit",
				 form->circuit);
	size_t added;
	bool ok = add_fields(form, edit, &added, err);

	json_array_append_new(edits, edit);
	if (ok && !*id)
		return error_set(err, ERROR_INVALID, "Still missing: an id");
	return ok && add_prefixes(form, id, edits, err);
}

static bool make_edits(const struct form *form, json_t *edits, struct error *err)
{
	switch (form->kind) {
	case FORM_PLANS:
		return edit_many(form, edits, err);
	case FORM_SITE:
		return edit_one(form, "site", edits, err);
	case FORM_DEVICE:
		return edit_one(form, "device", edits, err);
	case FORM_ADD:
		return edit_new_circuit(form, edits, err);
	case FORM_ADD_DEVICE:
		return edit_new_device(form, edits, err);
	case FORM_DELETE:
		json_array_append_new(edits, new_edit("delete", "circuit", form->id));
		return true;
	case FORM_DELETE_SITE:
		json_array_append_new(edits, new_edit("delete", "site", form->id));
		return true;
	case FORM_DELETE_DEVICE:
		json_array_append_new(edits, new_edit("delete", "device", form->id));
		return true;
	default:
		return edit_one(form, "circuit", edits, err);
	}
}

static json_t *request_of_plan(const struct form *form, struct error *err)
{
	json_t *request = json_pack("{s:s}", "circuit", form->id);
	size_t added = 0;
	bool ok = add_fields(form, request, &added, err);

	/* How long is no change by itself. */
	if (ok && added == 1 && json_object_get(request, "for_s"))
		added = 0;
	if (ok && added)
		return request;
	json_decref(request);
	return NULL;
}

static json_t *request_of_edits(const struct form *form, struct error *err)
{
	json_t *edits = json_array();
	bool ok = make_edits(form, edits, err);

	if (ok && json_array_size(edits))
		return json_pack("{s:o}", "edits", edits);
	json_decref(edits);
	return NULL;
}

json_t *form_request(const struct form *form, bool dry_run, struct error *err)
{
	const json_t *revision = json_object_get(form->now, "revision");
	json_t *request;

	*err = (struct error){ 0 };
	if (form->kind == FORM_UNDO)
		return json_pack("{s:I, s:b}", "revision", (json_int_t)strtoll(form->id, NULL, 10),
				 "dry_run", dry_run);
	request =
		form->kind == FORM_PLAN ? request_of_plan(form, err) : request_of_edits(form, err);
	if (!request)
		return NULL;
	json_object_set_new(request, "dry_run", json_boolean(dry_run));
	if (json_is_integer(revision))
		json_object_set_new(request, "expect_revision",
				    json_integer(json_integer_value(revision)));
	return request;
}

/* --- the question ------------------------------------------------------------------------------- */

bool form_question(const struct form *form, char *text, size_t size)
{
	size_t many = json_object_size(form->targets);
	bool suspends = form->kind <= FORM_PLANS && !strcmp(form->text[FIELD_SUSPENDED], "yes") &&
			!row_flag(form->now, "suspended");
	char title[300];

	form_title(form, false, title, sizeof(title));
	if (form->kind >= FORM_DELETE)
		snprintf(text, size, "%s?", title);
	else if (form->kind == FORM_PLANS && suspends)
		snprintf(text, size, "Suspend %zu circuits? Nothing of theirs will pass.", many);
	else if (suspends)
		snprintf(text, size, "Suspend it? Nothing of this circuit will pass.");
	else if (form->kind == FORM_PLANS && many > MANY)
		snprintf(text, size, "Change %zu circuits?", many);
	else
		return false;
	return true;
}
