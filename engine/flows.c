/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/flows.h"

#include <stdlib.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"

/* What an entry stood at, at the last tick. */
struct entry_history {
	uint64_t identity;
	uint64_t bytes[DIRECTIONS];
};

struct flows {
	const struct datapath *datapath;
	struct entry_history *history; /* by entry */
	struct flow_sample *list;
	size_t count, capacity;
	uint64_t sampled_ns;
};

struct flows *flows_new(const struct datapath *datapath)
{
	struct flows *flows = xcalloc(1, sizeof(*flows));

	flows->datapath = datapath;
	flows->history = xcalloc(datapath_flows(datapath), sizeof(*flows->history));
	flows->sampled_ns = clock_now_ns();
	return flows;
}

void flows_free(struct flows *flows)
{
	if (!flows)
		return;
	free(flows->history);
	free(flows->list);
	free(flows);
}

static void sample_entry(struct flows *flows, uint32_t entry, const struct flow_info *flow,
			 uint64_t elapsed_ns)
{
	struct entry_history *history = &flows->history[entry];
	struct flow_sample sample = { .entry = entry,
				      .slot = flow->slot,
				      .bytes = flow->bytes[DOWNLOAD] + flow->bytes[UPLOAD],
				      .rtt_us = flow->rtt_us[RTT_CUSTOMER],
				      .retransmits = flow->retransmits[DOWNLOAD] +
						     flow->retransmits[UPLOAD] };
	/* A flow that began within this tick has all its bytes in it. */
	bool known = history->identity == flow->identity;

	for (int d = 0; d < DIRECTIONS; d++) {
		uint64_t bytes = flow->bytes[d] - (known ? history->bytes[d] : 0);

		if (known || flow->first_seen_ns >= flows->sampled_ns)
			sample.rate_bps[d] = (uint64_t)((double)bytes * 8 * (double)NS_PER_SECOND /
							(double)elapsed_ns);
		history->bytes[d] = flow->bytes[d];
	}
	history->identity = flow->identity;
	flows->list = grow(flows->list, flows->count, &flows->capacity, sizeof(*flows->list));
	flows->list[flows->count++] = sample;
}

void flows_tick(struct flows *flows)
{
	uint64_t now_ns = clock_now_ns(), elapsed_ns = now_ns - flows->sampled_ns;
	uint64_t idle_ns = FLOW_IDLE_S * NS_PER_SECOND;
	uint64_t since_ns = now_ns > idle_ns ? now_ns - idle_ns : 0;
	struct flow_info flow;

	if (!elapsed_ns)
		return;
	flows->count = 0;
	for (uint32_t entry = 0;
	     datapath_next_flow(flows->datapath, since_ns, now_ns, &entry, &flow); entry++)
		sample_entry(flows, entry, &flow, elapsed_ns);
	flows->sampled_ns = now_ns;
}

const struct flow_sample *flows_list(const struct flows *flows, size_t *count)
{
	*count = flows->count;
	return flows->list;
}
