/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/numbering.h"

#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/renumber.h"

bool numbering_place(const struct network *network, const struct shape_settings *settings,
		     const struct shape *applied, const struct balance_hints *hints,
		     struct handles *handles, struct error *err)
{
	uint16_t *queue_of_site = xcalloc(network->site_count, sizeof(uint16_t));
	uint16_t *queue_of_circuit = xcalloc(network->circuit_count, sizeof(uint16_t));
	bool ok;

	renumber_take_back(applied, settings->has_class, handles);
	handles_retire_missing(handles, network);
	balance_network(network, handles, settings->link_bps, settings->usable_queues, hints,
			queue_of_site, queue_of_circuit);
	ok = handles_assign(handles, network, queue_of_site, queue_of_circuit, err);
	free(queue_of_site);
	free(queue_of_circuit);
	return ok;
}

bool numbering_classes(const struct network *network, const struct shape_settings *settings,
		       const struct shape *applied, struct handles *handles, struct error *err)
{
	handles_give_all(handles, settings->has_class);
	return renumber_moved(network, settings, applied, handles, NULL, err);
}
