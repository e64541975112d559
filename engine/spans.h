/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history's points: what every circuit did in a span of some seconds, and what sites and the
 * whole network did, which is the sum of their circuits.
 */
#ifndef LQOS_SPANS_H
#define LQOS_SPANS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/direction.h"
#include "engine/datapath.h"
#include "engine/handles.h"
#include "engine/history.h"

struct spans;

struct spans *spans_new(void);
void spans_free(struct spans *spans);

/* The network has so many sites from now on. Not between spans_begin() and spans_end(). */
void spans_set_sites(struct spans *spans, size_t sites);

/* The last span ends: a point of the history begins. */
void spans_begin(struct spans *spans);
/* A circuit's bytes and round trips since the span before, elapsed_ns ago (0: there was none).
 * site: its index, or NETWORK_NONE. */
void spans_add(struct spans *spans, const struct assignment *circuit, uint32_t site,
	       const uint64_t bytes[DIRECTIONS], uint64_t elapsed_ns,
	       const uint32_t rtt[RTT_BUCKETS]);
/* All circuits were added. */
void spans_end(struct spans *spans, const struct network *network, const struct handles *handles);

const struct history *spans_history(const struct spans *spans);

#endif
