/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any page of a long list is that of the whole list sorted. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "engine/ranking.h"
#include "tests/lib/random_network.h"

#define ITEMS_MOST 20000

static bool is_reversed;

static int compare(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	if (a->key != b->key)
		return (a->key > b->key) == is_reversed ? 1 : -1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static void check_page(const struct ranked *items, size_t count, size_t offset, size_t limit)
{
	static struct ranked sorted[ITEMS_MOST];
	struct ranking *ranking = ranking_new(offset, limit, is_reversed);
	size_t size, wanted = offset < count ? count - offset : 0;
	const struct ranked *page;

	for (size_t i = 0; i < count; i++) {
		sorted[i] = items[i];
		ranking_add(ranking, &items[i]);
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	page = ranking_page(ranking, &size);
	assert_int_equal(size, wanted < limit ? wanted : limit);
	for (size_t i = 0; i < size; i++) {
		assert_int_equal(page[i].order, sorted[offset + i].order);
		assert_int_equal(page[i].item, page[i].order + 1);
	}
	ranking_free(ranking);
}

/* Keys that are all another, some alike, nearly all alike; in any order, rising, falling. */
static void a_page_is_that_of_the_sorted_list(void **state)
{
	static struct ranked items[ITEMS_MOST];
	static const uint32_t keys[] = { 1u << 30, 1000, 3, 1 };
	struct random random = { .state = 1 };

	for (int round = 0; round < 300; round++) {
		size_t count = random_below(&random, round % 10 ? 3000 : ITEMS_MOST);
		uint32_t kinds = keys[random_below(&random, 4)], way = random_below(&random, 3);

		is_reversed = random_below(&random, 2);
		for (size_t i = 0; i < count; i++)
			items[i] = (struct ranked){
				.key = way == 0 ? random_below(&random, kinds)
						: (double)(way == 1 ? i : count - i),
				.order = (uint32_t)i,
				.item = (uint32_t)i + 1,
			};
		check_page(items, count, 0, 1 + random_below(&random, 50));
		check_page(items, count, random_below(&random, (uint32_t)count + 10),
			   1 + random_below(&random, 200));
		check_page(items, count, count ? count - 1 : 0, 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_page_is_that_of_the_sorted_list) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
