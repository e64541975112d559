/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/handles: numbers are kept for life and never given out twice. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/base/clock.h"
#include "tests/lib/shaping.h"

static const struct shape_settings settings = {
	.link_bps = { 1000000000, 1000000000 }, .queues = 4, .cpus = 2, .leaf = LEAF_PFIFO
};

static struct assignment site(uint32_t slot, uint16_t handle, uint16_t waiting)
{
	return (struct assignment){ .kind = NODE_SITE,
				    .owner = 1000 + slot,
				    .slot = slot,
				    .queue = 1,
				    .handle = handle,
				    .waiting_handle = waiting };
}

static void a_number_that_another_holds_is_refused(void **state)
{
	struct handles *handles = handles_new(100);
	struct assignment first = site(1, 0x200, 0x201), other = site(2, 0x202, 0x201);
	size_t count;

	assert_true(handles_put(handles, &first));
	assert_false(handles_put(handles, &other));
	other = site(2, 0x201, 0x203);
	assert_false(handles_put(handles, &other));
	other = site(2, 0x203, 0x203);
	assert_false(handles_put(handles, &other));
	other = site(2, HANDLE_MQ, 0x203);
	assert_false(handles_put(handles, &other));
	other = site(2, 0xff, 0x203);
	assert_false(handles_put(handles, &other));
	other = site(100, 0x202, 0x203);
	assert_false(handles_put(handles, &other));
	handles_reserve(handles, 0x203);
	other = site(2, 0x202, 0x203);
	assert_false(handles_put(handles, &other));
	handles_release_handle(handles, 0x203);
	assert_true(handles_put(handles, &other));
	assert_true(handles_put(handles, &other));
	handles_list(handles, &count);
	assert_int_equal(count, 2);
	assert_int_equal(handles_find_slot(handles, 2)->handle, 0x202);
	handles_free(handles);
}

static void an_adopted_owner_gets_its_id_and_keeps_its_numbers(void **state)
{
	struct random random = { 5 };
	struct network *network = random_network(&random, 1, 0);
	struct handles *handles = handles_new(100);
	struct assignment adopted = site(7, 0x300, 0x301);
	const struct assignment *found;
	uint16_t queue = 1;

	adopted.owner = assignment_owner(NODE_SITE, network->sites[0].id);
	assert_true(handles_put(handles, &adopted));
	assert_true(handles_assign(handles, network, &queue, NULL, NULL));
	found = handles_find(handles, NODE_SITE, network->sites[0].id);
	assert_int_equal(found->slot, 7);
	assert_int_equal(found->handle, 0x300);
	assert_string_equal(found->id, network->sites[0].id);
	handles_free(handles);
	random_network_free(network);
}

static void a_node_that_leaves_a_queue_gets_new_handles(void **state)
{
	struct random random = { 6 };
	struct network *network = random_network(&random, 1, 0);
	struct handles *handles = handles_new(100);
	const char *id = network->sites[0].id;
	struct assignment before, after;
	uint16_t queue = 0;

	assert_true(handles_assign(handles, network, &queue, NULL, NULL));
	before = *handles_find(handles, NODE_SITE, id);
	queue = 2;
	assert_true(handles_assign(handles, network, &queue, NULL, NULL));
	assert_int_equal(handles_find(handles, NODE_SITE, id)->handle, before.handle);
	queue = 3;
	assert_true(handles_assign(handles, network, &queue, NULL, NULL));
	after = *handles_find(handles, NODE_SITE, id);
	assert_int_equal(after.slot, before.slot);
	assert_int_not_equal(after.handle, before.handle);
	assert_int_not_equal(after.waiting_handle, before.waiting_handle);
	assert_true(handles_is_reserved(handles, before.handle));
	handles_release_handle(handles, before.handle);
	assert_false(handles_is_reserved(handles, before.handle));
	handles_release_handle(handles, after.handle); /* in force: nothing happens */
	assert_int_equal(handles_find(handles, NODE_SITE, id)->handle, after.handle);
	assert_true(handles_renew(handles, NODE_SITE, id, NULL));
	assert_int_equal(handles_find(handles, NODE_SITE, id)->handle, before.handle);
	assert_true(handles_is_reserved(handles, after.handle));
	handles_free(handles);
	random_network_free(network);
}

static void too_many_nodes_are_refused_and_nothing_is_changed(void **state)
{
	struct random random = { 7 };
	struct network *network = random_network(&random, 0, 60);
	struct handles *few = handles_new(50), *many = handles_new(100);
	uint16_t queues[60] = { 0 };
	struct error err;
	size_t count;

	assert_false(handles_assign(few, network, NULL, queues, &err));
	assert_non_null(strstr(err.text, "60"));
	assert_non_null(strstr(err.text, "49"));
	handles_list(few, &count);
	assert_int_equal(count, 0);
	for (uint32_t handle = HANDLE_FIRST + 59; handle <= HANDLE_LAST; handle++)
		handles_reserve(many, (uint16_t)handle);
	assert_int_equal(handles_free_count(many), 59);
	assert_false(handles_assign(many, network, NULL, queues, &err));
	assert_non_null(strstr(err.text, "handles"));
	handles_release_handle(many, HANDLE_LAST);
	assert_true(handles_assign(many, network, NULL, queues, &err));
	handles_free(few);
	handles_free(many);
	random_network_free(network);
}

static void on_a_shared_interface_there_are_half_as_many_handles(void **state)
{
	struct random random = { 7 };
	struct network *network = random_network(&random, 0, 60);
	struct handles *handles = handles_new(100), *copy;
	uint16_t queues[60] = { 0 };
	struct error err;
	size_t count;

	handles_share(handles);
	assert_int_equal(handles_free_count(handles), HANDLE_WAITING_LEAF + 1 - HANDLE_FIRST);
	for (uint32_t handle = HANDLE_FIRST + 59; handle <= HANDLE_WAITING_LEAF; handle++)
		handles_reserve(handles, (uint16_t)handle);
	assert_int_equal(handles_free_count(handles), 59);
	assert_false(handles_assign(handles, network, NULL, queues, &err));
	assert_non_null(strstr(err.text, "on a stick there are half as many"));
	handles_release_handle(handles, HANDLE_WAITING_LEAF);
	assert_true(handles_assign(handles, network, NULL, queues, &err));
	copy = handles_copy(handles);
	assert_int_equal(handles_free_count(copy), 0);
	handles_list(copy, &count);
	for (size_t i = 0; i < count; i++)
		assert_true(handles_list(copy, &count)[i].handle < HANDLE_MQ);
	handles_free(copy);
	handles_free(handles);
	random_network_free(network);
}

/* Marks every number of the table; one seen twice is a failure. */
static void expect_unique(const struct handles *handles, uint8_t *seen)
{
	size_t count;
	const struct assignment *list = handles_list(handles, &count);

	memset(seen, 0, 0x10000);
	for (size_t i = 0; i < count; i++) {
		assert_true(i == 0 || list[i - 1].slot < list[i].slot);
		assert_int_equal(seen[list[i].handle]++, 0);
		assert_true(list[i].handle >= HANDLE_FIRST && list[i].handle != HANDLE_MQ);
		assert_false(handles_is_reserved(handles, list[i].handle));
		assert_false(handles_is_reserved_slot(handles, list[i].slot));
		assert_int_equal(list[i].kind == NODE_SITE, list[i].waiting_handle != 0);
		if (list[i].waiting_handle)
			assert_int_equal(seen[list[i].waiting_handle]++, 0);
	}
}

static void numbers_are_never_given_out_while_they_are_live_or_reserved(void **state)
{
	uint8_t *seen = xcalloc(0x10000, 1);
	struct shape nothing = { 0 };

	for (uint64_t seed = 0; seed < 100; seed++) {
		struct random random = { seed };
		struct network *all = random_network(&random, 12, 60);
		struct handles *handles = handles_new(SLOTS_MAX);
		bool *reserved = xcalloc(0x10000, sizeof(bool)), keep[60];

		for (int step = 0; step < 20; step++) {
			struct network *some;

			for (size_t i = 0; i < 60; i++)
				keep[i] = random_chance(&random, 70);
			some = random_network_copy(all, keep);
			assert_true(give_numbers(some, &settings, &nothing, handles));
			expect_unique(handles, seen);
			for (uint32_t h = HANDLE_FIRST; h <= HANDLE_LAST; h++) {
				if (reserved[h] &&
				    (seen[h] || !handles_is_reserved(handles, (uint16_t)h)))
					fail_msg(
						"seed %llu: handle %x was given out while reserved",
						(unsigned long long)seed, h);
				if (handles_is_reserved(handles, (uint16_t)h) &&
				    random_chance(&random, 50))
					handles_release_handle(handles, (uint16_t)h);
				reserved[h] = handles_is_reserved(handles, (uint16_t)h);
			}
			random_network_free(some);
		}
		free(reserved);
		handles_free(handles);
		random_network_free(all);
	}
	free(seen);
}

static void owners_tell_sites_from_circuits_and_are_never_zero(void **state)
{
	assert_int_not_equal(assignment_owner(NODE_SITE, "a"), assignment_owner(NODE_CIRCUIT, "a"));
	assert_int_equal(assignment_owner(NODE_SITE, "a"), assignment_owner(NODE_SITE, "a"));
	assert_int_not_equal(assignment_owner(NODE_SITE, ""), 0);
	/* FNV-1a of one 0 byte and then "a"; a change would orphan every pinned row. */
	assert_true(assignment_owner(NODE_SITE, "a") == 0x08326707b4eb37daULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_a_shared_interface_there_are_half_as_many_handles),
		cmocka_unit_test(a_number_that_another_holds_is_refused),
		cmocka_unit_test(an_adopted_owner_gets_its_id_and_keeps_its_numbers),
		cmocka_unit_test(a_node_that_leaves_a_queue_gets_new_handles),
		cmocka_unit_test(too_many_nodes_are_refused_and_nothing_is_changed),
		cmocka_unit_test(numbers_are_never_given_out_while_they_are_live_or_reserved),
		cmocka_unit_test(owners_tell_sites_from_circuits_and_are_never_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
