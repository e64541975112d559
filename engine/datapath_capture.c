/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures: filters into the data path, copies of packets out of it. */
#include <errno.h>

#include <bpf/libbpf.h>

#include "engine/datapath_private.h"

/* libbpf's handler: `context` is the data path. */
static int take_record(void *context, void *data, size_t size)
{
	const struct datapath *datapath = context;
	const struct captured *captured = data;

	if (datapath->captured_handler && size >= sizeof(*captured) + captured->taken_bytes)
		datapath->captured_handler(datapath->captured_data, captured,
					   (const uint8_t *)(captured + 1));
	return 0;
}

bool datapath_drain_captured(struct datapath *datapath, captured_handler *handler, void *data,
			     struct error *err)
{
	int result;

	if (!datapath->captured_ring)
		datapath->captured_ring =
			ring_buffer__new(datapath->map[MAP_CAPTURED], take_record, datapath, NULL);
	if (!datapath->captured_ring)
		return error_set_errno(err, errno, "can't read captured packets");
	datapath->captured_handler = handler;
	datapath->captured_data = data;
	result = ring_buffer__consume(datapath->captured_ring);
	if (result < 0)
		return error_set_errno(err, result, "can't read captured packets");
	return true;
}

static void set_active(struct datapath *datapath, uint32_t active)
{
	__atomic_store_n(&datapath->epochs->capturing, active, __ATOMIC_SEQ_CST);
}

void datapath_start_capture(struct datapath *datapath, unsigned int capture,
			    const struct capture_filter *filter)
{
	datapath->captures[capture] = *filter;
	set_active(datapath, datapath->epochs->capturing | 1u << capture);
}

void datapath_stop_capture(struct datapath *datapath, unsigned int capture)
{
	set_active(datapath, datapath->epochs->capturing & ~(1u << capture));
	datapath_wait_grace(datapath);
}

bool datapath_forget_captures(struct datapath *datapath, struct error *err)
{
	if (!datapath->epochs->capturing)
		return true;
	set_active(datapath, 0);
	datapath_wait_grace(datapath);
	return datapath_drain_captured(datapath, NULL, NULL, err);
}

void datapath_read_capture(const struct datapath *datapath, unsigned int capture, uint64_t *matched,
			   uint64_t *lost)
{
	const struct capture_filter *filter = &datapath->captures[capture];

	*matched = __atomic_load_n(&filter->matched, __ATOMIC_RELAXED);
	*lost = __atomic_load_n(&filter->lost, __ATOMIC_RELAXED);
}
