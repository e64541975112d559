/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data path as the engine sees it: the only user of the BPF skeleton. Programs, maps and
 * links are pinned under one directory and outlive the engine (I3); opening adopts what is there.
 */
#ifndef LQOS_DATAPATH_H
#define LQOS_DATAPATH_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/shared.h"
#include "engine/base/direction.h"
#include "engine/base/error.h"
#include "engine/base/prefix.h"
#include "engine/kernel.h"
#include "engine/shape.h"

struct datapath;

struct datapath_settings {
	const char *pin_dir; /* below a bpffs, e.g. /sys/fs/bpf/lqos; made if missing */
	uint32_t flows_max, prefixes_max, slots_max, strangers_max;
	bool generic_allowed; /* fall back to generic XDP where native is refused */
	struct wiring wiring; /* kind, VLANs, queues of a direction */
};

enum xdp_mode { XDP_MODE_NONE, XDP_MODE_NATIVE, XDP_MODE_GENERIC };

struct datapath_status {
	bool adopted;	       /* every map and program was there already and is the same build */
	bool program_replaced; /* the maps stayed, the links' programs were replaced in one step */
	enum xdp_mode mode[DIRECTIONS]; /* of the interface that a direction leaves by */
	char build_id[17];
};

/* Loads or adopts programs and maps; nothing is attached yet where nothing was. Mounts bpffs if
 * it is not mounted. Maps of other sizes or of another layout are made anew and filled from what
 * is there; attaching then replaces the links' programs.
 * False with words when the kernel lacks a feature, naming it. */
struct datapath *datapath_open(const struct datapath_settings *settings, struct error *err);
void datapath_close(struct datapath *datapath); /* leaves everything attached and pinned */

/* Attaches what is not attached: XDP by pinned link and clsact egress, on both interfaces, and
 * where the engine forwards, clsact ingress. interfaces[DOWNLOAD] is the access side (download
 * leaves by it), interfaces[UPLOAD] the internet side; on a stick both are the same. All or
 * nothing. */
bool datapath_attach(struct datapath *datapath, const struct interface interfaces[DIRECTIONS],
		     struct error *err);
void datapath_read_status(const struct datapath *datapath, struct datapath_status *status);

/* Takes the pin directory for one engine, as datapath_open() does; *lock is to be closed, -1 where
 * there is no such directory. Refused when another engine has it, or when there are pins in it that
 * are not lqosd's. */
bool datapath_lock_pins(const char *pin_dir, int *lock, struct error *err);

/* Refuses interfaces that have an XDP program of somebody else's, another engine's for one. Touches
 * nothing. */
bool datapath_check_ports(const char *pin_dir, const struct interface interfaces[DIRECTIONS],
			  struct error *err);

/* Removes programs, links, our clsact (only if nothing else hangs on it), pins and the pin
 * directory. Works without an open datapath; nothing there is not an error. */
bool datapath_detach(const char *pin_dir, const struct interface interfaces[DIRECTIONS],
		     struct error *err);

/* Rows. `set` writes the fields, then the next epoch number, and returns that number; `clear`
 * frees the row (the caller waits for datapath_wait_grace before the slot is used again). */
const struct circuit_row *datapath_row(const struct datapath *datapath, uint32_t slot);
uint32_t datapath_slots(const struct datapath *datapath);
uint32_t datapath_set_row(struct datapath *datapath, uint32_t slot, const struct circuit_row *row);
uint32_t datapath_clear_row(struct datapath *datapath, uint32_t slot);
void datapath_wait_grace(struct datapath *datapath);

/* Prefixes. All bump the generation words of the prefix's scope after the table is changed, and
 * return the epoch number through *epoch. Removing one that is not there is no error. */
bool datapath_set_prefix(struct datapath *datapath, const struct prefix *prefix, uint32_t slot,
			 uint32_t *epoch, struct error *err);
bool datapath_remove_prefix(struct datapath *datapath, const struct prefix *prefix, uint32_t *epoch,
			    struct error *err);
/* Several, none of which is there yet, by a call of the kernel for many; *added: how many of them,
 * from the first on, were when one was refused. */
bool datapath_add_prefixes(struct datapath *datapath, const struct shape_prefix *prefixes,
			   size_t count, size_t *added, uint32_t *epoch, struct error *err);

/* Everything the data path has, for adoption: rows in use and prefixes, sorted, into shape (its
 * trees are left alone). */
bool datapath_read_shape(struct datapath *datapath, struct shape *shape, struct error *err);

/* The number of the last bump. */
uint32_t datapath_epoch(const struct datapath *datapath);

#define RTT_BUCKETS LQOS_RTT_BUCKETS
enum rtt_side { RTT_CUSTOMER, RTT_INTERNET, RTT_SIDES };

/* Counters of a slot since it was made, summed over CPUs. */
struct slot_counters {
	uint64_t bytes[DIRECTIONS], packets[DIRECTIONS];
	uint64_t suspended_drops;
	uint64_t unarrived; /* of the packets: made here, or they arrived as a neighbour's */
	uint64_t tcp_packets[DIRECTIONS], retransmits[DIRECTIONS];
};
void datapath_read_counters(const struct datapath *datapath, uint32_t slot,
			    struct slot_counters *counters);
/* The slot's RTT histogram of one side; counts only ever grow (they wrap at 2^32).
 * Bucket i holds samples of [rtt_bucket_low_us(i), rtt_bucket_low_us(i + 1)). */
void datapath_read_rtt(const struct datapath *datapath, uint32_t slot, enum rtt_side side,
		       uint32_t buckets[RTT_BUCKETS]);

/* Of a TCP connection; of anything else it is always open. */
enum flow_state { FLOW_OPEN, FLOW_CLOSING, FLOW_ENDED };

/* One flow, as copied out of the table. */
struct flow_info {
	uint8_t customer[16], remote[16]; /* IPv4-mapped */
	uint16_t customer_port, remote_port;
	uint8_t protocol;
	enum flow_state state;
	uint8_t tos[DIRECTIONS]; /* of the last packet each way */
	uint32_t slot;
	uint64_t identity; /* differs when the entry was claimed by another flow */
	uint64_t bytes[DIRECTIONS], packets[DIRECTIONS];
	uint32_t retransmits[DIRECTIONS], reordered[DIRECTIONS];
	uint32_t rtt_us[RTT_SIDES]; /* smoothed; 0 = no sample yet */
	uint32_t rtt_last_us[RTT_SIDES], rtt_min_us[RTT_SIDES];
	uint64_t first_seen_ns, last_seen_ns; /* CLOCK_MONOTONIC */
};

/* Entries are 0..flows-1. False when the entry is free (or being claimed just now). */
uint32_t datapath_flows(const struct datapath *datapath);
bool datapath_read_flow(const struct datapath *datapath, uint32_t entry, struct flow_info *flow);
/* The first flow from *entry on, and before end, that had a packet since then, and its entry;
 * false: there is none. now_ns: taken once for all that are read together. */
bool datapath_next_flow(const struct datapath *datapath, uint64_t since_ns, uint64_t now_ns,
			uint32_t *entry, uint32_t end, struct flow_info *info);

/* An address on the customers' side that no prefix covered when its last packet came. */
struct stranger_info {
	uint8_t address[16]; /* IPv4-mapped */
	uint64_t identity;   /* differs when the entry was claimed by another address */
	uint64_t bytes[DIRECTIONS];
	uint32_t packets;
	uint64_t first_seen_ns, last_seen_ns; /* CLOCK_MONOTONIC */
};

/* As with flows. When all are in use, the one seen longest ago made room. */
uint32_t datapath_strangers(const struct datapath *datapath);
bool datapath_read_stranger(const struct datapath *datapath, uint32_t entry,
			    struct stranger_info *stranger);

/* Calls of circuits whose row says that they wait: one each, from its next packet on until the row
 * is set again. The descriptor is readable when there are any; -1 with the reason. */
typedef void waiting_handler(void *data, const struct waiting_call *call);
int datapath_open_calls(struct datapath *datapath, waiting_handler *handler, void *data,
			struct error *err);
void datapath_read_calls(struct datapath *datapath);
/* This one may call again. */
void datapath_forget_call(struct datapath *datapath, uint32_t slot);

/* Captures, LQOS_CAPTURES of them. Packets that match a filter are copied, until it is stopped;
 * once that returns, no more of them are made. */
void datapath_start_capture(struct datapath *datapath, unsigned int capture,
			    const struct capture_filter *filter);
void datapath_stop_capture(struct datapath *datapath, unsigned int capture);
/* Stops all there are, and throws their copies away: those of an engine that was killed. */
bool datapath_forget_captures(struct datapath *datapath, struct error *err);
/* Since its start: packets that matched, and those of them that there was no room to copy. */
void datapath_read_capture(const struct datapath *datapath, unsigned int capture, uint64_t *matched,
			   uint64_t *lost);
/* Hands over all copies made so far, nearly in the order of their times. */
typedef void captured_handler(void *data, const struct captured *captured, const uint8_t *frame);
bool datapath_drain_captured(struct datapath *datapath, captured_handler *handler, void *data,
			     struct error *err);

/* Of these slots (up to LQOS_WATCHED) what every segment tells goes to a ring buffer, of others
 * nothing does. What finds no room there is lost and counted. */
void datapath_watch_slots(struct datapath *datapath, const uint32_t *slots, uint32_t count);
uint64_t datapath_samples_lost(const struct datapath *datapath);
typedef void sample_handler(void *data, const struct tcp_sample *sample);
/* Hands over all that is there; each CPU's in the order of their times. */
bool datapath_drain_samples(struct datapath *datapath, sample_handler *handler, void *data,
			    struct error *err);

/* A table of the data path and how full it is. */
struct datapath_table {
	const char *name; /* static */
	uint32_t used, size;
	uint64_t bytes; /* of the kernel's memory, used or not */
};
#define DATAPATH_TABLES 4
void datapath_read_tables(const struct datapath *datapath,
			  struct datapath_table tables[DATAPATH_TABLES]);

/* The bytes that they would take with these settings and so many prefixes in them; stripes: CPUs
 * that receive packets. Needs no privileges. */
bool datapath_predict_tables(const struct datapath_settings *settings, unsigned int stripes,
			     uint32_t prefixes, struct datapath_table tables[DATAPATH_TABLES]);

/* Named counters of the data path as a whole ("packets", "pass_unmapped", "not_ip",
 * "truncated", "flow_hit", "flow_miss", "cpumap_drops", ...). Fills up to max; returns how many
 * there are. Names are static. */
struct datapath_counter {
	const char *name;
	uint64_t value;
};
unsigned int datapath_read_totals(const struct datapath *datapath,
				  struct datapath_counter *counters, unsigned int max);

#endif
