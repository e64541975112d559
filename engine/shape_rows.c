/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/shape_rows.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/rates.h"

/* `handle`: of its own class; `minor`: of the class that its packets go to. */
static struct shape_row make_row(const struct assignment *numbers, uint16_t handle, uint16_t minor,
				 uint32_t flags, const uint64_t ceil_bps[DIRECTIONS],
				 const struct shape_settings *settings)
{
	struct shape_row row = { .slot = numbers->slot,
				 .row = { .owner = numbers->owner,
					  .flags = LQOS_ROW_IN_USE | flags,
					  .handle = handle,
					  .waiting_handle = numbers->waiting_handle } };

	for (int d = 0; d < DIRECTIONS; d++) {
		row.row.ceil_bps[d] = ceil_bps[d];
		if (!numbers->queue)
			continue;
		row.row.class_id[d] =
			(uint32_t)(settings->queue_base[d] + numbers->queue) << 16 | minor;
		row.row.cpu[d] = (uint16_t)((numbers->queue - 1) % settings->cpus);
	}
	return row;
}

static struct shape_row site_row(const struct layout_site *place,
				 const struct shape_settings *settings)
{
	return make_row(place->numbers, place->numbers->handle, place->numbers->handle,
			LQOS_ROW_SITE, place->ceil_bps, settings);
}

static struct shape_row circuit_row(const struct circuit *circuit, const struct layout *layout,
				    const struct layout_circuit *place, bool waits,
				    const struct shape_settings *settings)
{
	const struct assignment *numbers = place->numbers;
	uint16_t waiting = place->parent == NETWORK_NONE
				   ? MINOR_WAITING
				   : layout->sites[place->parent].numbers->waiting_handle;
	uint64_t ceil_bps[DIRECTIONS];

	for (int d = 0; d < DIRECTIONS; d++)
		ceil_bps[d] = rates_round(circuit->max_bps[d]);
	return make_row(numbers, waits ? 0 : numbers->handle, waits ? waiting : numbers->handle,
			(circuit->suspended ? LQOS_ROW_SUSPENDED : 0) |
				(waits ? LQOS_ROW_WAITING : 0),
			ceil_bps, settings);
}

/* Puts rows into the order of their slots; a table by slot, since slots are dense. */
static void sort_rows(struct shape_row *rows, size_t count)
{
	struct shape_row *unsorted = xcalloc(count, sizeof(*unsorted));
	uint32_t last = 0, *by_slot;
	size_t to = 0;

	for (size_t i = 0; i < count; i++) {
		unsorted[i] = rows[i];
		last = rows[i].slot > last ? rows[i].slot : last;
	}
	by_slot = xcalloc((size_t)last + 1, sizeof(*by_slot)); /* index + 1 */
	for (size_t i = 0; i < count; i++)
		by_slot[rows[i].slot] = (uint32_t)i + 1;
	for (size_t slot = 0; slot <= last; slot++)
		if (by_slot[slot])
			rows[to++] = unsorted[by_slot[slot] - 1];
	assert(to == count);
	free(by_slot);
	free(unsorted);
}

bool shape_has_own_class(const struct shape_settings *settings, const struct assignment *numbers)
{
	return numbers->handle && (!settings->has_class || settings->has_class[numbers->slot]);
}

struct shape_row shape_own_row(const struct network *network, const struct layout *layout,
			       const struct shape_settings *settings, uint32_t circuit)
{
	return circuit_row(&network->circuits[circuit], layout, &layout->circuits[circuit], false,
			   settings);
}

void shape_make_rows(const struct network *network, const struct layout *layout,
		     const struct shape_settings *settings, struct shape *shape)
{
	shape->rows = xcalloc(network->site_count + network->circuit_count, sizeof(*shape->rows));
	for (size_t i = 0; i < network->site_count; i++)
		shape->rows[shape->row_count++] = site_row(&layout->sites[i], settings);
	for (size_t i = 0; i < network->circuit_count; i++) {
		const struct layout_circuit *place = &layout->circuits[i];
		bool waits = !shape_has_own_class(settings, place->numbers);

		shape->rows[shape->row_count++] =
			circuit_row(&network->circuits[i], layout, place, waits, settings);
	}
	sort_rows(shape->rows, shape->row_count);
}

/* The network's prefixes are in order already. */
void shape_make_prefixes(const struct network *network, const struct layout *layout,
			 struct shape *shape)
{
	shape->prefixes = xcalloc(network->prefix_count, sizeof(*shape->prefixes));
	for (size_t i = 0; i < network->prefix_count; i++) {
		const struct device_prefix *prefix = &network->prefixes[i];
		uint32_t circuit = network->devices[prefix->device].circuit;

		shape->prefixes[shape->prefix_count++] =
			(struct shape_prefix){ .prefix = prefix->prefix,
					       .slot = layout->circuits[circuit].numbers->slot };
	}
}
