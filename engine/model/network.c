/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/model/network.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/hash.h"
#include "engine/base/memory.h"
#include "engine/model/network_index.h"

struct network *network_new(void)
{
	struct network *network = xcalloc(1, sizeof(*network));

	network->arena = arena_new();
	return network;
}

void network_free(struct network *network)
{
	if (!network)
		return;
	network_index_drop(network);
	free(network->sites);
	free(network->circuits);
	free(network->devices);
	free(network->prefixes);
	free(network->problems);
	arena_free(network->arena);
	arena_free(network->notes);
	free(network);
}

/* Room for one more in an array whose capacity is the next power of two, so that it need not be
 * kept; the array, moved if need be. */
static void *extend(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return xreallocarray(array, count ? count * 2 : 1, size);
}

static const char *own(struct network *network, const char *text)
{
	return arena_text(network->arena, text ? text : "");
}

void network_add_site(struct network *network, const struct site *site)
{
	struct site *copy;

	network->sites = extend(network->sites, network->site_count, sizeof(*site));
	copy = &network->sites[network->site_count++];
	*copy = *site;
	copy->id = own(network, site->id);
	copy->name = own(network, site->name);
	copy->parent_id = arena_text(network->arena, site->parent_id);
	copy->kind = own(network, site->kind);
}

void network_add_circuit(struct network *network, const struct circuit *circuit)
{
	struct circuit *copy;

	network->circuits = extend(network->circuits, network->circuit_count, sizeof(*circuit));
	copy = &network->circuits[network->circuit_count++];
	*copy = *circuit;
	copy->id = own(network, circuit->id);
	copy->name = own(network, circuit->name);
	copy->site_id = arena_text(network->arena, circuit->site_id);
	copy->leaf = own(network, circuit->leaf);
	copy->comment = own(network, circuit->comment);
}

void network_add_device(struct network *network, const struct device *device)
{
	struct device *copy;

	network->devices = extend(network->devices, network->device_count, sizeof(*device));
	copy = &network->devices[network->device_count++];
	*copy = *device;
	copy->id = own(network, device->id);
	copy->name = own(network, device->name);
	copy->mac = own(network, device->mac);
	copy->circuit_id = own(network, device->circuit_id);
}

void network_add_prefix(struct network *network, const struct device_prefix *prefix)
{
	struct device_prefix *copy;

	network->prefixes = extend(network->prefixes, network->prefix_count, sizeof(*prefix));
	copy = &network->prefixes[network->prefix_count++];
	*copy = *prefix;
	copy->text = own(network, prefix->text);
	copy->device_id = own(network, prefix->device_id);
}

static void add_problem(struct network *network, struct arena *arena, const char *subject,
			const char *reason, const char *in_force)
{
	network->problems =
		extend(network->problems, network->problem_count, sizeof(*network->problems));
	network->problems[network->problem_count++] =
		(struct problem){ .subject = arena_text(arena, subject),
				  .reason = arena_text(arena, reason),
				  .in_force = arena_text(arena, in_force) };
}

void network_add_problem(struct network *network, const char *subject, const char *reason,
			 const char *in_force)
{
	add_problem(network, network->arena, subject, reason, in_force);
}

void network_add_note(struct network *network, const char *subject, const char *reason,
		      const char *in_force)
{
	if (!network->notes)
		network->notes = arena_new();
	add_problem(network, network->notes, subject, reason, in_force);
}

void network_forget_notes(struct network *network)
{
	network->problem_count = network->resolved_problem_count;
	arena_free(network->notes);
	network->notes = NULL;
}

uint64_t network_digest_notes(const struct network *network)
{
	uint64_t digest = HASH_BASIS;

	for (size_t i = network->resolved_problem_count; i < network->problem_count; i++) {
		digest = hash_byte(hash_text(digest, network->problems[i].subject), '\0');
		digest = hash_byte(hash_text(digest, network->problems[i].reason), '\0');
	}
	return digest;
}

struct network *network_copy(const struct network *network)
{
	struct network *copy = network_new();

	copy->revision = network->revision;
	for (size_t i = 0; i < network->site_count; i++)
		network_add_site(copy, &network->sites[i]);
	for (size_t i = 0; i < network->circuit_count; i++)
		network_add_circuit(copy, &network->circuits[i]);
	for (size_t i = 0; i < network->device_count; i++)
		network_add_device(copy, &network->devices[i]);
	for (size_t i = 0; i < network->prefix_count; i++)
		network_add_prefix(copy, &network->prefixes[i]);
	return copy;
}

static int compare_circuit(const void *key, const void *item)
{
	return strcmp(key, ((const struct circuit *)item)->id);
}

uint32_t network_find_circuit(const struct network *network, const char *id)
{
	const struct circuit *found;

	if (!network->circuit_count)
		return NETWORK_NONE;
	found = bsearch(id, network->circuits, network->circuit_count, sizeof(*network->circuits),
			compare_circuit);
	return found ? (uint32_t)(found - network->circuits) : NETWORK_NONE;
}

uint32_t network_find_site(const struct network *network, const char *id)
{
	for (size_t i = 0; i < network->site_count; i++)
		if (!strcmp(network->sites[i].id, id))
			return (uint32_t)i;
	return NETWORK_NONE;
}

uint32_t network_find_site_by_name(const struct network *network, const char *name)
{
	for (size_t i = 0; i < network->site_count; i++)
		if (!strcmp(network->sites[i].name, name))
			return (uint32_t)i;
	return NETWORK_NONE;
}

static int compare_prefix(const void *key, const void *item)
{
	return prefix_compare(key, &((const struct device_prefix *)item)->prefix);
}

bool network_is_below(const struct network *network, uint32_t site, uint32_t above)
{
	for (; site != NETWORK_NONE; site = network->sites[site].parent)
		if (site == above)
			return true;
	return false;
}

uint32_t network_find_exact_prefix(const struct network *network, const struct prefix *prefix)
{
	const struct device_prefix *found = NULL;

	if (network->prefix_count)
		found = bsearch(prefix, network->prefixes, network->prefix_count,
				sizeof(*network->prefixes), compare_prefix);
	return found ? (uint32_t)(found - network->prefixes) : NETWORK_NONE;
}

uint32_t network_find_prefix(const struct network *network, const uint8_t address[16])
{
	struct prefix key;

	for (int length = 128; length >= 0; length--) {
		uint32_t found;

		memcpy(key.address, address, sizeof(key.address));
		key.length = (uint8_t)length;
		for (int bit = length; bit < 128; bit++)
			key.address[bit / 8] &= (uint8_t) ~(0x80u >> (bit % 8));
		found = network_find_exact_prefix(network, &key);
		if (found != NETWORK_NONE)
			return found;
	}
	return NETWORK_NONE;
}
