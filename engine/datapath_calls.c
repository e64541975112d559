/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of circuits that wait for a class of their own. */
#include <errno.h>

#include <bpf/libbpf.h>

#include "engine/datapath_private.h"

static int take_call(void *context, void *data, size_t size)
{
	const struct datapath *datapath = context;

	if (size >= sizeof(struct waiting_call))
		datapath->waiting_handler(datapath->waiting_data, data);
	return 0;
}

int datapath_open_calls(struct datapath *datapath, waiting_handler *handler, void *data,
			struct error *err)
{
	datapath->waiting_handler = handler;
	datapath->waiting_data = data;
	datapath->calls_ring =
		ring_buffer__new(datapath->map[MAP_CALLS], take_call, datapath, NULL);
	if (datapath->calls_ring)
		return ring_buffer__epoll_fd(datapath->calls_ring);
	error_set_errno(err, errno, "can't read the calls of circuits that wait");
	return -1;
}

void datapath_read_calls(struct datapath *datapath)
{
	ring_buffer__consume(datapath->calls_ring);
}

void datapath_forget_call(struct datapath *datapath, uint32_t slot)
{
	__atomic_store_n(&datapath->rows[slot].is_called, 0, __ATOMIC_RELAXED);
}
