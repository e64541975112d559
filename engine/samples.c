/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/samples.h"

#include <stdlib.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/loop.h"
#include "engine/state.h"

#define DRAIN_MS 50

/* A slot that is looked at; 0: free. */
struct looked_at {
	uint32_t slot;
	uint64_t asked_ns;
	int64_t since_ms;
	uint64_t lost_before;
	uint64_t total; /* the newest is (total - 1) % SAMPLES_KEPT */
	struct tcp_sample *last;
};

struct samples {
	struct engine *engine;
	struct watch *timer;
	struct looked_at list[LQOS_WATCHED];
};

static struct looked_at *find(struct samples *samples, uint32_t slot)
{
	for (size_t i = 0; i < LQOS_WATCHED; i++)
		if (samples->list[i].slot == slot)
			return &samples->list[i];
	return NULL;
}

static void tell_datapath(struct samples *samples)
{
	uint32_t slots[LQOS_WATCHED], count = 0;

	for (size_t i = 0; i < LQOS_WATCHED; i++)
		if (samples->list[i].slot)
			slots[count++] = samples->list[i].slot;
	datapath_watch_slots(samples->engine->datapath, slots, count);
	if (count)
		timer_start(samples->timer, DRAIN_MS, DRAIN_MS);
	else
		timer_stop(samples->timer);
}

static void on_sample(void *data, const struct tcp_sample *sample)
{
	struct looked_at *looked = find(data, sample->slot);

	if (looked && sample->slot)
		looked->last[looked->total++ % SAMPLES_KEPT] = *sample;
}

static void drain(struct samples *samples)
{
	struct error err;

	if (!datapath_drain_samples(samples->engine->datapath, on_sample, samples, &err))
		log_warning("%s", err.text);
}

static void release(struct looked_at *looked)
{
	free(looked->last);
	*looked = (struct looked_at){ 0 };
}

static void on_timer(void *data, uint32_t events)
{
	struct samples *samples = data;
	uint64_t now_ns = clock_now_ns();
	bool changed = false;

	drain(samples);
	for (size_t i = 0; i < LQOS_WATCHED; i++) {
		struct looked_at *looked = &samples->list[i];

		if (!looked->slot || now_ns - looked->asked_ns < SAMPLES_WATCH_S * NS_PER_SECOND)
			continue;
		release(looked);
		changed = true;
	}
	if (changed)
		tell_datapath(samples);
}

struct samples *samples_new(struct engine *engine)
{
	struct samples *samples = xcalloc(1, sizeof(*samples));

	samples->engine = engine;
	samples->timer = loop_add_timer(engine->loop, on_timer, samples);
	tell_datapath(samples); /* nobody: an engine that was killed may have left some */
	return samples;
}

void samples_free(struct samples *samples)
{
	if (!samples)
		return;
	for (size_t i = 0; i < LQOS_WATCHED; i++)
		release(&samples->list[i]);
	tell_datapath(samples);
	watch_remove(samples->timer);
	free(samples);
}

bool samples_watch(struct samples *samples, uint32_t slot, struct slot_samples *info,
		   struct error *err)
{
	struct looked_at *looked = find(samples, slot);
	uint64_t lost = datapath_samples_lost(samples->engine->datapath);

	if (!looked) {
		looked = find(samples, 0);
		if (!looked)
			return error_set(err, ERROR_BUSY,
					 "the round trips of %d circuits are being looked at, "
					 "and there can't be more; ask again in %d s",
					 LQOS_WATCHED, SAMPLES_WATCH_S);
		drain(samples); /* what an earlier look left */
		*looked = (struct looked_at){
			.slot = slot,
			.since_ms = clock_wall_ms(),
			.lost_before = lost,
			.last = xcalloc(SAMPLES_KEPT, sizeof(*looked->last)),
		};
		tell_datapath(samples);
	}
	looked->asked_ns = clock_now_ns();
	drain(samples);
	*info = (struct slot_samples){
		.since_ms = looked->since_ms,
		.lost = lost - looked->lost_before,
		.count = looked->total < SAMPLES_KEPT ? looked->total : SAMPLES_KEPT,
	};
	return true;
}

const struct tcp_sample *samples_get(struct samples *samples, uint32_t slot, size_t back)
{
	const struct looked_at *looked = find(samples, slot);

	return &looked->last[(looked->total - 1 - back) % SAMPLES_KEPT];
}
