/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Classes of single circuits, made in a hurry: looked up in a shape of the whole network in which
 * all have one, which is kept from one time to the next.
 */
#include "engine/change_private.h"
#include "engine/lazy_plan.h"

static bool refresh_whole(struct engine *engine, struct error *err)
{
	struct shape_settings settings = engine->shaping;

	if (engine->whole_is_current)
		return true;
	if (engine->lacks_numbers)
		return error_set(err, ERROR_CONFLICT, "%s", engine->trouble);
	settings.has_class = NULL;
	shape_release(&engine->whole);
	shape_network(engine->network, engine->handles, &settings, &engine->whole, NULL);
	engine->whole_is_current = true;
	return true;
}

static bool apply(struct engine *engine, const struct plan *plan, struct error *err)
{
	struct apply_target target = change_target(engine);
	struct apply_result result;

	return apply_plan(&target, plan, false, &engine->applied, &result, err);
}

bool change_make_classes(struct engine *engine, const uint32_t *slots, size_t count,
			 struct error *err)
{
	unsigned int operations;
	struct plan plan;
	bool ok;

	if (!refresh_whole(engine, err))
		return false;
	if (!lazy_plan_make(&engine->applied, &engine->whole, slots, count, &plan))
		return change_reconcile(engine, false, &operations, err);
	ok = apply(engine, &plan, err);
	plan_release(&plan);
	return ok;
}

bool change_drop_classes(struct engine *engine, struct error *err)
{
	bool unsaved = engine->unsaved, ok;
	unsigned int operations;

	ok = change_reconcile(engine, false, &operations, err);
	if (ok)
		engine->unsaved = unsaved; /* the numbers are as they were */
	return ok;
}
