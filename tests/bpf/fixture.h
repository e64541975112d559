/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A data path of a test's own, loaded and pinned as the engine does it but attached to nothing;
 * packets go through its programs by BPF_PROG_TEST_RUN.
 */
#ifndef LQOS_TESTS_BPF_FIXTURE_H
#define LQOS_TESTS_BPF_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/datapath_private.h"
#include "tests/lib/frame.h"

/* Pinned under a directory of this process; NULL with a message on standard output. */
struct datapath *fixture_open(uint32_t flows, uint32_t prefixes, uint32_t slots);
void fixture_close(struct datapath *datapath);

/* What became of a packet. */
struct verdict {
	uint32_t action; /* XDP_..., TC_ACT_... */
	bool has_metadata;
	struct metadata metadata;
	uint32_t class_id; /* tc: skb->priority */
};

/* A packet of a direction arrives: download from the internet, upload from the access side. */
struct verdict fixture_arrive(const struct datapath *datapath, enum direction direction,
			      const struct frame *frame);
/* The same packet that often, in one call. */
void fixture_arrive_often(const struct datapath *datapath, enum direction direction,
			  const struct frame *frame, unsigned int times);
/* Leaves without a verdict in front of it: classified once more. */
struct verdict fixture_leave(const struct datapath *datapath, enum direction direction,
			     const struct frame *frame);

/* The test ends when they are refused. */
void fixture_map(struct datapath *datapath, const char *prefix, uint32_t slot);
void fixture_unmap(struct datapath *datapath, const char *prefix);
void fixture_make_circuit(struct datapath *datapath, uint32_t slot);
#define FIXTURE_CLASS(slot, direction) (1u << 16 | ((slot)*2 + (direction) + 16))

/* Forgets all flows, and the counters of the circuits. */
void fixture_forget_flows(struct datapath *datapath);
/* The flows there are, up to max. */
unsigned int fixture_flows(const struct datapath *datapath, struct flow_info *flows,
			   unsigned int max);
uint64_t fixture_total(const struct datapath *datapath, const char *name);

#endif
