/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/measuring.h"

#include <stdbool.h>
#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/flows.h"
#include "engine/loop.h"
#include "engine/sampler.h"
#include "engine/state.h"
#include "engine/strangers.h"

struct measuring {
	struct engine *engine;
	struct watch *tick, *step;
	bool under_way;
};

static void on_tick(void *data, uint32_t events)
{
	struct measuring *measuring = data;

	if (measuring->under_way) /* the loop was held up: one after the other */
		return;
	measuring->under_way = true;
	sampler_begin(measuring->engine->sampler);
	flows_begin(measuring->engine->flows);
	timer_start(measuring->step, 0, 0);
}

static void on_step(void *data, uint32_t events)
{
	struct measuring *measuring = data;
	struct engine *engine = measuring->engine;

	if (sampler_step(engine->sampler) || flows_step(engine->flows)) {
		timer_start(measuring->step, 0, 0);
		return;
	}
	strangers_tick(engine->strangers);
	measuring->under_way = false;
}

struct measuring *measuring_new(struct engine *engine)
{
	struct measuring *measuring = xcalloc(1, sizeof(*measuring));

	measuring->engine = engine;
	measuring->tick = loop_add_timer(engine->loop, on_tick, measuring);
	measuring->step = loop_add_timer(engine->loop, on_step, measuring);
	timer_start(measuring->tick, TICK_MS, TICK_MS);
	return measuring;
}

void measuring_free(struct measuring *measuring)
{
	if (!measuring)
		return;
	watch_remove(measuring->tick);
	watch_remove(measuring->step);
	free(measuring);
}
