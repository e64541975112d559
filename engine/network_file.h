/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network.json (LibreQoS's format): the tree of sites, nested by name. */
#ifndef LQOS_NETWORK_FILE_H
#define LQOS_NETWORK_FILE_H

#include "db/import.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"

struct network_file {
	struct import_site *sites; /* parents before children */
	size_t site_count, site_capacity;
	struct problem *problems;
	size_t problem_count, problem_capacity;
	struct arena *arena;
};

/* Refused when it can't be read or is not a JSON object; what is wrong with a node is a problem,
 * and its children hang below its parent. The caller releases it. */
bool network_file_read(const char *path, struct network_file *file, struct error *err);
void network_file_release(struct network_file *file);

#endif
