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

	datapath->settings = *settings;
	datapath->cpus = cpus > 0 ? (unsigned int)cpus : 1;
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

/* --- epochs ------------------------------------------------------------------------------------------- */

uint32_t datapath_epoch(const struct datapath *datapath)
{
	return datapath->epochs->counter;
}

static uint32_t next_epoch(struct datapath *datapath)
{
	/* 0 is what stands in words that were never bumped. */
	if (++datapath->epochs->counter == 0)
		datapath->epochs->counter = 1;
	return datapath->epochs->counter;
}

static void bump_word(struct datapath *datapath, uint32_t scope, uint32_t epoch)
{
	__atomic_store_n(&datapath->epochs->word[scope], epoch, __ATOMIC_SEQ_CST);
}

/* I2: only the words of the prefix's own scope; all of them when it is wider than a scope. */
static uint32_t bump_prefix(struct datapath *datapath, const struct prefix *prefix)
{
	uint8_t scope_bits = prefix_is_ipv4(prefix) ? LQOS_SCOPE_BITS_IPV4 : LQOS_SCOPE_BITS_IPV6;
	uint32_t epoch = next_epoch(datapath);

	if (prefix->length >= scope_bits)
		bump_word(datapath, scope_of(prefix->address), epoch);
	else
		for (uint32_t scope = 0; scope < LQOS_SCOPES; scope++)
			bump_word(datapath, scope, epoch);
	return epoch;
}

/* --- rows --------------------------------------------------------------------------------------------- */

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
	for (unsigned int cpu = 0; cpu < datapath->cpus; cpu++)
		memset(&datapath->counters[cpu * datapath->entries[MAP_ROWS] + slot], 0,
		       sizeof(*datapath->counters));
	memset(&datapath->rtt[slot], 0, sizeof(*datapath->rtt));
}

uint32_t datapath_set_row(struct datapath *datapath, uint32_t slot, const struct circuit_row *row)
{
	struct circuit_row *there = &datapath->rows[slot];

	/* Readers don't lock: each field is right by itself, before and after. */
	if (there->owner != row->owner) {
		zero_counters(datapath, slot);
		__atomic_store_n(&there->owner, row->owner, __ATOMIC_SEQ_CST);
	}
	there->handle = row->handle;
	there->waiting_handle = row->waiting_handle;
	there->old_class = row->old_class;
	for (int d = 0; d < DIRECTIONS; d++) {
		__atomic_store_n(&there->cpu[d], row->cpu[d], __ATOMIC_RELAXED);
		__atomic_store_n(&there->ceil_bps[d], row->ceil_bps[d], __ATOMIC_RELAXED);
		__atomic_store_n(&there->class_id[d], row->class_id[d], __ATOMIC_SEQ_CST);
	}
	__atomic_store_n(&there->flags, row->flags, __ATOMIC_SEQ_CST);
	__atomic_store_n(&there->epoch, next_epoch(datapath), __ATOMIC_SEQ_CST);
	return there->epoch;
}

uint32_t datapath_clear_row(struct datapath *datapath, uint32_t slot)
{
	struct circuit_row *there = &datapath->rows[slot];
	uint32_t epoch = next_epoch(datapath);

	__atomic_store_n(&there->flags, 0, __ATOMIC_SEQ_CST);
	*there = (struct circuit_row){ .epoch = epoch };
	return epoch;
}

void datapath_wait_grace(struct datapath *datapath)
{
	/* synchronize_rcu() for user space: programs run under RCU. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

/* --- prefixes ------------------------------------------------------------------------------------------ */

static struct prefix_key key_of(const struct prefix *prefix)
{
	struct prefix_key key = { .length = prefix->length };

	memcpy(key.address, prefix->address, sizeof(key.address));
	return key;
}

bool datapath_set_prefix(struct datapath *datapath, const struct prefix *prefix, uint32_t slot,
			 uint32_t *epoch, struct error *err)
{
	struct prefix_key key = key_of(prefix);
	/* ::/0 and its like hold ::ffff:0:0/96 too, where IPv4 is. */
	uint32_t value = slot | (prefix->length < 96 ? LQOS_PREFIX_IPV6 : 0);
	char text[PREFIX_TEXT_SIZE];

	if (bpf_map_update_elem(datapath->map[MAP_PREFIXES], &key, &value, BPF_ANY)) {
		if (errno == ENOSPC)
			return error_set(err, ERROR_INVALID,
					 "no room for the prefix %s: all %u of [datapath] prefixes "
					 "are in use",
					 prefix_format(prefix, text),
					 datapath->entries[MAP_PREFIXES]);
		return error_set_errno(err, errno, "can't set the prefix %s",
				       prefix_format(prefix, text));
	}
	*epoch = bump_prefix(datapath, prefix);
	return true;
}

bool datapath_remove_prefix(struct datapath *datapath, const struct prefix *prefix, uint32_t *epoch,
			    struct error *err)
{
	struct prefix_key key = key_of(prefix);
	char text[PREFIX_TEXT_SIZE];

	if (bpf_map_delete_elem(datapath->map[MAP_PREFIXES], &key) && errno != ENOENT)
		return error_set_errno(err, errno, "can't remove the prefix %s",
				       prefix_format(prefix, text));
	*epoch = bump_prefix(datapath, prefix);
	return true;
}

/* --- adoption ------------------------------------------------------------------------------------------ */

static int compare_prefixes(const void *left, const void *right)
{
	return prefix_compare(&((const struct shape_prefix *)left)->prefix,
			      &((const struct shape_prefix *)right)->prefix);
}

bool datapath_read_shape(struct datapath *datapath, struct shape *shape, struct error *err)
{
	struct prefix_key key, *previous = NULL;
	size_t row_capacity = 0, prefix_capacity = 0;

	shape->row_count = shape->prefix_count = 0;
	for (uint32_t slot = 1; slot < datapath->entries[MAP_ROWS]; slot++) {
		struct shape_row row = { .slot = slot, .row = datapath->rows[slot] };

		if (!row.row.owner)
			continue;
		shape->rows = grow(shape->rows, shape->row_count, &row_capacity, sizeof(row));
		shape->rows[shape->row_count++] = row;
	}
	while (bpf_map_get_next_key(datapath->map[MAP_PREFIXES], previous, &key) == 0) {
		struct shape_prefix prefix = { .prefix.length = (uint8_t)key.length };

		previous = &key;
		memcpy(prefix.prefix.address, key.address, sizeof(key.address));
		if (bpf_map_lookup_elem(datapath->map[MAP_PREFIXES], &key, &prefix.slot))
			return error_set_errno(err, errno, "can't read the prefix table");
		prefix.slot &= ~LQOS_PREFIX_IPV6;
		shape->prefixes = grow(shape->prefixes, shape->prefix_count, &prefix_capacity,
				       sizeof(prefix));
		shape->prefixes[shape->prefix_count++] = prefix;
	}
	if (shape->prefix_count)
		qsort(shape->prefixes, shape->prefix_count, sizeof(*shape->prefixes),
		      compare_prefixes);
	return true;
}
