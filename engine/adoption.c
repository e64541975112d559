/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/adoption.h"

#include "engine/base/log.h"
#include "engine/renumber.h"

static void adopt_row(const struct shape *applied, const struct shape_row *row,
		      struct handles *handles)
{
	struct assignment assignment = {
		.kind = row->row.flags & LQOS_ROW_SITE ? NODE_SITE : NODE_CIRCUIT,
		.owner = row->row.owner,
		.slot = row->slot,
		.queue = (uint16_t)(row->row.class_id[DOWNLOAD] >> 16),
		.handle = row->row.handle,
		.waiting_handle = row->row.waiting_handle,
	};

	if (!assignment.queue &&
	    assignment.handle) /* claimed, then killed before the row said where */
		assignment.queue = renumber_find_queue(applied, assignment.handle);
	if (!handles_put(handles, &assignment))
		log_warning("slot %u claims handle %x, which another has; it gets a new one",
			    row->slot, row->row.handle);
}

/* Handles of circuits come and go without being saved each time: the slot is what counts. */
static void adopt_saved(const struct assignment *saved, struct handles *handles)
{
	struct assignment without = *saved;

	without.handle = 0;
	if (!handles_put(handles, saved) && saved->kind == NODE_CIRCUIT)
		handles_put(handles, &without);
}

void adoption_take_numbers(const struct shape *applied, const struct assignment *saved,
			   size_t count, struct handles *handles)
{
	for (size_t i = 0; i < applied->row_count; i++)
		adopt_row(applied, &applied->rows[i], handles);
	renumber_reserve_found(applied, handles);
	for (size_t i = 0; i < count; i++)
		if (!handles_find(handles, saved[i].kind, saved[i].id))
			adopt_saved(&saved[i], handles);
}
