/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb queues: each queue of the interfaces with its load, its CPUs, what is placed on it, and
 * why it carries more than its share. */
#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/cpu_loads.h"
#include "engine/queue_hints.h"
#include "engine/queue_load.h"
#include "engine/sampler.h"
#include "engine/state.h"
#include "engine/verbs.h"
#include "engine/wire/text.h"

struct placed {
	uint32_t sites, circuits;
	const struct circuit_row *row; /* of one of its circuits */
	char hint[QUEUE_HINT_TEXT_SIZE];
};

static void count_placed(const struct engine *engine, struct placed placed[QUEUES_MAX + 1])
{
	size_t count;
	const struct assignment *list = handles_list(engine->handles, &count);

	for (size_t i = 0; i < count; i++) {
		struct placed *queue = &placed[list[i].queue];

		if (!list[i].queue || list[i].queue > QUEUES_MAX)
			continue;
		queue->sites += list[i].kind == NODE_SITE;
		queue->circuits += list[i].kind == NODE_CIRCUIT;
		if (list[i].kind == NODE_CIRCUIT && list[i].slot)
			queue->row = datapath_row(engine->datapath, list[i].slot);
	}
}

/* --- hints ------------------------------------------------------------------------------------ */

static uint64_t load_of(const struct engine *engine, const struct balance_item *item)
{
	const struct metrics *metrics = item->kind == NODE_SITE
						? sampler_site(engine->sampler, item->index)
						: sampler_circuit(engine->sampler, item->index);

	return metrics->rate_bps[DOWNLOAD] + metrics->rate_bps[UPLOAD];
}

static const char *name_of(const struct network *network, const struct balance_item *item)
{
	const char *id = item->id, *name = item->kind == NODE_SITE
						   ? network->sites[item->index].name
						   : network->circuits[item->index].name;

	return name && *name ? name : id;
}

/* By what is carried now; no words before a hundredth of the link is in use. */
static void add_hints(const struct engine *engine, struct placed placed[QUEUES_MAX + 1])
{
	const uint64_t *link_bps = engine->shaping.link_bps;
	uint16_t queues = engine->shaping.usable_queues;
	struct queue_hint hints[QUEUES_MAX + 1];
	struct balance_items items;
	uint64_t *load_bps;

	if (queues < 2)
		return;
	balance_items_find(engine->network, engine->handles, link_bps, &items);
	load_bps = xcalloc(items.count ? items.count : 1, sizeof(*load_bps));
	for (size_t i = 0; i < items.count; i++)
		load_bps[i] = load_of(engine, &items.list[i]);
	queue_hints_find(&items, load_bps, queues, (link_bps[DOWNLOAD] + link_bps[UPLOAD]) / 100,
			 hints);
	for (uint16_t q = 1; q <= queues; q++) {
		const struct balance_item *item = &items.list[hints[q].item];

		if (hints[q].kind)
			queue_hint_format(&hints[q], item->kind, name_of(engine->network, item),
					  queues, placed[q].hint);
	}
	free(load_bps);
	balance_items_release(&items);
}

/* --- rows ------------------------------------------------------------------------------------- */

static json_t *describe_softirq(const struct engine *engine, unsigned int cpu)
{
	double share = cpu_loads_softirq(sampler_cpus(engine->sampler), cpu);

	return share < 0 ? json_null() : json_real(share);
}

static void add_cpus(json_t *row, const struct engine *engine, const struct circuit_row *placed)
{
	static const char *const names[][2] = { { "download_cpu", "download_softirq" },
						{ "upload_cpu", "upload_softirq" } };

	for (int d = 0; d < DIRECTIONS; d++) {
		json_object_set_new(row, names[d][0],
				    placed ? json_integer(placed->cpu[d]) : json_null());
		json_object_set_new(row, names[d][1],
				    placed ? describe_softirq(engine, placed->cpu[d])
					   : json_null());
	}
}

static json_t *number_if(bool known, uint64_t value)
{
	return known ? json_integer((json_int_t)value) : json_null();
}

static void add_load(json_t *row, const struct queue_load *load, const char *rate,
		     const char *packets, const char *backlog)
{
	json_object_set_new(row, rate, number_if(load->known, load->rate_bps));
	json_object_set_new(row, packets, number_if(load->known, load->packets_per_s));
	json_object_set_new(row, backlog, number_if(load->counted, load->backlog_bytes));
}

static json_t *make_row(const struct engine *engine, uint16_t queue, const struct placed *placed)
{
	const struct queue_loads *loads = sampler_queues(engine->sampler);
	const struct queue_load *down = queue_loads_get(loads, DOWNLOAD, queue);
	const struct queue_load *up = queue_loads_get(loads, UPLOAD, queue);
	json_t *row = json_pack("{s:I, s:I, s:I, s:I, s:i, s:i, s:o}", "id", (json_int_t)queue,
				"queue", (json_int_t)queue, "download_max_bps",
				(json_int_t)engine->shaping.link_bps[DOWNLOAD], "upload_max_bps",
				(json_int_t)engine->shaping.link_bps[UPLOAD], "sites",
				(int)placed->sites, "circuits", (int)placed->circuits, "hint",
				placed->hint[0] ? wire_text(placed->hint) : json_null());

	add_load(row, down, "download_bps", "download_packets", "download_backlog");
	add_load(row, up, "upload_bps", "upload_packets", "upload_backlog");
	json_object_set_new(row, "drops",
			    down->known && up->known
				    ? json_real(down->drops_per_s + up->drops_per_s)
				    : json_null());
	add_cpus(row, engine, placed->row);
	return row;
}

bool verb_queues(const struct request *request, json_t **result, struct error *err)
{
	const struct engine *engine = request->engine;
	struct placed *placed = xcalloc(QUEUES_MAX + 1, sizeof(*placed));
	json_t *rows = json_array();

	count_placed(engine, placed);
	add_hints(engine, placed);
	for (uint16_t q = 1; q <= engine->shaping.queues; q++)
		json_array_append_new(rows, make_row(engine, q, &placed[q]));
	free(placed);
	*result = json_pack("{s:o}", "rows", rows);
	return true;
}
