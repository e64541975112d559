/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs tree, sites and circuits: reads the arguments, cuts the page, makes the rows. */
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/state.h"
#include "engine/table_nodes.h"
#include "engine/tables.h"
#include "engine/verbs.h"
#include "engine/wire/args.h"
#include "engine/wire/text.h"

static bool read_site(const json_t *args, const struct network *network, uint32_t *site,
		      struct error *err)
{
	const char *id = NULL;

	*site = NETWORK_NONE;
	if (!args_text(args, "site", &id, err))
		return false;
	if (!id)
		return true;
	*site = network_find_site(network, id);
	return *site != NETWORK_NONE ||
	       error_set(err, ERROR_MISSING, "there is no site \"%.80s\"", id);
}

static bool read_query(const json_t *args, struct node_query *query, struct node_page *page,
		       struct error *err)
{
	const char *sort = "name", *filter = "";

	*query = (struct node_query){ .depth = 1 };
	*page = (struct node_page){ .limit = 100 };
	return args_text(args, "sort", &sort, err) && node_sort_parse(sort, &query->sort, err) &&
	       args_bool(args, "reverse", &query->reverse, err) &&
	       args_text(args, "filter", &filter, err) &&
	       filter_parse(filter, &query->filter, err) &&
	       args_integer(args, "depth", -1, 64, &query->depth, err) &&
	       args_integer(args, "offset", 0, INT32_MAX, &page->offset, err) &&
	       args_integer(args, "limit", 1, TABLE_ROWS_MAX, &page->limit, err) &&
	       args_text(args, "follow", &page->follow, err);
}

/* Sites that are gone meanwhile are not an error: a console may lag behind. */
static bool read_toggled(const json_t *args, const struct network *network, bool *toggled,
			 struct error *err)
{
	const json_t *list = json_object_get(args, "toggled"), *item;
	size_t i;

	if (list && !json_is_array(list))
		return error_set(err, ERROR_INVALID, "\"toggled\" must be a list of site ids");
	json_array_foreach (list, i, item) {
		uint32_t site;

		if (!json_is_string(item))
			return error_set(err, ERROR_INVALID,
					 "\"toggled\" must be a list of site ids");
		site = network_find_site(network, json_string_value(item));
		if (site != NETWORK_NONE)
			toggled[site] = true;
	}
	return true;
}

/* The key of the row, or null. */
static json_t *describe_worst(const struct network *network, const struct node *site)
{
	if (site->worst == NETWORK_NONE)
		return json_null();
	return json_sprintf("%s:%s", site->worst_is_site ? "site" : "circuit",
			    site->worst_is_site ? network->sites[site->worst].id
						: network->circuits[site->worst].id);
}

/* The sites above, the outermost first. */
static json_t *describe_path(const struct network *network, const struct node *node)
{
	uint32_t site = node->is_site ? network->sites[node->index].parent
				      : network->circuits[node->index].site;
	json_t *path = json_array();

	for (; site != NETWORK_NONE; site = network->sites[site].parent)
		json_array_insert_new(path, 0,
				      json_pack("{s:o, s:o}", "id",
						wire_text(network->sites[site].id), "name",
						wire_text(network->sites[site].name)));
	return path;
}

static json_t *make_row(const struct engine *engine, const struct node *node)
{
	json_t *row = node->is_site ? table_site_row(engine, node->index)
				    : table_circuit_row(engine, node->index);

	json_object_set_new(row, "path", describe_path(engine->network, node));
	json_object_set_new(row, "depth", json_integer(node->depth));
	json_object_set_new(row, "open", json_boolean(node->open));
	json_object_set_new(row, "children", json_integer(node->children));
	json_object_set_new(row, "circuits", json_integer(node->circuits));
	if (node->is_site)
		json_object_set_new(row, "worst", describe_worst(engine->network, node));
	return row;
}

static json_t *make_table(const struct engine *engine, const struct node_list *list)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(rows, make_row(engine, &list->nodes[i]));
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "time_ms",
			 (json_int_t)sampler_time_ms(engine->sampler), "epoch",
			 (json_int_t)datapath_epoch(engine->datapath), "revision",
			 (json_int_t)engine->revision, "total", (json_int_t)list->total, "offset",
			 (json_int_t)list->offset, "selected",
			 list->selected < 0 ? json_null() : json_integer(list->selected), "rows",
			 rows);
}

bool verb_tree(const struct request *request, json_t **result, struct error *err)
{
	const struct network *network = request->engine->network;
	bool *toggled = xcalloc(network->site_count, sizeof(*toggled));
	struct node_list list = { 0 };
	struct node_query query;
	struct node_page page;
	bool ok;

	ok = read_query(request->args, &query, &page, err) &&
	     read_toggled(request->args, network, toggled, err);
	if (ok) {
		query.toggled = toggled;
		nodes_list_tree(request->engine, &query, &page, &list);
		*result = make_table(request->engine, &list);
	}
	free(list.nodes);
	free(toggled);
	return ok;
}

/* What shows nodes side by side. */
static bool list_flat(const struct request *request,
		      void (*list_nodes)(const struct engine *, const struct node_query *,
					 const struct node_page *, struct node_list *),
		      json_t **result, struct error *err)
{
	struct node_list list = { 0 };
	struct node_query query;
	struct node_page page;

	if (!read_query(request->args, &query, &page, err) ||
	    !read_site(request->args, request->engine->network, &query.site, err))
		return false;
	list_nodes(request->engine, &query, &page, &list);
	*result = make_table(request->engine, &list);
	free(list.nodes);
	return true;
}

bool verb_circuits(const struct request *request, json_t **result, struct error *err)
{
	return list_flat(request, nodes_list_circuits, result, err);
}

bool verb_sites(const struct request *request, json_t **result, struct error *err)
{
	return list_flat(request, nodes_list_sites, result, err);
}
