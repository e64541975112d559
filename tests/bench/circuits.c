// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/circuits.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static void set_prefix(struct datapath *datapath, const struct prefix *prefix, uint32_t slot)
{
	struct error err;
	uint32_t epoch;

	if (datapath_set_prefix(datapath, prefix, slot, &epoch, &err))
		return;
	fprintf(stderr, "%s\n", err.text);
	stream_give_up("can't set a prefix");
}

static uint32_t circuit_ipv4(uint32_t circuit)
{
	return htonl(0x64400000 + circuit * 8);
}

static void map_circuit(struct datapath *datapath, uint32_t circuit)
{
	struct prefix ipv4 = { .length = circuit % 8 ? 128 : 125 }, ipv6 = { .length = 56 };
	uint32_t address = circuit_ipv4(circuit), upper = htonl(0x20010db8),
		 lower = htonl(circuit << 8);

	ipv4.address[10] = ipv4.address[11] = 0xff;
	memcpy(ipv4.address + 12, &address, sizeof(address));
	memcpy(ipv6.address, &upper, sizeof(upper));
	memcpy(ipv6.address + 4, &lower, sizeof(lower));
	set_prefix(datapath, &ipv4, circuit + 1);
	set_prefix(datapath, &ipv6, circuit + 1);
}

struct datapath *circuits_open(uint32_t count, uint32_t flows)
{
	struct datapath *datapath = fixture_open(flows, 1 << 19, 1 << 18);

	if (!datapath)
		stream_give_up("can't load the data path");
	for (uint32_t circuit = 0; circuit < count; circuit++) {
		fixture_make_circuit(datapath, circuit + 1);
		map_circuit(datapath, circuit);
	}
	return datapath;
}

void circuit_edit(struct datapath *datapath, uint32_t circuit)
{
	struct circuit_row row = *datapath_row(datapath, circuit + 1);

	row.ceil_bps[DOWNLOAD]++;
	datapath_set_row(datapath, circuit + 1, &row);
}

void circuits_edit(struct datapath *datapath, uint32_t count)
{
	for (uint32_t circuit = 0; circuit < count; circuit++)
		circuit_edit(datapath, circuit);
}

void circuits_reload(struct datapath *datapath, uint32_t count)
{
	circuits_edit(datapath, count);
	for (uint32_t circuit = 0; circuit < count; circuit++)
		map_circuit(datapath, circuit);
}

void circuits_forget(struct datapath *datapath, uint32_t count)
{
	struct prefix all = { .length = 0 };
	struct error err;
	uint32_t epoch;

	circuits_edit(datapath, count);
	if (!datapath_remove_prefix(datapath, &all, &epoch, &err))
		stream_give_up(err.text);
}

void circuits_write_steps(struct stream *stream, uint32_t steps, uint32_t customers, bool unknown)
{
	for (uint32_t i = 0; i < steps; i++) {
		struct step *step = &stream->steps[i];

		/* No order for a prefetcher: steps by an odd number. */
		step->customer = circuit_ipv4((uint32_t)((uint64_t)i * 0x9e3779b1 % customers));
		if (unknown)
			step->customer = htonl(0x0a000000 + i * 0x9e3779b1 % STEPS_MOST);
		step->remote = htonl(0xc6120000 + i % 4096);
		step->customer_port = htons((uint16_t)(1024 + i / customers));
		step->remote_port = htons(443);
	}
}
