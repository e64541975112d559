/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables of the data path will take, told from the maps as they are declared. */
#include <unistd.h>

#include <bpf/libbpf.h>

#include "engine/datapath_private.h"

#include "bpf/lqos.skel.h"

/* kernel/bpf/hashtab.c: an element is its head, the key and the value, each in whole words, behind
 * the allocator's own word; a bucket is a pointer and a lock. */
#define ELEMENT_BYTES (48 + 8)
#define BUCKET_BYTES 16

static uint64_t whole(uint64_t bytes, uint64_t unit)
{
	return (bytes + unit - 1) / unit * unit;
}

static uint64_t array_bytes(const struct bpf_map *map, uint64_t entries)
{
	return whole(entries * whole(bpf_map__value_size(map), 8), (uint64_t)getpagesize());
}

static uint64_t hash_bytes(const struct bpf_map *map, uint64_t entries, uint64_t used)
{
	uint64_t buckets = 1;

	while (buckets < entries)
		buckets *= 2;
	return buckets * BUCKET_BYTES + used * (ELEMENT_BYTES + whole(bpf_map__key_size(map), 8) +
						whole(bpf_map__value_size(map), 8));
}

bool datapath_predict_tables(const struct datapath_settings *settings, unsigned int stripes,
			     uint32_t prefixes, struct datapath_table tables[DATAPATH_TABLES])
{
	struct datapath planned = { .settings = *settings, .cpus = stripes, .stripes = stripes };
	struct lqos_bpf *skeleton = lqos_bpf__open();
	uint32_t entries[MAP_COUNT];

	if (!skeleton)
		return false;
	datapath_wanted_sizes(&planned, entries);
	tables[0] = (struct datapath_table){
		.name = "flows", .bytes = array_bytes(skeleton->maps.lqos_flows, entries[MAP_FLOWS])
	};
	tables[1] = (struct datapath_table){ .name = "unknown",
					     .bytes = array_bytes(skeleton->maps.lqos_strangers,
								  entries[MAP_STRANGERS]) };
	tables[2] = (struct datapath_table){ .name = "prefixes",
					     .bytes = hash_bytes(skeleton->maps.lqos_prefixes,
								 entries[MAP_PREFIXES], prefixes) };
	tables[3] = (struct datapath_table){
		.name = "slots",
		.bytes = array_bytes(skeleton->maps.lqos_rows, entries[MAP_ROWS]) +
			 array_bytes(skeleton->maps.lqos_slots, entries[MAP_SLOTS]) +
			 array_bytes(skeleton->maps.lqos_events, entries[MAP_EVENTS])
	};
	lqos_bpf__destroy(skeleton);
	return true;
}
