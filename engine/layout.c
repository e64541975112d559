/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/layout.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/rates.h"

static uint64_t site_ceil(const struct network *network, const struct layout *layout, uint32_t site,
			  uint64_t link_bps, enum direction direction)
{
	uint32_t parent = network->sites[site].parent;
	uint64_t capacity_bps = network->sites[site].capacity_bps[direction];
	uint64_t above_bps = parent == NETWORK_NONE ? rates_round(link_bps)
						    : layout->sites[parent].ceil_bps[direction];

	if (!capacity_bps || rates_round(capacity_bps) > above_bps)
		return above_bps;
	return rates_round(capacity_bps);
}

/* Beyond the deepest level, a site hangs beside its parent's class instead of below it. */
static void place_site(const struct network *network, struct layout *layout, uint32_t site)
{
	uint32_t parent = network->sites[site].parent;
	struct layout_site *place = &layout->sites[site];

	place->parent = NETWORK_NONE;
	if (!place->numbers->queue)
		return;
	if (parent != NETWORK_NONE && layout->sites[parent].level) {
		place->flattened = layout->sites[parent].level == LAYOUT_SITE_LEVELS;
		place->parent = place->flattened ? layout->sites[parent].parent : parent;
	}
	place->level = layout_level_below(layout, place->parent);
}

/* Better than the kernel has is not to be had, and its options go with it. */
static struct leaf choose_leaf(const struct circuit *circuit, const struct shape_settings *settings)
{
	struct leaf leaf = { .kind = LEAF_NONE };
	struct error ignored; /* what is wrong with it was said when the network was resolved */

	if (!leaf_parse(circuit->leaf ? circuit->leaf : "", &leaf, &ignored) ||
	    leaf.kind == LEAF_NONE)
		return (struct leaf){ .kind = settings->leaf };
	if (leaf.kind < settings->best_leaf)
		return (struct leaf){ .kind = settings->best_leaf };
	return leaf;
}

void layout_make(const struct network *network, const struct handles *handles,
		 const struct shape_settings *settings, struct layout *layout)
{
	layout->sites = xcalloc(network->site_count, sizeof(*layout->sites));
	layout->circuits = xcalloc(network->circuit_count, sizeof(*layout->circuits));
	for (uint32_t i = 0; i < network->site_count; i++) {
		struct layout_site *place = &layout->sites[i];

		place->numbers = handles_find(handles, NODE_SITE, network->sites[i].id);
		assert(place->numbers);
		place_site(network, layout, i);
		for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++)
			place->ceil_bps[d] =
				site_ceil(network, layout, i, settings->link_bps[d], d);
	}
	for (uint32_t i = 0; i < network->circuit_count; i++) {
		const struct circuit *circuit = &network->circuits[i];
		struct layout_circuit *place = &layout->circuits[i];
		uint32_t site = circuit->site;

		place->numbers = handles_find(handles, NODE_CIRCUIT, circuit->id);
		assert(place->numbers);
		place->parent =
			site != NETWORK_NONE && layout->sites[site].level ? site : NETWORK_NONE;
		place->leaf = choose_leaf(circuit, settings);
	}
}

void layout_release(struct layout *layout)
{
	free(layout->sites);
	free(layout->circuits);
	*layout = (struct layout){ 0 };
}

uint16_t layout_parent_minor(const struct layout *layout, uint32_t parent)
{
	return parent == NETWORK_NONE ? MINOR_LINK : layout->sites[parent].numbers->handle;
}

uint32_t layout_level_below(const struct layout *layout, uint32_t parent)
{
	return parent == NETWORK_NONE ? 1 : layout->sites[parent].level + 1;
}
