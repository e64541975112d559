/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The maps: their sizes, their memory, and what becomes of those that another build or another size
 * left pinned. Those that fit stay; what counts of the others is copied before the programs are
 * replaced.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "engine/base/memory.h"
#include "engine/datapath_private.h"

const char *const datapath_map_names[MAP_COUNT] = {
	[MAP_ROWS] = "lqos_rows",	  [MAP_EPOCHS] = "lqos_epochs",
	[MAP_FLOWS] = "lqos_flows",	  [MAP_STRANGERS] = "lqos_strangers",
	[MAP_SLOTS] = "lqos_slots",	  [MAP_EVENTS] = "lqos_events",
	[MAP_TOTALS] = "lqos_totals",	  [MAP_WIRING] = "lqos_wiring",
	[MAP_CAPTURES] = "lqos_captures", [MAP_CAPTURED] = "lqos_captured",
	[MAP_CALLS] = "lqos_calls",	  [MAP_WATCHED] = "lqos_watched",
	[MAP_SAMPLES] = "lqos_samples",	  [MAP_PREFIXES] = "lqos_prefixes",
	[MAP_CPUS] = "lqos_cpus",
};

static uint32_t sets_for(uint32_t entries)
{
	return (entries + LQOS_WAYS - 1) / LQOS_WAYS;
}

void datapath_wanted_sizes(const struct datapath *datapath, uint32_t entries[MAP_COUNT])
{
	const struct datapath_settings *settings = &datapath->settings;

	entries[MAP_ROWS] = settings->slots_max;
	entries[MAP_EPOCHS] = 1;
	entries[MAP_FLOWS] = sets_for(settings->flows_max);
	entries[MAP_STRANGERS] = sets_for(settings->strangers_max);
	entries[MAP_SLOTS] = settings->slots_max * datapath->stripes;
	entries[MAP_EVENTS] = settings->slots_max;
	entries[MAP_TOTALS] = datapath->cpus;
	entries[MAP_WIRING] = 1;
	entries[MAP_CAPTURES] = LQOS_CAPTURES;
	entries[MAP_CAPTURED] = LQOS_CAPTURED_BYTES;
	entries[MAP_CALLS] = LQOS_CALLS_BYTES;
	entries[MAP_WATCHED] = 1;
	entries[MAP_SAMPLES] = LQOS_SAMPLES_BYTES;
	entries[MAP_PREFIXES] = settings->prefixes_max;
	entries[MAP_CPUS] = datapath->cpus;
}

void datapath_open_maps(const struct datapath *datapath, int maps[MAP_COUNT])
{
	for (int i = 0; i < MAP_COUNT; i++) {
		char path[256];

		datapath_path(datapath, datapath_map_names[i], path);
		maps[i] = bpf_obj_get(path);
	}
}

static bool read_info(int map, struct bpf_map_info *info)
{
	uint32_t size = sizeof(*info);

	*info = (struct bpf_map_info){ 0 };
	return map >= 0 && bpf_obj_get_info_by_fd(map, info, &size) == 0;
}

uint64_t datapath_pinned_build(const int maps[MAP_COUNT])
{
	struct bpf_map_info info;
	struct epochs *epochs;
	uint32_t zero = 0;
	uint64_t build = 0;

	if (maps[MAP_ROWS] < 0 || maps[MAP_PREFIXES] < 0 || !read_info(maps[MAP_EPOCHS], &info) ||
	    info.value_size != sizeof(*epochs))
		return 0;
	epochs = xcalloc(1, sizeof(*epochs));
	if (bpf_map_lookup_elem(maps[MAP_EPOCHS], &zero, epochs) == 0)
		build = epochs->build;
	free(epochs);
	return build;
}

bool datapath_sizes_are_wanted(const struct datapath *datapath, const int maps[MAP_COUNT])
{
	uint32_t entries[MAP_COUNT];
	struct bpf_map_info info;

	datapath_wanted_sizes(datapath, entries);
	for (int i = 0; i < MAP_COUNT; i++)
		if (!read_info(maps[i], &info) || info.max_entries != entries[i])
			return false;
	return true;
}

/* What is kept when the programs are replaced by those of another build: flows, strangers and
 * totals begin anew, as their fields may mean something else. */
static const bool outlives_programs[MAP_COUNT] = {
	[MAP_ROWS] = true,     [MAP_EPOCHS] = true, [MAP_SLOTS] = true,	 [MAP_EVENTS] = true,
	[MAP_PREFIXES] = true, [MAP_CPUS] = true,   [MAP_WIRING] = true,
};

bool datapath_map_can_stay(const struct bpf_map *wanted, int pinned, enum map_index index)
{
	struct bpf_map_info info;

	return outlives_programs[index] && read_info(pinned, &info) &&
	       info.type == bpf_map__type(wanted) && info.key_size == bpf_map__key_size(wanted) &&
	       info.value_size == bpf_map__value_size(wanted) &&
	       info.max_entries == bpf_map__max_entries(wanted);
}

/* --- memory ----------------------------------------------------------------------------------- */

static bool map_one(struct datapath *datapath, enum map_index i, struct error *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes;
	struct bpf_map_info info;
	void *memory;

	if (!read_info(datapath->map[i], &info))
		return error_set_errno(err, errno, "can't read about the map %s",
				       datapath_map_names[i]);
	datapath->entries[i] = info.max_entries;
	if (i >= MAPPED_COUNT)
		return true;
	bytes = ((size_t)info.value_size + 7) / 8 * 8 * info.max_entries;
	bytes = (bytes + page - 1) / page * page;
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, datapath->map[i], 0);
	if (memory == MAP_FAILED)
		return error_set_errno(err, errno, "can't map %s into memory",
				       datapath_map_names[i]);
	datapath->memory[i] = memory;
	datapath->memory_bytes[i] = bytes;
	return true;
}

bool datapath_map_memory(struct datapath *datapath, struct error *err)
{
	bool ok = true;

	for (int i = 0; i < MAP_COUNT; i++)
		ok = map_one(datapath, (enum map_index)i, err) && ok;
	datapath->rows = datapath->memory[MAP_ROWS];
	datapath->epochs = datapath->memory[MAP_EPOCHS];
	datapath->flow_sets = datapath->memory[MAP_FLOWS];
	datapath->stranger_sets = datapath->memory[MAP_STRANGERS];
	datapath->slots = datapath->memory[MAP_SLOTS];
	datapath->events = datapath->memory[MAP_EVENTS];
	datapath->totals = datapath->memory[MAP_TOTALS];
	datapath->wiring = datapath->memory[MAP_WIRING];
	datapath->captures = datapath->memory[MAP_CAPTURES];
	datapath->watched = datapath->memory[MAP_WATCHED];
	return ok;
}

void datapath_unmap_memory(struct datapath *datapath)
{
	for (int i = 0; i < MAPPED_COUNT; i++) {
		if (datapath->memory[i])
			munmap(datapath->memory[i], datapath->memory_bytes[i]);
		datapath->memory[i] = NULL;
	}
}

/* --- what was in those that did not stay ------------------------------------------------------ */

static uint32_t map_id(int map)
{
	struct bpf_map_info info;

	return read_info(map, &info) ? info.id : 0;
}

static bool take_row(struct datapath *datapath, uint32_t slot, const struct circuit_row *row,
		     struct error *err)
{
	if (slot < datapath->entries[MAP_ROWS])
		datapath->rows[slot] = *row;
	else if (row->owner)
		return error_set(err, ERROR_CONFLICT,
				 "[datapath] slots = %u is too few: slot %u is in use; run lqosd "
				 "--detach once to begin anew (traffic passes unshaped until the "
				 "next start)",
				 datapath->entries[MAP_ROWS], slot);
	return true;
}

static bool take_rows(struct datapath *datapath, int pinned, struct error *err)
{
	struct circuit_row row;
	struct bpf_map_info info;

	if (!read_info(pinned, &info))
		return error_set_errno(err, errno, "can't read about the pinned map lqos_rows");
	if (info.value_size != sizeof(row))
		return error_set(
			err, ERROR_CONFLICT,
			"the pinned map lqos_rows has another layout than this version of "
			"lqosd; run lqosd --detach once (traffic passes unshaped until the "
			"next start)");
	for (uint32_t slot = 0; slot < info.max_entries; slot++)
		if (bpf_map_lookup_elem(pinned, &slot, &row) ||
		    !take_row(datapath, slot, &row, err))
			return false;
	return true;
}

static bool take_prefixes(struct datapath *datapath, int pinned, struct error *err)
{
	LIBBPF_OPTS(bpf_map_batch_opts, options);
	struct prefix_key *keys;
	struct bpf_map_info info;
	uint32_t *slots, count;
	int result = 0;

	if (!read_info(pinned, &info) || info.key_size != sizeof(*keys))
		return error_set(
			err, ERROR_CONFLICT,
			"the pinned map lqos_prefixes has another layout than this version "
			"of lqosd; run lqosd --detach once (traffic passes unshaped until "
			"the next start)");
	if (!datapath_read_prefixes(pinned, info.max_entries, &keys, &slots, &count, err))
		return false;
	/* Until they had a table for each family, IPv6's carried a mark. */
	for (uint32_t i = 0; i < count; i++)
		slots[i] &= 0x7fffffff;
	if (count)
		result = bpf_map_update_batch(datapath->map[MAP_PREFIXES], keys, slots, &count,
					      &options);
	free(keys);
	free(slots);
	if (!result)
		return true;
	return error_set(err, ERROR_CONFLICT,
			 "[datapath] prefixes = %u is too few for the %u that are in use",
			 datapath->entries[MAP_PREFIXES], count);
}

bool datapath_take_over(struct datapath *datapath, const int pinned[MAP_COUNT], struct error *err)
{
	bool was_there = pinned[MAP_ROWS] >= 0;

	if (was_there && map_id(pinned[MAP_ROWS]) != map_id(datapath->map[MAP_ROWS]) &&
	    !take_rows(datapath, pinned[MAP_ROWS], err))
		return false;
	if (was_there && map_id(pinned[MAP_PREFIXES]) != map_id(datapath->map[MAP_PREFIXES]) &&
	    !take_prefixes(datapath, pinned[MAP_PREFIXES], err))
		return false;
	datapath_fill_stripes(datapath);
	datapath_count_rows(datapath);
	return datapath_count_prefixes(datapath, err);
}

void datapath_unpin_unknown(const struct datapath *datapath)
{
	DIR *directory = opendir(datapath->pin_dir);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		bool known = strncmp(entry->d_name, "lqos_", 5) != 0;
		char path[512];

		for (int i = 0; i < MAP_COUNT; i++)
			known = known || !strcmp(entry->d_name, datapath_map_names[i]);
		snprintf(path, sizeof(path), "%s/%s", datapath->pin_dir, entry->d_name);
		if (!known)
			unlink(path);
	}
	if (directory)
		closedir(directory);
}
