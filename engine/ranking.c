/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/ranking.h"

#include <stdlib.h>

#include "engine/base/memory.h"

#define ROOM_LEAST 1024

struct ranking {
	size_t offset, end; /* of the page */
	bool reversed;
	struct ranked *list;
	size_t count, capacity;
	bool has_last;
	struct ranked last; /* `end` of them stand up to here: what comes behind is off the page */
};

struct ranking *ranking_new(size_t offset, size_t limit, bool reversed)
{
	struct ranking *ranking = xcalloc(1, sizeof(*ranking));

	*ranking =
		(struct ranking){ .offset = offset, .end = offset + limit, .reversed = reversed };
	return ranking;
}

void ranking_free(struct ranking *ranking)
{
	if (!ranking)
		return;
	free(ranking->list);
	free(ranking);
}

static int compare(const struct ranking *ranking, const struct ranked *a, const struct ranked *b)
{
	int order = (a->key < b->key) - (a->key > b->key);

	if (ranking->reversed)
		order = -order;
	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static int compare_items(const void *left, const void *right, void *data)
{
	return compare(data, left, right);
}

/* Brings the first `first` of the list in front of the others, in no order (quickselect). */
static void bring_in_front(struct ranking *ranking, size_t first)
{
	ptrdiff_t low = 0, high = (ptrdiff_t)ranking->count - 1, wanted = (ptrdiff_t)first;
	struct ranked *list = ranking->list;

	while (low < high && wanted < (ptrdiff_t)ranking->count) {
		struct ranked pivot = list[low + (high - low) / 2], swapped;
		ptrdiff_t i = low, j = high;

		while (i <= j) {
			while (compare(ranking, &list[i], &pivot) < 0)
				i++;
			while (compare(ranking, &list[j], &pivot) > 0)
				j--;
			if (i > j)
				break;
			swapped = list[i];
			list[i++] = list[j];
			list[j--] = swapped;
		}
		if (wanted <= j)
			high = j;
		else if (wanted >= i)
			low = i;
		else
			return;
	}
}

/* Of what is in the list, the first `end` stay. */
static void drop_others(struct ranking *ranking)
{
	bring_in_front(ranking, ranking->end);
	ranking->count = ranking->end;
	ranking->has_last = true;
	ranking->last = ranking->list[0];
	for (size_t i = 1; i < ranking->count; i++)
		if (compare(ranking, &ranking->list[i], &ranking->last) > 0)
			ranking->last = ranking->list[i];
}

void ranking_add(struct ranking *ranking, const struct ranked *ranked)
{
	if (ranking->has_last && compare(ranking, ranked, &ranking->last) > 0)
		return;
	if (ranking->count >= ROOM_LEAST && ranking->count / 2 >= ranking->end)
		drop_others(ranking);
	ranking->list =
		grow(ranking->list, ranking->count, &ranking->capacity, sizeof(*ranking->list));
	ranking->list[ranking->count++] = *ranked;
}

const struct ranked *ranking_page(struct ranking *ranking, size_t *count)
{
	size_t begin = ranking->offset < ranking->count ? ranking->offset : ranking->count;
	size_t end = ranking->end < ranking->count ? ranking->end : ranking->count;
	struct ranked *page;

	bring_in_front(ranking, end);
	ranking->count = end;
	bring_in_front(ranking, begin);
	page = ranking->list ? ranking->list + begin : NULL;
	*count = end - begin;
	if (*count)
		qsort_r(page, *count, sizeof(*page), compare_items, ranking);
	return page;
}
