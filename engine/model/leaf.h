/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What holds a circuit's packets: a kind of queue and, for CAKE, how it treats them. Written in the
 * circuits file and in lqosd.conf(5) with the words of tc-cake(8): "cake diffserv8 nat rtt 50ms".
 */
#ifndef LQOS_MODEL_LEAF_H
#define LQOS_MODEL_LEAF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/error.h"

/* From the best to the plainest. */
enum leaf_kind { LEAF_NONE, LEAF_CAKE, LEAF_FQ_CODEL, LEAF_PFIFO };

/* The word for a kind as tc(8) writes it; "" for LEAF_NONE. And back; LEAF_NONE if unknown. */
const char *leaf_kind_name(enum leaf_kind kind);
enum leaf_kind leaf_kind_parse(const char *name);

/* The kernel's values, as in linux/pkt_sched.h; tc_encode.c sees to it that they are. */
enum cake_diffserv { DIFFSERV_3, DIFFSERV_4, DIFFSERV_8, DIFFSERV_BESTEFFORT, DIFFSERV_PRECEDENCE };
enum cake_flow_mode {
	FLOW_BLIND,
	FLOW_SRC_HOST,
	FLOW_DST_HOST,
	FLOW_HOSTS,
	FLOW_FLOWS,
	FLOW_DUAL_SRC_HOST,
	FLOW_DUAL_DST_HOST,
	FLOW_TRIPLE_ISOLATE
};
enum cake_ack_filter { ACK_FILTER_OFF, ACK_FILTER_ON, ACK_FILTER_AGGRESSIVE };

/* Each is the kernel's value and 1; 0: not said. */
struct cake_modes {
	uint8_t diffserv, flow_mode, nat, wash, ack_filter;
	uint8_t reserved[3];
};

struct leaf {
	enum leaf_kind kind; /* LEAF_NONE: not said */
	struct cake_modes cake;
	uint32_t rtt_us; /* CAKE's; 0: not said, it follows from the rate */
};

/* "" says nothing. Refused in words: an unknown kind or option, options of a kind that has none. */
bool leaf_parse(const char *text, struct leaf *leaf, struct error *err);
/* Options alone, as in "nat wash": *leaf gets those of CAKE, its kind is left alone. */
bool leaf_parse_cake(const char *text, struct leaf *leaf, struct error *err);

/* What the first does not say is as the second has it. */
struct cake_modes cake_modes_over(struct cake_modes first, struct cake_modes second);
/* What nobody says: diffserv4 triple-isolate nonat nowash no-ack-filter. */
struct cake_modes cake_modes_standard(void);

/* The modes of two CAKE leaves that differ: "nat -> nonat, diffserv4 -> diffserv3". Returns
 * text. */
#define CAKE_MODES_TEXT_SIZE 160
const char *cake_modes_format_change(struct cake_modes before, struct cake_modes after,
				     char text[CAKE_MODES_TEXT_SIZE]);

#endif
