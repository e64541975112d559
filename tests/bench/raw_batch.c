/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The yardstick of a build: reads the trees that an engine left on two interfaces, takes them away,
 * and makes the same classes and leaves once more as netlink messages alone. Prints how many
 * milliseconds these took.
 *
 * usage: raw_batch ACCESS INTERNET
 */
#include <stdio.h>

#include "engine/base/clock.h"
#include "engine/kernel_private.h"
#include "engine/netlink.h"
#include "engine/tc_encode.h"

static size_t refusals;

static void count_refusal(void *data, size_t tag, int error, const char *words)
{
	refusals++;
}

/* Parents first, as the kernel wants them. */
static struct batch *make_batch(const struct queue_tree *tree, int ifindex)
{
	struct batch *batch = batch_new();

	for (uint32_t level = 0; level < 8; level++)
		for (size_t i = 0; i < tree->class_count; i++) {
			const struct queue_class *class = &tree->classes[i];

			if (class->level != level)
				continue;
			batch_add(batch, encode_class_set(ifindex, class), i);
			if (class->leaf != LEAF_NONE)
				batch_add(batch, encode_leaf_add(ifindex, class, 500), i);
		}
	return batch;
}

int main(int argc, char **argv)
{
	struct batch *batches[DIRECTIONS];
	struct interface interface;
	struct queue_tree tree;
	struct kernel *kernel;
	struct error err;
	uint64_t began_ns;
	bool ok = true;

	if (argc != 3) {
		fprintf(stderr, "usage: raw_batch ACCESS INTERNET\n");
		return 2;
	}
	kernel = kernel_open(&err);
	for (int d = 0; d < DIRECTIONS && kernel && ok; d++) {
		ok = kernel_find_interface(kernel, argv[1 + d], &interface, &err) &&
		     kernel_read_tree(kernel, &interface, &tree, &err) &&
		     kernel_remove_root(kernel, &interface, &err) &&
		     kernel_make_root(kernel, &interface, tree.queues, &err);
		if (ok)
			batches[d] = make_batch(&tree, interface.ifindex);
	}
	began_ns = clock_now_ns();
	for (int d = 0; d < DIRECTIONS && kernel && ok; d++)
		ok = netlink_send(kernel->netlink, batches[d], count_refusal, NULL, &err);
	if (kernel && ok && !refusals)
		printf("%.2f\n", (double)(clock_now_ns() - began_ns) / NS_PER_MS);
	if (!kernel || !ok)
		fprintf(stderr, "raw_batch: %s\n", err.text);
	return kernel && ok && !refusals ? 0 : 1;
}
