/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of nodes side by side: circuits, or sites, of all or below a site. */
#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/table_nodes_private.h"

/* Which sites are the query's or below it; NULL: it has none. Parents come before their
 * children. */
static bool *mark_below(const struct listing *listing)
{
	const struct network *network = listing->network;
	bool *below;

	if (listing->query->site == NETWORK_NONE)
		return NULL;
	below = xcalloc(network->site_count + 1, sizeof(*below));
	for (uint32_t s = 0; s < network->site_count; s++) {
		uint32_t parent = network->sites[s].parent;

		below[s] = s == listing->query->site || (parent != NETWORK_NONE && below[parent]);
	}
	return below;
}

/* Sites by themselves, whatever is above or below them matches. */
static size_t take_sites(const struct listing *listing, struct place *places)
{
	bool *below = mark_below(listing);
	size_t count = 0;

	for (uint32_t s = 0; s < listing->network->site_count; s++) {
		struct node node = listing_node(listing, s);

		if ((!below || below[s]) && listing_matches(listing, &node))
			places[count++] = listing_place(listing, s);
	}
	free(below);
	return count;
}

static size_t take_circuits(const struct listing *listing, struct place *places)
{
	const struct network *network = listing->network;
	bool *below = mark_below(listing);
	size_t count = 0;

	for (uint32_t c = 0; c < network->circuit_count; c++) {
		uint32_t site = network->circuits[c].site;
		uint32_t number = (uint32_t)network->site_count + c;

		if ((!below || (site != NETWORK_NONE && below[site])) &&
		    listing_shows(listing, number))
			places[count++] = listing_place(listing, number);
	}
	free(below);
	return count;
}

/* How many come before it; -1 when it is not among them. */
static int64_t position_of(const struct listing *listing, const struct place *places, size_t count,
			   uint32_t number)
{
	struct place wanted;
	int64_t before = 0;
	bool there = false;

	if (number == NETWORK_NONE)
		return -1;
	wanted = listing_place(listing, number);
	for (size_t i = 0; i < count; i++) {
		before += place_is_before(&places[i], &wanted);
		there |= places[i].number == number;
	}
	return there ? before : -1;
}

static void list_page(const struct listing *listing, struct place *places, size_t count,
		      const struct node_page *page, struct node_list *list)
{
	int64_t selected = position_of(listing, places, count, listing_find(listing, page->follow));

	listing_begin_page(list, page, count, selected);
	places_sort_page(places, count, (size_t)list->offset, list->wanted);
	for (; list->count < list->wanted; list->count++) {
		const struct place *place = &places[list->offset + (int64_t)list->count];

		list->nodes[list->count] =
			listing_describe(listing, &(struct line){ .number = place->number });
	}
}

void nodes_list_circuits(const struct engine *engine, const struct node_query *query,
			 const struct node_page *page, struct node_list *list)
{
	struct listing listing = listing_begin(engine, query);
	struct place *places = xcalloc(listing.network->circuit_count + 1, sizeof(*places));

	list_page(&listing, places, take_circuits(&listing, places), page, list);
	free(places);
	free(listing.shown);
}

void nodes_list_sites(const struct engine *engine, const struct node_query *query,
		      const struct node_page *page, struct node_list *list)
{
	struct listing listing = { .engine = engine,
				   .network = engine->network,
				   .index = network_index_get(engine->network),
				   .query = query };
	struct place *places = xcalloc(listing.network->site_count + 1, sizeof(*places));

	list_page(&listing, places, take_sites(&listing, places), page, list);
	free(places);
}
