/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/check_file.h"

#include <jansson.h>

#include "db/circuits.h"
#include "engine/base/plain.h"
#include "engine/base/units.h"
#include "engine/check_plan.h"
#include "engine/model/network.h"
#include "engine/plan_reason.h"
#include "engine/tables.h"
#include "engine/wire/text.h"

#define TEXT_OPERATIONS 20
#define JSON_OPERATIONS 1000
#define REASON_SIZE 300

struct checking {
	const char *path;
	struct network *network;
	const struct check_plan *plan; /* NULL: none could be made, */
	const char *no_plan;	       /* for this reason */
	FILE *out;
};

/* Of all plans together. */
static uint64_t sum_plans(const struct network *network, int direction)
{
	uint64_t sum_bps = 0;

	for (size_t i = 0; i < network->circuit_count; i++)
		sum_bps += network->circuits[i].max_bps[direction];
	return sum_bps;
}

static const char *describe_start(const struct check_plan *plan)
{
	return plan->from_nothing ? "nothing" : "what was last applied";
}

static struct plan_reasons *new_reasons(const struct checking *checking)
{
	return plan_reasons_new(checking->plan->before, checking->plan->handles_before,
				checking->network, checking->plan->handles_after);
}

static void print_plan(const struct checking *checking)
{
	const struct plan *plan;
	struct plan_summary sum;
	struct plan_reasons *reasons;

	if (!checking->plan) {
		plain_print(checking->out, "no plan: %s", checking->no_plan);
		return;
	}
	plan = &checking->plan->plan;
	sum = plan_summarise(plan);
	reasons = new_reasons(checking);
	fprintf(checking->out,
		"plan from %s: classes %u added, %u changed, %u removed; leaves %u changed; rows "
		"%u, "
		"prefixes %u changed\n",
		describe_start(checking->plan), sum.classes_added, sum.classes_changed,
		sum.classes_removed, sum.leaves_changed, sum.rows_changed, sum.prefixes_changed);
	if (checking->plan->lazy_after)
		fprintf(checking->out, CHECK_PLAN_LAZY, checking->plan->with_class,
			checking->network->circuit_count);
	for (size_t i = 0; i < plan->count && i < TEXT_OPERATIONS; i++) {
		char line[256], reason[REASON_SIZE];

		plain_print(checking->out, "  %s (%s)",
			    plan_format_op(&plan->ops[i], line, sizeof(line)),
			    plan_reason(reasons, &plan->ops[i], reason, sizeof(reason)));
	}
	plan_reasons_free(reasons);
	if (plan->count > TEXT_OPERATIONS)
		fprintf(checking->out, "  and %zu more\n", plan->count - TEXT_OPERATIONS);
}

static json_t *describe_plan(const struct checking *checking)
{
	json_t *operations = json_array();
	struct plan_summary sum;
	struct plan_reasons *reasons;
	const struct plan *plan;

	if (!checking->plan)
		return json_pack("{s:s}", "missing", checking->no_plan);
	plan = &checking->plan->plan;
	sum = plan_summarise(plan);
	reasons = new_reasons(checking);
	for (size_t i = 0; i < plan->count && i < JSON_OPERATIONS; i++) {
		char line[256], reason[REASON_SIZE];

		plan_format_op(&plan->ops[i], line, sizeof(line));
		plan_reason(reasons, &plan->ops[i], reason, sizeof(reason));
		json_array_append_new(operations,
				      json_pack("{s:o, s:o}", "operation", wire_text(line),
						"reason", wire_text(reason)));
	}
	plan_reasons_free(reasons);
	return json_pack("{s:s, s:b, s:I, s:o, s:I, s:o}", "from", describe_start(checking->plan),
			 "lazy", checking->plan->lazy_after, "circuits_with_class",
			 (json_int_t)checking->plan->with_class, "summary", table_summary(&sum),
			 "operation_count", (json_int_t)plan->count, "operations", operations);
}

static void print_text(const struct checking *checking)
{
	const struct network *network = checking->network;
	FILE *out = checking->out;
	char download[RATE_TEXT_SIZE], upload[RATE_TEXT_SIZE];

	fprintf(out,
		"%s, revision %llu: %zu sites, %zu circuits, %zu devices, %zu prefixes\n"
		"plans: %s down, %s up in all\n",
		checking->path, (unsigned long long)network->revision, network->site_count,
		network->circuit_count, network->device_count, network->prefix_count,
		rate_format(sum_plans(network, DOWNLOAD), download),
		rate_format(sum_plans(network, UPLOAD), upload));
	for (size_t i = 0; i < network->problem_count; i++)
		plain_print(out, "%s: %s; %s", network->problems[i].subject,
			    network->problems[i].reason, network->problems[i].in_force);
	fprintf(out, "%zu problems\n", network->problem_count);
	print_plan(checking);
}

static void print_json(const struct checking *checking)
{
	const struct network *network = checking->network;
	json_t *problems = json_array(), *object;

	for (size_t i = 0; i < network->problem_count; i++)
		json_array_append_new(problems,
				      json_pack("{s:o, s:o, s:o}", "subject",
						wire_text(network->problems[i].subject), "reason",
						wire_text(network->problems[i].reason), "in_force",
						wire_text(network->problems[i].in_force)));
	object = json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "path",
			   wire_text(checking->path), "revision", (json_int_t)network->revision,
			   "sites", (json_int_t)network->site_count, "circuits",
			   (json_int_t)network->circuit_count, "devices",
			   (json_int_t)network->device_count, "prefixes",
			   (json_int_t)network->prefix_count, "download_max_bps",
			   (json_int_t)sum_plans(network, DOWNLOAD), "upload_max_bps",
			   (json_int_t)sum_plans(network, UPLOAD), "problems", problems, "plan",
			   describe_plan(checking));
	json_dumpf(object, checking->out, JSON_COMPACT);
	fputc('\n', checking->out);
	json_decref(object);
}

static struct network *read_rows_of(const char *path, struct error *err)
{
	struct circuits_db *db = circuits_db_open_to_check(path, err);
	struct network *rows = db ? circuits_db_load(db, err) : NULL;

	circuits_db_close(db);
	return rows;
}

bool check_file(const char *path, const struct config *config, bool as_json, FILE *out,
		size_t *problems, struct error *err)
{
	struct error reason = { .text = "there are no settings to plan with" }, ignored;
	struct network *rows = read_rows_of(path, err), *network;
	struct check_plan plan = { 0 };
	struct checking checking = { .path = path, .no_plan = reason.text, .out = out };

	if (!rows)
		return false;
	if (config)
		check_plan_begin(&plan, config, NULL, &ignored);
	checking.network = network = network_resolve(rows, plan.before);
	network_free(rows);
	if (config && check_plan_make(&plan, config, network, &reason))
		checking.plan = &plan;
	(as_json ? print_json : print_text)(&checking);
	*problems = network->problem_count;
	network_free(network);
	if (config)
		check_plan_release(&plan);
	return true;
}
