/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/plan_file.h"

#include "db/circuits.h"
#include "engine/base/plain.h"
#include "engine/check_plan.h"
#include "engine/plan_reason.h"
#include "engine/start.h"

static struct network *read_wanted(const struct network *before, const char *path,
				   struct error *err)
{
	struct circuits_db *db = circuits_db_open_to_check(path, err);
	struct network *rows = db ? circuits_db_load(db, err) : NULL, *wanted = NULL;

	if (rows)
		wanted = network_resolve(rows, before);
	network_free(rows);
	circuits_db_close(db);
	return wanted;
}

static void print_plan(const struct check_plan *check, const struct network *network,
		       const char *path, const char *state_path, FILE *out)
{
	struct plan_summary summary = plan_summarise(&check->plan);
	struct plan_reasons *reasons = plan_reasons_new(check->before, check->handles_before,
							network, check->handles_after);
	char line[256], why[300];

	fprintf(out, "%s, revision %llu, on top of %s: %zu operations\n", path,
		(unsigned long long)network->revision, check->from_nothing ? "nothing" : state_path,
		check->plan.count);
	fprintf(out,
		"classes: %u added, %u changes, %u removed; leaves: %u changes; slots: %u set or "
		"cleared; prefixes: %u set or removed\n",
		summary.classes_added, summary.classes_changed, summary.classes_removed,
		summary.leaves_changed, summary.rows_changed, summary.prefixes_changed);
	if (check->lazy_after)
		fprintf(out, CHECK_PLAN_LAZY, check->with_class, network->circuit_count);
	for (size_t i = 0; i < check->plan.count; i++) {
		const struct op *op = &check->plan.ops[i];

		plain_print(out, "%s\t# %s", plan_format_op(op, line, sizeof(line)),
			    plan_reason(reasons, op, why, sizeof(why)));
	}
	plan_reasons_free(reasons);
}

static bool find_settings(const struct config *config, struct shape_settings *settings,
			  struct error *err)
{
	struct engine engine;
	bool ok = engine_find_settings(&engine, config, err);

	*settings = engine.shaping;
	engine_stop(&engine);
	return ok;
}

bool plan_file(const struct config *config, const char *path, FILE *out, struct error *err)
{
	struct shape_settings settings;
	struct network *wanted;
	struct check_plan check;
	struct error reason;
	bool ok;

	if (!find_settings(config, &settings, err))
		return false;
	check_plan_begin(&check, config, &settings, &reason);
	wanted = read_wanted(check.before, path, err);
	if (check.from_nothing && reason.code != ERROR_NONE)
		*err = reason;
	ok = wanted && !(check.from_nothing && reason.code != ERROR_NONE) &&
	     check_plan_make(&check, config, wanted, err);
	if (ok)
		print_plan(&check, wanted, path, config->state_path, out);
	network_free(wanted);
	check_plan_release(&check);
	return ok;
}
