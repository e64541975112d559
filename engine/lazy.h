/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which circuits have a class of their own where not all of them do: one that has traffic gets one,
 * one that was silent for long loses it. Pure: told what happens and when, by slot.
 */
#ifndef LQOS_LAZY_H
#define LQOS_LAZY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lazy_mode { LAZY_AUTO, LAZY_NO, LAZY_FULL };

#define LAZY_FROM_CIRCUITS 2000	 /* LAZY_AUTO: above it, classes are made lazily ... */
#define LAZY_UNTIL_CIRCUITS 1500 /* ... and below this one no longer */
#define LAZY_REMOVED_MOST 200	 /* at once: the kernel takes each by itself */

struct lazy;

struct lazy *lazy_new(uint32_t slots);
void lazy_free(struct lazy *lazy);

/* Whether classes are made lazily with so many circuits, given whether they were before. */
bool lazy_decide(enum lazy_mode mode, size_t circuits, bool before);

/* A circuit is at this slot. Is it another than before, it has, or has not, a class already. */
void lazy_place(struct lazy *lazy, uint32_t slot, uint64_t owner, bool has_class, uint64_t now_ns);

/* It has traffic and no class. Returns whether that is news. */
bool lazy_call(struct lazy *lazy, uint32_t slot, uint64_t now_ns);

/* How many packets a circuit has had so far. */
void lazy_count(struct lazy *lazy, uint32_t slot, uint64_t packets, uint64_t now_ns);

/* Takes the class of those that were silent for idle_ns, LAZY_REMOVED_MOST at most. Returns how
 * many. */
unsigned int lazy_expire(struct lazy *lazy, uint64_t idle_ns, uint64_t now_ns);

/* By slot: who shall have a class of its own. */
const bool *lazy_has_class(const struct lazy *lazy);
uint32_t lazy_slots(const struct lazy *lazy);

#endif
