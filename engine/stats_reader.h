/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the statistics of all classes in a thread with a netlink socket of its own: for 20,000
 * leaves the kernel takes 0.1 s, in which the loop goes on. Between a start and its handler only
 * the thread touches what is read; nothing is shared.
 */
#ifndef LQOS_STATS_READER_H
#define LQOS_STATS_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/direction.h"
#include "engine/base/error.h"
#include "engine/kernel.h"
#include "engine/loop.h"

struct stats_reading {
	struct class_stats *stats[DIRECTIONS]; /* the reader's; NULL where it could not be read, */
	size_t counts[DIRECTIONS];
	struct error reasons[DIRECTIONS]; /* for this reason */
	uint64_t read_ns;		  /* when it began */
};

typedef void stats_handler(void *data, const struct stats_reading *reading);

struct stats_reader;

/* The handler is called from the loop, once for each start. */
struct stats_reader *stats_reader_new(struct loop *loop, stats_handler *handler, void *data,
				      struct error *err);
/* Waits for a reading that is under way. */
void stats_reader_free(struct stats_reader *reader);

/* Begins to read, unless the last reading is not done yet. */
void stats_reader_start(struct stats_reader *reader, const struct interface interfaces[DIRECTIONS]);

#endif
