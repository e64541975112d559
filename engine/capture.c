/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/capture.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/pcap_writer.h"
#include "engine/capture_sorter.h"
#include "engine/loop.h"
#include "engine/state.h"

#define DRAIN_MS 20
#define KEPT_MOST 64 /* those that run and those that have ended */

struct running {
	struct capture *capture; /* NULL: free */
	struct pcap_writer *file;
	uint64_t ends_ns;
	uint64_t last_ns; /* of the last packet in the file, CLOCK_MONOTONIC */
	uint64_t last_wall_ns;
	uint64_t late;	/* came when younger ones were written already */
	uint64_t owner; /* of the slot; 0: none */
	uint64_t seen_before;
};

struct captures {
	struct engine *engine;
	struct watch *timer;
	struct running running[LQOS_CAPTURES];
	struct capture *kept[KEPT_MOST]; /* newest first */
	size_t kept_count;
	struct capture_sorter *sorter;
	uint64_t last_id;
};

/* --- counters --------------------------------------------------------------------------------- */

/* What arrived as the slot's. */
static uint64_t count_seen(const struct captures *captures, uint32_t slot)
{
	struct slot_counters counters;

	if (!slot)
		return 0;
	datapath_read_counters(captures->engine->datapath, slot, &counters);
	return counters.packets[DOWNLOAD] + counters.packets[UPLOAD] - counters.unarrived +
	       counters.suspended_drops;
}

static void update_seen(struct captures *captures, struct running *running)
{
	uint32_t slot = running->capture->order.filter.slot;

	if (slot && datapath_row(captures->engine->datapath, slot)->owner == running->owner)
		running->capture->seen = count_seen(captures, slot) - running->seen_before;
}

static void update(struct captures *captures, unsigned int index)
{
	struct running *running = &captures->running[index];
	struct capture *capture = running->capture;
	uint64_t matched, dropped = pcap_writer_dropped(running->file);

	datapath_read_capture(captures->engine->datapath, index, &matched, &capture->lost);
	capture->lost += running->late + dropped;
	capture->packets = capture->taken - dropped;
	capture->bytes = pcap_writer_bytes(running->file);
}

/* --- from the data path to the files ---------------------------------------------------------- */

static uint64_t wall_offset_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec - clock_now_ns();
}

static void write_packet(struct running *running, const struct captured *captured,
			 const uint8_t *frame, uint64_t offset_ns)
{
	struct capture *capture = running->capture;
	uint32_t snap = capture->order.filter.snap_bytes, taken = captured->taken_bytes;
	uint64_t wall_ns = captured->time_ns + offset_ns;

	if (captured->time_ns < running->last_ns) {
		running->late++;
		return;
	}
	/* The wall clock may be set back: the order of the packets stays. */
	if (wall_ns < running->last_wall_ns)
		wall_ns = running->last_wall_ns;
	running->last_ns = captured->time_ns;
	running->last_wall_ns = wall_ns;
	pcap_writer_add(running->file, wall_ns, captured->frame_bytes, frame,
			taken < snap ? taken : snap);
	capture->last[capture->taken % CAPTURE_LINES] = *captured;
	capture->last_wall_ns[capture->taken % CAPTURE_LINES] = (int64_t)wall_ns;
	capture->taken++;
}

struct writing {
	struct captures *captures;
	uint32_t only; /* bit by running capture */
	uint64_t offset_ns;
};

static void on_sorted(void *data, const struct captured *captured, const uint8_t *frame)
{
	const struct writing *writing = data;

	for (unsigned int i = 0; i < LQOS_CAPTURES; i++)
		if (captured->captures & writing->only & 1u << i &&
		    writing->captures->running[i].capture)
			write_packet(&writing->captures->running[i], captured, frame,
				     writing->offset_ns);
}

static void on_captured(void *data, const struct captured *captured, const uint8_t *frame)
{
	struct captures *captures = data;

	capture_sorter_add(captures->sorter, captured, frame);
}

static bool drain(struct captures *captures, struct error *err)
{
	return datapath_drain_captured(captures->engine->datapath, on_captured, captures, err);
}

/* --- ends ------------------------------------------------------------------------------------- */

/* The packets that are under way still belong to it. */
static void end(struct captures *captures, unsigned int index, const char *state,
		const char *trouble)
{
	struct running *running = &captures->running[index];
	struct writing writing = { .captures = captures,
				   .only = 1u << index,
				   .offset_ns = wall_offset_ns() };
	struct capture *capture = running->capture;
	struct error err = { .code = ERROR_NONE };

	update_seen(captures, running);
	datapath_stop_capture(captures->engine->datapath, index);
	drain(captures, &err);
	capture_sorter_take(captures->sorter, writing.only, on_sorted, &writing);
	pcap_writer_flush(running->file, &err);
	update(captures, index);
	if (!pcap_writer_close(running->file, &err) && !*trouble)
		trouble = err.text;
	copy_text(capture->trouble, sizeof(capture->trouble), trouble);
	capture->state = *trouble ? "failed" : state;
	capture->ended_ns = clock_now_ns();
	*running = (struct running){ 0 };
	log_info("capture %llu of %s ended (%s): %llu packets, %llu lost, in %s",
		 (unsigned long long)capture->id, capture->order.subject, capture->state,
		 (unsigned long long)capture->packets, (unsigned long long)capture->lost,
		 capture->path);
}

/* Whether it has to end now, and why. */
static const char *find_end(struct captures *captures, unsigned int index)
{
	const struct running *running = &captures->running[index];
	const struct capture_order *order = &running->capture->order;

	if (order->filter.slot &&
	    datapath_row(captures->engine->datapath, order->filter.slot)->owner != running->owner)
		return "its circuit has gone";
	if (clock_now_ns() >= running->ends_ns)
		return "time is over";
	if (pcap_writer_bytes(running->file) >= order->bytes)
		return "file is full";
	return NULL;
}

static unsigned int count_running(const struct captures *captures)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < LQOS_CAPTURES; i++)
		count += captures->running[i].capture != NULL;
	return count;
}

static void on_timer(void *data, uint32_t events)
{
	struct captures *captures = data;
	struct writing writing = { .captures = captures,
				   .only = UINT32_MAX,
				   .offset_ns = wall_offset_ns() };
	struct error err = { .code = ERROR_NONE };
	bool ok = drain(captures, &err);

	capture_sorter_take_ripe(captures->sorter, clock_now_ns(), on_sorted, &writing);
	for (unsigned int i = 0; i < LQOS_CAPTURES; i++) {
		const char *why;

		if (!captures->running[i].capture)
			continue;
		update(captures, i);
		update_seen(captures, &captures->running[i]);
		why = find_end(captures, i);
		if (!ok || !pcap_writer_flush(captures->running[i].file, &err))
			end(captures, i, "failed", err.text);
		else if (why)
			end(captures, i, why, "");
	}
	if (!count_running(captures))
		timer_stop(captures->timer);
}

/* --- public ----------------------------------------------------------------------------------- */

struct captures *captures_new(struct engine *engine)
{
	struct captures *captures = xcalloc(1, sizeof(*captures));
	struct error err;

	captures->engine = engine;
	captures->timer = loop_add_timer(engine->loop, on_timer, captures);
	captures->sorter = capture_sorter_new();
	if (!datapath_forget_captures(engine->datapath, &err))
		log_warning("captures of an engine that was killed: %s", err.text);
	return captures;
}

void captures_free(struct captures *captures)
{
	if (!captures)
		return;
	for (unsigned int i = 0; i < LQOS_CAPTURES; i++)
		if (captures->running[i].capture)
			end(captures, i, "the engine stopped", "");
	for (size_t i = 0; i < captures->kept_count; i++)
		free(captures->kept[i]);
	watch_remove(captures->timer);
	capture_sorter_free(captures->sorter);
	free(captures);
}

/* One that has ended long ago makes room. */
static struct capture *keep(struct captures *captures)
{
	struct capture *capture = xcalloc(1, sizeof(*capture));
	size_t last = captures->kept_count;

	if (last == KEPT_MOST) {
		last--;
		while (!captures->kept[last]->ended_ns)
			last--;
		free(captures->kept[last]);
	} else {
		captures->kept_count++;
	}
	memmove(&captures->kept[1], &captures->kept[0], last * sizeof(captures->kept[0]));
	captures->kept[0] = capture;
	return capture;
}

bool captures_start(struct captures *captures, const struct capture_order *order, uint64_t *id,
		    struct error *err)
{
	struct running *running;
	unsigned int index = 0;

	while (index < LQOS_CAPTURES && captures->running[index].capture)
		index++;
	if (index == LQOS_CAPTURES)
		return error_set(err, ERROR_CONFLICT,
				 "%d captures are running, and there can't be more; stop one first",
				 LQOS_CAPTURES);
	running = &captures->running[index];
	running->file = pcap_writer_create(captures->engine->config.capture_directory,
					   order->subject, order->filter.snap_bytes, err);
	if (!running->file)
		return false;
	running->capture = keep(captures);
	*running->capture = (struct capture){ .id = ++captures->last_id,
					      .order = *order,
					      .state = "running",
					      .started_ms = clock_wall_ms(),
					      .started_ns = clock_now_ns() };
	copy_text(running->capture->path, sizeof(running->capture->path),
		  pcap_writer_path(running->file));
	running->ends_ns = clock_now_ns() + order->seconds * NS_PER_SECOND;
	if (order->filter.slot)
		running->owner =
			datapath_row(captures->engine->datapath, order->filter.slot)->owner;
	running->seen_before = count_seen(captures, order->filter.slot);
	datapath_start_capture(captures->engine->datapath, index, &order->filter);
	timer_start(captures->timer, DRAIN_MS, DRAIN_MS);
	*id = running->capture->id;
	log_info("%s captures %s for %u s to %s", order->author, order->subject, order->seconds,
		 running->capture->path);
	return true;
}

bool captures_stop(struct captures *captures, uint64_t id, struct error *err)
{
	for (unsigned int i = 0; i < LQOS_CAPTURES; i++) {
		if (!captures->running[i].capture || captures->running[i].capture->id != id)
			continue;
		end(captures, i, "stopped", "");
		return true;
	}
	return error_set(err, ERROR_MISSING, "no capture %llu is running", (unsigned long long)id);
}

const struct capture *captures_get(const struct captures *captures, size_t index)
{
	return index < captures->kept_count ? captures->kept[index] : NULL;
}
