/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/usable_queues.h"

unsigned int usable_queues_of(const struct engine *engine, enum direction direction)
{
	const struct interface *interface = &engine->interfaces[direction];
	unsigned int queues = host_transmit_queues(engine->host, interface);

	if (!queues)
		return 0;
	/* On a stick the upload's stand behind the download's, which may be all that are left. */
	return queues > interface->queue_base ? queues - interface->queue_base : 1;
}

uint16_t usable_queues_count(const struct engine *engine)
{
	unsigned int count = engine->shaping.queues;

	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++) {
		unsigned int usable = usable_queues_of(engine, d);

		if (usable && usable < count)
			count = usable;
	}
	return (uint16_t)count;
}
