/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of datapath.h share. */
#ifndef LQOS_DATAPATH_PRIVATE_H
#define LQOS_DATAPATH_PRIVATE_H

#include <bpf/libbpf.h>

#include "engine/datapath.h"

enum map_index {
	MAP_ROWS,
	MAP_EPOCHS,
	MAP_FLOWS,
	MAP_COUNTERS,
	MAP_RTT,
	MAP_TOTALS,
	MAP_WIRING,
	MAP_CAPTURES,
	MAP_PREFIXES,
	MAP_CACHE,
	MAP_CPUS,
	MAP_CAPTURED,
	MAP_COUNT,
};
#define MAPPED_COUNT MAP_PREFIXES /* those before it are mmapped arrays */

enum program_index {
	PROGRAM_XDP_ACCESS, /* + direction: of the interface that a direction leaves by */
	PROGRAM_XDP_INTERNET,
	PROGRAM_TC_ACCESS,
	PROGRAM_TC_INTERNET,
	PROGRAM_XDP_STICK,
	PROGRAM_TC_STICK,
	PROGRAM_TC_FORWARD,
	PROGRAM_ENQUEUE_DROPS,
	PROGRAM_KTHREAD_DROPS,
	PROGRAM_COUNT,
};
#define PROGRAM_NEEDED PROGRAM_ENQUEUE_DROPS /* those from here on a kernel may lack */

extern const char *const datapath_map_names[MAP_COUNT];
extern const char *const datapath_program_names[PROGRAM_COUNT];

struct datapath {
	struct datapath_settings settings;
	char pin_dir[128];
	int map[MAP_COUNT];
	int program[PROGRAM_COUNT]; /* -1: not on this kernel */
	void *memory[MAPPED_COUNT];
	size_t memory_bytes[MAPPED_COUNT];
	uint32_t entries[MAP_COUNT];
	struct circuit_row *rows;
	struct epochs *epochs;
	struct flow_set *flow_sets;
	struct slot_row *counters;
	struct rtt_row *rtt;
	struct totals *totals;
	struct wiring *wiring;
	struct capture_filter *captures;
	struct ring_buffer *captured_ring; /* NULL until it is read first */
	captured_handler *captured_handler;
	void *captured_data;
	unsigned int cpus; /* rows of counters and totals */
	struct interface interfaces[DIRECTIONS];
	struct datapath_status status;
};

/* Loads the programs, reusing maps that are pinned, and pins all; or opens what is pinned already.
 * On failure nothing new stays pinned. */
bool datapath_load(struct datapath *datapath, struct error *err);
/* Opens what is pinned as far as it is there, for taking it away. */
void datapath_open_for_detach(struct datapath *datapath);
/* Unmaps and closes everything; pins stay. */
void datapath_close_descriptors(struct datapath *datapath);

/* A filter of ours on one side of an interface's clsact; attaching replaces in one step what is
 * there, detaching takes nothing else off. */
bool datapath_attach_filter(struct datapath *datapath, const struct interface *interface,
			    enum bpf_tc_attach_point point, enum program_index program,
			    struct error *err);
void datapath_detach_filter(const struct datapath *datapath, const struct interface *interface,
			    enum bpf_tc_attach_point point, enum program_index program);

/* Frames of that port go to the other side at tc ingress, or not, as the wiring says. */
bool datapath_set_forwarding(struct datapath *datapath, int direction, struct error *err);
void datapath_stop_forwarding(struct datapath *datapath, int direction);

void datapath_path(const struct datapath *datapath, const char *name, char path[256]);

#endif
