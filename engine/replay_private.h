/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the replay share: flows with all their samples, and a packet's outcome. */
#ifndef LQOS_REPLAY_PRIVATE_H
#define LQOS_REPLAY_PRIVATE_H

#include <stdint.h>
#include <uthash.h>

#include "bpf/rtt.h"
#include "engine/base/direction.h"
#include "engine/base/prefix.h"
#include "engine/replay.h"

#define KINDS (PACKET_MALFORMED + 1)

struct rtt_list {
	uint32_t *us;
	size_t count, capacity;
};

struct replay_flow {
	struct flow_key key;
	struct flow_side side[DIRECTIONS];
	struct rtt_waiting waiting[DIRECTIONS];
	struct rtt_list rtt[DIRECTIONS]; /* of segments sent that way */
	uint64_t first_ns, last_ns;
	UT_hash_handle hh;
};

/* In the order of their first packets, which uthash keeps. */
struct replay_flows {
	struct replay_flow *table;
	struct prefix *customers;
	size_t customer_count, customer_capacity;
};

/* A packet and what became of it. */
struct replay_packet {
	uint64_t number; /* from 1, as other tools count */
	uint64_t time_ns;
	uint32_t bytes; /* on the wire */
	enum packet_kind kind;
	struct packet packet;
	const struct replay_flow *flow; /* NULL: of none */
	enum direction direction;
	struct tcp_event event;
};

struct replay_summary {
	uint64_t packets, bytes, of_flows, partial;
	uint64_t kinds[KINDS];
	uint64_t first_ns, last_ns;
};

/* Adds "100.64.0.0/10,2001:db8::/32" to the customers; refused when one is no prefix. */
bool replay_flows_add_customers(struct replay_flows *flows, const char *list, struct error *err);

/* Counts a packet with addresses in its flow, which is made if need be; fills in flow, direction
 * and event. */
void replay_flows_note(struct replay_flows *flows, struct replay_packet *packet);
void replay_flows_release(struct replay_flows *flows);

/* Sorts the samples for replay_percentile(). */
void replay_flows_finish(struct replay_flows *flows);
/* The least sample that `percent` of them are not above (nearest rank); count is not 0. */
uint32_t replay_percentile(const struct rtt_list *sorted, unsigned int percent);

void replay_print_packet(const struct replay_packet *packet, bool as_json, FILE *out);
void replay_print_flows(const struct replay_flows *flows, bool as_json, FILE *out);
void replay_print_summary(const struct replay_flows *flows, const struct replay_summary *summary,
			  bool as_json, FILE *out);

#endif
