/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packet captures, several at once: from the data path's copies to pcap files, in the order of
 * their times. One ends at its time or size limit, when its circuit goes, when it is stopped, or
 * with the engine. Used by the verbs of verb_capture.c.
 */
#ifndef LQOS_CAPTURE_H
#define LQOS_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/shared.h"
#include "engine/base/error.h"
#include "engine/model/network.h"

struct engine;
struct captures;

/* What is to be captured. */
struct capture_order {
	char subject[160];	    /* for people and the file's name: "circuit 1042" */
	char circuit[NODE_ID_SIZE]; /* its id; "" when it is not of one circuit */
	char author[80];
	struct capture_filter filter;
	uint32_t seconds;
	uint64_t bytes; /* of the file */
};

#define CAPTURE_LINES 16 /* last packets that are kept for looking on */

/* One that runs, or one that has ended. */
struct capture {
	uint64_t id;
	struct capture_order order;
	const char *state; /* "running", or why it has ended */
	char path[320];
	int64_t started_ms; /* wall clock */
	uint64_t started_ns, ended_ns;
	uint64_t packets, bytes; /* in the file */
	uint64_t taken;		 /* packets that were to go there */
	uint64_t lost;		 /* matched, but not in the file */
	uint64_t seen;		 /* what the circuit's own counters counted meanwhile */
	char trouble[200];	 /* what ended it, when that was an error */

	struct captured last[CAPTURE_LINES]; /* a ring of `taken` */
	int64_t last_wall_ns[CAPTURE_LINES];
};

struct captures *captures_new(struct engine *engine);
void captures_free(struct captures *captures); /* ends what runs; files are complete */

/* Returns the new capture's id. Refused when LQOS_CAPTURES run, or the file can't be made. */
bool captures_start(struct captures *captures, const struct capture_order *order, uint64_t *id,
		    struct error *err);
bool captures_stop(struct captures *captures, uint64_t id, struct error *err);

/* Those that run and the last that ended, newest first; NULL behind the last. */
const struct capture *captures_get(const struct captures *captures, size_t index);

/* One of the last packets, 0 the newest, as a line. False when there are not as many. */
bool capture_format_packet(const struct capture *capture, unsigned int back, char *text,
			   size_t size);

#endif
