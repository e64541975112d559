/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb why: how an address or a circuit comes to be treated as it is, as names and values read
 * from the network, the numbers and the data path's own row. */
#include <stdarg.h>
#include <stdio.h>

#include "engine/base/units.h"
#include "engine/state.h"
#include "engine/verbs.h"
#include "engine/wire/args.h"
#include "engine/wire/text.h"

static void add(json_t *rows, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add(json_t *rows, const char *name, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_array_append_new(rows,
			      json_pack("{s:s, s:o}", "name", name, "value", wire_text(text)));
}

/* The lowest of plan and capacities above: who limits the circuit. */
static void add_limit(json_t *rows, const struct network *network, const struct circuit *circuit,
		      enum direction direction)
{
	static const char *const names[] = { "limit, download", "limit, upload" };
	uint64_t lowest_bps = circuit->max_bps[direction];
	const char *who = "its plan";
	char rate[RATE_TEXT_SIZE];

	for (uint32_t s = circuit->site; s != NETWORK_NONE; s = network->sites[s].parent) {
		uint64_t capacity_bps = network->sites[s].capacity_bps[direction];

		if (!capacity_bps || capacity_bps >= lowest_bps)
			continue;
		lowest_bps = capacity_bps;
		who = network->sites[s].name;
	}
	add(rows, names[direction], "%s, by %s", rate_format(lowest_bps, rate), who);
}

static void add_path(json_t *rows, const struct network *network, uint32_t site)
{
	char text[300] = "";
	size_t used = 0;

	for (; site != NETWORK_NONE && used < sizeof(text); site = network->sites[site].parent)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
					 used ? " < " : "", network->sites[site].name);
	add(rows, "below", "%s", used ? text : "no site");
}

static void add_row(json_t *rows, const struct engine *engine, const struct assignment *assignment)
{
	const struct circuit_row *row = datapath_row(engine->datapath, assignment->slot);
	bool owned = row->owner == assignment->owner;

	add(rows, "slot", "%u%s", assignment->slot,
	    owned ? "" : ", but the data path's row is not this circuit's");
	if (!owned)
		return;
	add(rows, "class, download", "%x:%x", row->class_id[DOWNLOAD] >> 16,
	    row->class_id[DOWNLOAD] & 0xffff);
	add(rows, "class, upload", "%x:%x", row->class_id[UPLOAD] >> 16,
	    row->class_id[UPLOAD] & 0xffff);
	add(rows, "queue", "%u", assignment->queue);
	add(rows, "CPU", "%u down, %u up", row->cpu[DOWNLOAD], row->cpu[UPLOAD]);
	add(rows, "epoch", "%u", row->epoch);
	add(rows, "verdict", "%s",
	    row->flags & LQOS_ROW_SUSPENDED ? "suspended: its packets are dropped and counted"
	    : row->class_id[DOWNLOAD]	    ? "shaped"
					    : "not shaped: its class is not built");
}

static void explain_circuit(json_t *rows, const struct engine *engine, uint32_t index)
{
	const struct circuit *circuit = &engine->network->circuits[index];
	const struct assignment *assignment =
		handles_find(engine->handles, NODE_CIRCUIT, circuit->id);
	char down[RATE_TEXT_SIZE], up[RATE_TEXT_SIZE];

	add(rows, "circuit", "%s %s", circuit->id, circuit->name);
	add_path(rows, engine->network, circuit->site);
	add(rows, "plan", "%s down, %s up", rate_format(circuit->max_bps[DOWNLOAD], down),
	    rate_format(circuit->max_bps[UPLOAD], up));
	add_limit(rows, engine->network, circuit, DOWNLOAD);
	add_limit(rows, engine->network, circuit, UPLOAD);
	if (assignment && assignment->slot)
		add_row(rows, engine, assignment);
	else
		add(rows, "verdict", "not shaped: it has no slot in the data path");
}

static bool explain_address(json_t *rows, const struct engine *engine, const char *text,
			    struct error *err)
{
	const struct network *network = engine->network;
	char matched[PREFIX_TEXT_SIZE];
	const struct device *device;
	struct prefix prefix;
	uint32_t found;

	if (!prefix_parse(text, &prefix, err))
		return false;
	if (prefix.length != 128)
		return error_set(err, ERROR_INVALID, "%.60s is a range; ask for one address", text);
	add(rows, "address", "%s", prefix_format(&prefix, matched));
	found = network_find_prefix(network, prefix.address);
	if (found == NETWORK_NONE) {
		add(rows, "verdict",
		    "not shaped by a plan: no circuit's prefix holds it, so its packets share the "
		    "default class");
		return true;
	}
	device = &network->devices[network->prefixes[found].device];
	add(rows, "prefix", "%s", prefix_format(&network->prefixes[found].prefix, matched));
	add(rows, "device", "%s %s", device->id, device->mac ? device->mac : "");
	explain_circuit(rows, engine, device->circuit);
	return true;
}

bool verb_why(const struct request *request, json_t **result, struct error *err)
{
	const char *address = NULL, *circuit = NULL;
	uint32_t index = NETWORK_NONE;
	json_t *rows = json_array();
	bool ok;

	ok = args_text(request->args, "address", &address, err) &&
	     args_text(request->args, "circuit", &circuit, err);
	if (ok && !address == !circuit)
		ok = error_set(err, ERROR_INVALID, "give either \"address\" or \"circuit\"");
	if (ok && circuit) {
		index = network_find_circuit(request->engine->network, circuit);
		ok = index != NETWORK_NONE ||
		     error_set(err, ERROR_MISSING, "there is no circuit \"%.80s\"", circuit);
	}
	if (ok && circuit)
		explain_circuit(rows, request->engine, index);
	if (ok && address)
		ok = explain_address(rows, request->engine, address, err);
	if (ok)
		*result = json_pack("{s:O}", "rows", rows);
	json_decref(rows);
	return ok;
}
