/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page of a long list. Of a million items a screenful is looked at: as they come, one by one,
 * those are kept that can still be on it, not many more than it ends at.
 */
#ifndef LQOS_RANKING_H
#define LQOS_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ranked {
	double key;	/* the highest stands first, or last when reversed; not NaN */
	uint32_t order; /* of those with one key the lowest stands first in any case */
	uint32_t item;	/* the caller's */
};

struct ranking;

/* Of what is added, the page is those that stand at `offset` and behind it, up to `limit` of them,
 * once all are sorted. */
struct ranking *ranking_new(size_t offset, size_t limit, bool reversed);
void ranking_free(struct ranking *ranking);
void ranking_add(struct ranking *ranking, const struct ranked *ranked);
/* The page, sorted; nothing is added any more. Valid until ranking_free. */
const struct ranked *ranking_page(struct ranking *ranking, size_t *count);

#endif
