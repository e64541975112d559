/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/units.h"
#include "engine/change.h"
#include "engine/state.h"
#include "engine/tables.h"
#include "engine/wire/args.h"
#include "engine/wire/text.h"

#define JOURNAL_ROWS_MAX 1000

/* --- circuit ---------------------------------------------------------------------------------- */

static bool find_circuit(const struct request *request, uint32_t *index, struct error *err)
{
	const char *id = NULL;

	if (!args_required_text(request->args, "circuit", &id, err))
		return false;
	*index = network_find_circuit(request->engine->network, id);
	if (*index == NETWORK_NONE)
		return error_set(err, ERROR_MISSING, "there is no circuit \"%.80s\"", id);
	return true;
}

static json_t *describe_devices(const struct network *network, uint32_t circuit)
{
	json_t *list = json_array();

	for (uint32_t d = 0; d < network->device_count; d++) {
		const struct device *device = &network->devices[d];
		json_t *prefixes;

		if (device->circuit != circuit)
			continue;
		prefixes = json_array();
		for (uint32_t p = 0; p < network->prefix_count; p++) {
			char text[PREFIX_TEXT_SIZE];

			if (network->prefixes[p].device == d)
				json_array_append_new(prefixes,
						      json_string(prefix_format(
							      &network->prefixes[p].prefix, text)));
		}
		json_array_append_new(list,
				      json_pack("{s:o, s:o, s:o, s:o}", "id", wire_text(device->id),
						"name", wire_text(device->name), "mac",
						wire_text(device->mac), "prefixes", prefixes));
	}
	return list;
}

static bool verb_circuit(const struct request *request, json_t **result, struct error *err)
{
	const struct engine *engine = request->engine;
	const struct assignment *assignment;
	const struct circuit *circuit;
	uint32_t index;

	if (!find_circuit(request, &index, err))
		return false;
	circuit = &engine->network->circuits[index];
	assignment = handles_find(engine->handles, NODE_CIRCUIT, circuit->id);
	*result = table_circuit_row(engine, index);
	json_object_set_new(*result, "comment", wire_text(circuit->comment));
	json_object_set_new(*result, "leaf", wire_text(circuit->leaf));
	json_object_set_new(*result, "ancestors", table_ancestors(engine->network, circuit->site));
	json_object_set_new(*result, "devices", describe_devices(engine->network, index));
	json_object_set_new(*result, "slot", json_integer(assignment ? assignment->slot : 0));
	json_object_set_new(
		*result, "epoch",
		json_integer(assignment ? datapath_row(engine->datapath, assignment->slot)->epoch
					: 0));
	return true;
}

/* --- circuit.set ------------------------------------------------------------------------------ */

static json_t *describe_plan(const struct circuit *circuit)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:b, s:I}", "download_min_bps",
			 (json_int_t)circuit->min_bps[DOWNLOAD], "download_max_bps",
			 (json_int_t)circuit->max_bps[DOWNLOAD], "upload_min_bps",
			 (json_int_t)circuit->min_bps[UPLOAD], "upload_max_bps",
			 (json_int_t)circuit->max_bps[UPLOAD], "suspended", circuit->suspended,
			 "until_s", (json_int_t)circuit->until_s);
}

/* What an operator would want to be told before it takes effect. */
static json_t *describe_doubts(const struct network *network, const struct circuit *after)
{
	static const char *const names[] = { "download", "upload" };
	json_t *list = json_array();

	for (uint32_t s = after->site; s != NETWORK_NONE; s = network->sites[s].parent) {
		const struct site *site = &network->sites[s];

		for (int d = 0; d < DIRECTIONS; d++) {
			char rate[RATE_TEXT_SIZE], text[200];

			if (!site->capacity_bps[d] || after->max_bps[d] <= site->capacity_bps[d])
				continue;
			snprintf(text, sizeof(text), "%s is more than %s has (%s)", names[d],
				 site->name, rate_format(site->capacity_bps[d], rate));
			json_array_append_new(list, wire_text(text));
		}
	}
	return list;
}

static json_t *describe_operations(const struct change_report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->operation_count; i++)
		json_array_append_new(list, wire_text(report->operations[i]));
	return list;
}

static json_t *describe_report(const struct engine *engine, const struct change_report *report,
			       bool dry_run)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:I, s:I, s:f}", "circuit",
			 wire_text(report->after.id), "name", wire_text(report->after.name),
			 "before", describe_plan(&report->before), "after",
			 describe_plan(&report->after), "operations", describe_operations(report),
			 "summary", table_summary(&report->summary), "warnings",
			 describe_doubts(engine->network, &report->after), "dry_run", dry_run,
			 "revision", (json_int_t)report->revision, "epoch_before",
			 (json_int_t)report->epoch_before, "epoch", (json_int_t)report->epoch, "ms",
			 report->ms);
}

static bool read_edit(const json_t *args, struct circuit_edit *edit, struct error *err)
{
	bool given = json_object_get(args, "suspended") != NULL;

	edit->set_suspended = given;
	return args_rate(args, "download_max_bps", &edit->set_max[DOWNLOAD],
			 &edit->max_bps[DOWNLOAD], err) &&
	       args_rate(args, "upload_max_bps", &edit->set_max[UPLOAD], &edit->max_bps[UPLOAD],
			 err) &&
	       args_rate(args, "download_min_bps", &edit->set_min[DOWNLOAD],
			 &edit->min_bps[DOWNLOAD], err) &&
	       args_rate(args, "upload_min_bps", &edit->set_min[UPLOAD], &edit->min_bps[UPLOAD],
			 err) &&
	       args_bool(args, "suspended", &edit->suspended, err) &&
	       args_integer(args, "for_s", 1, EDIT_FOR_MOST_S, &edit->for_s, err);
}

static bool verb_circuit_set(const struct request *request, json_t **result, struct error *err)
{
	struct engine *engine = request->engine;
	struct circuit_edit edit = { 0 };
	struct change_report report = { 0 };
	bool dry_run = false, ok;
	int64_t expect_revision = 0;
	uint32_t index;

	if (!find_circuit(request, &index, err) || !read_edit(request->args, &edit, err) ||
	    !args_bool(request->args, "dry_run", &dry_run, err) ||
	    !args_integer(request->args, "expect_revision", 0, INT64_MAX, &expect_revision, err))
		return false;
	edit.circuit_id = json_string_value(json_object_get(request->args, "circuit"));
	if (dry_run)
		ok = change_preview(engine, &edit, &report, err);
	else
		ok = change_edit(engine, &edit, request->author, (uint64_t)expect_revision, &report,
				 err);
	if (ok)
		*result = describe_report(engine, &report, dry_run);
	change_report_release(&report);
	return ok;
}

/* --- undo ------------------------------------------------------------------------------------- */

static void add_line(void *data, const char *line)
{
	json_array_append_new(data, wire_text(line));
}

static bool preview_undo(const struct request *request, int64_t revision, json_t **result,
			 struct error *err)
{
	json_t *lines = json_array();

	if (!change_preview_undo(request->engine, (uint64_t)revision, add_line, lines, err)) {
		json_decref(lines);
		return false;
	}
	*result = json_pack("{s:I, s:b, s:I, s:o}", "undone", (json_int_t)revision, "dry_run", 1,
			    "revision", (json_int_t)request->engine->revision, "operations", lines);
	return true;
}

static bool verb_undo(const struct request *request, json_t **result, struct error *err)
{
	struct change_report report = { 0 };
	bool ok, dry_run = false;
	int64_t revision = 0;

	if (!json_object_get(request->args, "revision"))
		return error_set(err, ERROR_INVALID,
				 "\"revision\" is missing: which one is to be undone");
	if (!args_integer(request->args, "revision", 1, INT64_MAX, &revision, err) ||
	    !args_bool(request->args, "dry_run", &dry_run, err))
		return false;
	if (dry_run)
		return preview_undo(request, revision, result, err);
	ok = change_undo(request->engine, (uint64_t)revision, request->author, &report, err);
	if (ok)
		*result = json_pack(
			"{s:I, s:b, s:I, s:o, s:o, s:I, s:I, s:f}", "undone", (json_int_t)revision,
			"dry_run", 0, "revision", (json_int_t)report.revision, "operations",
			describe_operations(&report), "summary", table_summary(&report.summary),
			"epoch_before", (json_int_t)report.epoch_before, "epoch",
			(json_int_t)report.epoch, "ms", report.ms);
	change_report_release(&report);
	return ok;
}

/* --- journal, problems ------------------------------------------------------------------------ */

static bool verb_journal(const struct request *request, json_t **result, struct error *err)
{
	int64_t limit = 50, before = 0;
	const char *circuit = NULL;
	struct journal_row *rows;
	json_t *list;
	int count;

	if (!args_integer(request->args, "limit", 1, JOURNAL_ROWS_MAX, &limit, err) ||
	    !args_integer(request->args, "before", 0, INT64_MAX, &before, err) ||
	    !args_text(request->args, "circuit", &circuit, err))
		return false;
	if (!request->engine->circuits_db)
		return error_set(err, ERROR_SYSTEM, "%s can't be opened, so there is no journal",
				 request->engine->config.circuits_path);
	rows = xcalloc((size_t)limit, sizeof(*rows));
	count = circuits_db_read_journal(request->engine->circuits_db, before, circuit, rows,
					 (int)limit);
	list = json_array();
	for (int i = 0; i < count; i++)
		json_array_append_new(
			list,
			json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
				  (json_int_t)rows[i].id, "time_ms", (json_int_t)rows[i].time_ms,
				  "revision", (json_int_t)rows[i].revision, "author",
				  wire_text(rows[i].author), "action", wire_text(rows[i].action),
				  "subject", wire_text(rows[i].subject), "field",
				  wire_text(rows[i].field), "before", wire_text(rows[i].before),
				  "after", wire_text(rows[i].after), "result",
				  wire_text(rows[i].result), "apply_ms",
				  rows[i].apply_ms < 0 ? json_null()
						       : json_real(rows[i].apply_ms)));
	free(rows);
	*result = json_pack("{s:o}", "rows", list);
	return true;
}

static bool verb_problems(const struct request *request, json_t **result, struct error *err)
{
	const struct network *network = request->engine->network;
	json_t *list = json_array();

	for (size_t i = 0; i < network->problem_count; i++)
		json_array_append_new(list,
				      json_pack("{s:o, s:o, s:o}", "subject",
						wire_text(network->problems[i].subject), "reason",
						wire_text(network->problems[i].reason), "in_force",
						wire_text(network->problems[i].in_force)));
	*result = json_pack("{s:o}", "rows", list);
	return true;
}

/* --- the table -------------------------------------------------------------------------------- */

static const char *const no_arguments[] = { NULL };
static const char *const table_arguments[] = { "sort",	 "reverse", "filter",  "offset", "limit",
					       "follow", "depth",   "toggled", NULL };
static const char *const circuits_arguments[] = { "sort",   "reverse", "filter",  "offset", "limit",
						  "follow", "depth",   "toggled", "site",   NULL };
static const char *const flow_arguments[] = { "sort",	"reverse", "circuit", "site",
					      "filter", "offset",  "limit",   NULL };
static const char *const limit_arguments[] = { "limit", NULL };
static const char *const scope_arguments[] = { "circuit", "site", NULL };
static const char *const why_arguments[] = { "address", "circuit", NULL };
static const char *const circuit_arguments[] = { "circuit", NULL };
static const char *const samples_arguments[] = { "circuit", "limit", NULL };
static const char *const site_arguments[] = { "site", NULL };
static const char *const edit_arguments[] = { "edits", "dry_run", "expect_revision", NULL };
static const char *const set_arguments[] = { "circuit",	       "download_max_bps",
					     "upload_max_bps", "download_min_bps",
					     "upload_min_bps", "suspended",
					     "dry_run",	       "expect_revision",
					     "for_s",	       NULL };
static const char *const undo_arguments[] = { "revision", "dry_run", NULL };
static const char *const journal_arguments[] = { "limit", "before", "circuit", NULL };
static const char *const capture_arguments[] = { "circuit",	  "address", "customer",
						 "customer_port", "remote",  "remote_port",
						 "protocol",	  "snap",    "seconds",
						 "bytes",	  NULL };
static const char *const capture_stop_arguments[] = { "capture", NULL };
static const char *const subscribe_arguments[] = { "to", "interval_ms", "args", "replace", NULL };
static const char *const unsubscribe_arguments[] = { "subscription", NULL };

static const struct verb verbs[] = {
	{ "status", ROLE_READ, no_arguments, verb_status, true },
	{ "tree", ROLE_READ, table_arguments, verb_tree, true },
	{ "circuits", ROLE_READ, circuits_arguments, verb_circuits, true },
	{ "sites", ROLE_READ, circuits_arguments, verb_sites, true },
	{ "flows", ROLE_READ, flow_arguments, verb_flows, true },
	{ "circuit", ROLE_READ, circuit_arguments, verb_circuit, true },
	{ "leaf", ROLE_READ, circuit_arguments, verb_leaf, true },
	{ "devices", ROLE_READ, circuit_arguments, verb_devices, true },
	{ "rtt", ROLE_READ, circuit_arguments, verb_rtt, true },
	{ "samples", ROLE_READ, samples_arguments, verb_samples, true },
	{ "history", ROLE_READ, scope_arguments, verb_history, true },
	{ "queues", ROLE_READ, no_arguments, verb_queues, true },
	{ "unknown", ROLE_READ, limit_arguments, verb_unknown, true },
	{ "why", ROLE_READ, why_arguments, verb_why, true },
	{ "journal", ROLE_READ, journal_arguments, verb_journal, true },
	{ "problems", ROLE_READ, no_arguments, verb_problems, true },
	{ "site", ROLE_READ, site_arguments, verb_site, true },
	{ "edit", ROLE_ADMIN, edit_arguments, verb_edit, false },
	{ "circuit.set", ROLE_ADMIN, set_arguments, verb_circuit_set, false },
	{ "undo", ROLE_ADMIN, undo_arguments, verb_undo, false },
	{ "capture.list", ROLE_READ, no_arguments, verb_capture_list, true },
	{ "capture.start", ROLE_ADMIN, capture_arguments, verb_capture_start, false },
	{ "capture.stop", ROLE_ADMIN, capture_stop_arguments, verb_capture_stop, false },
	{ "subscribe", ROLE_READ, subscribe_arguments, verb_subscribe, false },
	{ "unsubscribe", ROLE_READ, unsubscribe_arguments, verb_unsubscribe, false },
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

bool verb_run(const struct verb *verb, const struct request *request, json_t **result,
	      struct error *err)
{
	if (request->role < verb->role)
		return error_set(err, ERROR_DENIED,
				 "\"%s\" needs membership of the group %s; %s may only read",
				 verb->name, request->engine->config.admin_group, request->author);
	return args_known(request->args, verb->arguments, err) &&
	       verb->handler(request, result, err);
}
