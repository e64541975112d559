/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb leaf: what a circuit's class and leaf have counted, each way, read when it is asked
 * for. */
#include <stdio.h>

#include "engine/kernel_leaf.h"
#include "engine/state.h"
#include "engine/verbs.h"
#include "engine/wire/args.h"
#include "engine/wire/text.h"

static const char *const figure_names[TIN_FIGURES] = {
	[TIN_PACKETS] = "packets",
	[TIN_BYTES] = "bytes",
	[TIN_DROPS] = "drops",
	[TIN_ACK_DROPS] = "ack_drops",
	[TIN_MARKS] = "marks",
	[TIN_BACKLOG_PACKETS] = "backlog_packets",
	[TIN_BACKLOG_BYTES] = "backlog_bytes",
	[TIN_THRESHOLD_BPS] = "threshold_bps",
	[TIN_TARGET_US] = "target_us",
	[TIN_INTERVAL_US] = "interval_us",
	[TIN_PEAK_DELAY_US] = "peak_delay_us",
	[TIN_AVERAGE_DELAY_US] = "average_delay_us",
	[TIN_BASE_DELAY_US] = "base_delay_us",
	[TIN_SPARSE_FLOWS] = "sparse_flows",
	[TIN_BULK_FLOWS] = "bulk_flows",
	[TIN_UNRESPONSIVE_FLOWS] = "unresponsive_flows",
	[TIN_COLLISIONS] = "collisions",
	[TIN_LARGEST_PACKET] = "largest_packet",
	[TIN_QUANTUM] = "quantum",
};

/* As tc(8) calls them. */
static json_t *tin_name(const struct leaf_stats *leaf, unsigned int tin)
{
	static const char *const of_3[] = { "Bulk", "Best Effort", "Voice" };
	static const char *const of_4[] = { "Bulk", "Best Effort", "Video", "Voice" };
	char text[16];

	if (leaf->cake.diffserv == DIFFSERV_3 + 1 && leaf->tin_count == 3)
		return json_string(of_3[tin]);
	if (leaf->cake.diffserv == DIFFSERV_4 + 1 && leaf->tin_count == 4)
		return json_string(of_4[tin]);
	snprintf(text, sizeof(text), "Tin %u", tin);
	return json_string(text);
}

static json_t *describe_tins(const struct leaf_stats *leaf)
{
	json_t *tins = json_array();

	for (unsigned int tin = 0; tin < leaf->tin_count; tin++) {
		json_t *object = json_object();

		json_object_set_new(object, "tin", tin_name(leaf, tin));
		for (int i = 0; i < TIN_FIGURES; i++)
			json_object_set_new(object, figure_names[i],
					    json_integer((json_int_t)leaf->tins[tin][i]));
		json_array_append_new(tins, object);
	}
	return tins;
}

static json_t *describe(uint32_t class_id, const struct htb_stats *htb,
			const struct leaf_stats *leaf)
{
	char class[16];
	json_t *object;

	snprintf(class, sizeof(class), "%x:%x", class_id >> 16, class_id & 0xffff);
	object = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
			   "class", class, "leaf", leaf_kind_name(leaf->kind), "bytes",
			   (json_int_t)htb->queue.bytes, "packets", (json_int_t)htb->queue.packets,
			   "overlimits", (json_int_t)htb->queue.overlimits, "lends",
			   (json_int_t)htb->lends, "borrows", (json_int_t)htb->borrows, "giants",
			   (json_int_t)htb->giants, "drops", (json_int_t)leaf->queue.drops,
			   "backlog_packets", (json_int_t)leaf->queue.backlog_packets,
			   "backlog_bytes", (json_int_t)leaf->queue.backlog_bytes, "marks",
			   (json_int_t)leaf->marks, "memory", (json_int_t)leaf->memory_bytes);
	if (leaf->kind == LEAF_CAKE) {
		json_object_set_new(object, "memory_limit",
				    json_integer((json_int_t)leaf->memory_limit_bytes));
		json_object_set_new(object, "rtt_us", json_integer(leaf->rtt_us));
		json_object_set_new(object, "tins", describe_tins(leaf));
	}
	return object;
}

static bool describe_direction(const struct engine *engine, enum direction direction,
			       const struct circuit_row *row, json_t **object, struct error *err)
{
	struct htb_stats htb;
	struct leaf_stats leaf;

	if (!kernel_read_leaf(engine->kernel, &engine->interfaces[direction],
			      row->class_id[direction], &htb, &leaf, err))
		return false;
	*object = describe(row->class_id[direction], &htb, &leaf);
	return true;
}

bool verb_leaf(const struct request *request, json_t **result, struct error *err)
{
	const struct engine *engine = request->engine;
	const struct assignment *numbers;
	const struct circuit_row *row;
	json_t *download = NULL, *upload = NULL;
	const char *id = NULL;

	if (!args_required_text(request->args, "circuit", &id, err))
		return false;
	numbers = handles_find(engine->handles, NODE_CIRCUIT, id);
	if (!numbers)
		return error_set(err, ERROR_MISSING, "there is no circuit \"%.80s\"", id);
	row = datapath_row(engine->datapath, numbers->slot);
	if (!describe_direction(engine, DOWNLOAD, row, &download, err) ||
	    !describe_direction(engine, UPLOAD, row, &upload, err)) {
		json_decref(download);
		return false;
	}
	*result = json_pack("{s:o, s:o, s:o}", "circuit", wire_text(id), "download", download,
			    "upload", upload);
	return true;
}
