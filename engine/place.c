/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/place.h"

#include <stdlib.h>

bool place_is_before(const struct place *a, const struct place *b)
{
	return a->key != b->key ? a->key < b->key : a->rank < b->rank;
}

static int compare_places(const void *left, const void *right)
{
	return place_is_before(right, left) - place_is_before(left, right);
}

static void swap(struct place *a, struct place *b)
{
	struct place kept = *a;

	*a = *b;
	*b = kept;
}

/* The middle one of three goes first: what is sorted already is parted well too. */
static void choose_pivot(struct place *places, size_t count)
{
	struct place *middle = &places[count / 2], *last = &places[count - 1];

	if (place_is_before(middle, places))
		swap(middle, places);
	if (place_is_before(last, places))
		swap(last, places);
	if (place_is_before(last, middle))
		swap(last, middle);
	swap(places, middle);
}

/* Hoare's quickselect: those that come first are brought to the front, in no order. */
static void part(struct place *places, size_t count, size_t first)
{
	while (count > 1 && first > 0 && first < count) {
		size_t low = 0, high = count;

		choose_pivot(places, count);
		for (;;) {
			do
				low++;
			while (low < count && place_is_before(&places[low], places));
			do
				high--;
			while (place_is_before(places, &places[high]));
			if (low >= high)
				break;
			swap(&places[low], &places[high]);
		}
		swap(places, &places[high]);
		if (first <= high) {
			count = high;
		} else {
			places += high + 1;
			count -= high + 1;
			first -= high + 1;
		}
	}
}

void places_sort(struct place *places, size_t count)
{
	qsort(places, count, sizeof(*places), compare_places);
}

void places_sort_page(struct place *places, size_t count, size_t offset, size_t limit)
{
	if (limit > count - offset)
		limit = count - offset;
	part(places, count, offset);
	part(places + offset, count - offset, limit);
	places_sort(places + offset, limit);
}

int64_t places_page_offset(int64_t offset, int64_t limit, int64_t total, int64_t selected)
{
	if (selected >= 0 && selected < offset)
		offset = selected;
	if (selected >= offset + limit)
		offset = selected - limit + 1;
	if (offset > total - limit)
		offset = total - limit;
	return offset < 0 ? 0 : offset;
}
