/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/tables.h"

#include <stdio.h>

#include "engine/model/network_index.h"
#include "engine/state.h"
#include "engine/wire/text.h"

#define ROW_ADDRESSES_MAX 8

json_t *table_rate(uint64_t rate_bps)
{
	return rate_bps ? json_integer((json_int_t)rate_bps) : json_null();
}

json_t *table_rtt(struct rtt_summary rtt)
{
	if (!rtt.samples)
		return json_null();
	return json_pack("{s:I, s:I, s:I}", "p50_us", (json_int_t)rtt.p50_us, "p95_us",
			 (json_int_t)rtt.p95_us, "samples", (json_int_t)rtt.samples);
}

json_t *table_summary(const struct plan_summary *summary)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "classes_added",
			 (int)summary->classes_added, "classes_changed",
			 (int)summary->classes_changed, "classes_removed",
			 (int)summary->classes_removed, "leaves_changed",
			 (int)summary->leaves_changed, "rows_changed", (int)summary->rows_changed,
			 "prefixes_changed", (int)summary->prefixes_changed);
}

static const struct circuit_row *find_row(const struct engine *engine, enum node_kind kind,
					  const char *id)
{
	const struct assignment *assignment = handles_find(engine->handles, kind, id);

	return assignment ? datapath_row(engine->datapath, assignment->slot) : NULL;
}

/* Where its packets go now. */
static json_t *describe_class(const struct circuit_row *row)
{
	uint32_t class_id = row ? row->class_id[DOWNLOAD] : 0;

	if (!class_id)
		return json_null();
	return json_sprintf("%x:%x", class_id >> 16, class_id & 0xffff);
}

static void add_metrics(json_t *row, const struct metrics *metrics)
{
	bool rtt = metrics->rtt.samples > 0;
	bool tcp = metrics->tcp_packets >= RETRANSMITS_MIN_PACKETS;

	json_object_set_new(row, "download_bps",
			    json_integer((json_int_t)metrics->rate_bps[DOWNLOAD]));
	json_object_set_new(row, "upload_bps", json_integer((json_int_t)metrics->rate_bps[UPLOAD]));
	json_object_set_new(row, "rtt_p50_us",
			    rtt ? json_integer(metrics->rtt.p50_us) : json_null());
	json_object_set_new(row, "rtt_p95_us",
			    rtt ? json_integer(metrics->rtt.p95_us) : json_null());
	json_object_set_new(row, "rtt_samples", json_integer(metrics->rtt.samples));
	json_object_set_new(
		row, "retransmits",
		tcp ? json_real((double)metrics->retransmits / (double)metrics->tcp_packets)
		    : json_null());
	json_object_set_new(row, "qoo",
			    metrics->score < 0 ? json_null() : json_real(metrics->score));
	json_object_set_new(row, "drops", json_real(metrics->drops_per_s));
}

static json_t *new_row(const char *kind, const char *id, const char *name, const struct site *site)
{
	json_t *row = json_object(), *text = wire_text(id);

	json_object_set_new(row, "key", json_sprintf("%s:%s", kind, json_string_value(text)));
	json_object_set_new(row, "kind", json_string(kind));
	json_object_set_new(row, "id", text);
	json_object_set_new(row, "name", wire_text(name));
	json_object_set_new(row, "site", wire_text(site ? site->name : NULL));
	json_object_set_new(row, "site_id", wire_text(site ? site->id : NULL));
	return row;
}

static const struct site *site_or_null(const struct network *network, uint32_t site)
{
	return site == NETWORK_NONE ? NULL : &network->sites[site];
}

json_t *table_site_row(const struct engine *engine, uint32_t index)
{
	const struct site *site = &engine->network->sites[index];
	json_t *row =
		new_row("site", site->id, site->name, site_or_null(engine->network, site->parent));

	json_object_set_new(row, "download_max_bps", table_rate(site->capacity_bps[DOWNLOAD]));
	json_object_set_new(row, "upload_max_bps", table_rate(site->capacity_bps[UPLOAD]));
	json_object_set_new(row, "class", describe_class(find_row(engine, NODE_SITE, site->id)));
	add_metrics(row, sampler_site(engine->sampler, index));
	return row;
}

json_t *table_ancestors(const struct network *network, uint32_t site)
{
	json_t *list = json_array();

	for (; site != NETWORK_NONE; site = network->sites[site].parent)
		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o, s:o}", "id", wire_text(network->sites[site].id),
				  "name", wire_text(network->sites[site].name), "download_max_bps",
				  table_rate(network->sites[site].capacity_bps[DOWNLOAD]),
				  "upload_max_bps",
				  table_rate(network->sites[site].capacity_bps[UPLOAD])));
	return list;
}

static json_t *describe_addresses(struct network *network, uint32_t circuit)
{
	const struct network_index *index = network_index_get(network);
	uint32_t first = index->first_prefix[circuit], end = index->first_prefix[circuit + 1];
	json_t *list = json_array();

	for (uint32_t i = first; i < end && i < first + ROW_ADDRESSES_MAX; i++) {
		char text[PREFIX_TEXT_SIZE];

		prefix_format(&network->prefixes[index->prefixes[i]].prefix, text);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

json_t *table_circuit_row(const struct engine *engine, uint32_t index)
{
	const struct circuit *circuit = &engine->network->circuits[index];
	uint64_t revision = engine->circuits_db
				    ? circuits_db_circuit_revision(engine->circuits_db, circuit->id)
				    : 0;
	const struct circuit_row *shaped = find_row(engine, NODE_CIRCUIT, circuit->id);
	json_t *row = new_row("circuit", circuit->id, circuit->name,
			      site_or_null(engine->network, circuit->site));

	json_object_set_new(row, "circuits", json_integer(1));
	json_object_set_new(row, "download_max_bps",
			    json_integer((json_int_t)circuit->max_bps[DOWNLOAD]));
	json_object_set_new(row, "upload_max_bps",
			    json_integer((json_int_t)circuit->max_bps[UPLOAD]));
	json_object_set_new(row, "download_min_bps",
			    json_integer((json_int_t)circuit->min_bps[DOWNLOAD]));
	json_object_set_new(row, "upload_min_bps",
			    json_integer((json_int_t)circuit->min_bps[UPLOAD]));
	json_object_set_new(row, "suspended", json_boolean(circuit->suspended));
	json_object_set_new(row, "class", describe_class(shaped));
	json_object_set_new(row, "waiting",
			    json_boolean(shaped && shaped->flags & LQOS_ROW_WAITING));
	json_object_set_new(row, "addresses", describe_addresses(engine->network, index));
	json_object_set_new(row, "revision", json_integer((json_int_t)revision));
	add_metrics(row, sampler_circuit(engine->sampler, index));
	return row;
}
