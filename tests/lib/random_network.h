/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random networks for property tests, header-only: the same seed makes the same network on every
 * machine. Index fields are set directly, as network_resolve would.
 */
#ifndef TESTS_RANDOM_NETWORK_H
#define TESTS_RANDOM_NETWORK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/model/network.h"

struct random {
	uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood 2014). */
static inline uint64_t random_next(struct random *random)
{
	uint64_t z = (random->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static inline uint32_t random_below(struct random *random, uint32_t limit)
{
	return (uint32_t)(random_next(random) % limit);
}

static inline bool random_chance(struct random *random, uint32_t percent)
{
	return random_below(random, 100) < percent;
}

/* From 100k to 2G, spread over the orders of magnitude, not always whole bytes. */
static inline uint64_t random_rate(struct random *random)
{
	static const uint64_t scales[] = { 100000, 1000000, 10000000, 100000000, 1000000000 };
	uint64_t scale = scales[random_below(random, 5)];

	return scale +
	       random_below(random, (uint32_t)scale) / (random_chance(random, 80) ? 8 * 8 : 1);
}

/* A network with room for `spare` more of sites, circuits (with a device and prefix each). */
static inline struct network *random_network_empty(size_t sites, size_t circuits)
{
	struct network *network = xcalloc(1, sizeof(*network));

	network->arena = arena_new();
	network->sites = xcalloc(sites, sizeof(*network->sites));
	network->circuits = xcalloc(circuits, sizeof(*network->circuits));
	network->devices = xcalloc(circuits, sizeof(*network->devices));
	network->prefixes = xcalloc(circuits, sizeof(*network->prefixes));
	return network;
}

static inline void random_network_free(struct network *network)
{
	free(network->sites);
	free(network->circuits);
	free(network->devices);
	free(network->prefixes);
	arena_free(network->arena);
	free(network);
}

static inline void random_plan(struct random *random, struct circuit *circuit)
{
	for (int d = 0; d < DIRECTIONS; d++) {
		circuit->max_bps[d] = random_rate(random);
		circuit->min_bps[d] =
			random_chance(random, 50) ? random_next(random) % circuit->max_bps[d] : 0;
	}
}

/* Sites parents first; deep chains are as likely as wide trees. */
static inline void random_add_site(struct random *random, struct network *network, uint32_t number)
{
	uint32_t count = (uint32_t)network->site_count;
	struct site *site = &network->sites[network->site_count++];

	*site = (struct site){ .id = arena_format(network->arena, "s%05u", number),
			       .name = arena_format(network->arena, "Site %u", number),
			       .kind = "",
			       .parent = NETWORK_NONE };
	if (count && random_chance(random, 85)) {
		uint32_t back = 1 + random_below(random, count < 3 ? count : 3);

		site->parent =
			random_chance(random, 50) ? count - back : random_below(random, count);
		site->parent_id = network->sites[site->parent].id;
		site->depth = network->sites[site->parent].depth + 1;
	}
	for (int d = 0; d < DIRECTIONS; d++)
		site->capacity_bps[d] = random_chance(random, 20) ? 0 : random_rate(random);
}

/* Circuits by rising number stay sorted by id; their addresses rise with them. */
static inline void random_add_circuit(struct random *random, struct network *network,
				      uint32_t number)
{
	static const char *const leaves[] = {
		"", "", "", "cake", "fq_codel", "pfifo", "cake nat rtt 50ms"
	};
	size_t at = network->circuit_count++;
	struct circuit *circuit = &network->circuits[at];
	struct device_prefix *prefix = &network->prefixes[network->prefix_count++];

	*circuit = (struct circuit){ .id = arena_format(network->arena, "c%06u", number),
				     .name = "",
				     .leaf = leaves[random_below(random, 7)],
				     .comment = "",
				     .suspended = random_chance(random, 5),
				     .site = NETWORK_NONE };
	if (network->site_count && random_chance(random, 95)) {
		circuit->site = random_below(random, (uint32_t)network->site_count);
		circuit->site_id = network->sites[circuit->site].id;
	}
	random_plan(random, circuit);
	network->devices[network->device_count++] = (struct device){ .id = circuit->id,
								     .circuit_id = circuit->id,
								     .circuit = (uint32_t)at };
	*prefix = (struct device_prefix){ .device_id = circuit->id, .device = (uint32_t)at };
	memcpy(prefix->prefix.address,
	       (uint8_t[16]){ [10] = 0xff,
			      0xff,
			      10,
			      (uint8_t)(number >> 16),
			      (uint8_t)(number >> 8),
			      (uint8_t)number },
	       16);
	prefix->prefix.length = 128;
}

/* `sites` sites and `circuits` circuits with numbers 0, 2, 4, ...: odd ones are for additions. */
static inline struct network *random_network(struct random *random, uint32_t sites,
					     uint32_t circuits)
{
	struct network *network = random_network_empty(sites, circuits);

	for (uint32_t i = 0; i < sites; i++)
		random_add_site(random, network, i);
	for (uint32_t i = 0; i < circuits; i++)
		random_add_circuit(random, network, 2 * i);
	return network;
}

/* A copy without every circuit for which `keep` says no and with room for one more; texts are
 * borrowed from the original, which has to live longer. */
static inline struct network *random_network_copy(const struct network *from, const bool *keep)
{
	struct network *copy = random_network_empty(from->site_count, from->circuit_count + 1);

	memcpy(copy->sites, from->sites, from->site_count * sizeof(*copy->sites));
	copy->site_count = from->site_count;
	for (size_t i = 0; i < from->circuit_count; i++) {
		size_t at = copy->circuit_count;

		if (keep && !keep[i])
			continue;
		copy->circuits[at] = from->circuits[i];
		copy->devices[at] = from->devices[i];
		copy->devices[at].circuit = (uint32_t)at;
		copy->prefixes[at] = from->prefixes[i];
		copy->prefixes[at].device = (uint32_t)at;
		copy->circuit_count = copy->device_count = copy->prefix_count = at + 1;
	}
	return copy;
}

#endif
