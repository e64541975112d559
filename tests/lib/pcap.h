/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture files in the making, pcap and pcapng, and what a replay of them prints. For cmocka tests:
 * what goes wrong fails the test. */
#ifndef LQOS_TESTS_PCAP_H
#define LQOS_TESTS_PCAP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/replay.h"
#include "tests/lib/frame.h"

#define PCAP_MOST 65536

struct pcap {
	uint8_t byte[PCAP_MOST];
	size_t size;
	bool is_swapped;
};

void pcap_put(struct pcap *file, const void *bytes, size_t size);
void pcap_put32(struct pcap *file, uint32_t value);
void pcap_put16(struct pcap *file, uint16_t value);

/* Empties it and begins one of this magic number and link type. */
void pcap_begin(struct pcap *file, uint32_t magic, uint32_t link);
void pcap_put_record(struct pcap *file, uint32_t seconds, uint32_t fraction, const void *data,
		     uint32_t size, uint32_t bytes);
/* A frame of frame.h, at 100 s and so many microseconds. */
void pcap_put_words(struct pcap *file, uint32_t at_us, const char *words);

void pcapng_put_block(struct pcap *file, uint32_t type, const struct pcap *body);
void pcapng_put_section(struct pcap *file);
void pcapng_put_interface(struct pcap *file, uint16_t link, uint32_t size_most, uint8_t resolution);
void pcapng_put_packet(struct pcap *file, uint32_t interface, uint64_t time,
		       const struct frame *frame);

/* Writes, replays, removes it; what was printed is the caller's, *ok what was returned. */
char *replay_run(const struct pcap *file, struct replay_options options, bool *ok,
		 struct error *err);
/* The lines of that type, or the flows, of a replay as JSON: an array of objects. */
json_t *replay_lines(const char *text, const char *type);
json_t *replay_flows(const struct pcap *file, const char *customers);

json_int_t json_int(json_t *object, const char *key);
const char *json_text(json_t *object, const char *key);

#endif
