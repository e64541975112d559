/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/numbers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

void numbers_init(struct numbers *numbers, uint32_t first, uint32_t last)
{
	*numbers = (struct numbers){ .use = xcalloc((size_t)last + 1, sizeof(*numbers->use)),
				     .node = xcalloc((size_t)last + 1, sizeof(*numbers->node)),
				     .first = first,
				     .last = last,
				     .lowest = first,
				     .free_count = (size_t)last + 1 - first };
}

void numbers_release(struct numbers *numbers)
{
	free(numbers->use);
	free(numbers->node);
}

bool numbers_in_range(const struct numbers *numbers, uint32_t number)
{
	return number >= numbers->first && number <= numbers->last;
}

void numbers_set(struct numbers *numbers, uint32_t number, enum use use, struct node *node)
{
	numbers->free_count -= numbers->use[number] == USE_FREE;
	numbers->free_count += use == USE_FREE;
	numbers->use[number] = (uint8_t)use;
	numbers->node[number] = node;
	if (use == USE_FREE && number < numbers->lowest)
		numbers->lowest = number;
	if (number > numbers->highest)
		numbers->highest = number;
}

uint32_t numbers_take(struct numbers *numbers, struct node *node)
{
	size_t room = (size_t)numbers->last + 1 - numbers->lowest;
	const uint8_t *found = memchr(numbers->use + numbers->lowest, USE_FREE, room);
	uint32_t number;

	assert(found);
	number = (uint32_t)(found - numbers->use);
	numbers->lowest = number + 1;
	numbers_set(numbers, number, USE_LIVE, node);
	return number;
}

bool numbers_allow(const struct numbers *numbers, uint32_t number, const struct node *node)
{
	if (!numbers_in_range(numbers, number))
		return false;
	if (numbers->use[number] == USE_LIVE)
		return node && numbers->node[number] == node;
	return numbers->use[number] == USE_FREE;
}

void numbers_reserve(struct numbers *numbers, uint32_t number)
{
	if (numbers_in_range(numbers, number) && numbers->use[number] == USE_FREE)
		numbers_set(numbers, number, USE_RESERVED, NULL);
}

void numbers_free(struct numbers *numbers, uint32_t number)
{
	if (numbers_in_range(numbers, number) && numbers->use[number] == USE_RESERVED)
		numbers_set(numbers, number, USE_FREE, NULL);
}
