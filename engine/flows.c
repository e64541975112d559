/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/flows.h"

#include <stdlib.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"

#define ENTRIES_AT_ONCE 8192 /* some milliseconds when all of them are in use */

/* What an entry stood at, at the last round. */
struct entry_history {
	uint64_t identity;
	uint64_t bytes[DIRECTIONS];
};

struct samples {
	struct flow_sample *list;
	size_t count, capacity;
};

struct flows {
	const struct datapath *datapath;
	struct entry_history *history; /* by entry */
	uint64_t *read_ns;	       /* by part of the table: when its entries were read last */
	struct samples list, next;     /* the last complete round's; the round's under way */
	uint32_t part; /* the round under way goes on with; the number of parts: none is */
};

static uint32_t parts(const struct flows *flows)
{
	return (datapath_flows(flows->datapath) + ENTRIES_AT_ONCE - 1) / ENTRIES_AT_ONCE;
}

struct flows *flows_new(const struct datapath *datapath)
{
	struct flows *flows = xcalloc(1, sizeof(*flows));

	flows->datapath = datapath;
	flows->history = xcalloc(datapath_flows(datapath), sizeof(*flows->history));
	flows->part = parts(flows);
	flows->read_ns = xcalloc(flows->part, sizeof(*flows->read_ns));
	for (uint32_t part = 0; part < flows->part; part++)
		flows->read_ns[part] = clock_now_ns();
	return flows;
}

void flows_free(struct flows *flows)
{
	if (!flows)
		return;
	free(flows->history);
	free(flows->read_ns);
	free(flows->list.list);
	free(flows->next.list);
	free(flows);
}

static void sample_entry(struct flows *flows, uint32_t entry, const struct flow_info *flow,
			 uint64_t before_ns, uint64_t now_ns)
{
	struct entry_history *history = &flows->history[entry];
	struct samples *next = &flows->next;
	struct flow_sample sample = { .entry = entry,
				      .slot = flow->slot,
				      .bytes = flow->bytes[DOWNLOAD] + flow->bytes[UPLOAD],
				      .rtt_us = flow->rtt_us[RTT_CUSTOMER],
				      .retransmits = flow->retransmits[DOWNLOAD] +
						     flow->retransmits[UPLOAD] };
	/* A flow that began since the last round has all its bytes in this one. */
	bool known = history->identity == flow->identity;

	for (int d = 0; d < DIRECTIONS; d++) {
		uint64_t bytes = flow->bytes[d] - (known ? history->bytes[d] : 0);

		if (known || flow->first_seen_ns >= before_ns)
			sample.rate_bps[d] = (uint64_t)((double)bytes * 8 * (double)NS_PER_SECOND /
							(double)(now_ns - before_ns));
		history->bytes[d] = flow->bytes[d];
	}
	history->identity = flow->identity;
	next->list = grow(next->list, next->count, &next->capacity, sizeof(*next->list));
	next->list[next->count++] = sample;
}

void flows_begin(struct flows *flows)
{
	flows->next.count = 0;
	flows->part = 0;
}

static void read_part(struct flows *flows, uint32_t part)
{
	uint64_t now_ns = clock_now_ns(), before_ns = flows->read_ns[part];
	uint64_t idle_ns = FLOW_IDLE_S * NS_PER_SECOND;
	uint64_t since_ns = now_ns > idle_ns ? now_ns - idle_ns : 0;
	uint32_t entry = part * ENTRIES_AT_ONCE, end = entry + ENTRIES_AT_ONCE;
	struct flow_info flow;

	if (end > datapath_flows(flows->datapath))
		end = datapath_flows(flows->datapath);
	for (; datapath_next_flow(flows->datapath, since_ns, now_ns, &entry, end, &flow); entry++)
		sample_entry(flows, entry, &flow, before_ns, now_ns);
	flows->read_ns[part] = now_ns;
}

bool flows_step(struct flows *flows)
{
	struct samples before = flows->list;

	if (flows->part == parts(flows))
		return false;
	read_part(flows, flows->part++);
	if (flows->part < parts(flows))
		return true;
	flows->list = flows->next;
	flows->next = before;
	return false;
}

const struct flow_sample *flows_list(const struct flows *flows, size_t *count)
{
	*count = flows->list.count;
	return flows->list.list;
}
