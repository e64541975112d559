/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/lazy_queues.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/change.h"
#include "engine/lazy.h"
#include "engine/loop.h"
#include "engine/state.h"

#define LOOK_MS 1000
#define TIMES_KEPT 1024

struct lazy_queues {
	struct engine *engine;
	struct lazy *lazy;
	struct watch *calls, *timer;
	bool on;
	bool again; /* not all that called were served: when the next look is taken */
	struct waiting_call *called; /* those that are served now */
	size_t called_count, called_capacity;
	uint64_t builds, removals;
	uint64_t times_ns[TIMES_KEPT]; /* a ring of `builds` */
};

/* --- builds ----------------------------------------------------------------------------------- */

static void on_call(void *data, const struct waiting_call *call)
{
	struct lazy_queues *queues = data;

	if (!lazy_call(queues->lazy, call->slot, clock_now_ns()))
		return;
	queues->called = grow(queues->called, queues->called_count, &queues->called_capacity,
			      sizeof(*queues->called));
	queues->called[queues->called_count++] = *call;
}

static void note_times(struct lazy_queues *queues)
{
	uint64_t now_ns = clock_now_ns();

	for (size_t i = 0; i < queues->called_count; i++)
		queues->times_ns[queues->builds++ % TIMES_KEPT] =
			now_ns - queues->called[i].time_ns;
}

/* Leaves those that can be served now. The wish of the others stays: the next look serves them. */
static void give_handles(struct lazy_queues *queues)
{
	size_t given = 0;

	for (size_t i = 0; i < queues->called_count; i++)
		if (change_give_handle(queues->engine, queues->called[i].slot))
			queues->called[given++] = queues->called[i];
	queues->again |= given < queues->called_count;
	queues->called_count = given;
}

/* A refusal leaves the wish as well. */
static void build(struct lazy_queues *queues)
{
	uint32_t *slots = xcalloc(queues->called_count, sizeof(*slots));
	struct error err;

	for (size_t i = 0; i < queues->called_count; i++)
		slots[i] = queues->called[i].slot;
	if (change_make_classes(queues->engine, slots, queues->called_count, &err)) {
		note_times(queues);
	} else {
		log_warning("classes are not made: %s", err.text);
		queues->again = true;
	}
	free(slots);
}

/* Calls that came together are served together. */
static void on_calls(void *data, uint32_t events)
{
	struct lazy_queues *queues = data;

	datapath_read_calls(queues->engine->datapath);
	give_handles(queues);
	if (queues->called_count)
		build(queues);
	queues->called_count = 0;
}

/* --- silence ---------------------------------------------------------------------------------- */

static void count_packets(struct lazy_queues *queues, uint64_t now_ns)
{
	const bool *has_class = lazy_has_class(queues->lazy);

	for (uint32_t slot = 1; slot < lazy_slots(queues->lazy); slot++) {
		struct slot_counters counters;

		if (!has_class[slot])
			continue;
		datapath_read_counters(queues->engine->datapath, slot, &counters);
		lazy_count(queues->lazy, slot,
			   counters.packets[DOWNLOAD] + counters.packets[UPLOAD], now_ns);
	}
}

static void on_look(void *data, uint32_t events)
{
	struct lazy_queues *queues = data;
	uint64_t now_ns = clock_now_ns();
	unsigned int removed;
	struct error err;

	if (!queues->on)
		return;
	count_packets(queues, now_ns);
	removed = lazy_expire(queues->lazy, queues->engine->config.lazy_idle_s * NS_PER_SECOND,
			      now_ns);
	queues->removals += removed;
	if (!removed && !queues->again)
		return;
	queues->again = !change_drop_classes(queues->engine, &err);
	if (queues->again)
		log_warning("classes made on demand: %s", err.text);
}

/* --- public ----------------------------------------------------------------------------------- */

struct lazy_queues *lazy_queues_new(struct engine *engine, struct error *err)
{
	struct lazy_queues *queues = xcalloc(1, sizeof(*queues));
	uint32_t slots = datapath_slots(engine->datapath);
	int fd;

	queues->engine = engine;
	fd = datapath_open_calls(engine->datapath, on_call, queues, err);
	if (fd < 0) {
		free(queues);
		return NULL;
	}
	queues->lazy = lazy_new(slots);
	for (uint32_t slot = 1; slot < slots; slot++) {
		const struct circuit_row *row = datapath_row(engine->datapath, slot);

		if (row->owner && !(row->flags & LQOS_ROW_SITE))
			lazy_place(queues->lazy, slot, row->owner, !(row->flags & LQOS_ROW_WAITING),
				   clock_now_ns());
		/* Calls that an engine before took and did not live to serve. */
		datapath_forget_call(engine->datapath, slot);
	}
	queues->calls = loop_add_fd(engine->loop, fd, EPOLLIN, on_calls, queues);
	queues->timer = loop_add_timer(engine->loop, on_look, queues);
	timer_start(queues->timer, LOOK_MS, LOOK_MS);
	return queues;
}

void lazy_queues_free(struct lazy_queues *queues)
{
	if (!queues)
		return;
	watch_remove(queues->calls);
	watch_remove(queues->timer);
	lazy_free(queues->lazy);
	free(queues->called);
	free(queues);
}

void lazy_queues_place(struct lazy_queues *queues)
{
	struct engine *engine = queues->engine;
	uint64_t now_ns = clock_now_ns();
	size_t count;
	const struct assignment *list = handles_list(engine->handles, &count);
	bool on = lazy_decide(engine->config.lazy, engine->network->circuit_count, queues->on);

	if (on != queues->on)
		log_info("%zu circuits: %s", engine->network->circuit_count,
			 on ? "classes are made when there is traffic"
			    : "all have their classes all the time");
	queues->on = on;
	for (size_t i = 0; i < count; i++)
		if (list[i].kind == NODE_CIRCUIT) {
			lazy_place(queues->lazy, list[i].slot, list[i].owner, !on, now_ns);
			if (!on)
				lazy_call(queues->lazy, list[i].slot, now_ns);
		}
	engine->shaping.has_class = on ? lazy_has_class(queues->lazy) : NULL;
}

static int compare_times(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

void lazy_queues_count(const struct lazy_queues *queues, struct lazy_counts *counts)
{
	size_t kept = queues->builds < TIMES_KEPT ? queues->builds : TIMES_KEPT;
	const bool *has_class = lazy_has_class(queues->lazy);
	uint32_t slots = lazy_slots(queues->lazy);
	uint64_t sorted[TIMES_KEPT];

	*counts = (struct lazy_counts){ .lazy = queues->on,
					.builds = queues->builds,
					.removals = queues->removals };
	for (uint32_t slot = 1; slot < slots; slot++)
		counts->with_class += has_class[slot];
	if (!kept)
		return;
	memcpy(sorted, queues->times_ns, kept * sizeof(*sorted));
	qsort(sorted, kept, sizeof(*sorted), compare_times);
	counts->build_p50_ns = sorted[kept / 2];
	counts->build_p99_ns = sorted[kept - 1 - kept / 100];
}
