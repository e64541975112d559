/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/balance.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/queue_tree.h"

/* What is placed as a whole: a site with all below it, or a circuit above all such sites. */
struct item {
	uint64_t weight;
	const char *id;
	uint16_t *queue; /* where the answer goes */
};

/* The site that a site is placed with: itself, an ancestor, or NETWORK_NONE above that level. */
static uint32_t *find_placed(const struct network *network, const uint64_t link_bps[DIRECTIONS])
{
	uint32_t *placed = xcalloc(network->site_count, sizeof(*placed));

	for (uint32_t i = 0; i < network->site_count; i++) {
		const struct site *site = &network->sites[i];

		placed[i] = site->parent == NETWORK_NONE ? NETWORK_NONE : placed[site->parent];
		for (int d = 0; d < DIRECTIONS && placed[i] == NETWORK_NONE; d++)
			if (site->capacity_bps[d] && site->capacity_bps[d] < link_bps[d])
				placed[i] = i;
	}
	return placed;
}

/* The plans of both directions; 1 more each, so that nodes without traffic spread as well. */
static uint64_t circuit_weight(const struct circuit *circuit)
{
	return circuit->max_bps[DOWNLOAD] + circuit->max_bps[UPLOAD] + 1;
}

static uint32_t placed_of_circuit(const struct circuit *circuit, const uint32_t *placed)
{
	return circuit->site == NETWORK_NONE ? NETWORK_NONE : placed[circuit->site];
}

static int compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int by_id;

	if (a->weight != b->weight)
		return a->weight < b->weight ? 1 : -1;
	by_id = strcmp(a->id, b->id);
	/* A site and a circuit of one id: by where they stand, sites' array first. */
	return by_id ? by_id : (a->queue > b->queue) - (a->queue < b->queue);
}

static uint16_t least_loaded(const uint64_t load[QUEUES_MAX + 1], uint16_t queues)
{
	uint16_t best = 1;

	for (uint16_t queue = 2; queue <= queues; queue++)
		if (load[queue] < load[best])
			best = queue;
	return best;
}

/* Keeps the queue that a node has; else the item waits in `items`. */
static void keep_or_queue(const struct assignment *assignment, uint16_t queues,
			  const struct item *item, uint64_t load[QUEUES_MAX + 1],
			  struct item *items, size_t *count)
{
	if (assignment && assignment->queue >= 1 && assignment->queue <= queues) {
		*item->queue = assignment->queue;
		load[assignment->queue] += item->weight;
	} else {
		items[(*count)++] = *item;
	}
}

/* A site's weight stands at the site that it is placed with. */
static uint64_t *weigh_sites(const struct network *network, const uint32_t *placed)
{
	uint64_t *weights = xcalloc(network->site_count, sizeof(*weights));

	for (uint32_t i = 0; i < network->site_count; i++)
		if (placed[i] != NETWORK_NONE)
			weights[placed[i]]++;
	for (size_t i = 0; i < network->circuit_count; i++) {
		uint32_t site = placed_of_circuit(&network->circuits[i], placed);

		if (site != NETWORK_NONE)
			weights[site] += circuit_weight(&network->circuits[i]);
	}
	return weights;
}

void balance_network(const struct network *network, const struct handles *handles,
		     const uint64_t link_bps[DIRECTIONS], uint16_t queues, uint16_t *queue_of_site,
		     uint16_t *queue_of_circuit)
{
	uint32_t *placed = find_placed(network, link_bps);
	uint64_t *weights = weigh_sites(network, placed), load[QUEUES_MAX + 1] = { 0 };
	struct item *items = xcalloc(network->site_count + network->circuit_count, sizeof(*items));
	size_t count = 0;

	for (uint32_t i = 0; i < network->site_count; i++) {
		const char *id = network->sites[i].id;
		struct item item = { weights[i], id, &queue_of_site[i] };

		queue_of_site[i] = 0;
		if (placed[i] == i)
			keep_or_queue(handles_find(handles, NODE_SITE, id), queues, &item, load,
				      items, &count);
	}
	for (size_t i = 0; i < network->circuit_count; i++) {
		const struct circuit *circuit = &network->circuits[i];
		struct item item = { circuit_weight(circuit), circuit->id, &queue_of_circuit[i] };

		if (placed_of_circuit(circuit, placed) == NETWORK_NONE)
			keep_or_queue(handles_find(handles, NODE_CIRCUIT, circuit->id), queues,
				      &item, load, items, &count);
	}
	qsort(items, count, sizeof(*items), compare_items);
	for (size_t i = 0; i < count; i++) {
		*items[i].queue = least_loaded(load, queues);
		load[*items[i].queue] += items[i].weight;
	}
	for (uint32_t i = 0; i < network->site_count; i++)
		if (placed[i] != NETWORK_NONE)
			queue_of_site[i] = queue_of_site[placed[i]];
	for (size_t i = 0; i < network->circuit_count; i++) {
		uint32_t site = placed_of_circuit(&network->circuits[i], placed);

		if (site != NETWORK_NONE)
			queue_of_circuit[i] = queue_of_site[site];
	}
	free(items);
	free(weights);
	free(placed);
}
