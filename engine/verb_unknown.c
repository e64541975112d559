/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb unknown: customer-side addresses with live flows that no prefix covers, summed. */
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "engine/flows.h"
#include "engine/state.h"
#include "engine/tables.h"
#include "engine/verbs.h"
#include "engine/wire/args.h"

struct stranger {
	uint8_t address[16];
	uint64_t rate_bps[DIRECTIONS], bytes[DIRECTIONS];
	uint64_t first_seen_ns, last_seen_ns;
	uint32_t flows;
};

static int compare_address(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(((struct stranger *)0)->address));
}

static int compare_rate(const void *left, const void *right)
{
	const struct stranger *a = left, *b = right;
	uint64_t x = a->rate_bps[DOWNLOAD] + a->rate_bps[UPLOAD];
	uint64_t y = b->rate_bps[DOWNLOAD] + b->rate_bps[UPLOAD];

	if (x != y)
		return x > y ? -1 : 1;
	return compare_address(a, b);
}

/* Adds the other to the one of the same address. */
static void merge(struct stranger *stranger, const struct stranger *other)
{
	for (int d = 0; d < DIRECTIONS; d++) {
		stranger->rate_bps[d] += other->rate_bps[d];
		stranger->bytes[d] += other->bytes[d];
	}
	stranger->flows += other->flows;
	if (other->first_seen_ns < stranger->first_seen_ns)
		stranger->first_seen_ns = other->first_seen_ns;
	if (other->last_seen_ns > stranger->last_seen_ns)
		stranger->last_seen_ns = other->last_seen_ns;
}

static struct stranger *list_strangers(const struct engine *engine, size_t *count)
{
	size_t total, kept = 0, capacity = 0, unique = 0;
	const struct flow_sample *samples = flows_list(engine->flows, &total);
	struct stranger *list = NULL;

	for (size_t i = 0; i < total; i++) {
		struct flow_info flow;
		struct stranger *stranger;

		if (samples[i].slot ||
		    !datapath_read_flow(engine->datapath, samples[i].entry, &flow))
			continue;
		list = grow(list, kept, &capacity, sizeof(*list));
		stranger = &list[kept++];
		*stranger = (struct stranger){ .first_seen_ns = flow.first_seen_ns,
					       .last_seen_ns = flow.last_seen_ns,
					       .flows = 1 };
		memcpy(stranger->address, flow.customer, sizeof(stranger->address));
		memcpy(stranger->rate_bps, samples[i].rate_bps, sizeof(stranger->rate_bps));
		memcpy(stranger->bytes, flow.bytes, sizeof(stranger->bytes));
	}
	if (kept)
		qsort(list, kept, sizeof(*list), compare_address);
	for (size_t i = 0; i < kept; i++) {
		if (unique && !compare_address(&list[unique - 1], &list[i]))
			merge(&list[unique - 1], &list[i]);
		else
			list[unique++] = list[i];
	}
	if (unique)
		qsort(list, unique, sizeof(*list), compare_rate);
	*count = unique;
	return list;
}

static json_t *make_row(const struct stranger *stranger, uint64_t now_ns)
{
	struct prefix prefix = { .length = 128 };
	char text[PREFIX_TEXT_SIZE];
	json_t *row;

	memcpy(prefix.address, stranger->address, sizeof(prefix.address));
	prefix_format(&prefix, text);
	row = json_pack("{s:s, s:s}", "key", text, "address", text);
	json_object_set_new(row, "download_bps",
			    json_integer((json_int_t)stranger->rate_bps[DOWNLOAD]));
	json_object_set_new(row, "upload_bps",
			    json_integer((json_int_t)stranger->rate_bps[UPLOAD]));
	json_object_set_new(row, "download_bytes",
			    json_integer((json_int_t)stranger->bytes[DOWNLOAD]));
	json_object_set_new(row, "upload_bytes", json_integer((json_int_t)stranger->bytes[UPLOAD]));
	json_object_set_new(row, "flows", json_integer(stranger->flows));
	json_object_set_new(row, "age_s",
			    json_real((double)(now_ns - stranger->first_seen_ns) / NS_PER_SECOND));
	json_object_set_new(
		row, "idle_s",
		json_real(now_ns > stranger->last_seen_ns
				  ? (double)(now_ns - stranger->last_seen_ns) / NS_PER_SECOND
				  : 0));
	return row;
}

bool verb_unknown(const struct request *request, json_t **result, struct error *err)
{
	int64_t limit = 500;
	struct stranger *list;
	json_t *rows;
	size_t count;

	if (!args_integer(request->args, "limit", 1, TABLE_ROWS_MAX, &limit, err))
		return false;
	rows = json_array();
	list = list_strangers(request->engine, &count);
	for (size_t i = 0; i < count && i < (size_t)limit; i++)
		json_array_append_new(rows, make_row(&list[i], clock_now_ns()));
	free(list);
	*result = json_pack("{s:I, s:o}", "addresses", (json_int_t)count, "rows", rows);
	return true;
}
