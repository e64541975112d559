/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a queue carries more than its share, in words: which site alone is too much for it, or which
 * could stand on another queue. Pure: told what each item (balance_items.h) carries. For people;
 * what the engine moves by itself is balance.h's.
 */
#ifndef LQOS_QUEUE_HINTS_H
#define LQOS_QUEUE_HINTS_H

#include <stdint.h>

#include "engine/balance_items.h"
#include "engine/kernel.h"

enum queue_hint_kind {
	QUEUE_HINT_NONE,
	QUEUE_HINT_MOVE,  /* an item on another queue would bring them nearer to one another */
	QUEUE_HINT_WHOLE, /* an item alone is more than a queue's share, and is not divided */
	QUEUE_HINT_MANY,  /* neither: no single move helps */
};

struct queue_hint {
	enum queue_hint_kind kind;
	double share;	   /* of all load that is on this queue */
	size_t item;	   /* into the items */
	double item_share; /* of all load */
	uint16_t to;	   /* the queue it could stand on */
};

/* Fills hints[1..queues]. load_bps: by item, both directions. No hints as long as all load together
 * is less than least_bps: little traffic is spread unevenly by nature. */
void queue_hints_find(const struct balance_items *items, const uint64_t *load_bps, uint16_t queues,
		      uint64_t least_bps, struct queue_hint hints[QUEUES_MAX + 1]);

/* "71 % of all traffic (a share is 50 %): site Tower Alder alone is 64 %, and is not divided".
 * name: of the hint's item. The text is "" without a hint. */
#define QUEUE_HINT_TEXT_SIZE 240
void queue_hint_format(const struct queue_hint *hint, enum node_kind kind, const char *name,
		       uint16_t queues, char text[QUEUE_HINT_TEXT_SIZE]);

#endif
