/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's settings, read once from lqosd.conf(5). Every key has a row in one table. */
#ifndef LQOS_CONFIG_H
#define LQOS_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/shared.h"
#include "engine/base/direction.h"
#include "engine/base/error.h"
#include "engine/lazy.h"
#include "engine/queue_tree.h"

#define CONFIG_PATH "/etc/lqos/lqosd.conf"

struct config {
	char interface[DIRECTIONS][16]; /* that a direction leaves by: access side, internet side */
	struct wiring wiring;		/* kind and VLANs */
	uint64_t link_bps[DIRECTIONS];
	uint32_t queues; /* 0 = as many as the interfaces have, at most QUEUES_MAX */
	enum lazy_mode lazy;
	uint32_t lazy_idle_s;
	uint32_t rebalance_s; /* 0: nothing is moved from queue to queue */
	enum leaf_kind leaf;  /* LEAF_NONE = the best the kernel has */
	struct leaf cake;     /* the options of CAKE leaves; its kind means nothing */
	uint32_t overhead_bytes, mpu_bytes;
	char circuits_path[256];
	char state_path[256];
	char socket_path[108];
	char read_group[32], admin_group[32];
	char pin_dir[128];
	char capture_directory[200];
	bool take_over; /* another tool's root qdisc is replaced, and given back by --detach */
	bool bridge_netfilter; /* bridged packets may pass it */
	bool generic_allowed;
	uint32_t flows_max, strangers_max, prefixes_max, slots_max;
};

/* Reads the file over the defaults. Refused in words, with the line: an unknown section or key, a
 * value out of range, a required key ([interfaces] access and internet, [link] download and
 * upload) that is missing. */
bool config_load(const char *path, struct config *config, struct error *err);

#endif
