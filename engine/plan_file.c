/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/plan_file.h"

#include <stdlib.h>
#include <unistd.h>

#include "db/circuits.h"
#include "db/state.h"
#include "engine/base/plain.h"
#include "engine/change_private.h"
#include "engine/plan_reason.h"
#include "engine/start.h"

/* What state.db says was last applied, as a shape; nothing when there is no state.db. */
static bool read_applied(struct engine *engine, struct error *err)
{
	struct assignment *saved;
	struct error none;
	size_t count;

	engine->handles = handles_new(engine->config.slots_max);
	if (access(engine->config.state_path, F_OK) < 0)
		return true;
	engine->state_db = state_db_open_to_read(engine->config.state_path, err);
	if (!engine->state_db || !state_db_load_assignments(engine->state_db, &saved, &count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		handles_put(engine->handles, &saved[i]);
	assignments_free(saved, count);
	engine->network = state_db_load_network(engine->state_db, &none);
	if (engine->network)
		shape_network(engine->network, engine->handles, &engine->shaping, &engine->applied,
			      NULL);
	return true;
}

static struct network *read_wanted(const struct engine *engine, const char *path, struct error *err)
{
	struct circuits_db *db = circuits_db_open_to_check(path, err);
	struct network *rows = db ? circuits_db_load(db, err) : NULL, *wanted = NULL;

	if (rows)
		wanted = network_resolve(rows, engine->network);
	network_free(rows);
	circuits_db_close(db);
	return wanted;
}

static void print_plan(const struct engine *engine, const char *path, const struct plan *plan,
		       const struct plan_reasons *reasons, FILE *out)
{
	struct plan_summary summary = plan_summarise(plan);
	char line[256], why[300];

	fprintf(out, "%s, revision %llu, on top of %s: %zu operations\n", path,
		(unsigned long long)engine->network->revision,
		engine->state_db ? engine->config.state_path : "nothing", plan->count);
	fprintf(out,
		"classes: %u added, %u changes, %u removed; leaves: %u changes; slots: %u set or "
		"cleared; prefixes: %u set or removed\n",
		summary.classes_added, summary.classes_changed, summary.classes_removed,
		summary.leaves_changed, summary.rows_changed, summary.prefixes_changed);
	for (size_t i = 0; i < plan->count; i++)
		plain_print(out, "%s\t# %s", plan_format_op(&plan->ops[i], line, sizeof(line)),
			    plan_reason(reasons, &plan->ops[i], why, sizeof(why)));
}

bool plan_file(const struct config *config, const char *path, FILE *out, struct error *err)
{
	struct engine engine;
	struct network *before = NULL, *wanted;
	struct handles *handles_before = NULL;
	struct plan_reasons *reasons;
	struct plan plan;
	bool ok = engine_find_settings(&engine, config, err) && read_applied(&engine, err);

	wanted = ok ? read_wanted(&engine, path, err) : NULL;
	if (wanted) {
		before = engine.network;
		handles_before = handles_copy(engine.handles);
		engine.network = wanted;
	}
	ok = wanted && change_assign_numbers(&engine, err);
	if (ok) {
		change_plan_network(&engine, engine.network, NULL, &plan);
		reasons = plan_reasons_new(before, handles_before, engine.network, engine.handles);
		print_plan(&engine, path, &plan, reasons, out);
		plan_reasons_free(reasons);
		plan_release(&plan);
	}
	if (handles_before)
		handles_free(handles_before);
	network_free(before);
	engine_stop(&engine);
	return ok;
}
