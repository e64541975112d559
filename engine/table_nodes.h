/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which sites and circuits a table lists and in what order: the tree with its folds, or all
 * circuits flat; sorted and filtered over the whole network, then cut to the page asked for.
 */
#ifndef LQOS_TABLE_NODES_H
#define LQOS_TABLE_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/error.h"
#include "engine/filter.h"

struct engine;

enum node_sort {
	SORT_NAME,
	SORT_ID,
	SORT_SITE,
	SORT_DOWNLOAD,
	SORT_UPLOAD,
	SORT_DOWNLOAD_MAX,
	SORT_UPLOAD_MAX,
	SORT_RTT,
	SORT_RTT_P95,
	SORT_SAMPLES,
	SORT_RETRANSMITS,
	SORT_DROPS,
	SORT_LOAD,
	SORT_SCORE, /* the worst first */
};

/* A line of a table. */
struct node {
	bool is_site, open;
	uint32_t index; /* into the network's sites or circuits */
	uint32_t depth;
	uint32_t children, circuits; /* direct children; circuits below */
	/* The child below a site with the least quality; NETWORK_NONE: nothing was measured
	 * there. */
	bool worst_is_site;
	uint32_t worst;
};

struct node_query {
	enum node_sort sort;
	bool reverse;
	struct filter filter;
	int64_t depth;	     /* sites above it are open; -1: all */
	uint32_t site;	     /* only what is below it; NETWORK_NONE: all (not of the tree) */
	const bool *toggled; /* by site: open where it would be closed and the other way round */
};

struct node_page {
	int64_t offset, limit;
	const char *follow; /* "site:ID" or "circuit:ID" that shall be on the page; NULL: none */
};

/* A page of the table. */
struct node_list {
	struct node *nodes;
	size_t count, wanted;
	int64_t total, offset, selected; /* rows in all; the first here; the followed one or -1 */
};

bool node_sort_parse(const char *name, enum node_sort *sort, struct error *err);

/* Fill the list; the caller frees list->nodes. Only the rows of the page are sorted and
 * described. */
void nodes_list_tree(const struct engine *engine, const struct node_query *query,
		     const struct node_page *page, struct node_list *list);
void nodes_list_circuits(const struct engine *engine, const struct node_query *query,
			 const struct node_page *page, struct node_list *list);
void nodes_list_sites(const struct engine *engine, const struct node_query *query,
		      const struct node_page *page, struct node_list *list);

#endif
