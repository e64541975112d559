/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A data path with so many circuits: slot i + 1 is circuit i's. Each has an IPv4 address (every
 * eighth a /29) and an IPv6 /56.
 */
#ifndef TESTS_BENCH_CIRCUITS_H
#define TESTS_BENCH_CIRCUITS_H

#include "tests/bench/stream.h"
#include "tests/bpf/fixture.h"

/* Tables of the sizes that lqosd.conf has unless told otherwise, but so many entries of flows. */
#define FLOWS_DEFAULT (1 << 20)
struct datapath *circuits_open(uint32_t count, uint32_t flows);

/* So many steps, a flow each, in no order of addresses; of nobody's addresses if unknown. */
void circuits_write_steps(struct stream *stream, uint32_t steps, uint32_t customers, bool unknown);

/* Gives the circuit another rate, as an edit does. */
void circuit_edit(struct datapath *datapath, uint32_t circuit);
/* The same for every circuit. */
void circuits_edit(struct datapath *datapath, uint32_t count);
/* And every address is mapped again: all that a reload of a whole network writes. */
void circuits_reload(struct datapath *datapath, uint32_t count);
/* Every circuit is edited, and a prefix over all addresses goes: no cached answer holds any more. */
void circuits_forget(struct datapath *datapath, uint32_t count);

#endif
