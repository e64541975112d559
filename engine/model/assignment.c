/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/model/assignment.h"

#include <stdlib.h>

#include "engine/base/hash.h"
#include "engine/base/memory.h"

uint64_t assignment_owner(enum node_kind kind, const char *id)
{
	uint64_t hash = hash_text(hash_byte(HASH_BASIS, (uint8_t)kind), id);

	return hash ? hash : 1; /* 0 marks a free row */
}

struct assignment *assignments_copy(const struct assignment *list, size_t count)
{
	struct assignment *copy = xcalloc(count, sizeof(*copy));

	for (size_t i = 0; i < count; i++) {
		copy[i] = list[i];
		copy[i].id = xstrdup(list[i].id);
	}
	return copy;
}

void assignments_free(struct assignment *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free((char *)list[i].id);
	free(list);
}
