/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting and stopping the engine. A start adopts what is there (I3, I7); one that is refused
 * leaves nothing half set up; a stop leaves everything in place for traffic.
 */
#ifndef LQOS_START_H
#define LQOS_START_H

#include <stdbool.h>

#include "engine/base/error.h"
#include "engine/state.h"

bool engine_start(struct engine *engine, const struct config *config, struct error *err);

/* Makes an engine that only knows how it would shape: interfaces, queues, leaf. engine_stop ends
 * it. */
bool engine_find_settings(struct engine *engine, const struct config *config, struct error *err);

/* Serves until SIGTERM or SIGINT. */
bool engine_run(struct engine *engine, struct error *err);

/* Closes files and sockets. The tree, the programs and the maps stay. */
void engine_stop(struct engine *engine);

/* `lqosd --detach`: takes everything of ours away again, programs first, so that traffic passes
 * unshaped and not through empty queues, and gives the host its settings back. Refused while an
 * engine runs. */
bool engine_detach(const struct config *config, struct error *err);

#endif
