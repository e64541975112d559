/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/datapath.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "engine/base/memory.h"
#include "engine/datapath_private.h"

#define GRACE_WITHOUT_BARRIER_US 20000

_Static_assert(DIRECTIONS == LQOS_DIRECTIONS, "both sides count directions alike");
_Static_assert(RTT_SIDES == LQOS_SIDES, "both sides count sides alike");

/* A stick's numbers mean something else than those of two ports. */
static bool check_wiring(const struct datapath *datapath, struct error *err)
{
	const struct wiring *wanted = &datapath->settings.wiring, *there = datapath->wiring;
	bool was_there = datapath->status.adopted || datapath->status.program_replaced;

	if (!was_there || (wanted->kind != WIRING_STICK && there->kind != WIRING_STICK) ||
	    (wanted->kind == there->kind && wanted->queues == there->queues))
		return true;
	return error_set(
		err, ERROR_CONFLICT,
		"what is running was set up for another wiring, or for another number of "
		"queues on a stick; run lqosd --detach once (traffic passes unshaped until "
		"the next start)");
}

struct datapath *datapath_open(const struct datapath_settings *settings, struct error *err)
{
	struct datapath *datapath = xcalloc(1, sizeof(*datapath));
	int cpus = libbpf_num_possible_cpus();
	/* Offline ones among them: a stripe goes by its CPU's id, and they may come back. */
	long present = sysconf(_SC_NPROCESSORS_CONF);

	datapath->settings = *settings;
	datapath->cpus = cpus > 0 ? (unsigned int)cpus : 1;
	datapath->stripes = present > 0 && present < cpus ? (unsigned int)present : datapath->cpus;
	datapath->lock = -1;
	copy_text(datapath->pin_dir, sizeof(datapath->pin_dir), settings->pin_dir);
	for (int i = 0; i < MAP_COUNT; i++)
		datapath->map[i] = -1;
	for (int i = 0; i < PROGRAM_COUNT; i++)
		datapath->program[i] = -1;
	if (datapath_load(datapath, err) && check_wiring(datapath, err))
		return datapath;
	datapath_close(datapath);
	return NULL;
}

void datapath_close(struct datapath *datapath)
{
	if (!datapath)
		return;
	datapath_close_descriptors(datapath);
	free(datapath);
}

void datapath_read_status(const struct datapath *datapath, struct datapath_status *status)
{
	*status = datapath->status;
}

/* --- epochs ----------------------------------------------------------------------------------- */

uint32_t datapath_epoch(const struct datapath *datapath)
{
	return datapath->epochs->counter;
}

uint32_t datapath_next_epoch(struct datapath *datapath)
{
	/* 0 is what stands in words that were never bumped. */
	if (++datapath->epochs->counter == 0)
		datapath->epochs->counter = 1;
	return datapath->epochs->counter;
}

/* --- rows ------------------------------------------------------------------------------------- */

const struct circuit_row *datapath_row(const struct datapath *datapath, uint32_t slot)
{
	return &datapath->rows[slot < datapath->entries[MAP_ROWS] ? slot : 0];
}

uint32_t datapath_slots(const struct datapath *datapath)
{
	return datapath->entries[MAP_ROWS];
}

static void zero_counters(struct datapath *datapath, uint32_t slot)
{
	for (unsigned int stripe = 0; stripe < datapath->stripes; stripe++)
		memset(slot_row(datapath, stripe, slot), 0, sizeof(struct slot_row));
	memset(&datapath->events[slot], 0, sizeof(*datapath->events));
}

/* XDP reads these beside its counters. */
static void copy_to_stripes(struct datapath *datapath, uint32_t slot)
{
	const struct circuit_row *row = &datapath->rows[slot];

	for (unsigned int stripe = 0; stripe < datapath->stripes; stripe++) {
		struct slot_row *copy = slot_row(datapath, stripe, slot);

		for (int d = 0; d < DIRECTIONS; d++)
			__atomic_store_n(&copy->cpu[d], row->cpu[d], __ATOMIC_RELAXED);
		__atomic_store_n(&copy->flags, row->flags, __ATOMIC_SEQ_CST);
	}
}

uint32_t datapath_set_row(struct datapath *datapath, uint32_t slot, const struct circuit_row *row)
{
	struct circuit_row *there = &datapath->rows[slot];

	/* Readers don't lock: each field is right by itself, before and after. */
	if (there->owner != row->owner) {
		/* A row without an epoch was never anybody's: nothing was counted there. */
		if (there->epoch)
			zero_counters(datapath, slot);
		datapath->rows_used += (row->owner != 0) - (there->owner != 0);
		__atomic_store_n(&there->owner, row->owner, __ATOMIC_SEQ_CST);
	}
	there->handle = row->handle;
	there->waiting_handle = row->waiting_handle;
	there->old_class = row->old_class;
	there->is_called = 0;
	for (int d = 0; d < DIRECTIONS; d++) {
		__atomic_store_n(&there->cpu[d], row->cpu[d], __ATOMIC_RELAXED);
		__atomic_store_n(&there->ceil_bps[d], row->ceil_bps[d], __ATOMIC_RELAXED);
		__atomic_store_n(&there->class_id[d], row->class_id[d], __ATOMIC_SEQ_CST);
	}
	__atomic_store_n(&there->flags, row->flags, __ATOMIC_SEQ_CST);
	copy_to_stripes(datapath, slot);
	__atomic_store_n(&there->epoch, datapath_next_epoch(datapath), __ATOMIC_SEQ_CST);
	return there->epoch;
}

uint32_t datapath_clear_row(struct datapath *datapath, uint32_t slot)
{
	struct circuit_row *there = &datapath->rows[slot];
	uint32_t epoch = datapath_next_epoch(datapath);

	datapath->rows_used -= there->owner != 0;
	__atomic_store_n(&there->flags, 0, __ATOMIC_SEQ_CST);
	*there = (struct circuit_row){ .epoch = epoch };
	copy_to_stripes(datapath, slot);
	return epoch;
}

void datapath_wait_grace(struct datapath *datapath)
{
	/* synchronize_rcu() for user space: programs run under RCU. Where CPUs run without a tick
	 * (nohz_full) it is refused: no packet takes a program so long. */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		usleep(GRACE_WITHOUT_BARRIER_US);
}

void datapath_fill_stripes(struct datapath *datapath)
{
	for (uint32_t slot = 1; slot < datapath->entries[MAP_ROWS]; slot++)
		if (datapath->rows[slot].owner)
			copy_to_stripes(datapath, slot);
}

/* --- adoption --------------------------------------------------------------------------------- */

static int compare_prefixes(const void *left, const void *right)
{
	return prefix_compare(&((const struct shape_prefix *)left)->prefix,
			      &((const struct shape_prefix *)right)->prefix);
}

static void read_rows(const struct datapath *datapath, struct shape *shape)
{
	size_t capacity = 0;

	for (uint32_t slot = 1; slot < datapath->entries[MAP_ROWS]; slot++) {
		struct shape_row row = { .slot = slot, .row = datapath->rows[slot] };

		row.row.is_called = 0; /* what comes and goes is no part of the shape */

		if (!row.row.owner)
			continue;
		shape->rows = grow(shape->rows, shape->row_count, &capacity, sizeof(row));
		shape->rows[shape->row_count++] = row;
	}
}

bool datapath_read_shape(struct datapath *datapath, struct shape *shape, struct error *err)
{
	struct prefix_key *keys;
	size_t capacity = 0;
	uint32_t *slots, count;

	shape->row_count = shape->prefix_count = 0;
	read_rows(datapath, shape);
	if (!datapath_read_prefixes(datapath->map[MAP_PREFIXES], datapath->entries[MAP_PREFIXES],
				    &keys, &slots, &count, err))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		struct shape_prefix prefix = { .prefix.length = (uint8_t)keys[i].length,
					       .slot = slots[i] };

		memcpy(prefix.prefix.address, keys[i].address, sizeof(keys[i].address));
		shape->prefixes =
			grow(shape->prefixes, shape->prefix_count, &capacity, sizeof(prefix));
		shape->prefixes[shape->prefix_count++] = prefix;
	}
	free(keys);
	free(slots);
	if (shape->prefix_count)
		qsort(shape->prefixes, shape->prefix_count, sizeof(*shape->prefixes),
		      compare_prefixes);
	return true;
}
