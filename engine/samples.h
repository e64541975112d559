/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last round trips and retransmits of circuits that somebody looks at, one by one. Looking
 * begins with the first question about a circuit and ends some seconds after the last one: as long
 * as nobody asks, the data path writes none.
 */
#ifndef LQOS_SAMPLES_H
#define LQOS_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/shared.h"
#include "engine/base/error.h"

struct engine;
struct samples;

#define SAMPLES_KEPT 1000 /* of a circuit */
#define SAMPLES_WATCH_S 10

/* What there is of a slot. */
struct slot_samples {
	int64_t since_ms; /* wall clock: looked at since then */
	uint64_t lost;	  /* since then, of all circuits looked at: there was no room */
	size_t count;
};

struct samples *samples_new(struct engine *engine);
void samples_free(struct samples *samples);

/* Looks at the slot for the next seconds. Refused when LQOS_WATCHED others are being looked at. */
bool samples_watch(struct samples *samples, uint32_t slot, struct slot_samples *info,
		   struct error *err);
/* The `back`th newest of a slot that is looked at, 0 the newest; back is less than its count. */
const struct tcp_sample *samples_get(struct samples *samples, uint32_t slot, size_t back);

#endif
