/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/queue_tree.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

#define RADIX_BITS 11
#define RADIX_BUCKETS (1u << RADIX_BITS)
#define KEY_BITS (3 * RADIX_BITS) /* of 32 used; the index comes above them */

static uint32_t class_key(uint16_t queue, uint16_t minor)
{
	return (uint32_t)queue << 16 | minor;
}

/* The index of the first class that is not before (queue, minor). */
static size_t lower_bound(const struct queue_tree *tree, uint16_t queue, uint16_t minor)
{
	uint32_t key = class_key(queue, minor);
	size_t low = 0, high = tree->class_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct queue_class *class = &tree->classes[middle];

		if (class_key(class->queue, class->minor) < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void resize(struct queue_tree *tree, size_t count)
{
	tree->classes = xreallocarray(tree->classes, count, sizeof(*tree->classes));
	tree->class_count = count;
}

struct queue_class *queue_tree_find(const struct queue_tree *tree, uint16_t queue, uint16_t minor)
{
	size_t at = lower_bound(tree, queue, minor);

	if (at == tree->class_count || tree->classes[at].queue != queue ||
	    tree->classes[at].minor != minor)
		return NULL;
	return &tree->classes[at];
}

void queue_tree_put(struct queue_tree *tree, const struct queue_class *class)
{
	struct queue_class *there = queue_tree_find(tree, class->queue, class->minor);
	struct queue_class copy = *class; /* it may be one of the array that moves */
	size_t at;

	if (there) {
		*there = copy;
		return;
	}
	at = lower_bound(tree, copy.queue, copy.minor);
	resize(tree, tree->class_count + 1);
	memmove(&tree->classes[at + 1], &tree->classes[at],
		(tree->class_count - 1 - at) * sizeof(*tree->classes));
	tree->classes[at] = copy;
}

void queue_tree_remove(struct queue_tree *tree, uint16_t queue, uint16_t minor)
{
	struct queue_class *there = queue_tree_find(tree, queue, minor);
	size_t after;

	if (!there)
		return;
	after = tree->class_count - (size_t)(there - tree->classes) - 1;
	memmove(there, there + 1, after * sizeof(*there));
	tree->class_count--;
}

void queue_tree_append(struct queue_tree *tree, const struct queue_class *class)
{
	struct queue_class copy = *class;

	resize(tree, tree->class_count + 1);
	tree->classes[tree->class_count - 1] = copy;
}

/* One stable pass over the keys' bits from `shift` on. */
static void radix_pass(const uint64_t *from, uint64_t *to, size_t count, unsigned int shift)
{
	size_t starts[RADIX_BUCKETS] = { 0 }, total = 0;

	for (size_t i = 0; i < count; i++)
		starts[from[i] >> shift & (RADIX_BUCKETS - 1)]++;
	for (size_t bucket = 0; bucket < RADIX_BUCKETS; bucket++) {
		size_t size = starts[bucket];

		starts[bucket] = total;
		total += size;
	}
	for (size_t i = 0; i < count; i++)
		to[starts[from[i] >> shift & (RADIX_BUCKETS - 1)]++] = from[i];
}

/* By radix over (key, index) pairs: a full tree is sorted for every plan, and qsort() of tens of
 * thousands of classes would cost more than all the rest of it. */
void queue_tree_sort(struct queue_tree *tree)
{
	size_t count = tree->class_count;
	uint64_t *keys = xcalloc(count, sizeof(*keys)), *spare = xcalloc(count, sizeof(*spare));
	struct queue_class *sorted = xcalloc(count, sizeof(*sorted));

	for (size_t i = 0; i < count; i++)
		keys[i] = (uint64_t)i << KEY_BITS |
			  class_key(tree->classes[i].queue, tree->classes[i].minor);
	radix_pass(keys, spare, count, 0);
	radix_pass(spare, keys, count, RADIX_BITS);
	radix_pass(keys, spare, count, 2 * RADIX_BITS);
	for (size_t i = 0; i < count; i++)
		sorted[i] = tree->classes[spare[i] >> KEY_BITS];
	free(keys);
	free(spare);
	free(tree->classes);
	tree->classes = sorted;
}

bool queue_tree_equal(const struct queue_tree *a, const struct queue_tree *b)
{
	if (a->class_count != b->class_count)
		return false;
	for (size_t i = 0; i < a->class_count; i++) {
		struct queue_class left = a->classes[i], right = b->classes[i];

		left.level = right.level = 0;
		if (memcmp(&left, &right, sizeof(left)))
			return false;
	}
	return true;
}

void queue_tree_release(struct queue_tree *tree)
{
	free(tree->classes);
	*tree = (struct queue_tree){ 0 };
}
