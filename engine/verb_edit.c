/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "edit": rows of the circuits file added, set and deleted, together or not at all. */
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/units.h"
#include "engine/change_rows.h"
#include "engine/state.h"
#include "engine/tables.h"
#include "engine/verbs.h"
#include "engine/wire/args.h"
#include "engine/wire/text.h"

#define EDITS_MAX 1000

enum field_type { FIELD_TEXT, FIELD_REFERENCE, FIELD_RATE, FIELD_CAPACITY, FIELD_FLAG };

/* The fields of each kind; text stands as it is, a reference and a capacity may be null. */
static const struct {
	enum row_kind kind;
	const char *name, *column;
	enum field_type type;
} fields[] = {
	{ ROW_SITE, "name", "name", FIELD_TEXT },
	{ ROW_SITE, "parent", "parent", FIELD_REFERENCE },
	{ ROW_SITE, "download_max_bps", "download_bps", FIELD_CAPACITY },
	{ ROW_SITE, "upload_max_bps", "upload_bps", FIELD_CAPACITY },
	{ ROW_CIRCUIT, "name", "name", FIELD_TEXT },
	{ ROW_CIRCUIT, "site", "site", FIELD_REFERENCE },
	{ ROW_CIRCUIT, "download_max_bps", "download_max_bps", FIELD_RATE },
	{ ROW_CIRCUIT, "upload_max_bps", "upload_max_bps", FIELD_RATE },
	{ ROW_CIRCUIT, "download_min_bps", "download_min_bps", FIELD_RATE },
	{ ROW_CIRCUIT, "upload_min_bps", "upload_min_bps", FIELD_RATE },
	{ ROW_CIRCUIT, "suspended", "suspended", FIELD_FLAG },
	{ ROW_CIRCUIT, "leaf", "leaf", FIELD_TEXT },
	{ ROW_CIRCUIT, "comment", "comment", FIELD_TEXT },
	{ ROW_DEVICE, "circuit", "circuit", FIELD_TEXT },
	{ ROW_DEVICE, "name", "name", FIELD_TEXT },
	{ ROW_DEVICE, "mac", "mac", FIELD_TEXT },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* --- from a request to rows ------------------------------------------------------------------- */

static bool read_choice(const json_t *args, const char *name, const char *const *choices,
			int *choice, struct error *err)
{
	const char *text = NULL;

	if (!args_required_text(args, name, &text, err))
		return false;
	for (int i = 0; choices[i]; i++) {
		if (!strcmp(text, choices[i])) {
			*choice = i;
			return true;
		}
	}
	return error_set(err, ERROR_INVALID, "\"%s\" can't be \"%.40s\"", name, text);
}

/* "+20%" or "-10%" of what it is. */
static bool read_share(const char *text, struct row_field *field, struct error *err)
{
	char *end;
	double percent = strtod(text, &end);

	if (end == text || strcmp(end, "%") != 0 || !(percent > -100) || !(percent <= 1000))
		return error_set(err, ERROR_INVALID,
				 "\"%.40s\" is no share such as +20%% or -10%%, up to +1000%%",
				 text);
	field->value = VALUE_FACTOR;
	field->factor = (100 + percent) / 100;
	return true;
}

static bool read_rate(const json_t *args, const char *name, bool least_is_0,
		      struct row_field *field, struct error *err)
{
	const char *text = json_string_value(json_object_get(args, name));
	uint64_t rate_bps = 0;
	bool given;

	if (text && (*text == '+' || *text == '-'))
		return read_share(text, field, err);
	if (!args_rate(args, name, &given, &rate_bps, err))
		return false;
	if (rate_bps > PLAN_MOST_BPS || (rate_bps < PLAN_LEAST_BPS && !least_is_0))
		return error_set(err, ERROR_INVALID,
				 "\"%s\" must be between 1k and 1T (to stop a circuit, "
				 "suspend it)",
				 name);
	field->value = VALUE_INTEGER;
	field->integer = (int64_t)rate_bps;
	return true;
}

/* A site may be named as people do; the file has ids. */
static void resolve_site(const struct network *network, struct row_field *field)
{
	uint32_t site;

	if (field->value != VALUE_TEXT || network_find_site(network, field->text) != NETWORK_NONE)
		return;
	site = network_find_site_by_name(network, field->text);
	if (site != NETWORK_NONE)
		field->text = network->sites[site].id;
}

static bool read_field(const json_t *args, const char *name, enum field_type type,
		       struct row_field *field, struct error *err)
{
	bool null = json_is_null(json_object_get(args, name)), flag = false;

	if (null && (type == FIELD_REFERENCE || type == FIELD_CAPACITY))
		return true;
	if (null)
		return error_set(err, ERROR_INVALID, "\"%s\" can't be null", name);
	switch (type) {
	case FIELD_TEXT:
	case FIELD_REFERENCE:
		field->value = VALUE_TEXT;
		return args_text(args, name, &field->text, err);
	case FIELD_RATE:
		return read_rate(args, name, strstr(name, "_min_") != NULL, field, err);
	case FIELD_CAPACITY:
		return read_rate(args, name, false, field, err);
	default:
		field->value = VALUE_INTEGER;
		if (!args_bool(args, name, &flag, err))
			return false;
		field->integer = flag;
		return true;
	}
}

static bool check_known(const json_t *args, const struct row_edit *edit, struct error *err)
{
	static const char *const always[] = { "action", "kind", "id", "device" };
	const char *names[FIELDS + 5] = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < 4; i++)
		if (strcmp(always[i], "device") != 0 || edit->kind == ROW_PREFIX)
			names[count++] = always[i];
	for (size_t i = 0; i < FIELDS && edit->action != ROW_DELETE; i++)
		if (fields[i].kind == edit->kind)
			names[count++] = fields[i].name;
	return args_known(args, names, err);
}

static bool read_fields(const json_t *args, const struct network *network, struct row_edit *edit,
			struct error *err)
{
	for (size_t i = 0; i < FIELDS; i++) {
		struct row_field *field = &edit->fields[edit->field_count];

		if (fields[i].kind != edit->kind || !json_object_get(args, fields[i].name))
			continue;
		field->column = fields[i].column;
		if (!read_field(args, fields[i].name, fields[i].type, field, err))
			return false;
		if (fields[i].type == FIELD_REFERENCE)
			resolve_site(network, field);
		if (edit->action == ROW_ADD && field->value == VALUE_FACTOR)
			return error_set(err, ERROR_INVALID, "\"%s\": a share of what? It is new",
					 fields[i].name);
		edit->field_count++;
	}
	return true;
}

/* A prefix is text to the file; whether it is one is checked here, once. */
static bool check_prefix(const struct row_edit *edit, struct error *err)
{
	struct prefix prefix;

	if (edit->kind != ROW_PREFIX)
		return true;
	if (edit->action == ROW_SET)
		return error_set(err, ERROR_INVALID, "a prefix is added or deleted, not set");
	if (edit->action == ROW_ADD && !edit->device)
		return error_set(err, ERROR_INVALID, "a prefix needs the \"device\" it belongs to");
	return edit->action == ROW_DELETE || prefix_parse(edit->id, &prefix, err);
}

static bool read_edit(const json_t *args, const struct network *network, struct row_edit *edit,
		      struct error *err)
{
	static const char *const actions[] = { "set", "add", "delete", NULL };
	static const char *const kinds[] = { "site", "circuit", "device", "prefix", NULL };
	int action = 0, kind = 0;

	if (!json_is_object(args))
		return error_set(err, ERROR_INVALID, "an edit is an object");
	if (!read_choice(args, "action", actions, &action, err) ||
	    !read_choice(args, "kind", kinds, &kind, err) ||
	    !args_required_text(args, "id", &edit->id, err) ||
	    !args_text(args, "device", &edit->device, err))
		return false;
	edit->action = (enum row_action)action;
	edit->kind = (enum row_kind)kind;
	if (!*edit->id || strlen(edit->id) > 120)
		return error_set(err, ERROR_INVALID, "an id has 1 to 120 characters");
	if (!check_known(args, edit, err) || !read_fields(args, network, edit, err) ||
	    !check_prefix(edit, err))
		return false;
	if (edit->action == ROW_SET && !edit->field_count)
		return error_set(err, ERROR_INVALID, "nothing is set");
	return true;
}

static struct row_edit *read_edits(const json_t *args, const struct network *network, size_t *count,
				   struct error *err)
{
	const json_t *list = json_object_get(args, "edits");
	struct row_edit *edits;

	*count = json_array_size(list);
	if (!*count || *count > EDITS_MAX) {
		error_set(err, ERROR_INVALID, "\"edits\" must be a list of 1 to %d edits",
			  EDITS_MAX);
		return NULL;
	}
	edits = xcalloc(*count, sizeof(*edits));
	for (size_t i = 0; i < *count; i++) {
		if (read_edit(json_array_get(list, i), network, &edits[i], err))
			continue;
		if (*count > 1)
			error_prefix(err, "edit %zu", i + 1);
		free(edits);
		return NULL;
	}
	return edits;
}

/* --- the reply -------------------------------------------------------------------------------- */

static json_t *describe(const struct change_report *report, size_t count, bool dry_run)
{
	json_t *operations = json_array(), *warnings = json_array();

	for (size_t i = 0; i < report->operation_count; i++)
		json_array_append_new(operations, wire_text(report->operations[i]));
	for (size_t i = 0; i < report->warning_count; i++)
		json_array_append_new(warnings, wire_text(report->warnings[i]));
	return json_pack("{s:I, s:o, s:o, s:o, s:b, s:I, s:I, s:I, s:f}", "edits",
			 (json_int_t)count, "operations", operations, "summary",
			 table_summary(&report->summary), "warnings", warnings, "dry_run", dry_run,
			 "revision", (json_int_t)report->revision, "epoch_before",
			 (json_int_t)report->epoch_before, "epoch", (json_int_t)report->epoch, "ms",
			 report->ms);
}

bool verb_edit(const struct request *request, json_t **result, struct error *err)
{
	struct rows_change change = { .author = request->author };
	struct change_report report = { 0 };
	int64_t expect_revision = 0;
	struct row_edit *edits;
	bool ok;

	if (!args_bool(request->args, "dry_run", &change.dry_run, err) ||
	    !args_integer(request->args, "expect_revision", 0, INT64_MAX, &expect_revision, err))
		return false;
	edits = read_edits(request->args, request->engine->network, &change.count, err);
	if (!edits)
		return false;
	change.edits = edits;
	change.expect_revision = (uint64_t)expect_revision;
	ok = change_rows(request->engine, &change, &report, err);
	if (ok)
		*result = describe(&report, change.count, change.dry_run);
	change_report_release(&report);
	free(edits);
	return ok;
}
