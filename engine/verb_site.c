/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "site": one site with what its edit form needs. */
#include "engine/state.h"
#include "engine/tables.h"
#include "engine/verbs.h"
#include "engine/wire/args.h"
#include "engine/wire/text.h"

static void count_below(const struct network *network, uint32_t site, json_t *row)
{
	json_int_t circuits = 0, sites = 0;

	for (size_t c = 0; c < network->circuit_count; c++)
		circuits += network->circuits[c].site != NETWORK_NONE &&
			    network_is_below(network, network->circuits[c].site, site);
	for (size_t s = 0; s < network->site_count; s++)
		sites += s != site && network_is_below(network, (uint32_t)s, site);
	json_object_set_new(row, "circuits", json_integer(circuits));
	json_object_set_new(row, "sites", json_integer(sites));
}

bool verb_site(const struct request *request, json_t **result, struct error *err)
{
	const struct engine *engine = request->engine;
	const struct network *network = engine->network;
	const struct site *site;
	const char *id = NULL;
	json_int_t revision = 0;
	uint32_t index;

	if (!args_required_text(request->args, "site", &id, err))
		return false;
	index = network_find_site(network, id);
	if (index == NETWORK_NONE)
		return error_set(err, ERROR_MISSING, "there is no site \"%.80s\"", id);
	site = &network->sites[index];
	if (engine->circuits_db)
		revision = (json_int_t)circuits_db_row_revision(engine->circuits_db, ROW_SITE, id);
	*result = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "kind", "site", "id",
			    wire_text(site->id), "name", wire_text(site->name), "parent",
			    site->parent_id ? wire_text(site->parent_id) : json_null(),
			    "download_max_bps", table_rate(site->capacity_bps[DOWNLOAD]),
			    "upload_max_bps", table_rate(site->capacity_bps[UPLOAD]), "ancestors",
			    table_ancestors(network, site->parent), "revision", revision);
	count_below(network, index, *result);
	return true;
}
