/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Root qdiscs of other tools that the engine was told to take over. What they were is written
 * beside state.db before they go, so that --detach can give them back; a boot makes that void.
 */
#ifndef LQOS_TAKEN_ROOT_H
#define LQOS_TAKEN_ROOT_H

#include <stdbool.h>

#include "engine/base/error.h"
#include "engine/kernel.h"

/* Says what stands at the interface's root that is not ours, and what can be done about it, unless
 * it may be taken over. */
bool taken_root_check(struct kernel *kernel, bool take_over, const struct interface *interface,
		      struct error *err);

/* Remembers what stands there that is not ours, and takes it away; leaves everything else alone.
 * Refused, with all as it was, as above. `state_path` is state.db's. */
bool taken_root_take(struct kernel *kernel, bool take_over, const char *state_path,
		     const struct interface *interface, struct error *err);

/* Gives back what was taken, where nobody has put another root meanwhile, and forgets it. On
 * failure nothing of it stands there, and it is not forgotten. */
bool taken_root_give_back(struct kernel *kernel, const char *state_path,
			  const struct interface *interface, struct error *err);

#endif
