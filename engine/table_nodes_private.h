/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tree (table_nodes.c) and the tables without folds (table_flat.c) share. Nodes are
 * numbered: the sites first, then the circuits. */
#ifndef LQOS_TABLE_NODES_PRIVATE_H
#define LQOS_TABLE_NODES_PRIVATE_H

#include "engine/model/network_index.h"
#include "engine/place.h"
#include "engine/state.h"
#include "engine/table_nodes.h"

struct listing {
	const struct engine *engine;
	const struct network *network;
	const struct network_index *index;
	const struct node_query *query;
	bool *shown; /* by number; NULL: all are */
};

/* A row of the whole table. */
struct line {
	uint32_t number, depth;
	bool open;
};

/* Marks what the query's filter lets through; the caller frees `shown`. */
struct listing listing_begin(const struct engine *engine, const struct node_query *query);

struct node listing_node(const struct listing *listing, uint32_t number);
/* With its children, its worst one and what is below it. */
struct node listing_describe(const struct listing *listing, const struct line *line);
struct place listing_place(const struct listing *listing, uint32_t number);
/* By itself; shows: also what is above a match. */
bool listing_matches(const struct listing *listing, const struct node *node);
bool listing_shows(const struct listing *listing, uint32_t number);

/* The number of "site:ID" or "circuit:ID"; NETWORK_NONE when there is none. */
uint32_t listing_find(const struct listing *listing, const char *key);
/* Makes room for the page's rows. selected: where the followed row is, -1: nowhere. */
void listing_begin_page(struct node_list *list, const struct node_page *page, size_t total,
			int64_t selected);

#endif
