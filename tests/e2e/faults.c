/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine that dies, or is refused, at its n-th operation: linked into lqosd-faults, between
 * engine/apply.c and what it calls (ld's --wrap). A file named by LQOS_FAULTS that says "kill 7" or
 * "refuse 7" arms it and is removed; operations are counted from then on, from 0. Batches go to
 * the kernel one by one, so that there is a place to die between any two.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/datapath.h"
#include "engine/kernel.h"

static enum { UNARMED, KILL, REFUSE } fault;
static long operations_left;

static void look_for_orders(void)
{
	const char *path = getenv("LQOS_FAULTS");
	FILE *file = path ? fopen(path, "r") : NULL;
	char what[8] = "";

	if (!file)
		return;
	if (fscanf(file, "%7s %ld", what, &operations_left) == 2)
		fault = !strcmp(what, "kill") ? KILL : REFUSE;
	fclose(file);
	unlink(path);
}

/* An operation is about to be done; true: it is refused. */
static bool strikes(bool refusable)
{
	if (fault == UNARMED)
		look_for_orders();
	if (fault == UNARMED || operations_left-- > 0)
		return false;
	if (fault == KILL)
		kill(getpid(), SIGKILL);
	if (!refusable) /* the next one then */
		return false;
	fault = UNARMED;
	return true;
}

bool __real_kernel_send(struct kernel *kernel, const struct interface interfaces[DIRECTIONS],
			const struct op *const *ops, size_t count, uint32_t pfifo_limit,
			int *results, struct error *err);
uint32_t __real_datapath_set_row(struct datapath *datapath, uint32_t slot,
				 const struct circuit_row *row);
uint32_t __real_datapath_clear_row(struct datapath *datapath, uint32_t slot);
bool __real_datapath_set_prefix(struct datapath *datapath, const struct prefix *prefix,
				uint32_t slot, uint32_t *epoch, struct error *err);
bool __real_datapath_remove_prefix(struct datapath *datapath, const struct prefix *prefix,
				   uint32_t *epoch, struct error *err);
bool __real_datapath_add_prefixes(struct datapath *datapath, const struct shape_prefix *prefixes,
				  size_t count, size_t *added, uint32_t *epoch, struct error *err);

bool __wrap_kernel_send(struct kernel *kernel, const struct interface interfaces[DIRECTIONS],
			const struct op *const *ops, size_t count, uint32_t pfifo_limit,
			int *results, struct error *err);
uint32_t __wrap_datapath_set_row(struct datapath *datapath, uint32_t slot,
				 const struct circuit_row *row);
uint32_t __wrap_datapath_clear_row(struct datapath *datapath, uint32_t slot);
bool __wrap_datapath_set_prefix(struct datapath *datapath, const struct prefix *prefix,
				uint32_t slot, uint32_t *epoch, struct error *err);
bool __wrap_datapath_remove_prefix(struct datapath *datapath, const struct prefix *prefix,
				   uint32_t *epoch, struct error *err);
bool __wrap_datapath_add_prefixes(struct datapath *datapath, const struct shape_prefix *prefixes,
				  size_t count, size_t *added, uint32_t *epoch, struct error *err);

bool __wrap_kernel_send(struct kernel *kernel, const struct interface interfaces[DIRECTIONS],
			const struct op *const *ops, size_t count, uint32_t pfifo_limit,
			int *results, struct error *err)
{
	bool ok = true;

	for (size_t i = 0; i < count; i++) {
		if (strikes(true)) {
			results[i] = -ENOMEM;
			ok = error_set(err, ERROR_SYSTEM, "refused by the test");
		} else {
			ok &= __real_kernel_send(kernel, interfaces, ops + i, 1, pfifo_limit,
						 results + i, err);
		}
	}
	return ok;
}

uint32_t __wrap_datapath_set_row(struct datapath *datapath, uint32_t slot,
				 const struct circuit_row *row)
{
	strikes(false);
	return __real_datapath_set_row(datapath, slot, row);
}

uint32_t __wrap_datapath_clear_row(struct datapath *datapath, uint32_t slot)
{
	strikes(false);
	return __real_datapath_clear_row(datapath, slot);
}

bool __wrap_datapath_set_prefix(struct datapath *datapath, const struct prefix *prefix,
				uint32_t slot, uint32_t *epoch, struct error *err)
{
	if (strikes(true))
		return error_set(err, ERROR_SYSTEM, "refused by the test");
	return __real_datapath_set_prefix(datapath, prefix, slot, epoch, err);
}

bool __wrap_datapath_remove_prefix(struct datapath *datapath, const struct prefix *prefix,
				   uint32_t *epoch, struct error *err)
{
	if (strikes(true))
		return error_set(err, ERROR_SYSTEM, "refused by the test");
	return __real_datapath_remove_prefix(datapath, prefix, epoch, err);
}

bool __wrap_datapath_add_prefixes(struct datapath *datapath, const struct shape_prefix *prefixes,
				  size_t count, size_t *added, uint32_t *epoch, struct error *err)
{
	size_t one;

	for (*added = 0; *added < count; ++*added) {
		if (strikes(true))
			return error_set(err, ERROR_SYSTEM, "refused by the test");
		if (!__real_datapath_add_prefixes(datapath, prefixes + *added, 1, &one, epoch, err))
			return false;
	}
	return true;
}
