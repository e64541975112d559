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

enum { DOWNLOAD, UPLOAD };

#define ARRAY(map_name, value_type)                                                                \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(map_flags, BPF_F_MMAPABLE);                                                 \
		__uint(max_entries, 1);                                                            \
		__type(key, __u32);                                                                \
		__type(value, value_type);                                                         \
	} map_name SEC(".maps")

/* slot -> what it is; engine writes, tc reads for every packet: dense, a cache line each */
ARRAY(lqos_rows, struct circuit_row);
/* 0 -> the epochs; engine writes, read for every packet */
ARRAY(lqos_epochs, struct epochs);
/* hash -> four flows; XDP writes, engine reads; a set is evicted from, never refuses */
ARRAY(lqos_flows, struct flow_set);
/* hash -> four strangers; XDP writes, engine reads; apart, so that a scan evicts no flow */
ARRAY(lqos_strangers, struct stranger_set);
/* stripe * slots + slot -> counters, CPU and flags; XDP counts without locks as no two CPUs share
 * a row, engine writes CPU and flags */
ARRAY(lqos_slots, struct slot_row);
/* slot -> RTT histograms, retransmits, drops; XDP adds atomically: they are few */
ARRAY(lqos_events, struct slot_events);
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

/* calls of circuits that wait for a class of their own; tc writes, engine reads and builds */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} lqos_calls SEC(".maps");

/* 0 -> the slots somebody looks at; engine writes, XDP reads when a segment told something */
ARRAY(lqos_watched, struct watched);
/* round trips and retransmits of those, one by one; XDP writes, engine reads */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} lqos_samples SEC(".maps");

/* 0 -> how the box is wired; engine writes at its start, read where frames change sides */
ARRAY(lqos_wiring, struct wiring);

/* prefix -> slot; engine writes, XDP and tc read on a miss: a probe for each length there is,
 * the longest first, until one is found. A trie takes five times as long with 100,000 prefixes. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct prefix_key);
	__type(value, __u32);
} lqos_prefixes SEC(".maps");

/* cpu -> its queue; engine fills, XDP redirects into it */
struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} lqos_cpus SEC(".maps");

#endif
