/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/drift.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/change.h"

#define LOOK_EVERY_MS 60000
#define SETTLE_MS 200 /* somebody may be in the middle of several commands */

struct drift {
	struct engine *engine;
	int fd;
	struct watch *watch;
	uint64_t look_at_ns;
	bool troubled; /* the last look could not put all right */
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

/* Reads one direction's tree in place of what was believed; *differs when it was another. */
static bool read_again(struct engine *engine, enum direction direction, bool *differs,
		       struct error *err)
{
	const struct interface *interface = &engine->interfaces[direction];
	char foreign[16];
	enum root_kind root;
	struct queue_tree tree;

	if (!kernel_read_root(engine->kernel, interface, &root, foreign, err))
		return false;
	if (root == ROOT_FOREIGN)
		return error_set(err, ERROR_CONFLICT,
				 "%s has a root qdisc \"%s\" that is not ours; remove it with: "
				 "tc qdisc del dev %s root",
				 interface->name, foreign, interface->name);
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

static void look(struct drift *drift)
{
	struct engine *engine = drift->engine;
	unsigned int operations = 0;
	bool differs = false, ok = true;
	struct error err;

	for (enum direction d = DOWNLOAD; d < DIRECTIONS && ok; d++)
		ok = read_again(engine, d, &differs, &err);
	if (ok && differs)
		ok = change_reconcile(engine, false, &operations, &err);
	if (!ok) {
		log_error("queueing was changed by somebody else, and is not right yet: %s",
			  err.text);
		copy_text(engine->trouble, sizeof(engine->trouble), err.text);
	}
	if (ok && !differs && drift->troubled)
		engine->trouble[0] = '\0';
	drift->troubled = !ok;
	if (ok && operations > engine->deferred)
		log_warning("queueing was changed by somebody else: put right by %u operations",
			    operations - engine->deferred);
}

void drift_tick(struct drift *drift)
{
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
