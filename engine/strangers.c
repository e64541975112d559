/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/strangers.h"

#include <stdlib.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"

/* What an entry stood at, at the last tick. */
struct entry_history {
	uint64_t identity;
	uint64_t bytes[DIRECTIONS];
};

struct strangers {
	const struct datapath *datapath;
	struct entry_history *history; /* by entry */
	struct stranger_sample *list;
	size_t count, capacity;
	uint64_t sampled_ns;
};

struct strangers *strangers_new(const struct datapath *datapath)
{
	struct strangers *strangers = xcalloc(1, sizeof(*strangers));

	strangers->datapath = datapath;
	strangers->history = xcalloc(datapath_strangers(datapath), sizeof(*strangers->history));
	strangers->sampled_ns = clock_now_ns();
	return strangers;
}

void strangers_free(struct strangers *strangers)
{
	if (!strangers)
		return;
	free(strangers->history);
	free(strangers->list);
	free(strangers);
}

static void sample(struct strangers *strangers, uint32_t entry, const struct stranger_info *info,
		   uint64_t elapsed_ns)
{
	struct entry_history *history = &strangers->history[entry];
	struct stranger_sample sample = { .info = *info };
	bool known = history->identity == info->identity;

	for (int d = 0; d < DIRECTIONS; d++) {
		uint64_t bytes = info->bytes[d] - (known ? history->bytes[d] : 0);

		/* One that began within this tick has all its bytes in it. */
		if (known || info->first_seen_ns >= strangers->sampled_ns)
			sample.rate_bps[d] = (uint64_t)((double)bytes * 8 * (double)NS_PER_SECOND /
							(double)elapsed_ns);
		history->bytes[d] = info->bytes[d];
	}
	history->identity = info->identity;
	strangers->list =
		grow(strangers->list, strangers->count, &strangers->capacity, sizeof(sample));
	strangers->list[strangers->count++] = sample;
}

void strangers_tick(struct strangers *strangers)
{
	uint64_t now_ns = clock_now_ns(), elapsed_ns = now_ns - strangers->sampled_ns;
	uint32_t entries = datapath_strangers(strangers->datapath);
	struct stranger_info info;

	if (!elapsed_ns)
		return;
	strangers->count = 0;
	for (uint32_t entry = 0; entry < entries; entry++)
		if (datapath_read_stranger(strangers->datapath, entry, &info) &&
		    info.last_seen_ns + STRANGER_IDLE_S * NS_PER_SECOND > now_ns)
			sample(strangers, entry, &info, elapsed_ns);
	strangers->sampled_ns = now_ns;
}

const struct stranger_sample *strangers_list(const struct strangers *strangers, size_t *count)
{
	*count = strangers->count;
	return strangers->list;
}
