/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/queue_hints.h"

#include <stdio.h>
#include <string.h>

#define UNEVEN 1.25   /* times its share from which on a queue is worth a word */
#define WORTH_IT 0.05 /* of all load that a move has to bring */

struct loads {
	uint64_t total, queue[QUEUES_MAX + 1];
	uint16_t queues, least;
};

static uint16_t queue_of(const struct balance_item *item, uint16_t queues)
{
	uint16_t queue = item->numbers ? item->numbers->queue : 0;

	return queue <= queues ? queue : 0;
}

static struct loads add_loads(const struct balance_items *items, const uint64_t *load_bps,
			      uint16_t queues)
{
	struct loads loads = { .queues = queues, .least = 1 };

	for (size_t i = 0; i < items->count; i++) {
		uint16_t queue = queue_of(&items->list[i], queues);

		if (!queue)
			continue;
		loads.queue[queue] += load_bps[i];
		loads.total += load_bps[i];
	}
	for (uint16_t q = 2; q <= queues; q++)
		if (loads.queue[q] < loads.queue[loads.least])
			loads.least = q;
	return loads;
}

/* How much less the fuller of the two queues would carry. */
static uint64_t find_gain(uint64_t load_bps, uint64_t gap_bps)
{
	if (load_bps >= gap_bps)
		return 0;
	return load_bps < gap_bps - load_bps ? load_bps : gap_bps - load_bps;
}

/* Keeps in the hint of each item's queue the item that is best moved, or else is the largest. */
static void consider(const struct loads *loads, size_t item, uint64_t load_bps,
		     struct queue_hint *hint, uint64_t queue_bps)
{
	uint64_t gap_bps = queue_bps - loads->queue[loads->least];
	double total = (double)loads->total, share = (double)load_bps / total;
	double gain = (double)find_gain(load_bps, gap_bps) / total;
	double best =
		hint->kind == QUEUE_HINT_MOVE
			? (double)find_gain((uint64_t)(hint->item_share * total), gap_bps) / total
			: WORTH_IT;

	if (gain > best) {
		*hint = (struct queue_hint){ .kind = QUEUE_HINT_MOVE,
					     .share = hint->share,
					     .item = item,
					     .item_share = share,
					     .to = loads->least };
	} else if (hint->kind != QUEUE_HINT_MOVE && share > hint->item_share &&
		   share * loads->queues > 1) {
		hint->kind = QUEUE_HINT_WHOLE;
		hint->item = item;
		hint->item_share = share;
	}
}

void queue_hints_find(const struct balance_items *items, const uint64_t *load_bps, uint16_t queues,
		      uint64_t least_bps, struct queue_hint hints[QUEUES_MAX + 1])
{
	struct loads loads = add_loads(items, load_bps, queues);

	memset(hints, 0, (QUEUES_MAX + 1) * sizeof(*hints));
	if (queues < 2 || !loads.total || loads.total < least_bps)
		return;
	for (uint16_t q = 1; q <= queues; q++) {
		hints[q].share = (double)loads.queue[q] / (double)loads.total;
		if (hints[q].share * queues >= UNEVEN)
			hints[q].kind = QUEUE_HINT_MANY;
	}
	for (size_t i = 0; i < items->count; i++) {
		uint16_t queue = queue_of(&items->list[i], queues);

		if (queue && load_bps[i] && hints[queue].kind)
			consider(&loads, i, load_bps[i], &hints[queue], loads.queue[queue]);
	}
}

void queue_hint_format(const struct queue_hint *hint, enum node_kind kind, const char *name,
		       uint16_t queues, char text[QUEUE_HINT_TEXT_SIZE])
{
	const char *noun = kind == NODE_SITE ? "site" : "circuit";
	int length;

	text[0] = '\0';
	if (!hint->kind)
		return;
	length = snprintf(text, QUEUE_HINT_TEXT_SIZE,
			  "%.0f %% of all traffic (a share is %.0f %%): ", 100 * hint->share,
			  100.0 / queues);
	text += length;
	if (hint->kind == QUEUE_HINT_MOVE)
		snprintf(text, QUEUE_HINT_TEXT_SIZE - (size_t)length,
			 "%s %.100s on queue %u would leave %.0f %%", noun, name, hint->to,
			 100 * (hint->share - hint->item_share));
	else if (hint->kind == QUEUE_HINT_WHOLE)
		snprintf(text, QUEUE_HINT_TEXT_SIZE - (size_t)length,
			 "%s %.100s alone is %.0f %%, and is not divided", noun, name,
			 100 * hint->item_share);
	else
		snprintf(text, QUEUE_HINT_TEXT_SIZE - (size_t)length,
			 "no single move evens it out");
}
