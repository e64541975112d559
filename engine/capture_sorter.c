/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/capture_sorter.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"

/* Records, oldest first: [first, count). What is before `first` was handed over. */
struct capture_sorter {
	struct captured **records; /* each with its frame behind it */
	size_t first, count, capacity;
};

struct capture_sorter *capture_sorter_new(void)
{
	return xcalloc(1, sizeof(struct capture_sorter));
}

void capture_sorter_free(struct capture_sorter *sorter)
{
	for (size_t i = sorter->first; i < sorter->count; i++)
		free(sorter->records[i]);
	free(sorter->records);
	free(sorter);
}

static void close_gap(struct capture_sorter *sorter)
{
	sorter->count -= sorter->first;
	if (sorter->count)
		memmove(sorter->records, sorter->records + sorter->first,
			sorter->count * sizeof(*sorter->records));
	sorter->first = 0;
}

void capture_sorter_add(struct capture_sorter *sorter, const struct captured *captured,
			const uint8_t *frame)
{
	struct captured *copy = xcalloc(1, sizeof(*copy) + captured->taken_bytes);
	size_t at = sorter->count;

	*copy = *captured;
	memcpy(copy + 1, frame, captured->taken_bytes);
	sorter->records =
		grow(sorter->records, sorter->count, &sorter->capacity, sizeof(*sorter->records));
	for (; at > sorter->first && sorter->records[at - 1]->time_ns > copy->time_ns; at--)
		sorter->records[at] = sorter->records[at - 1];
	sorter->records[at] = copy;
	sorter->count++;
}

void capture_sorter_take_ripe(struct capture_sorter *sorter, uint64_t now_ns,
			      captured_handler *handler, void *data)
{
	while (sorter->first < sorter->count) {
		struct captured *record = sorter->records[sorter->first];

		if (record->time_ns + CAPTURE_RIPE_MS * NS_PER_MS > now_ns &&
		    sorter->count - sorter->first <= CAPTURE_WAITING_MOST)
			break;
		handler(data, record, (const uint8_t *)(record + 1));
		free(record);
		sorter->first++;
	}
	close_gap(sorter);
}

void capture_sorter_take(struct capture_sorter *sorter, uint32_t captures,
			 captured_handler *handler, void *data)
{
	size_t kept = 0;

	for (size_t i = sorter->first; i < sorter->count; i++) {
		struct captured *record = sorter->records[i];

		if (record->captures & captures)
			handler(data, record, (const uint8_t *)(record + 1));
		record->captures &= ~captures;
		if (record->captures)
			sorter->records[kept++] = record;
		else
			free(record);
	}
	sorter->first = 0;
	sorter->count = kept;
}
