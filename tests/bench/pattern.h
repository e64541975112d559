/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stream.bpf.c makes of the one frame of a BPF_PROG_TEST_RUN: a stream of packets. */
#ifndef TESTS_BENCH_PATTERN_H
#define TESTS_BENCH_PATTERN_H

#include <linux/types.h>

#define STEPS_MOST 131072

/* A packet's flow; network order. */
struct step {
	__u32 customer, remote;
	__u16 customer_port, remote_port;
	__u32 reserved;
};

/* Step n of the pattern is the n-th packet's; behind the last it begins again: a pass. */
struct pattern {
	__u64 packets;	     /* so far; anything may be written here between two runs */
	__u32 step_bits;     /* 1 << step_bits steps */
	__u32 ip_offset;     /* of the IPv4 header; 0: addresses and ports stay as they are */
	__u32 tcp_offset;    /* sequence number and TSval advance a pass; 0: it is not TCP */
	__u32 new_each_pass; /* another remote address in each pass: no flow comes twice */
	__u64 since_ns; /* of CLOCK_MONOTONIC: packets are counted in `spans`; 0: they are not */
};

/* Packets of each 2^20 ns, about a millisecond, since since_ns. */
#define SPANS_MOST 16384
#define SPAN_SHIFT 20

#endif
