/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/table_nodes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/model/network_index.h"
#include "engine/place.h"
#include "engine/sampler.h"
#include "engine/state.h"
#include "engine/table_nodes_private.h"

#define TEXTS_MAX 64

static const struct {
	const char *name;
	enum node_sort sort;
} sorts[] = {
	{ "name", SORT_NAME },
	{ "id", SORT_ID },
	{ "site", SORT_SITE },
	{ "download", SORT_DOWNLOAD },
	{ "upload", SORT_UPLOAD },
	{ "download_max", SORT_DOWNLOAD_MAX },
	{ "upload_max", SORT_UPLOAD_MAX },
	{ "rtt", SORT_RTT },
	{ "p95", SORT_RTT_P95 },
	{ "samples", SORT_SAMPLES },
	{ "retransmits", SORT_RETRANSMITS },
	{ "drops", SORT_DROPS },
	{ "load", SORT_LOAD },
	{ "qoo", SORT_SCORE },
};

bool node_sort_parse(const char *name, enum node_sort *sort, struct error *err)
{
	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
		if (strcmp(sorts[i].name, name))
			continue;
		*sort = sorts[i].sort;
		return true;
	}
	return error_set(
		err, ERROR_INVALID,
		"can't sort by \"%.40s\"; take name, id, site, download, upload, "
		"download_max, upload_max, rtt, p95, samples, retransmits, drops, load or qoo",
		name);
}

/* --- what a node is called and what it measures ----------------------------------------------- */

struct lines {
	struct line *items;
	size_t count, capacity;
};

struct node listing_node(const struct listing *listing, uint32_t number)
{
	uint32_t sites = (uint32_t)listing->network->site_count;

	return number < sites ? (struct node){ .is_site = true, .index = number }
			      : (struct node){ .index = number - sites, .circuits = 1 };
}

static const char *name_of(const struct listing *listing, const struct node *node)
{
	return node->is_site ? listing->network->sites[node->index].name
			     : listing->network->circuits[node->index].name;
}

static const char *id_of(const struct listing *listing, const struct node *node)
{
	return node->is_site ? listing->network->sites[node->index].id
			     : listing->network->circuits[node->index].id;
}

static uint32_t parent_of(const struct listing *listing, const struct node *node)
{
	return node->is_site ? listing->network->sites[node->index].parent
			     : listing->network->circuits[node->index].site;
}

static const char *site_of(const struct listing *listing, const struct node *node)
{
	uint32_t parent = parent_of(listing, node);

	return parent == NETWORK_NONE ? "" : listing->network->sites[parent].name;
}

static const struct metrics *metrics_of(const struct listing *listing, const struct node *node)
{
	return node->is_site ? sampler_site(listing->engine->sampler, node->index)
			     : sampler_circuit(listing->engine->sampler, node->index);
}

static uint64_t max_of(const struct listing *listing, const struct node *node, int direction)
{
	return node->is_site ? listing->network->sites[node->index].capacity_bps[direction]
			     : listing->network->circuits[node->index].max_bps[direction];
}

/* The fuller direction's share of plan or capacity; NAN where there is neither. */
static double load_of(const struct listing *listing, const struct node *node)
{
	const struct metrics *metrics = metrics_of(listing, node);
	double load = NAN;

	for (int d = 0; d < DIRECTIONS; d++) {
		uint64_t max_bps = max_of(listing, node, d);

		if (max_bps)
			load = fmax(load, (double)metrics->rate_bps[d] / (double)max_bps);
	}
	return load;
}

static double retransmits_of(const struct metrics *metrics)
{
	if (metrics->tcp_packets < RETRANSMITS_MIN_PACKETS)
		return NAN;
	return 100.0 * (double)metrics->retransmits / (double)metrics->tcp_packets;
}

/* --- order ------------------------------------------------------------------------------------ */

/* The number to sort by; negative: no data. */
static double number_of(const struct listing *listing, const struct node *node)
{
	const struct metrics *metrics = metrics_of(listing, node);
	double value = 0;

	switch (listing->query->sort) {
	case SORT_DOWNLOAD:
		return (double)metrics->rate_bps[DOWNLOAD];
	case SORT_UPLOAD:
		return (double)metrics->rate_bps[UPLOAD];
	case SORT_DOWNLOAD_MAX:
		return (double)max_of(listing, node, DOWNLOAD);
	case SORT_UPLOAD_MAX:
		return (double)max_of(listing, node, UPLOAD);
	case SORT_RTT:
		return metrics->rtt.samples ? (double)metrics->rtt.p50_us : -1;
	case SORT_RTT_P95:
		return metrics->rtt.samples ? (double)metrics->rtt.p95_us : -1;
	case SORT_SAMPLES:
		return metrics->rtt.samples;
	case SORT_RETRANSMITS:
		value = retransmits_of(metrics);
		return isnan(value) ? -1 : value;
	case SORT_DROPS:
		return metrics->drops_per_s;
	case SORT_LOAD:
		value = load_of(listing, node);
		return isnan(value) ? -1 : value;
	case SORT_SCORE:
		return metrics->score < 0 ? -1 : 100 - metrics->score;
	default:
		return 0;
	}
}

/* By what the node is sorted, turned so that the smaller one comes first. */
static double key_of(const struct listing *listing, const struct node *node, uint32_t number)
{
	uint32_t parent = parent_of(listing, node);
	double key;

	switch (listing->query->sort) {
	case SORT_NAME:
		key = listing->index->rank[number];
		break;
	case SORT_ID:
		key = node->is_site ? listing->index->rank[number]
				    : listing->index->id_rank[node->index];
		break;
	case SORT_SITE:
		key = parent == NETWORK_NONE ? -1.0 : (double)listing->index->rank[parent];
		break;
	default:
		key = -number_of(listing, node);
		if (key > 0)
			return INFINITY; /* no data: at the end, whichever way round */
	}
	return listing->query->reverse ? -key : key;
}

struct place listing_place(const struct listing *listing, uint32_t number)
{
	struct node node = listing_node(listing, number);

	return (struct place){ key_of(listing, &node, number), listing->index->rank[number],
			       number };
}

/* --- filter ----------------------------------------------------------------------------------- */

bool listing_matches(const struct listing *listing, const struct node *node)
{
	const struct metrics *metrics = metrics_of(listing, node);
	const struct network_index *index = listing->index;
	uint32_t end = node->is_site ? 0U : index->first_prefix[node->index + 1];
	const char *texts[TEXTS_MAX];
	struct filter_row row = {
		.name = name_of(listing, node),
		.id = id_of(listing, node),
		.site = site_of(listing, node),
		.texts = texts,
		.rtt_ms = metrics->rtt.samples ? metrics->rtt.p50_us / 1000.0 : NAN,
		.down_bps = (double)metrics->rate_bps[DOWNLOAD],
		.up_bps = (double)metrics->rate_bps[UPLOAD],
		.drops_per_s = metrics->drops_per_s,
		.retransmits_percent = retransmits_of(metrics),
		.score = metrics->score < 0 ? NAN : metrics->score,
		.load_percent = 100 * load_of(listing, node),
		.plan_bps = (double)max_of(listing, node, DOWNLOAD),
	};

	for (uint32_t i = node->is_site ? 0U : index->first_prefix[node->index];
	     i < end && row.text_count + 2 < TEXTS_MAX; i++) {
		const struct device_prefix *prefix =
			&listing->network->prefixes[index->prefixes[i]];

		texts[row.text_count++] = prefix->text;
		texts[row.text_count++] = listing->network->devices[prefix->device].mac;
	}
	return filter_matches(&listing->query->filter, &row);
}

/* Marks what matches, and the sites above it. */
static void mark_shown(struct listing *listing)
{
	uint32_t sites = (uint32_t)listing->network->site_count;

	listing->shown = xcalloc(sites + listing->network->circuit_count + 1, sizeof(bool));
	for (uint32_t i = sites + (uint32_t)listing->network->circuit_count; i-- > 0;) {
		struct node node = listing_node(listing, i);
		uint32_t parent = parent_of(listing, &node);

		listing->shown[i] |= listing_matches(listing, &node);
		if (listing->shown[i] && parent != NETWORK_NONE)
			listing->shown[parent] = true;
	}
}

bool listing_shows(const struct listing *listing, uint32_t number)
{
	return !listing->shown || listing->shown[number];
}

/* --- pages ------------------------------------------------------------------------------------ */

/* The number of "site:ID" or "circuit:ID"; NETWORK_NONE when there is none. */
uint32_t listing_find(const struct listing *listing, const char *key)
{
	uint32_t circuit;

	if (key && !strncmp(key, "site:", 5))
		return network_find_site(listing->network, key + 5);
	circuit = key && !strncmp(key, "circuit:", 8)
			  ? network_find_circuit(listing->network, key + 8)
			  : NETWORK_NONE;
	if (circuit == NETWORK_NONE)
		return NETWORK_NONE;
	return (uint32_t)listing->network->site_count + circuit;
}

void listing_begin_page(struct node_list *list, const struct node_page *page, size_t total,
			int64_t selected)
{
	int64_t left;

	list->total = (int64_t)total;
	list->selected = selected;
	list->offset = places_page_offset(page->offset, page->limit, list->total, selected);
	left = list->total - list->offset;
	list->count = 0;
	list->nodes = xcalloc((size_t)page->limit, sizeof(*list->nodes));
	list->wanted = (size_t)(left < page->limit ? left : page->limit);
}

struct listing listing_begin(const struct engine *engine, const struct node_query *query)
{
	struct listing listing = { .engine = engine, .network = engine->network, .query = query };

	listing.index = query->sort == SORT_ID ? network_index_with_ids(engine->network)
					       : network_index_get(engine->network);
	if (query->filter.count)
		mark_shown(&listing);
	return listing;
}

/* --- the tree --------------------------------------------------------------------------------- */

static bool is_open(const struct listing *listing, uint32_t site, uint32_t depth)
{
	const struct node_query *query = listing->query;

	if (query->filter.count)
		return true;
	return (query->depth < 0 || depth < query->depth) != query->toggled[site];
}

/* By score; of equals the slower one. */
static bool is_worse(const struct metrics *a, const struct metrics *b)
{
	return a->score != b->score ? a->score < b->score : a->rtt.p95_us > b->rtt.p95_us;
}

static void find_worst(const struct listing *listing, struct node *site)
{
	const struct network_index *index = listing->index;
	const struct metrics *worst = NULL;

	site->worst = NETWORK_NONE;
	for (uint32_t i = index->first_child[site->index]; i < index->first_child[site->index + 1];
	     i++) {
		struct node child = listing_node(listing, index->children[i]);
		const struct metrics *metrics = metrics_of(listing, &child);

		if (metrics->score < 0 || !listing_shows(listing, index->children[i]) ||
		    (worst && !is_worse(metrics, worst)))
			continue;
		worst = metrics;
		site->worst = child.index;
		site->worst_is_site = child.is_site;
	}
}

static void append(struct lines *lines, struct line line)
{
	lines->items = grow(lines->items, lines->count, &lines->capacity, sizeof(*lines->items));
	lines->items[lines->count++] = line;
}

static void list_children(const struct listing *listing, uint32_t group, uint32_t depth,
			  struct lines *lines);

/* Of one kind below one site. Recursion goes as deep as the tree of sites, which resolve bounds. */
static void list_group(const struct listing *listing, const uint32_t *numbers, size_t count,
		       uint32_t depth, struct lines *lines)
{
	struct place *places = xcalloc(count + 1, sizeof(*places));
	uint32_t sites = (uint32_t)listing->network->site_count;

	for (size_t i = 0; i < count; i++)
		places[i] = listing_place(listing, numbers[i]);
	if (listing->query->sort != SORT_NAME || listing->query->reverse)
		places_sort(places, count);
	for (size_t i = 0; i < count; i++) {
		uint32_t number = places[i].number;
		struct line line = { .number = number, .depth = depth };

		if (!listing_shows(listing, number))
			continue;
		line.open = number < sites && is_open(listing, number, depth);
		append(lines, line);
		if (line.open)
			list_children(listing, number, depth + 1, lines);
	}
	free(places);
}

static void list_children(const struct listing *listing, uint32_t group, uint32_t depth,
			  struct lines *lines)
{
	const uint32_t *children = listing->index->children + listing->index->first_child[group];
	size_t count = listing->index->first_child[group + 1] - listing->index->first_child[group];
	size_t sites = 0;

	while (sites < count && children[sites] < listing->network->site_count)
		sites++;
	list_group(listing, children, sites, depth, lines);
	list_group(listing, children + sites, count - sites, depth, lines);
}

struct node listing_describe(const struct listing *listing, const struct line *line)
{
	struct node node = listing_node(listing, line->number);

	node.depth = line->depth;
	node.open = line->open;
	if (node.is_site) {
		node.children = listing->index->first_child[node.index + 1] -
				listing->index->first_child[node.index];
		node.circuits = listing->index->circuits_below[node.index];
		find_worst(listing, &node);
	}
	return node;
}

void nodes_list_tree(const struct engine *engine, const struct node_query *query,
		     const struct node_page *page, struct node_list *list)
{
	struct listing listing = listing_begin(engine, query);
	uint32_t followed = listing_find(&listing, page->follow);
	struct lines lines = { 0 };
	int64_t selected = -1;

	list_children(&listing, (uint32_t)listing.network->site_count, 0, &lines);
	for (size_t i = 0; followed != NETWORK_NONE && i < lines.count && selected < 0; i++)
		if (lines.items[i].number == followed)
			selected = (int64_t)i;
	listing_begin_page(list, page, lines.count, selected);
	for (; list->count < list->wanted; list->count++)
		list->nodes[list->count] = listing_describe(
			&listing, &lines.items[list->offset + (int64_t)list->count]);
	free(lines.items);
	free(listing.shown);
}
