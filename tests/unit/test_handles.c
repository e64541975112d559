/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/handles: numbers are kept for life and never given out twice. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/base/clock.h"
#include "tests/lib/shaping.h"

static const struct shape_settings settings = { .link_bps = { 1000000000, 1000000000 },
						.queues = 4,
						.usable_queues = 4,
						.cpus = 2,
						.leaf = LEAF_PFIFO };

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
	handles_renew(handles, NODE_SITE, id);
	assert_int_equal(handles_find(handles, NODE_SITE, id)->handle, before.handle);
	assert_true(handles_is_reserved(handles, after.handle));
	handles_free(handles);
	random_network_free(network);
}

static void too_many_nodes_for_slots_or_sites_for_handles_are_refused(void **state)
{
	struct random random = { 7 };
	struct network *circuits = random_network(&random, 0, 60);
	struct network *sites = random_network(&random, 30, 0);
	struct handles *few = handles_new(50), *many = handles_new(100);
	uint16_t queues[60] = { 0 };
	struct error err;
	size_t count;

	assert_false(handles_assign(few, circuits, NULL, queues, &err));
	assert_non_null(strstr(err.text, "60"));
	assert_non_null(strstr(err.text, "49"));
	handles_list(few, &count);
	assert_int_equal(count, 0);
	leave_free(many, 59);
	assert_false(handles_assign(many, sites, queues, NULL, &err));
	assert_non_null(strstr(err.text, "60 class handles are needed"));
	handles_list(many, &count);
	assert_int_equal(count, 0);
	handles_release_handle(many, HANDLE_FIRST);
	assert_true(handles_assign(many, sites, queues, NULL, &err));
	assert_int_equal(handles_free_count(many), 0);
	handles_free(few);
	handles_free(many);
	random_network_free(circuits);
	random_network_free(sites);
}

static size_t count_handles(const struct handles *handles)
{
	size_t count, with = 0;
	const struct assignment *list = handles_list(handles, &count);

	for (size_t i = 0; i < count; i++)
		with += list[i].handle != 0;
	return with;
}

static void circuits_beyond_the_handles_have_slots_and_what_sites_need_is_left(void **state)
{
	struct random random = { 7 };
	struct network *network = random_network(&random, 0, 60);
	struct handles *handles = handles_new(100);
	uint16_t queues[60] = { 0 };
	bool has_class[100] = { 0 };
	size_t count;

	leave_free(handles, HANDLES_FOR_SITES + 20);
	assert_true(handles_assign(handles, network, NULL, queues, NULL));
	handles_list(handles, &count);
	assert_int_equal(count, 60);
	assert_int_equal(count_handles(handles), 0);
	has_class[1] = has_class[60] = true;
	handles_give_all(handles, has_class);
	assert_int_equal(count_handles(handles), 2);
	handles_give_all(handles, NULL);
	assert_int_equal(count_handles(handles), 20);
	assert_int_not_equal(handles_find_slot(handles, 60)->handle, 0);
	assert_int_equal(handles_find_slot(handles, 59)->handle, 0);
	assert_false(handles_give(handles, 59));
	handles_release_handle(handles, HANDLE_FIRST);
	assert_true(handles_give(handles, 59));
	assert_int_equal(handles_find_slot(handles, 59)->handle, HANDLE_FIRST);
	handles_free(handles);
	random_network_free(network);
}

static void on_a_shared_interface_there_are_half_as_many_handles(void **state)
{
	struct random random = { 7 };
	struct network *network = random_network(&random, 30, 0);
	struct handles *handles = handles_new(100), *copy;
	uint16_t queues[30] = { 0 };
	struct error err;
	size_t count;

	handles_share(handles);
	assert_int_equal(handles_free_count(handles), HANDLE_WAITING_LEAF + 1 - HANDLE_FIRST);
	leave_free(handles, 59);
	assert_false(handles_assign(handles, network, queues, NULL, &err));
	assert_non_null(strstr(err.text, "on a stick there are half as many"));
	handles_release_handle(handles, HANDLE_FIRST);
	assert_true(handles_assign(handles, network, queues, NULL, &err));
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
		assert_false(handles_is_reserved_slot(handles, list[i].slot));
		assert_int_equal(list[i].kind == NODE_SITE, list[i].waiting_handle != 0);
		if (list[i].kind == NODE_CIRCUIT && !list[i].handle)
			continue;
		assert_int_equal(seen[list[i].handle]++, 0);
		assert_true(list[i].handle >= HANDLE_FIRST && list[i].handle != HANDLE_MQ);
		assert_false(handles_is_reserved(handles, list[i].handle));
		if (list[i].waiting_handle)
			assert_int_equal(seen[list[i].waiting_handle]++, 0);
	}
}

/* Some classes of those that have no handle in force any more go, the others wait for packets. */
static void let_classes_go(struct random *random, struct queue_tree *tree, const uint8_t *seen)
{
	size_t left = 0;

	for (size_t i = 0; i < tree->class_count; i++)
		if (seen[tree->classes[i].minor] || random_chance(random, 50))
			tree->classes[left++] = tree->classes[i];
	tree->class_count = left;
}

/* Whoever has a handle gets a class, if it was made already before the engine went on to the next. */
static void make_classes(struct random *random, struct queue_tree *tree,
			 const struct handles *handles)
{
	size_t count;
	const struct assignment *list = handles_list(handles, &count);

	for (size_t i = 0; i < count; i++) {
		struct queue_class class = { .queue = 1,
					     .minor = list[i].handle,
					     .leaf_handle = list[i].handle };

		if (list[i].handle && !queue_tree_find(tree, 1, class.minor) &&
		    random_chance(random, 80))
			queue_tree_put(tree, &class);
	}
}

/* Classes of somebody else's, so that there are enough handles for some circuits only. */
static void leave_little(struct random *random, struct queue_tree *tree, struct handles *handles)
{
	leave_free(handles, HANDLES_FOR_SITES + 24 + random_below(random, 60));
	tree->classes = xcalloc(HANDLE_LAST, sizeof(*tree->classes));
	for (uint32_t handle = HANDLE_FIRST; handle <= HANDLE_LAST; handle++)
		if (handles_is_reserved(handles, (uint16_t)handle))
			tree->classes[tree->class_count++] =
				(struct queue_class){ .queue = 1, .minor = (uint16_t)handle };
}

static void no_number_is_given_out_while_it_is_live_or_a_class_bears_it(void **state)
{
	uint8_t *seen = xcalloc(0x10000, 1);
	static bool has_class[SLOTS_MAX];

	for (uint64_t seed = 0; seed < 40; seed++) {
		struct random random = { seed };
		struct network *all = random_network(&random, 12, 60);
		struct handles *handles = handles_new(4096);
		struct shape_settings lazy = settings;
		struct shape applied = { 0 };
		struct balance_hints none = { 0 };
		bool keep[60];

		lazy.has_class = seed % 4 ? has_class : NULL;
		leave_little(&random, &applied.tree[1], handles);
		for (int step = 0; step < 20; step++) {
			struct network *some;

			for (size_t i = 0; i < 60; i++)
				keep[i] = random_chance(&random, 70);
			for (size_t slot = 0; slot < 4096; slot++)
				has_class[slot] = random_chance(&random, 60);
			some = random_network_copy(all, keep);
			assert_true(numbering_place(some, &lazy, &applied, &none, handles, NULL));
			handles_give_all(handles, lazy.has_class);
			expect_unique(handles, seen);
			for (size_t i = 0; i < applied.tree[0].class_count; i++) {
				uint16_t minor = applied.tree[0].classes[i].minor;

				if (!seen[minor] && !handles_is_reserved(handles, minor))
					fail_msg("seed %llu: handle %x is free, but a class has it",
						 (unsigned long long)seed, minor);
			}
			let_classes_go(&random, &applied.tree[0], seen);
			make_classes(&random, &applied.tree[0], handles);
			random_network_free(some);
		}
		shape_release(&applied);
		handles_free(handles);
		random_network_free(all);
	}
	free(seen);
}

static void handles_come_back_when_neither_a_node_nor_a_class_has_them(void **state)
{
	struct random random = { 3 };
	struct network *all = random_network(&random, 3, 40), *none = random_network(&random, 0, 0);
	struct handles *handles = handles_new(100);
	static bool has_class[100];
	struct shape_settings lazy = settings;
	struct shape nothing = { 0 };
	size_t free_count = handles_free_count(handles);

	lazy.has_class = has_class;
	for (size_t slot = 0; slot < 100; slot++)
		has_class[slot] = true;
	assert_true(give_numbers(all, &lazy, &nothing, handles));
	assert_int_equal(handles_free_count(handles), free_count - 46);
	memset(has_class, 0, sizeof(has_class));
	assert_true(give_numbers(all, &lazy, &nothing, handles));
	assert_int_equal(handles_free_count(handles), free_count - 6);
	assert_true(
		give_numbers(none, &lazy, &nothing, handles)); /* those of sites: reserved ... */
	assert_true(give_numbers(none, &lazy, &nothing, handles)); /* ... and seen to be unused */
	assert_int_equal(handles_free_count(handles), free_count);
	handles_free(handles);
	random_network_free(all);
	random_network_free(none);
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
		cmocka_unit_test(too_many_nodes_for_slots_or_sites_for_handles_are_refused),
		cmocka_unit_test(
			circuits_beyond_the_handles_have_slots_and_what_sites_need_is_left),
		cmocka_unit_test(no_number_is_given_out_while_it_is_live_or_a_class_bears_it),
		cmocka_unit_test(handles_come_back_when_neither_a_node_nor_a_class_has_them),
		cmocka_unit_test(owners_tell_sites_from_circuits_and_are_never_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
