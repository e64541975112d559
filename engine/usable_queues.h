/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transmit queues that an interface has and uses: `ethtool -L` changes their number under a running
 * engine. The trees of queues that went stay for their return; nobody is placed there meanwhile.
 */
#ifndef LQOS_USABLE_QUEUES_H
#define LQOS_USABLE_QUEUES_H

#include "engine/state.h"

/* How many one direction can use; 0 when that can't be told. */
unsigned int usable_queues_of(const struct engine *engine, enum direction direction);
/* How many of the engine's queues both directions can use, 1 at least. */
uint16_t usable_queues_count(const struct engine *engine);

#endif
