/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine does by itself as time goes by: notices commits to the circuits file, retries
 * what was refused, removes what has drained, writes results and state.db, samples the counters.
 */
#ifndef LQOS_UPKEEP_H
#define LQOS_UPKEEP_H

#include "engine/base/error.h"
#include "engine/state.h"

struct upkeep *upkeep_new(struct engine *engine, struct error *err);
void upkeep_free(struct upkeep *upkeep);
#endif
