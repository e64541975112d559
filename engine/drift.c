/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/drift.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/change.h"
#include "engine/events.h"
#include "engine/taken_root.h"
#include "engine/usable_queues.h"

#define LOOK_EVERY_MS 60000
#define SETTINGS_EVERY_MS 5000
#define AGAIN_MS 1000 /* when nodes could not be moved off queues that went */
#define SETTLE_MS 200 /* somebody may be in the middle of several commands */

struct drift {
	struct engine *engine;
	int fd;
	struct watch *watch;
	uint64_t look_at_ns, settings_at_ns;
	bool troubled;	/* the last look could not put all right */
	bool displaced; /* transmit queues came or went, and the nodes are not placed anew yet */
	struct link {
		unsigned int queues; /* in use */
		bool gone;
	} links[DIRECTIONS];
};

static void look_after(struct drift *drift, uint64_t ms)
{
	uint64_t at_ns = clock_now_ns() + ms * NS_PER_MS;

	if (!drift->look_at_ns || at_ns < drift->look_at_ns)
		drift->look_at_ns = at_ns;
}

static void on_event(void *data, uint32_t events)
{
	struct drift *drift = data;

	if (kernel_watch_read(drift->engine->kernel, drift->fd))
		look_after(drift, SETTLE_MS);
}

/* --- queueing --------------------------------------------------------------------------------- */

/* Reads one direction's tree in place of what was believed; *differs when it was another. */
static bool read_again(struct engine *engine, enum direction direction, bool *differs,
		       struct error *err)
{
	const struct interface *interface = &engine->interfaces[direction];
	struct queue_tree tree;

	if (!taken_root_take(engine->kernel, engine->config.take_over, engine->config.state_path,
			     interface, err))
		return false;
	if (!kernel_make_root(engine->kernel, interface, engine->shaping.queues, err) ||
	    !kernel_read_tree(engine->kernel, interface, &tree, err))
		return false;
	if (queue_tree_equal(&tree, &engine->applied.tree[direction])) {
		queue_tree_release(&tree);
		return true;
	}
	*differs = true;
	queue_tree_release(&engine->applied.tree[direction]);
	engine->applied.tree[direction] = tree;
	return true;
}

/* --- interfaces ------------------------------------------------------------------------------- */

/* What leaves by a queue that went is in nobody's class until its node has moved: no time to
 * lose. */
static void look_at_queues(struct drift *drift)
{
	struct engine *engine = drift->engine;
	uint16_t usable = usable_queues_count(engine);

	if (usable == engine->shaping.usable_queues)
		return;
	engine->shaping.usable_queues = usable;
	drift->displaced = true;
	look_after(drift, 0);
}

static void note_queues(struct drift *drift, enum direction direction, unsigned int operations)
{
	struct engine *engine = drift->engine;
	const struct interface *interface = &engine->interfaces[direction];
	unsigned int queues = usable_queues_of(engine, direction);
	struct link *link = &drift->links[direction];
	char before[16], after[16], result[160];

	if (!queues || queues == link->queues)
		return;
	snprintf(before, sizeof(before), "%u", link->queues);
	snprintf(after, sizeof(after), "%u", queues);
	snprintf(result, sizeof(result),
		 "nodes are placed on %u of the %u queues that are shaped; moved by %u operations",
		 engine->shaping.usable_queues, engine->shaping.queues, operations);
	events_note(engine, EVENT_ALERT, interface->name, "transmit queues", before, after, result);
	link->queues = queues;
}

/* Also a carrier that was lost and is back since the last look. */
static void note_link(struct engine *engine, const struct interface *was,
		      const struct interface *now)
{
	uint32_t losses = now->carrier_losses - was->carrier_losses;
	char lost[64];

	if (was->link != now->link) {
		events_note(engine, EVENT_ALERT, now->name, "link", link_state_name(was->link),
			    link_state_name(now->link),
			    now->link == LINK_UP ? "its queues are looked after"
						 : "nothing passes by it");
	} else if (losses && now->link == LINK_UP) {
		snprintf(lost, sizeof(lost), "its carrier was gone %u time%s in between", losses,
			 losses == 1 ? "" : "s");
		events_note(engine, EVENT_ALERT, now->name, "link", "up", "up", lost);
	}
}

static void follow(struct drift *drift, enum direction direction)
{
	struct engine *engine = drift->engine;
	struct interface *was = &engine->interfaces[direction], now;
	struct link *link = &drift->links[direction];

	/* On a stick both directions are one interface, and differ in their queues: told once. */
	if (direction == UPLOAD && was->ifindex == engine->interfaces[DOWNLOAD].ifindex) {
		now = engine->interfaces[DOWNLOAD];
		now.queue_base = was->queue_base;
		*was = now;
		return;
	}
	if (!kernel_follow_interface(engine->kernel, was, &now)) {
		if (!link->gone)
			events_note(engine, EVENT_ALERT, was->name, "interface", "there", "gone",
				    "start lqosd again once it is back");
		link->gone = true;
		was->link = LINK_DOWN;
		return;
	}
	if (strcmp(was->name, now.name))
		events_note(engine, EVENT_ALERT, was->name, "name", was->name, now.name,
			    "followed; lqosd.conf has to name it so before the next start");
	note_link(engine, was, &now);
	*was = now;
}

/* --- settings --------------------------------------------------------------------------------- */

static void note_setting(void *data, const char *where, const char *name, const char *before,
			 const char *after)
{
	events_note(data, EVENT_ALERT, where, name, before, after,
		    "somebody else had changed it: put right");
}

static void look_at_settings(struct drift *drift)
{
	struct engine *engine = drift->engine;
	struct error err;

	if (!host_settings_enforce(engine->host, engine->interfaces,
				   engine->config.wiring.kind == WIRING_BRIDGE &&
					   !engine->config.bridge_netfilter,
				   note_setting, engine, &err))
		log_warning("%s", err.text);
}

/* --- all of it -------------------------------------------------------------------------------- */

static void look(struct drift *drift)
{
	struct engine *engine = drift->engine;
	unsigned int operations = 0;
	bool differs = false, ok = true, displaced = drift->displaced;
	char count[48];
	struct error err;

	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++)
		follow(drift, d);
	for (enum direction d = DOWNLOAD; d < DIRECTIONS && ok; d++)
		ok = read_again(engine, d, &differs, &err);
	if (ok && (differs || displaced))
		ok = change_reconcile(engine, false, &operations, &err);
	if (!ok) {
		log_error("queueing was changed by somebody else, and is not right yet: %s",
			  err.text);
		copy_text(engine->trouble, sizeof(engine->trouble), err.text);
		if (displaced)
			look_after(drift, AGAIN_MS);
	}
	/* The kernel has what it should; a network without numbers is not in force all the same. */
	if (ok && !differs && drift->troubled && !engine->lacks_numbers)
		engine->trouble[0] = '\0';
	drift->troubled = !ok;
	if (ok) {
		drift->displaced = false;
		for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++)
			note_queues(drift, d, operations);
	}
	if (ok && !displaced && operations > engine->deferred) {
		snprintf(count, sizeof(count), "put right by %u operations",
			 operations - engine->deferred);
		events_note(engine, EVENT_ALERT, "queueing", "classes and leaves", "as asked for",
			    "changed by somebody else", count);
	}
}

void drift_tick(struct drift *drift)
{
	uint64_t now_ns = clock_now_ns();

	if (now_ns >= drift->settings_at_ns) {
		drift->settings_at_ns = now_ns + SETTINGS_EVERY_MS * NS_PER_MS;
		look_at_settings(drift);
	}
	look_at_queues(drift);
	if (clock_now_ns() < drift->look_at_ns)
		return;
	drift->look_at_ns = 0;
	look_after(drift, LOOK_EVERY_MS);
	look(drift);
}

struct drift *drift_new(struct engine *engine, struct error *err)
{
	int fd = kernel_watch_open(err);
	struct drift *drift;

	if (fd < 0)
		return NULL;
	drift = xcalloc(1, sizeof(*drift));
	drift->engine = engine;
	drift->fd = fd;
	for (int d = 0; d < DIRECTIONS; d++)
		drift->links[d].queues = usable_queues_of(engine, d);
	drift->watch = loop_add_fd(engine->loop, fd, EPOLLIN, on_event, drift);
	look_after(drift, LOOK_EVERY_MS);
	return drift;
}

void drift_free(struct drift *drift)
{
	if (!drift)
		return;
	watch_remove(drift->watch);
	close(drift->fd);
	free(drift);
}
