/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the data path would make of a capture file: flows, round trips, retransmits. */
#ifndef LQOS_REPLAY_H
#define LQOS_REPLAY_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/base/error.h"

struct replay_options {
	const char *path;
	/* Whose addresses are customers': prefixes with commas between them. Where it does not
	 * tell (NULL: nowhere), who opens a flow is its customer. */
	const char *customers;
	bool as_json;	   /* a JSON object a line */
	bool with_packets; /* every packet, as it was read and what it told */
};

/* Reads pcap and pcapng by the parser and the TCP tracking of the data path and prints flows and a
 * summary to `out`. Refused when the file can't be read, or its link type is unknown; when it is
 * damaged further on, what came before is printed all the same. Needs no privileges. */
bool replay(const struct replay_options *options, FILE *out, struct error *err);

#endif
