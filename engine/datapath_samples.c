/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Round trips and retransmits one by one, of the slots that somebody looks at. */
#include <errno.h>

#include <bpf/libbpf.h>

#include "engine/datapath_private.h"

void datapath_watch_slots(struct datapath *datapath, const uint32_t *slots, uint32_t count)
{
	struct watched *watched = datapath->watched;

	/* None is looked for while the list is written; 0 is nobody's slot. */
	__atomic_store_n(&watched->count, 0, __ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < LQOS_WATCHED; i++)
		__atomic_store_n(&watched->slot[i], i < count ? slots[i] : 0, __ATOMIC_RELAXED);
	__atomic_store_n(&watched->count, count, __ATOMIC_SEQ_CST);
}

/* libbpf's handler: `context` is the data path. */
static int take_sample(void *context, void *data, size_t size)
{
	const struct datapath *datapath = context;

	if (datapath->sample_handler && size >= sizeof(struct tcp_sample))
		datapath->sample_handler(datapath->sample_data, data);
	return 0;
}

bool datapath_drain_samples(struct datapath *datapath, sample_handler *handler, void *data,
			    struct error *err)
{
	int result;

	if (!datapath->samples_ring)
		datapath->samples_ring =
			ring_buffer__new(datapath->map[MAP_SAMPLES], take_sample, datapath, NULL);
	if (!datapath->samples_ring)
		return error_set_errno(err, errno, "can't read round trips");
	datapath->sample_handler = handler;
	datapath->sample_data = data;
	result = ring_buffer__consume(datapath->samples_ring);
	return result >= 0 || error_set_errno(err, result, "can't read round trips");
}

uint64_t datapath_samples_lost(const struct datapath *datapath)
{
	uint64_t sum = 0;

	for (unsigned int cpu = 0; cpu < datapath->cpus; cpu++)
		sum += __atomic_load_n(&datapath->totals[cpu].value[LQOS_COUNT_samples_lost],
				       __ATOMIC_RELAXED);
	return sum;
}
