/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/size.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "engine/datapath.h"
#include "engine/model/leaf.h"
#include "engine/queue_tree.h"

#define CIRCUITS_MOST 1000000
#define SITE_CIRCUITS 50   /* of a site, where nobody says */
#define QUEUE_CLASSES 1000 /* more make each new one slow */
#define QUEUE_LEAVES 3	   /* default, control, and of what hangs at the link: each way */
#define CIRCUIT_PREFIXES 2 /* an IPv4 and an IPv6 one */
#define FLOWS 1048576	   /* these three are lqosd.conf's defaults */
#define STRANGERS 65536
#define SLOTS 262144
#define ENGINE_BYTES 62000000 /* resident with no circuit ... */
#define ENGINE_CIRCUIT 2600   /* ... and with each: of 2,500 and 20,000, measured */
/* 20,000 classes over 16 queues take the kernel 4.4 s, over one queue three times as long; the time
 * grows with the square of their number. */
#define BUILD_CLASSES 20000.0
#define BUILD_MS 4400.0
#define BUILD_SPREAD 0.867 /* of it: the same over any number of queues */
#define BUILD_ONE 2.133	   /* of it: divided by them */

/* Kernel memory of a class and its leaf, measured. */
static const uint32_t leaf_bytes[] = {
	[LEAF_PFIFO] = 2500,
	[LEAF_FQ_CODEL] = 71000,
	[LEAF_CAKE] = 1095000,
};

struct size {
	uint32_t circuits, active, sites, queues, handles;
	double leaves, classes;
};

static bool read_count(const char *text, const char *what, uint32_t most, uint32_t *count,
		       struct error *err)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (!*text || *end || errno || *text == '-' || !number || number > most)
		return error_set(err, ERROR_INVALID, "%s \"%.40s\" is not a number from 1 to %u",
				 what, text, most);
	*count = (uint32_t)number;
	return true;
}

static void find_size(struct size *size)
{
	uint32_t a_side;

	size->sites = (size->circuits + SITE_CIRCUITS - 1) / SITE_CIRCUITS;
	a_side = size->active + 2 * size->sites;
	size->queues = (a_side + QUEUE_CLASSES - 1) / QUEUE_CLASSES;
	if (size->queues > QUEUES_MAX)
		size->queues = QUEUES_MAX;
	size->handles = a_side;
	size->leaves = 2.0 * (size->active + size->sites + QUEUE_LEAVES * size->queues);
	size->classes = 2.0 * a_side;
}

static double maps_bytes(const struct size *size)
{
	uint32_t prefixes = CIRCUIT_PREFIXES * size->circuits, nodes = size->circuits + size->sites;
	struct datapath_settings settings = { .flows_max = FLOWS,
					      .strangers_max = STRANGERS,
					      .prefixes_max = prefixes > 524288 ? prefixes : 524288,
					      .slots_max = nodes < SLOTS ? SLOTS : nodes + 1 };
	struct datapath_table tables[DATAPATH_TABLES];
	double bytes = 0;

	if (!datapath_predict_tables(&settings, size->queues, prefixes, tables))
		return -1;
	for (size_t i = 0; i < DATAPATH_TABLES; i++)
		bytes += (double)tables[i].bytes;
	return bytes;
}

static double build_ms(const struct size *size)
{
	double part = size->classes / BUILD_CLASSES;

	return BUILD_MS * part * part * (BUILD_SPREAD + BUILD_ONE / size->queues);
}

bool size_print(const char *circuits, const char *active, FILE *out, struct error *err)
{
	struct size size = { 0 };
	double maps;

	if (!read_count(circuits, "--size", CIRCUITS_MOST, &size.circuits, err))
		return false;
	size.active = size.circuits;
	if (active && !read_count(active, "--active", size.circuits, &size.active, err))
		return false;
	find_size(&size);
	maps = maps_bytes(&size);
	if (maps < 0)
		return error_set(err, ERROR_SYSTEM, "can't read the sizes of the maps");
	fprintf(out, "%8s %8s %-8s %6s %7s %10s %8s %9s %8s\n", "circuits", "active", "leaf",
		"queues", "handles", "queues MB", "maps MB", "engine MB", "build s");
	for (enum leaf_kind kind = LEAF_CAKE; kind <= LEAF_PFIFO; kind++)
		fprintf(out, "%8u %8u %-8s %6u %7u %10.0f %8.0f %9.0f %8.1f\n", size.circuits,
			size.active, leaf_kind_name(kind), size.queues, size.handles,
			size.leaves * leaf_bytes[kind] / 1e6, maps / 1e6,
			(ENGINE_BYTES + (double)ENGINE_CIRCUIT * size.circuits) / 1e6,
			build_ms(&size) / 1e3);
	return true;
}
