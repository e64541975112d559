/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/saved_loads.h"

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"

struct reading {
	const struct handles *handles;
	struct node_loads *loads;
	uint64_t now_ns;
};

static void take(void *data, const struct measured_load *load)
{
	const struct reading *reading = data;

	node_loads_restore(reading->loads, handles_find(reading->handles, load->kind, load->id),
			   load->load_bps, reading->now_ns);
}

void saved_loads_read(struct state_db *db, const struct handles *handles, struct node_loads *loads)
{
	struct reading reading = { handles, loads, clock_now_ns() };
	uint32_t windows;
	struct error err;

	if (!state_db_load_loads(db, take, &reading, &windows, &err))
		log_warning("measured loads: %s", err.text);
	node_loads_restore_windows(loads, windows);
}

struct measured_load *saved_loads_collect(const struct node_loads *loads,
					  const struct assignment *list, size_t count,
					  size_t *found)
{
	struct measured_load *collected = xcalloc(count, sizeof(*collected));
	uint64_t load_bps;

	*found = 0;
	for (size_t i = 0; i < count; i++)
		if (node_loads_get(loads, &list[i], &load_bps))
			collected[(*found)++] =
				(struct measured_load){ list[i].kind, list[i].id, load_bps };
	return collected;
}
