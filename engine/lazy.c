/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/lazy.h"

#include <stdlib.h>

#include "engine/base/memory.h"

struct activity {
	uint64_t owner;
	uint64_t packets;
	uint64_t seen_ns; /* when it had traffic last */
};

struct lazy {
	uint32_t slots;
	struct activity *activity;
	bool *has_class;
	uint32_t next; /* where the search for silent ones goes on: nobody is spared for ever */
};

struct lazy *lazy_new(uint32_t slots)
{
	struct lazy *lazy = xcalloc(1, sizeof(*lazy));

	lazy->slots = slots;
	lazy->activity = xcalloc(slots, sizeof(*lazy->activity));
	lazy->has_class = xcalloc(slots, sizeof(*lazy->has_class));
	return lazy;
}

void lazy_free(struct lazy *lazy)
{
	if (!lazy)
		return;
	free(lazy->activity);
	free(lazy->has_class);
	free(lazy);
}

bool lazy_decide(enum lazy_mode mode, size_t circuits, bool before)
{
	if (mode != LAZY_AUTO)
		return mode == LAZY_FULL;
	return circuits > (before ? LAZY_UNTIL_CIRCUITS : LAZY_FROM_CIRCUITS);
}

void lazy_place(struct lazy *lazy, uint32_t slot, uint64_t owner, bool has_class, uint64_t now_ns)
{
	struct activity *activity = &lazy->activity[slot];

	if (activity->owner == owner)
		return;
	*activity = (struct activity){ .owner = owner, .seen_ns = now_ns };
	lazy->has_class[slot] = has_class;
}

bool lazy_call(struct lazy *lazy, uint32_t slot, uint64_t now_ns)
{
	if (slot >= lazy->slots || !lazy->activity[slot].owner || lazy->has_class[slot])
		return false;
	lazy->activity[slot].seen_ns = now_ns;
	lazy->has_class[slot] = true;
	return true;
}

void lazy_count(struct lazy *lazy, uint32_t slot, uint64_t packets, uint64_t now_ns)
{
	struct activity *activity = &lazy->activity[slot];

	if (activity->packets == packets)
		return;
	activity->packets = packets;
	activity->seen_ns = now_ns;
}

unsigned int lazy_expire(struct lazy *lazy, uint64_t idle_ns, uint64_t now_ns)
{
	unsigned int removed = 0;

	for (uint32_t i = 0; i < lazy->slots && removed < LAZY_REMOVED_MOST; i++) {
		uint32_t slot = lazy->next;

		lazy->next = (slot + 1) % lazy->slots;
		if (!lazy->has_class[slot] || now_ns - lazy->activity[slot].seen_ns < idle_ns)
			continue;
		lazy->has_class[slot] = false;
		removed++;
	}
	return removed;
}

const bool *lazy_has_class(const struct lazy *lazy)
{
	return lazy->has_class;
}

uint32_t lazy_slots(const struct lazy *lazy)
{
	return lazy->slots;
}
