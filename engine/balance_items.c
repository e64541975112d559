/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/balance_items.h"

#include <stdbool.h>
#include <stdlib.h>

#include "engine/base/memory.h"

static bool is_below_link(const struct site *site, const uint64_t link_bps[DIRECTIONS])
{
	for (int d = 0; d < DIRECTIONS; d++)
		if (site->capacity_bps[d] && site->capacity_bps[d] < link_bps[d])
			return true;
	return false;
}

static uint32_t add(struct balance_items *items, const struct handles *handles, enum node_kind kind,
		    uint32_t index, const char *id)
{
	items->list[items->count] = (struct balance_item){
		.kind = kind, .index = index, .id = id, .numbers = handles_find(handles, kind, id)
	};
	return (uint32_t)items->count++;
}

void balance_items_find(const struct network *network, const struct handles *handles,
			const uint64_t link_bps[DIRECTIONS], struct balance_items *items)
{
	*items = (struct balance_items){
		.list = xcalloc(network->site_count + network->circuit_count, sizeof(*items->list)),
		.of_site = xcalloc(network->site_count, sizeof(*items->of_site)),
		.of_circuit = xcalloc(network->circuit_count, sizeof(*items->of_circuit)),
	};
	for (uint32_t i = 0; i < network->site_count; i++) {
		const struct site *site = &network->sites[i];
		uint32_t item =
			site->parent == NETWORK_NONE ? NETWORK_NONE : items->of_site[site->parent];

		if (item == NETWORK_NONE && is_below_link(site, link_bps))
			item = add(items, handles, NODE_SITE, i, site->id);
		items->of_site[i] = item;
	}
	for (uint32_t i = 0; i < network->circuit_count; i++) {
		const struct circuit *circuit = &network->circuits[i];
		uint32_t item = circuit->site == NETWORK_NONE ? NETWORK_NONE
							      : items->of_site[circuit->site];

		if (item == NETWORK_NONE)
			item = add(items, handles, NODE_CIRCUIT, i, circuit->id);
		items->of_circuit[i] = item;
		items->list[item].plan_bps += circuit->max_bps[DOWNLOAD] + circuit->max_bps[UPLOAD];
	}
}

void balance_items_release(struct balance_items *items)
{
	free(items->list);
	free(items->of_site);
	free(items->of_circuit);
}
