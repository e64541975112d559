/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What spoils shaping on a real box and is set outside the engine: said at the start and in status,
 * each as a sentence with the command that cures it.
 */
#ifndef LQOS_PREFLIGHT_H
#define LQOS_PREFLIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/shared.h"
#include "engine/base/direction.h"
#include "engine/base/error.h"
#include "engine/kernel.h"

struct preflight {
	char **warnings;
	size_t count, capacity;
};

/* Looks at both interfaces: RX VLAN stripping, LRO, a single receive queue, a link that is down;
 * and at what forwards between them: ports that are not on one bridge, a router that does not
 * route. What can't be read is passed over. */
void preflight_check(const struct interface interfaces[DIRECTIONS], enum wiring_kind wiring,
		     struct preflight *preflight);
/* Refuses a VLAN interface where native XDP is wanted, which it has none of: shaped is the one
 * below, with all its VLANs. */
bool preflight_refuse_vlan(const struct interface interfaces[DIRECTIONS], bool generic_allowed,
			   struct error *err);
void preflight_release(struct preflight *preflight);

#endif
