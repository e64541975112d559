/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one owner of what the engine knows: desired (the network), applied (the shape the kernel
 * has), and the parts that connect them. Made and taken down by start.c, changed by change.c only,
 * read by everyone else.
 */
#ifndef LQOS_STATE_H
#define LQOS_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "db/circuits.h"
#include "db/state.h"
#include "engine/config.h"
#include "engine/datapath.h"
#include "engine/handles.h"
#include "engine/kernel.h"
#include "engine/loop.h"
#include "engine/preflight.h"
#include "engine/preflight_settings.h"
#include "engine/shape.h"

/* What came of applying a revision; kept until the file could be written. */
struct outcome {
	uint64_t revision;
	double apply_ms;
	uint32_t epoch;
	char text[200];
};

struct engine {
	struct config config;
	struct loop *loop;
	int lock_fd; /* flock on <state path>.lock: one engine an instance */
	uint64_t started_ns;

	struct interface interfaces[DIRECTIONS];
	struct preflight preflight;
	struct host_settings *host;
	struct kernel *kernel;
	struct datapath *datapath;
	struct shape_settings shaping;

	struct circuits_db *circuits_db; /* NULL while the file can't be opened */
	struct state_db *state_db;
	struct state_saver *state_saver;
	struct handles *handles;
	struct network *network; /* in force: what desired resolved to */
	struct shape applied;
	struct own_classes own_classes; /* of the network in force; made when they are needed */
	bool own_classes_are_current;
	bool lacks_numbers; /* nodes of the network have none: nothing can be planned */
	uint64_t revision, applied_revision;
	char trouble[480]; /* why applied is not desired; "" when it is */

	unsigned int deferred; /* operations that wait for a class's last packets to be out */
	bool unsaved;	       /* state.db lags behind in more than plans and loads */
	bool loads_unsaved;    /* it lags behind in what was measured */

	bool adopted;		       /* a running tree was found at the start */
	unsigned int start_operations; /* what it took then to reach desired */

	struct outcome *unrecorded;
	size_t unrecorded_count, unrecorded_capacity;
	int64_t recorded_to;	   /* of the first, up to this journal row: it has many */
	struct host_event *events; /* for the journal */
	size_t event_count, event_capacity;
	uint32_t alerts;	 /* so far */
	struct host_event alert; /* the last one */
	bool problems_unrecorded;
	/* Of what was committed: it has no revision yet; it has to be taken up again. */
	bool revision_open, unfinished;
	int64_t next_expiry_s; /* Unix time when the next override ends; 0: there is none */

	struct sampler *sampler;
	struct flows *flows;
	struct strangers *strangers;
	struct control *control;
	struct captures *captures;
	struct samples *samples;
	struct merge *merge;
	struct lazy_queues *lazy_queues;
	struct placement *placement;
	struct upkeep *upkeep;
};

#endif
