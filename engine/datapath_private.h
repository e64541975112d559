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
	MAP_STRANGERS,
	MAP_SLOTS,
	MAP_EVENTS,
	MAP_TOTALS,
	MAP_WIRING,
	MAP_CAPTURES,
	MAP_WATCHED,
	MAP_PREFIXES,
	MAP_CPUS,
	MAP_CAPTURED,
	MAP_CALLS,
	MAP_SAMPLES,
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
	int lock; /* of the pin directory; -1: not taken */
	int map[MAP_COUNT];
	int program[PROGRAM_COUNT]; /* -1: not on this kernel */
	void *memory[MAPPED_COUNT];
	size_t memory_bytes[MAPPED_COUNT];
	uint32_t entries[MAP_COUNT];
	struct circuit_row *rows;
	struct epochs *epochs;
	struct flow_set *flow_sets;
	struct stranger_set *stranger_sets;
	struct slot_row *slots; /* slot_row() */
	struct slot_events *events;
	struct totals *totals;
	struct wiring *wiring;
	struct capture_filter *captures;
	struct ring_buffer *calls_ring;
	waiting_handler *waiting_handler;
	void *waiting_data;
	struct watched *watched;
	struct ring_buffer *samples_ring;  /* NULL until it is read first */
	struct ring_buffer *captured_ring; /* the same */
	captured_handler *captured_handler;
	void *captured_data;
	sample_handler *sample_handler;
	void *sample_data;
	unsigned int cpus;			      /* possible ones: rows of totals */
	unsigned int stripes;			      /* CPUs that receive: rows of each slot */
	uint32_t lengths_ipv4[33], lengths_ipv6[129]; /* how many prefixes are so long */
	uint32_t rows_used;			      /* that have an owner */
	struct interface interfaces[DIRECTIONS];
	struct datapath_status status;
};

/* Loads the programs, reusing maps that are pinned, and pins all; or opens what is pinned already.
 * On failure nothing new stays pinned. */
bool datapath_load(struct datapath *datapath, struct error *err);
/* A slot's row in a CPU's stripe. */
static inline struct slot_row *slot_row(const struct datapath *datapath, unsigned int stripe,
					uint32_t slot)
{
	return &datapath->slots[(size_t)stripe * datapath->entries[MAP_ROWS] + slot];
}

/* Numbers a bump. */
uint32_t datapath_next_epoch(struct datapath *datapath);
/* Every prefix there is, of a table of any version. The caller frees *keys and *slots. */
bool datapath_read_prefixes(int map, uint32_t entries, struct prefix_key **keys, uint32_t **slots,
			    uint32_t *count, struct error *err);
/* Finds out how many prefixes there are of each length. */
bool datapath_count_prefixes(struct datapath *datapath, struct error *err);
/* Finds out how many rows are in use. */
void datapath_count_rows(struct datapath *datapath);
/* What the rows say is written where XDP looks for it. */
void datapath_fill_stripes(struct datapath *datapath);

/* datapath_pins.c. Makes the directory; mounts the BPF file system where there is none. */
bool datapath_make_pins(const char *pin_dir, struct error *err);
/* Removes the engine's pins. */
void datapath_empty_pins(const char *pin_dir);

/* datapath_maps.c */
struct bpf_map;
void datapath_wanted_sizes(const struct datapath *datapath, uint32_t entries[MAP_COUNT]);
/* -1 for those that are not there. */
void datapath_open_maps(const struct datapath *datapath, int maps[MAP_COUNT]);
/* Of the programs that use the pinned maps; 0: there is nothing that could be adopted. */
uint64_t datapath_pinned_build(const int maps[MAP_COUNT]);
bool datapath_sizes_are_wanted(const struct datapath *datapath, const int maps[MAP_COUNT]);
/* The pinned map can be used as it is by programs of another build. */
bool datapath_map_can_stay(const struct bpf_map *wanted, int pinned, enum map_index index);
/* All of them into memory as far as they are there. */
bool datapath_map_memory(struct datapath *datapath, struct error *err);
void datapath_unmap_memory(struct datapath *datapath);
/* Fills what is made anew from what is pinned (-1: nothing was), and the copies XDP reads. */
bool datapath_take_over(struct datapath *datapath, const int pinned[MAP_COUNT], struct error *err);
/* Pinned maps that this version has no use for go. */
void datapath_unpin_unknown(const struct datapath *datapath);

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
