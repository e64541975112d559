/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps flows alive in the data path of an engine that runs: sends packets through the program that it
 * pinned, by BPF_PROG_TEST_RUN, so that each flow has one every ten seconds, until it is killed.
 * Customers are the addresses from 100.64.0.0 on. Says "ready" once every flow has had a packet.
 *
 * usage: raw_flows PIN_DIR CUSTOMERS FLOWS
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <bpf/bpf.h>

#include "engine/base/clock.h"
#include "tests/bench/stream.h"

#define SLICES 100 /* of a round, which takes ten seconds */
#define SLICE_NS (10 * NS_PER_SECOND / SLICES)

static int open_program(const char *pin_dir)
{
	struct bpf_link_info info = { 0 };
	uint32_t size = sizeof(info);
	char path[256];
	int link, program;

	snprintf(path, sizeof(path), "%s/link_internet", pin_dir);
	link = bpf_obj_get(path);
	if (link < 0 || bpf_obj_get_info_by_fd(link, &info, &size))
		stream_give_up(path);
	program = bpf_prog_get_fd_by_id(info.prog_id);
	if (program < 0)
		stream_give_up("can't open the program");
	return program;
}

static void write_steps(struct stream *stream, uint32_t customers)
{
	frame_build("eth ip4 udp:data=100", &stream->frame);
	*stream->pattern = (struct pattern){ .step_bits = 17, .ip_offset = 14, .new_each_pass = 1 };
	for (uint32_t i = 0; i < STEPS_MOST; i++)
		stream->steps[i] =
			(struct step){ .customer = htonl(0x64400000 + i % customers),
				       .remote = htonl(0xc6120000),
				       .customer_port = htons((uint16_t)(1024 + i / customers)),
				       .remote_port = htons(443) };
}

int main(int argc, char **argv)
{
	uint32_t customers = argc > 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	uint32_t flows = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
	struct timespec slice = { .tv_nsec = (long)SLICE_NS };
	struct stream stream;
	int program;

	if (!customers || flows < SLICES) {
		fprintf(stderr, "usage: raw_flows PIN_DIR CUSTOMERS FLOWS\n");
		return 2;
	}
	program = open_program(argv[1]);
	stream_init(&stream);
	write_steps(&stream, customers);
	stream_run(&stream, program, flows);
	puts("ready");
	fflush(stdout);
	for (uint32_t n = 0;; n++) {
		/* The same flows again: a pass further has other remote addresses. */
		if (n % SLICES == 0)
			stream.pattern->packets = 0;
		stream_run(&stream, program, flows / SLICES);
		nanosleep(&slice, NULL);
	}
}
