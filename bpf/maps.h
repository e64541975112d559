/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All maps. Sizes are set by the engine before loading. What the engine reads or writes often is
 * an mmapped array: no system calls. Each line: key -> value; who writes, who reads, why this type.
 */
#ifndef LQOS_BPF_MAPS_H
#define LQOS_BPF_MAPS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/shared.h"

#define ARRAY(map_name, value_type)                                                                \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(map_flags, BPF_F_MMAPABLE);                                                 \
		__uint(max_entries, 1);                                                            \
		__type(key, __u32);                                                                \
		__type(value, value_type);                                                         \
	} map_name SEC(".maps")

/* slot -> what it is; engine writes, read for every packet: dense, a cache line each */
ARRAY(lqos_rows, struct circuit_row);
/* 0 -> the epochs; engine writes, read for every packet */
ARRAY(lqos_epochs, struct epochs);
/* hash -> four flows; XDP writes, engine reads; a set is evicted from, never refuses */
ARRAY(lqos_flows, struct flow_set);
/* cpu * slots + slot -> counters; XDP writes without locks as no two CPUs share a row */
ARRAY(lqos_counters, struct slot_row);
/* slot -> RTT histograms; XDP adds atomically: samples are few */
ARRAY(lqos_rtt, struct rtt_row);
/* cpu -> what the data path did; XDP and tc write, engine reads */
ARRAY(lqos_totals, struct totals);

/* capture -> its filter; engine writes, XDP reads and counts while a capture runs */
ARRAY(lqos_captures, struct capture_filter);
/* copies of packets, each behind a note; XDP writes, engine reads */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} lqos_captured SEC(".maps");
/* where a copy is put together: larger than a program's stack */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct capture_scratch);
} lqos_scratch SEC(".maps");

/* 0 -> how the box is wired; engine writes at its start, read where frames change sides */
ARRAY(lqos_wiring, struct wiring);

/* prefix -> slot; engine writes, XDP and tc read on a miss: the longest prefix wins */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct prefix_key);
	__type(value, __u32);
} lqos_prefixes SEC(".maps");

/* address -> answer, found or not; XDP and tc write: strangers can only evict strangers' and
 * known hosts' shortcuts here, never a flow */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u8[16]);
	__type(value, struct cached_address);
} lqos_cache SEC(".maps");

/* cpu -> its queue; engine fills, XDP redirects into it */
struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} lqos_cpus SEC(".maps");

#endif
