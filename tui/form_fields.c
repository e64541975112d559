/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each kind of form asks for, and what stands there now. */
#include "tui/form.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/memory.h"
#include "tui/cell.h"
#include "tui/mask.h"
#include "tui/text.h"

#define TITLE_BYTES 200 /* of what a title names */

static const struct form_field plan[] = {
	{ "Download", "download_max_bps", "download_max_bps", TYPE_RATE },
	{ "Upload", "upload_max_bps", "upload_max_bps", TYPE_RATE },
	{ "Least down", "download_min_bps", NULL, TYPE_RATE },
	{ "Least up", "upload_min_bps", NULL, TYPE_RATE },
	{ "Suspended", "suspended", NULL, TYPE_FLAG, "y or n" },
	{ "For", "for_s", NULL, TYPE_DURATION, "2h, 30m; empty: always" },
};
static const struct form_field circuit[] = {
	{ "Name", "name", NULL, TYPE_TEXT },
	{ "Site", "site", NULL, TYPE_SITE },
	{ "Comment", "comment", NULL, TYPE_TEXT },
};
static const struct form_field site[] = {
	{ "Download", "download_max_bps", "download_max_bps", TYPE_RATE },
	{ "Upload", "upload_max_bps", "upload_max_bps", TYPE_RATE },
	{ "Name", "name", NULL, TYPE_TEXT },
	{ "Below", "parent", NULL, TYPE_SITE },
};
static const struct form_field device[] = {
	{ "Prefixes", "prefixes", NULL, TYPE_PREFIXES },
	{ "Name", "name", NULL, TYPE_TEXT },
	{ "MAC", "mac", NULL, TYPE_TEXT },
};
static const struct form_field add[] = {
	{ "Id", "id", NULL, TYPE_TEXT },
	{ "Name", "name", NULL, TYPE_TEXT },
	{ "Site", "site", NULL, TYPE_SITE },
	{ "Download", "download_max_bps", NULL, TYPE_RATE },
	{ "Upload", "upload_max_bps", NULL, TYPE_RATE },
	{ "Prefixes", "prefixes", NULL, TYPE_PREFIXES },
	{ "MAC", "mac", NULL, TYPE_TEXT },
};
static const struct form_field add_device[] = {
	{ "Id", "id", NULL, TYPE_TEXT },
	{ "Prefixes", "prefixes", NULL, TYPE_PREFIXES },
	{ "Name", "name", NULL, TYPE_TEXT },
	{ "MAC", "mac", NULL, TYPE_TEXT },
};

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))
static const struct {
	const struct form_field *fields;
	int count;
	const char *title, *subject, *argument; /* subject: the verb that tells what is now */
} kinds[FORM_KINDS] = {
	[FORM_PLAN] = { plan, COUNT(plan), "Edit circuit", "circuit", "circuit" },
	[FORM_PLANS] = { plan, COUNT(plan) - 1, "Edit" },
	[FORM_CIRCUIT] = { circuit, COUNT(circuit), "Circuit", "circuit", "circuit" },
	[FORM_SITE] = { site, COUNT(site), "Edit site", "site", "site" },
	[FORM_DEVICE] = { device, COUNT(device), "Edit device", "circuit", "circuit" },
	[FORM_ADD] = { add, COUNT(add), "New circuit" },
	[FORM_ADD_DEVICE] = { add_device, COUNT(add_device), "New device of circuit" },
	[FORM_DELETE] = { NULL, 0, "Delete circuit", "circuit", "circuit" },
	[FORM_DELETE_SITE] = { NULL, 0, "Delete site", "site", "site" },
	[FORM_DELETE_DEVICE] = { NULL, 0, "Delete device", "circuit", "circuit" },
	[FORM_UNDO] = { NULL, 0, "Take back revision" },
};

const struct form_field *form_fields(const struct form *form, int *count)
{
	*count = kinds[form->kind].count;
	return kinds[form->kind].fields;
}

static bool is_device(const struct form *form)
{
	return form->kind == FORM_DEVICE || form->kind == FORM_DELETE_DEVICE;
}

const char *form_subject(const struct form *form, json_t **arguments)
{
	const char *verb = kinds[form->kind].subject;

	*arguments = verb ? json_pack("{s:s}", kinds[form->kind].argument,
				      is_device(form) ? form->circuit : form->id)
			  : NULL;
	return verb;
}

void form_title(const struct form *form, bool masked, char *text, size_t size)
{
	static const struct column name = { .field = "id", .second = "name", .kind = CELL_CIRCUIT };
	const char *title = kinds[form->kind].title;
	const char *id = form->kind == FORM_ADD_DEVICE ? form->circuit : form->id;
	struct cell cell;

	if (form->kind == FORM_PLANS) {
		snprintf(text, size, "%s %zu circuits", title, json_object_size(form->targets));
	} else if (form->kind == FORM_ADD) {
		snprintf(text, size, "%s", title);
	} else if (form->now && form->kind != FORM_ADD_DEVICE && form->kind != FORM_UNDO) {
		cell_format(&name, form->now, (struct looks){ .utf8 = true }, &cell);
		snprintf(text, size, "%s %.*s", title, text_fit(cell.text, TITLE_BYTES), cell.text);
	} else if (masked && (form->kind == FORM_SITE || form->kind == FORM_DELETE_SITE)) {
		json_t *hidden = mask_name(form->id);

		snprintf(text, size, "%s %s", title, json_string_value(hidden));
		json_decref(hidden);
	} else {
		snprintf(text, size, "%s %.*s", title, text_fit(id, TITLE_BYTES), id);
	}
}

/* As many as fit, each of them whole. */
static void join_prefixes(const json_t *list, char *text, size_t size)
{
	size_t used = 0, i;
	json_t *item;

	*text = '\0';
	json_array_foreach (list, i, item) {
		const char *prefix = json_string_value(item);

		if (!prefix || used + strlen(prefix) + 2 > size)
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "", prefix);
	}
}

const char *form_now(const struct form *form, int field, char text[FORM_TEXT_SIZE])
{
	const struct form_field *about = &kinds[form->kind].fields[field];
	const char *words = row_text(form->now, about->name);
	char rate[32];

	*text = '\0';
	if (form->kind == FORM_PLANS || form->kind == FORM_ADD || form->kind == FORM_ADD_DEVICE)
		return text;
	switch (about->type) {
	case TYPE_RATE:
		copy_text(text, FORM_TEXT_SIZE,
			  format_limit(form->now, about->name, UNITS_BITS, rate));
		break;
	case TYPE_FLAG:
		copy_text(text, FORM_TEXT_SIZE, row_flag(form->now, about->name) ? "yes" : "no");
		break;
	case TYPE_PREFIXES:
		join_prefixes(json_object_get(form->now, about->name), text, FORM_TEXT_SIZE);
		break;
	case TYPE_SITE:
		copy_text(text, FORM_TEXT_SIZE, words ? words : "-");
		break;
	case TYPE_DURATION:
		break;
	default:
		copy_text(text, FORM_TEXT_SIZE, words ? words : "");
	}
	return text;
}

/* The site above with the least capacity; NULL: none has one. */
static const json_t *find_lowest(const struct form *form, const char *limit, double *lowest_bps)
{
	const json_t *ancestors = json_object_get(form->now, "ancestors");
	const json_t *lowest = NULL;
	json_t *ancestor;
	size_t i;

	json_array_foreach (ancestors, i, ancestor) {
		double bps;

		if (row_number(ancestor, limit, &bps) && (!lowest || bps < *lowest_bps)) {
			lowest = ancestor;
			*lowest_bps = bps;
		}
	}
	return lowest;
}

bool form_is_limited(const struct form *form, int field)
{
	const struct form_field *about = &kinds[form->kind].fields[field];
	double plan_bps, lowest_bps;

	return about->capacity && row_number(form->now, about->name, &plan_bps) &&
	       find_lowest(form, about->capacity, &lowest_bps) && lowest_bps < plan_bps;
}

bool form_highest(const struct form *form, int field, const char **site_name, char capacity[32])
{
	const char *limit = kinds[form->kind].fields[field].capacity;
	double lowest_bps;
	const json_t *lowest = limit ? find_lowest(form, limit, &lowest_bps) : NULL;

	if (!lowest)
		return false;
	*site_name = row_text(lowest, "name") ? row_text(lowest, "name") : row_text(lowest, "id");
	format_limit(lowest, limit, UNITS_BITS, capacity);
	return *site_name != NULL;
}
