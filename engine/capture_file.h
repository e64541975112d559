/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads capture files: pcap of either byte order, micro- and nanoseconds, and pcapng with any
 * number of sections and interfaces, which may differ in link type and clock
 * (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng).
 */
#ifndef LQOS_CAPTURE_FILE_H
#define LQOS_CAPTURE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/base/error.h"

/* LINKTYPE_... of the registry; and what systems call raw IP themselves, which some programs
 * write. */
enum capture_link {
	CAPTURE_BSD_LOOPBACK = 0,
	CAPTURE_ETHERNET = 1,
	CAPTURE_RAW_BSD = 12,
	CAPTURE_RAW_OPENBSD = 14,
	CAPTURE_PPPOE = 51,
	CAPTURE_RAW = 101,
	CAPTURE_OPENBSD_LOOPBACK = 108,
	CAPTURE_LINUX_COOKED = 113,
	CAPTURE_IPV4 = 228,
	CAPTURE_IPV6 = 229,
	CAPTURE_LINUX_COOKED_2 = 276,
};

struct capture_packet {
	uint64_t time_ns; /* since 1970; 0 where the file has none */
	uint32_t link;	  /* enum capture_link, or any other */
	uint32_t bytes;	  /* on the wire */
	uint32_t size;	  /* of data: what was captured */
	const uint8_t *data;
};

struct capture_file;

/* Goes on reading `file`, which stays the caller's. NULL: it is no capture. */
struct capture_file *capture_file_open(FILE *file, struct error *err);
void capture_file_close(struct capture_file *capture);

enum capture_read { CAPTURE_PACKET, CAPTURE_END, CAPTURE_DAMAGED };

/* *packet is valid until the next call. */
enum capture_read capture_file_next(struct capture_file *capture, struct capture_packet *packet,
				    struct error *err);

#endif
