/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of packets come from several CPUs, each with the time at which it was taken: nearly in
 * order. They wait here for those that are late, and leave sorted.
 */
#ifndef LQOS_CAPTURE_SORTER_H
#define LQOS_CAPTURE_SORTER_H

#include <stdint.h>

#include "engine/datapath.h"

struct capture_sorter;

/* How long a packet waits for older ones: longer than a CPU is kept from its work. */
#define CAPTURE_RIPE_MS 100
#define CAPTURE_WAITING_MOST 100000 /* beyond it the oldest need not wait so long */

struct capture_sorter *capture_sorter_new(void);
void capture_sorter_free(struct capture_sorter *sorter);

/* Copies a packet. */
void capture_sorter_add(struct capture_sorter *sorter, const struct captured *captured,
			const uint8_t *frame);
/* Hands those over, oldest first, that have waited long enough. */
void capture_sorter_take_ripe(struct capture_sorter *sorter, uint64_t now_ns,
			      captured_handler *handler, void *data);
/* Hands all over that are for one of these captures (a bit each), oldest first; for the others they
 * go on waiting. */
void capture_sorter_take(struct capture_sorter *sorter, uint32_t captures,
			 captured_handler *handler, void *data);

#endif
