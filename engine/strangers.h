/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses on the customers' side that no prefix covers: once a tick their rates are computed, and
 * kept as a list for the verb unknown.
 */
#ifndef LQOS_STRANGERS_H
#define LQOS_STRANGERS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/datapath.h"

struct strangers;

/* An address that had a packet within the last STRANGER_IDLE_S seconds. */
struct stranger_sample {
	struct stranger_info info;
	uint64_t rate_bps[DIRECTIONS];
};
#define STRANGER_IDLE_S 3600

struct strangers *strangers_new(const struct datapath *datapath);
void strangers_free(struct strangers *strangers);
void strangers_tick(struct strangers *strangers);

/* Valid until the next tick. */
const struct stranger_sample *strangers_list(const struct strangers *strangers, size_t *count);

#endif
