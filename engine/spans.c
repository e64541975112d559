/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/spans.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "engine/metrics.h"

struct span {
	double rate_bps[DIRECTIONS];
	uint32_t rtt[RTT_BUCKETS];
};

struct spans {
	struct history *history;
	struct span *sites, total;
	size_t site_count;
};

struct spans *spans_new(void)
{
	struct spans *spans = xcalloc(1, sizeof(*spans));

	spans->history = history_new();
	return spans;
}

void spans_free(struct spans *spans)
{
	if (!spans)
		return;
	history_free(spans->history);
	free(spans->sites);
	free(spans);
}

void spans_set_sites(struct spans *spans, size_t sites)
{
	free(spans->sites);
	spans->sites = xcalloc(sites, sizeof(*spans->sites));
	spans->site_count = sites;
}

void spans_begin(struct spans *spans)
{
	history_advance(spans->history);
	memset(spans->sites, 0, spans->site_count * sizeof(*spans->sites));
	spans->total = (struct span){ 0 };
}

static void add(struct span *sum, const struct span *part)
{
	for (int d = 0; d < DIRECTIONS; d++)
		sum->rate_bps[d] += part->rate_bps[d];
	rtt_add(sum->rtt, part->rtt);
}

void spans_add(struct spans *spans, const struct assignment *circuit, uint32_t site,
	       const uint64_t bytes[DIRECTIONS], uint64_t elapsed_ns,
	       const uint32_t rtt[RTT_BUCKETS])
{
	struct span span = { 0 };

	for (int d = 0; d < DIRECTIONS && elapsed_ns; d++)
		span.rate_bps[d] =
			(double)bytes[d] * 8 * (double)NS_PER_SECOND / (double)elapsed_ns;
	memcpy(span.rtt, rtt, sizeof(span.rtt));
	history_put(spans->history, circuit->slot, circuit->owner, span.rate_bps, span.rtt, false);
	add(&spans->total, &span);
	if (site != NETWORK_NONE)
		add(&spans->sites[site], &span);
}

/* Sites are in the network parents first, so that walking back adds each to its parent whole. */
static void put_site(struct spans *spans, const struct site *site, const struct span *span,
		     const struct handles *handles)
{
	const struct assignment *assignment = handles_find(handles, NODE_SITE, site->id);

	if (site->parent != NETWORK_NONE)
		add(&spans->sites[site->parent], span);
	if (assignment && assignment->slot)
		history_put(spans->history, assignment->slot, assignment->owner, span->rate_bps,
			    span->rtt, true);
}

void spans_end(struct spans *spans, const struct network *network, const struct handles *handles)
{
	for (size_t i = spans->site_count; i-- > 0;)
		put_site(spans, &network->sites[i], &spans->sites[i], handles);
	history_put(spans->history, HISTORY_ALL, HISTORY_ALL, spans->total.rate_bps,
		    spans->total.rtt, true);
}

const struct history *spans_history(const struct spans *spans)
{
	return spans->history;
}
