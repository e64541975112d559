/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/model/network_index.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/memory.h"

/* A node as it is sorted: the texts at hand, since looking each up costs a cache miss. */
struct named {
	const char *first, *second;
	uint32_t number;
};

static int compare_names(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	int order = strcasecmp(a->first, b->first);

	return order ? order : strcmp(a->second, b->second);
}

static int compare_ids(const void *left, const void *right)
{
	const struct named *a = left, *b = right;

	return strverscmp(a->first, b->first);
}

/* Turns counts at [1 + i] into where each i begins. */
static void sum_up(uint32_t *first, size_t count)
{
	for (size_t i = 0; i < count; i++)
		first[i + 1] += first[i];
}

static void index_prefixes(const struct network *network, struct network_index *index)
{
	size_t circuits = network->circuit_count;
	uint32_t *next = xcalloc(circuits + 1, sizeof(*next));

	index->first_prefix = xcalloc(circuits + 1, sizeof(*index->first_prefix));
	index->prefixes = xcalloc(network->prefix_count + 1, sizeof(*index->prefixes));
	for (size_t p = 0; p < network->prefix_count; p++)
		index->first_prefix[network->devices[network->prefixes[p].device].circuit + 1]++;
	sum_up(index->first_prefix, circuits);
	memcpy(next, index->first_prefix, (circuits + 1) * sizeof(*next));
	for (uint32_t p = 0; p < network->prefix_count; p++)
		index->prefixes[next[network->devices[network->prefixes[p].device].circuit]++] = p;
	free(next);
}

/* All nodes in the order of names, the sites first; the caller frees it. */
static struct named *sort_names(const struct network *network)
{
	size_t sites = network->site_count, all = sites + network->circuit_count;
	struct named *nodes = xcalloc(all + 1, sizeof(*nodes));

	for (size_t i = 0; i < sites; i++)
		nodes[i] =
			(struct named){ network->sites[i].name, network->sites[i].id, (uint32_t)i };
	for (size_t i = sites; i < all; i++)
		nodes[i] = (struct named){ network->circuits[i - sites].name,
					   network->circuits[i - sites].id, (uint32_t)i };
	qsort(nodes, sites, sizeof(*nodes), compare_names);
	qsort(nodes + sites, all - sites, sizeof(*nodes), compare_names);
	return nodes;
}

static uint32_t group_of(const struct network *network, uint32_t number)
{
	uint32_t parent = number < network->site_count
				  ? network->sites[number].parent
				  : network->circuits[number - network->site_count].site;

	return parent == NETWORK_NONE ? (uint32_t)network->site_count : parent;
}

/* Ranks, and the nodes grouped by parent: taken in the order of names, each group is in it too. */
static void index_names(const struct network *network, struct network_index *index)
{
	size_t sites = network->site_count, all = sites + network->circuit_count;
	struct named *nodes = sort_names(network);
	uint32_t *next = xcalloc(sites + 2, sizeof(*next));

	index->rank = xcalloc(all + 1, sizeof(*index->rank));
	index->first_child = xcalloc(sites + 2, sizeof(*index->first_child));
	index->children = xcalloc(all + 1, sizeof(*index->children));
	for (uint32_t i = 0; i < all; i++)
		index->first_child[group_of(network, i) + 1]++;
	sum_up(index->first_child, sites + 1);
	memcpy(next, index->first_child, (sites + 2) * sizeof(*next));
	for (uint32_t i = 0; i < all; i++) {
		index->rank[nodes[i].number] = i;
		index->children[next[group_of(network, nodes[i].number)]++] = nodes[i].number;
	}
	free(next);
	free(nodes);
}

static void count_circuits(const struct network *network, struct network_index *index)
{
	index->circuits_below = xcalloc(network->site_count + 1, sizeof(*index->circuits_below));
	for (size_t c = 0; c < network->circuit_count; c++)
		if (network->circuits[c].site != NETWORK_NONE)
			index->circuits_below[network->circuits[c].site]++;
	for (size_t s = network->site_count; s-- > 0;)
		if (network->sites[s].parent != NETWORK_NONE)
			index->circuits_below[network->sites[s].parent] += index->circuits_below[s];
}

const struct network_index *network_index_get(struct network *network)
{
	if (network->index)
		return network->index;
	network->index = xcalloc(1, sizeof(*network->index));
	index_prefixes(network, network->index);
	index_names(network, network->index);
	count_circuits(network, network->index);
	return network->index;
}

const struct network_index *network_index_with_ids(struct network *network)
{
	struct named *circuits;
	uint32_t *rank;

	network_index_get(network);
	if (network->index->id_rank)
		return network->index;
	circuits = xcalloc(network->circuit_count + 1, sizeof(*circuits));
	rank = xcalloc(network->circuit_count + 1, sizeof(*rank));
	for (uint32_t i = 0; i < network->circuit_count; i++)
		circuits[i] = (struct named){ .first = network->circuits[i].id, .number = i };
	qsort(circuits, network->circuit_count, sizeof(*circuits), compare_ids);
	for (uint32_t i = 0; i < network->circuit_count; i++)
		rank[circuits[i].number] = i;
	free(circuits);
	network->index->id_rank = rank;
	return network->index;
}

void network_index_drop(struct network *network)
{
	struct network_index *index = network->index;

	if (!index)
		return;
	free(index->first_prefix);
	free(index->prefixes);
	free(index->first_child);
	free(index->children);
	free(index->circuits_below);
	free(index->rank);
	free(index->id_rank);
	free(index);
	network->index = NULL;
}
