/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sites that go to other queues: new numbers, then the plan that any other change has. */
#include "engine/change_private.h"
#include "engine/numbering.h"

bool change_move_queues(struct engine *engine, const struct balance_hints *hints, struct error *err)
{
	struct handles *handles = handles_copy(engine->handles);
	unsigned int operations;
	bool ok = numbering_place(engine->network, &engine->shaping, &engine->applied, hints,
				  handles, err) &&
		  numbering_classes(engine->network, &engine->shaping, &engine->applied, handles,
				    err);

	if (ok)
		handles_swap(engine->handles, handles);
	handles_free(handles);
	return ok && change_reconcile(engine, false, &operations, err);
}
