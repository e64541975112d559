/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb queues: each queue of the interfaces with its load and what is placed on it. */
#include "engine/queue_load.h"
#include "engine/sampler.h"
#include "engine/state.h"
#include "engine/verbs.h"

struct placed {
	uint32_t sites, circuits;
	const struct circuit_row *row; /* of one of its circuits */
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

static json_t *describe_cpu(const struct placed *placed, enum direction direction)
{
	return placed->row ? json_integer(placed->row->cpu[direction]) : json_null();
}

static json_t *make_row(const struct engine *engine, uint16_t queue, const struct placed *placed)
{
	const struct queue_loads *loads = sampler_queues(engine->sampler);
	const struct queue_load *down = queue_loads_get(loads, DOWNLOAD, queue);
	const struct queue_load *up = queue_loads_get(loads, UPLOAD, queue);

	return json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:i, s:i, s:o, s:o}", "id",
		(json_int_t)queue, "queue", (json_int_t)queue, "download_bps",
		(json_int_t)down->rate_bps, "upload_bps", (json_int_t)up->rate_bps,
		"download_packets", (json_int_t)down->packets_per_s, "upload_packets",
		(json_int_t)up->packets_per_s, "drops", down->drops_per_s + up->drops_per_s,
		"download_backlog", (json_int_t)down->backlog_bytes, "upload_backlog",
		(json_int_t)up->backlog_bytes, "download_max_bps",
		(json_int_t)engine->shaping.link_bps[DOWNLOAD], "upload_max_bps",
		(json_int_t)engine->shaping.link_bps[UPLOAD], "sites", (int)placed->sites,
		"circuits", (int)placed->circuits, "download_cpu", describe_cpu(placed, DOWNLOAD),
		"upload_cpu", describe_cpu(placed, UPLOAD));
}

bool verb_queues(const struct request *request, json_t **result, struct error *err)
{
	const struct engine *engine = request->engine;
	struct placed placed[QUEUES_MAX + 1] = { 0 };
	json_t *rows = json_array();

	count_placed(engine, placed);
	for (uint16_t q = 1; q <= engine->shaping.queues; q++)
		json_array_append_new(rows, make_row(engine, q, &placed[q]));
	*result = json_pack("{s:o}", "rows", rows);
	return true;
}
