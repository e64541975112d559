/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Classes of single circuits, made in a hurry: looked up in what every circuit's own class would
 * be, which is kept from one time to the next.
 */
#include "engine/change_private.h"
#include "engine/lazy_plan.h"

static bool refresh_own_classes(struct engine *engine, struct error *err)
{
	if (engine->own_classes_are_current)
		return true;
	if (engine->lacks_numbers)
		return error_set(err, ERROR_CONFLICT, "%s", engine->trouble);
	own_classes_release(&engine->own_classes);
	own_classes_make(engine->network, engine->handles, &engine->shaping, &engine->own_classes);
	engine->own_classes_are_current = true;
	return true;
}

static bool apply(struct engine *engine, const struct plan *plan, struct error *err)
{
	struct apply_target target = change_target(engine);
	struct apply_result result;

	return apply_plan(&target, plan, false, &engine->applied, &result, err);
}

bool change_give_handle(struct engine *engine, uint32_t slot)
{
	return handles_find_slot(engine->handles, slot) && handles_give(engine->handles, slot);
}

bool change_make_classes(struct engine *engine, const uint32_t *slots, size_t count,
			 struct error *err)
{
	unsigned int operations;
	struct plan plan;
	bool ok;

	if (!refresh_own_classes(engine, err))
		return false;
	if (!lazy_plan_make(&engine->applied, &engine->own_classes, engine->handles, slots, count,
			    &plan))
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
		engine->unsaved = unsaved; /* the slots are as they were; handles come and go */
	return ok;
}
