/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tc costs a packet. The one that carries a verdict comes from XDP as in earnest: live frames
 * go through XDP into a network namespace's loopback, where tc meets them; the kernel's own
 * statistics of the program are read, less those of an empty program before it.
 */
#ifndef TESTS_BENCH_LEAVING_H
#define TESTS_BENCH_LEAVING_H

#include <stdint.h>

#include "engine/datapath_private.h"
#include "tests/bench/stream.h"

/* Once, before the first of them: this process moves to a network namespace of its own. */
void leaving_init(const struct datapath *datapath, const struct stream *stream);
void leaving_release(void);

/* Nanoseconds a packet of stream->frame. */
double leaving_with_verdict(const struct datapath *datapath, const struct stream *stream,
			    uint32_t packets);
double leaving_without(const struct datapath *datapath, const struct stream *stream,
		       uint32_t packets);

#endif
