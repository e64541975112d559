/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the corpus the fuzzers begin with: a directory for each, made of lines of words (frame.h)
 * and of hex that can be read here.
 *
 * usage: seeds DIRECTORY
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/lib/frame.h"

static const char *const frames[] = {
	"eth ip4 tcp:flags=S,opts=020405b40402080a000000090000000701030307",
	"eth ip4 tcp:ts=5,te=6,data=100",
	"eth ip6 tcp:data=10",
	"eth ip4 udp:data=20",
	"eth ip6 udp",
	"eth q:10 ip4 tcp",
	"eth 9100:1 ad:2 q:3 q:4 pppoe ip4:opt=10 tcp:ts=1,te=2",
	"eth q:1 q:2 q:3 q:4 q:5 ip4 tcp",
	"eth pppoe ip6 udp",
	"eth q:1 pppoe lcp",
	"eth discovery",
	"eth mpls:6 ip6 udp",
	"eth mpls:7 ip4 tcp",
	"eth ip6 hop:1 dst route:2 frag:0 ah:4 dst:3 tcp",
	"eth ip6 hop dst dst dst dst dst dst dst dst udp",
	"eth ip4:mf udp:data=64",
	"eth ip4:frag=100,mf udp:data=64",
	"eth ip6 hop frag:8 tcp:data=64",
	"eth ip4 icmp:type=8,id=77",
	"eth ip6 icmp6:type=129,id=77",
	"eth ip6:ttl=255 icmp6:type=135",
	"eth ip4 udp:cp=68,rp=67",
	"eth ip4:ttl=1 tcp:rp=179",
	"eth ip4:ttl=1 udp:cp=520,rp=520",
	"eth ip4 ospf",
	"eth ip4 gre ip4 tcp",
	"eth ip4 ip6 tcp",
	"eth arp",
	"eth:dst=0180c2000002 slow",
	"eth ip4:len=0 tcp:data=10",
	"eth ip6:len=0 tcp:data=10",
	"eth ip4:len=30 tcp",
	"eth ip4 tcp:off=15",
	"eth ip4 tcp cut:45",
};

static const char *const options[] = {
	"0101080a0000000900000007",
	"080a00000009000000070000",
	"0402080a0000000900000007",
	"020405b40402080a000000090000000701030307",
	"051a000002940000030000000400000005000000060000000700080a0000000900000007",
	"fe06000000000101080a0000000900000007",
	"0001080a0000000900000007",
	"0200080a0000000900000007",
	"02ff080a0000000900000007",
};

/* A handshake, data, an answer; a hole; a second SYN; FINs. See fuzz_rtt.c for the seven bytes. */
static const char *const packets[] = {
	"c20000000a3300d20000010a3300500000010a3300d01000010a3300500000010a3300",
	"d011000010330050000001103300d0110202123300d0110002123300500000024433",
	"42000000003300d20000010033005000000100330042007f0000330050110000003300",
	"5110000012330051000000123300d11100001233005000010012330042000000023300",
};

static void write_file(const char *directory, unsigned int number, const uint8_t *bytes,
		       size_t size)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%u", directory, number);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file)) {
		perror(path);
		exit(1);
	}
}

static void make_directory(const char *parent, const char *name, char path[4096])
{
	snprintf(path, 4096, "%s/%s", parent, name);
	mkdir(path, 0777);
}

static void write_hex(const char *directory, const char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t bytes[256];
		size_t size = strlen(lines[i]) / 2;

		for (size_t b = 0; b < size; b++) {
			unsigned int value;

			sscanf(lines[i] + 2 * b, "%2x", &value);
			bytes[b] = (uint8_t)value;
		}
		write_file(directory, (unsigned int)i, bytes, size);
	}
}

/* Little endian, as nearly all machines write it. */
static void put32(uint8_t **at, uint32_t value)
{
	memcpy(*at, &value, sizeof(value));
	*at += sizeof(value);
}

/* A capture of two frames; as pcapng with an interface that counts nanoseconds. */
static size_t make_capture(bool is_pcapng, const struct frame *frame, uint8_t *bytes)
{
	uint32_t size = (uint32_t)frame->size, padded = (size + 3) / 4 * 4;
	uint8_t *at = bytes;

	if (is_pcapng) {
		static const uint32_t head[] = { 0x0a0d0d0a, 28,	  0x1a2b3c4d, 1,  ~0u,
						 ~0u,	     28,	  1,	      32, 1,
						 65535,	     1 << 16 | 9, 9,	      0,  32 };

		memcpy(at, head, sizeof(head));
		at += sizeof(head);
	} else {
		static const uint32_t head[] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, 1 };

		memcpy(at, head, sizeof(head));
		at += sizeof(head);
	}
	for (uint32_t i = 0; i < 2; i++) {
		if (is_pcapng) {
			put32(&at, 6);
			put32(&at, 32 + padded);
			put32(&at, 0);
		}
		put32(&at, i);
		put32(&at, 1000);
		put32(&at, size);
		put32(&at, size);
		memcpy(at, frame->byte, size);
		at += is_pcapng ? padded : size;
		if (is_pcapng)
			put32(&at, 32 + padded);
	}
	return (size_t)(at - bytes);
}

int main(int argc, char **argv)
{
	char packet[4096], capture[4096], path[4096];
	struct frame frame;

	if (argc != 2) {
		fprintf(stderr, "usage: seeds DIRECTORY\n");
		return 2;
	}
	mkdir(argv[1], 0777);
	make_directory(argv[1], "fuzz_packet", packet);
	make_directory(argv[1], "fuzz_capture", capture);
	for (unsigned int i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		uint8_t bytes[2 * FRAME_MOST + 256] = { 0 };

		frame_build(frames[i], &frame);
		write_file(packet, i, frame.byte, frame.size);
		write_file(capture, i, bytes, make_capture(i % 2, &frame, bytes));
	}
	make_directory(argv[1], "fuzz_options", path);
	write_hex(path, options, sizeof(options) / sizeof(options[0]));
	make_directory(argv[1], "fuzz_rtt", path);
	write_hex(path, packets, sizeof(packets) / sizeof(packets[0]));
	return 0;
}
