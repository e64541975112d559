/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pcap file (draft-ietf-opsawg-pcap) of Ethernet frames with nanosecond times, being written.
 * Nobody but its owner reads it, nothing that was there is overwritten or followed.
 */
#ifndef LQOS_PCAP_WRITER_H
#define LQOS_PCAP_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/error.h"

struct pcap_writer;

/* Makes a file of mode 0600, with its header, in the directory, which is made with 0700 if it is
 * missing. Refused when somebody else may write in that directory. The name is LABEL, with odd
 * characters replaced, the time in UTC and a random number. */
struct pcap_writer *pcap_writer_create(const char *directory, const char *label,
				       uint32_t snap_bytes, struct error *err);
const char *pcap_writer_path(const struct pcap_writer *file);
uint64_t pcap_writer_bytes(const struct pcap_writer *file);

/* Adds a frame of which the first taken_bytes are at hand. `time_ns` since 1970 must not be before
 * that of the frame before. Written to disk with the next flush. */
void pcap_writer_add(struct pcap_writer *file, uint64_t time_ns, uint32_t frame_bytes,
		     const uint8_t *frame, uint32_t taken_bytes);
/* Of those that were added: how many are not in the file, as a write failed. */
uint64_t pcap_writer_dropped(const struct pcap_writer *file);
bool pcap_writer_flush(struct pcap_writer *file, struct error *err);

/* Flushes as well; NULL is no file. */
bool pcap_writer_close(struct pcap_writer *file, struct error *err);

#endif
