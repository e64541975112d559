/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb devices: a circuit's prefixes by device, each with what its live flows use. */
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/flows.h"
#include "engine/state.h"
#include "engine/tables.h"
#include "engine/verbs.h"
#include "engine/wire/args.h"
#include "engine/wire/text.h"

struct use {
	uint64_t rate_bps[DIRECTIONS];
	uint32_t flows;
};

/* Adds the circuit's flows up, by prefix. */
static void add_flows(const struct engine *engine, uint32_t slot, struct use *uses)
{
	size_t total;
	const struct flow_sample *samples = flows_list(engine->flows, &total);

	for (size_t i = 0; i < total; i++) {
		struct flow_info flow;
		uint32_t prefix;

		if (samples[i].slot != slot ||
		    !datapath_read_flow(engine->datapath, samples[i].entry, &flow))
			continue;
		prefix = network_find_prefix(engine->network, flow.customer);
		if (prefix == NETWORK_NONE)
			continue;
		uses[prefix].flows++;
		for (int d = 0; d < DIRECTIONS; d++)
			uses[prefix].rate_bps[d] += samples[i].rate_bps[d];
	}
}

static json_t *make_row(const struct network *network, uint32_t index, const struct use *use)
{
	const struct device_prefix *prefix = &network->prefixes[index];
	const struct device *device = &network->devices[prefix->device];
	char text[PREFIX_TEXT_SIZE];

	prefix_format(&prefix->prefix, text);
	return json_pack("{s:s, s:o, s:o, s:o, s:s, s:I, s:I, s:i}", "key", text, "device",
			 wire_text(device->id), "device_name", wire_text(device->name), "mac",
			 wire_text(device->mac), "prefix", text, "download_bps",
			 (json_int_t)use->rate_bps[DOWNLOAD], "upload_bps",
			 (json_int_t)use->rate_bps[UPLOAD], "flows", (int)use->flows);
}

bool verb_devices(const struct request *request, json_t **result, struct error *err)
{
	const struct engine *engine = request->engine;
	const struct network *network = engine->network;
	const struct assignment *assignment;
	const char *id = NULL;
	uint32_t circuit;
	struct use *uses;
	json_t *rows;

	if (!args_required_text(request->args, "circuit", &id, err))
		return false;
	circuit = network_find_circuit(network, id);
	if (circuit == NETWORK_NONE)
		return error_set(err, ERROR_MISSING, "there is no circuit \"%.80s\"", id);
	uses = xcalloc(network->prefix_count + 1, sizeof(*uses));
	assignment = handles_find(engine->handles, NODE_CIRCUIT, id);
	if (assignment && assignment->slot)
		add_flows(engine, assignment->slot, uses);
	rows = json_array();
	for (uint32_t p = 0; p < network->prefix_count; p++)
		if (network->devices[network->prefixes[p].device].circuit == circuit &&
		    json_array_size(rows) < TABLE_ROWS_MAX)
			json_array_append_new(rows, make_row(network, p, &uses[p]));
	free(uses);
	*result = json_pack("{s:o}", "rows", rows);
	return true;
}
