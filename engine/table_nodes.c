/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/table_nodes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/sampler.h"
#include "engine/state.h"

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

/* --- what a node is called and what it measures ---------------------------------------------------- */

struct listing {
	const struct engine *engine;
	const struct network *network;
	const struct node_query *query;
	struct node_list *list;
	uint32_t *first_child;		      /* by site (site_count: the top), into children */
	struct node *children;		      /* grouped by parent */
	uint32_t *circuits_below;	      /* by site */
	uint32_t *first_prefix, *next_prefix; /* prefixes of a circuit, only for a filter */
	bool *site_shown, *circuit_shown;     /* only for a filter */
};

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

/* --- order ------------------------------------------------------------------------------------------ */

/* The number to sort by; no data sorts below everything. */
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

static int compare_text(const struct listing *listing, const struct node *a, const struct node *b)
{
	switch (listing->query->sort) {
	case SORT_NAME:
		return strcasecmp(name_of(listing, a), name_of(listing, b));
	case SORT_ID:
		return strverscmp(id_of(listing, a), id_of(listing, b));
	case SORT_SITE:
		return strcasecmp(site_of(listing, a), site_of(listing, b));
	default:
		return 0;
	}
}

static int compare_nodes(const void *left, const void *right, void *data)
{
	const struct node *a = left, *b = right;
	const struct listing *listing = data;
	double x, y;
	int order;

	if (a->is_site != b->is_site)
		return a->is_site ? -1 : 1;
	x = number_of(listing, a);
	y = number_of(listing, b);
	order = x != y ? (x > y ? -1 : 1) : compare_text(listing, a, b);
	if (listing->query->reverse)
		order = -order;
	if (!order)
		order = strcasecmp(name_of(listing, a), name_of(listing, b));
	return order ? order : strcmp(id_of(listing, a), id_of(listing, b));
}

static void sort_nodes(struct listing *listing, struct node *nodes, size_t count)
{
	qsort_r(nodes, count, sizeof(*nodes), compare_nodes, listing);
}

/* --- filter ------------------------------------------------------------------------------------------ */

static void index_prefixes(struct listing *listing)
{
	const struct network *network = listing->network;

	listing->first_prefix = xcalloc(network->circuit_count, sizeof(uint32_t));
	listing->next_prefix = xcalloc(network->prefix_count, sizeof(uint32_t));
	for (uint32_t c = 0; c < network->circuit_count; c++)
		listing->first_prefix[c] = NETWORK_NONE;
	for (uint32_t p = 0; p < network->prefix_count; p++) {
		uint32_t circuit = network->devices[network->prefixes[p].device].circuit;

		listing->next_prefix[p] = listing->first_prefix[circuit];
		listing->first_prefix[circuit] = p;
	}
}

static bool node_matches(const struct listing *listing, const struct node *node)
{
	const struct metrics *metrics = metrics_of(listing, node);
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

	for (uint32_t p = node->is_site ? NETWORK_NONE : listing->first_prefix[node->index];
	     p != NETWORK_NONE && row.text_count + 2 < TEXTS_MAX; p = listing->next_prefix[p]) {
		const struct device_prefix *prefix = &listing->network->prefixes[p];

		texts[row.text_count++] = prefix->text;
		texts[row.text_count++] = listing->network->devices[prefix->device].mac;
	}
	return filter_matches(&listing->query->filter, &row);
}

/* Marks what matches, and the sites above it. */
static void mark_shown(struct listing *listing)
{
	const struct network *network = listing->network;

	index_prefixes(listing);
	listing->site_shown = xcalloc(network->site_count, sizeof(bool));
	listing->circuit_shown = xcalloc(network->circuit_count, sizeof(bool));
	for (uint32_t c = 0; c < network->circuit_count; c++) {
		struct node node = { .index = c };
		uint32_t site = network->circuits[c].site;

		listing->circuit_shown[c] = node_matches(listing, &node);
		if (listing->circuit_shown[c] && site != NETWORK_NONE)
			listing->site_shown[site] = true;
	}
	for (uint32_t s = (uint32_t)network->site_count; s-- > 0;) {
		struct node node = { .is_site = true, .index = s };
		uint32_t parent = network->sites[s].parent;

		listing->site_shown[s] |= node_matches(listing, &node);
		if (listing->site_shown[s] && parent != NETWORK_NONE)
			listing->site_shown[parent] = true;
	}
}

static bool is_shown(const struct listing *listing, const struct node *node)
{
	if (!listing->query->filter.count)
		return true;
	return node->is_site ? listing->site_shown[node->index]
			     : listing->circuit_shown[node->index];
}

/* --- the tree ----------------------------------------------------------------------------------------- */

static uint32_t group_of(const struct listing *listing, const struct node *node)
{
	uint32_t parent = parent_of(listing, node);

	return parent == NETWORK_NONE ? (uint32_t)listing->network->site_count : parent;
}

static struct node node_at(const struct listing *listing, size_t i)
{
	size_t sites = listing->network->site_count;

	if (i < sites)
		return (struct node){ .is_site = true, .index = (uint32_t)i };
	return (struct node){ .index = (uint32_t)(i - sites), .circuits = 1 };
}

/* Groups all nodes by parent: a counting sort. */
static void group_children(struct listing *listing)
{
	size_t sites = listing->network->site_count;
	size_t total = sites + listing->network->circuit_count;
	uint32_t *next;

	listing->first_child = xcalloc(sites + 2, sizeof(uint32_t));
	listing->children = xcalloc(total, sizeof(*listing->children));
	for (size_t i = 0; i < total; i++) {
		struct node node = node_at(listing, i);

		listing->first_child[group_of(listing, &node) + 1]++;
	}
	for (size_t s = 0; s <= sites; s++)
		listing->first_child[s + 1] += listing->first_child[s];
	next = xcalloc(sites + 1, sizeof(*next));
	memcpy(next, listing->first_child, (sites + 1) * sizeof(*next));
	for (size_t i = 0; i < total; i++) {
		struct node node = node_at(listing, i);

		listing->children[next[group_of(listing, &node)]++] = node;
	}
	free(next);
}

static void count_circuits(struct listing *listing)
{
	const struct network *network = listing->network;

	listing->circuits_below = xcalloc(network->site_count, sizeof(uint32_t));
	for (size_t c = 0; c < network->circuit_count; c++)
		if (network->circuits[c].site != NETWORK_NONE)
			listing->circuits_below[network->circuits[c].site]++;
	for (size_t s = network->site_count; s-- > 0;)
		if (network->sites[s].parent != NETWORK_NONE)
			listing->circuits_below[network->sites[s].parent] +=
				listing->circuits_below[s];
}

static bool is_open(const struct listing *listing, const struct node *node)
{
	const struct node_query *query = listing->query;

	if (query->filter.count)
		return true;
	return (query->depth < 0 || node->depth < query->depth) != query->toggled[node->index];
}

static void append(struct node_list *list, const struct node *node)
{
	list->nodes = grow(list->nodes, list->count, &list->capacity, sizeof(*list->nodes));
	list->nodes[list->count++] = *node;
}

/* By score; of equals the slower one. */
static bool is_worse(const struct metrics *a, const struct metrics *b)
{
	return a->score != b->score ? a->score < b->score : a->rtt.p95_us > b->rtt.p95_us;
}

static void find_worst(const struct listing *listing, struct node *site)
{
	const struct metrics *worst = NULL;

	site->worst = NETWORK_NONE;
	for (uint32_t i = listing->first_child[site->index];
	     i < listing->first_child[site->index + 1]; i++) {
		const struct node *child = &listing->children[i];
		const struct metrics *metrics = metrics_of(listing, child);

		if (metrics->score < 0 || !is_shown(listing, child) ||
		    (worst && !is_worse(metrics, worst)))
			continue;
		worst = metrics;
		site->worst = child->index;
		site->worst_is_site = child->is_site;
	}
}

/* Recursion goes as deep as the tree of sites, which resolve bounds. */
static void list_children(struct listing *listing, uint32_t group, uint32_t depth)
{
	struct node *children = listing->children + listing->first_child[group];
	size_t count = listing->first_child[group + 1] - listing->first_child[group];

	sort_nodes(listing, children, count);
	for (size_t i = 0; i < count; i++) {
		struct node *node = &children[i];

		if (!is_shown(listing, node))
			continue;
		node->depth = depth;
		if (node->is_site) {
			node->children = listing->first_child[node->index + 1] -
					 listing->first_child[node->index];
			node->circuits = listing->circuits_below[node->index];
			node->open = is_open(listing, node);
			find_worst(listing, node);
		}
		append(listing->list, node);
		if (node->open)
			list_children(listing, node->index, depth + 1);
	}
}

static void release(struct listing *listing)
{
	free(listing->first_child);
	free(listing->children);
	free(listing->circuits_below);
	free(listing->first_prefix);
	free(listing->next_prefix);
	free(listing->site_shown);
	free(listing->circuit_shown);
}

void nodes_list_tree(const struct engine *engine, const struct node_query *query,
		     struct node_list *list)
{
	struct listing listing = {
		.engine = engine, .network = engine->network, .query = query, .list = list
	};

	group_children(&listing);
	count_circuits(&listing);
	if (query->filter.count)
		mark_shown(&listing);
	list_children(&listing, (uint32_t)listing.network->site_count, 0);
	release(&listing);
}

void nodes_list_circuits(const struct engine *engine, const struct node_query *query,
			 struct node_list *list)
{
	struct listing listing = {
		.engine = engine, .network = engine->network, .query = query, .list = list
	};

	index_prefixes(&listing);
	for (uint32_t c = 0; c < listing.network->circuit_count; c++) {
		struct node node = { .index = c, .circuits = 1 };

		if (query->site != NETWORK_NONE &&
		    !network_is_below(listing.network, listing.network->circuits[c].site,
				      query->site))
			continue;
		if (!query->filter.count || node_matches(&listing, &node))
			append(list, &node);
	}
	sort_nodes(&listing, list->nodes, list->count);
	release(&listing);
}
