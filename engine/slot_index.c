/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/slot_index.h"

#include <stdbool.h>
#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/state.h"

struct slot_index {
	uint32_t *circuits, slots;
	bool made;
};

struct slot_index *slot_index_new(void)
{
	return xcalloc(1, sizeof(struct slot_index));
}

void slot_index_free(struct slot_index *index)
{
	if (!index)
		return;
	free(index->circuits);
	free(index);
}

void slot_index_forget(struct slot_index *index)
{
	index->made = false;
}

static void make(struct slot_index *index, const struct engine *engine)
{
	const struct network *network = engine->network;

	index->slots = datapath_slots(engine->datapath);
	index->circuits = xreallocarray(index->circuits, index->slots, sizeof(*index->circuits));
	for (uint32_t slot = 0; slot < index->slots; slot++)
		index->circuits[slot] = NETWORK_NONE;
	for (uint32_t i = 0; i < network->circuit_count; i++) {
		const struct assignment *assignment =
			handles_find(engine->handles, NODE_CIRCUIT, network->circuits[i].id);

		if (assignment && assignment->slot && assignment->slot < index->slots)
			index->circuits[assignment->slot] = i;
	}
	index->made = true;
}

uint32_t slot_index_find(struct slot_index *index, const struct engine *engine, uint32_t slot)
{
	if (!index->made)
		make(index, engine);
	return slot < index->slots ? index->circuits[slot] : NETWORK_NONE;
}
