/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings of the host that shaping depends on and that others may undo: transmit packet steering
 * (it overrides the queue of a class), merging of packets and stripping of VLAN tags on receive,
 * netfilter on bridged packets. What each was before is written beside state.db before it is
 * changed, so that --detach can give it back, also after kill -9; a boot makes that void.
 */
#ifndef LQOS_PREFLIGHT_SETTINGS_H
#define LQOS_PREFLIGHT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/direction.h"
#include "engine/base/error.h"
#include "engine/kernel.h"

struct host_settings;

/* Reads what is remembered for this boot. `state_path` is state.db's. */
struct host_settings *host_settings_new(const char *state_path);
void host_settings_free(struct host_settings *settings);

/* What is told of a setting that was not as it has to be, once it is. */
typedef void host_setting_changed(void *data, const char *where, const char *name,
				  const char *before, const char *after);

/* Makes every setting what shaping needs. False, in words, when one can't be read, remembered or
 * set; the others are set nevertheless. What this machine doesn't have is passed over. */
bool host_settings_enforce(struct host_settings *settings,
			   const struct interface interfaces[DIRECTIONS], bool netfilter_off,
			   host_setting_changed *changed, void *data, struct error *err);

/* Gives back what was remembered, where it still is as we left it, and forgets it. */
bool host_settings_restore(struct host_settings *settings, struct error *err);

/* The transmit queues that an interface uses just now (ethtool -L); 0 when that can't be read. */
unsigned int host_transmit_queues(const struct host_settings *settings,
				  const struct interface *interface);

#endif
