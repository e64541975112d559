/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorting only what is shown: of many nodes, those of one page. Pure. */
#ifndef LQOS_PLACE_H
#define LQOS_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A node where it is sorted: the smaller key first, then the smaller rank. No two are alike. */
struct place {
	double key;
	uint32_t rank, number;
};

bool place_is_before(const struct place *a, const struct place *b);

void places_sort(struct place *places, size_t count);
/* Brings the places that a full sort would put at [offset, offset + limit) there, in order; the
 * others are left before and behind in any order. offset <= count. */
void places_sort_page(struct place *places, size_t count, size_t offset, size_t limit);

/* Where a page begins that is to begin at offset: moved by as little as brings the selected row
 * onto it (negative: there is none), and back from beyond the end. */
int64_t places_page_offset(int64_t offset, int64_t limit, int64_t total, int64_t selected);

#endif
