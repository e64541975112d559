/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/base/heap.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/base/memory.h"

#define HUGE_PAGE_BYTES ((size_t)2 << 20)
#define EXPECTED_MOST_BYTES ((size_t)256 << 20)
#define LARGEST_PIECE_BYTES (32 << 20) /* the most that malloc can be told to take from the heap */

struct range {
	char *begin, *end;
};

/* What is in the pages stays, so it does no harm to those that are in use by now. When they were
 * given back it is over. */
static void *touch(void *data)
{
	struct range *range = data;

	/* Never in the way of others. */
	sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){ 0 });
	for (char *at = range->begin; at < range->end; at += HUGE_PAGE_BYTES)
		if (madvise(at, HUGE_PAGE_BYTES, MADV_POPULATE_WRITE))
			break;
	free(range);
	return NULL;
}

static void touch_meanwhile(struct range range)
{
	struct range *copy = xcalloc(1, sizeof(*copy));
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;

	*copy = range;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attributes, touch, copy))
		free(copy);
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void heap_expect(size_t bytes)
{
	uintptr_t begin;
	char *piece;

	if (bytes > EXPECTED_MOST_BYTES)
		bytes = EXPECTED_MOST_BYTES;
	mallopt(M_MMAP_THRESHOLD, LARGEST_PIECE_BYTES);
	mallopt(M_TOP_PAD, (int)bytes); /* it keeps as much when others are given back, too */
	piece = malloc(LARGEST_PIECE_BYTES - HUGE_PAGE_BYTES);
	begin = ((uintptr_t)piece + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
	free(piece);
	if (!piece || (uintptr_t)sbrk(0) < begin + HUGE_PAGE_BYTES)
		return;
	bytes = ((uintptr_t)sbrk(0) - begin) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
	madvise((void *)begin, bytes, MADV_HUGEPAGE);
	touch_meanwhile((struct range){ (char *)begin, (char *)begin + bytes });
}
