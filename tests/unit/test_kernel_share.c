/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/kernel_share: two trees on one interface. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/kernel_private.h"

static const struct interface alone = { 0 };
static const struct interface shared[DIRECTIONS] = {
	[DOWNLOAD] = { .shared_queues = 4 },
	[UPLOAD] = { .shared_queues = 4, .queue_base = 4 },
};

static void an_interface_of_its_own_has_the_numbers_as_they_are(void **state)
{
	struct queue_class class = { .queue = 64, .minor = 0xfffe, .leaf_handle = 0xfffe },
			   numbered = kernel_number_class(&alone, &class);

	assert_memory_equal(&numbered, &class, sizeof(class));
	assert_int_equal(kernel_queue_of(&alone, 64), 64);
	assert_int_equal(kernel_leaf_handle_of(&alone, 0xfffe0000), 0xfffe);
}

static void two_trees_share_no_number_and_each_finds_its_own(void **state)
{
	static uint8_t seen[0x10000];

	for (int d = 0; d < DIRECTIONS; d++)
		for (uint16_t queue = 1; queue <= 4; queue++) {
			uint16_t major = kernel_major(&shared[d], queue);

			assert_int_equal(seen[major]++, 0);
			assert_int_equal(kernel_queue_of(&shared[d], major), queue);
			assert_int_equal(kernel_queue_of(&shared[!d], major), 0);
		}
	for (int d = 0; d < DIRECTIONS; d++)
		for (uint32_t handle = 0x40; handle < HANDLE_MQ; handle++) {
			struct queue_class class = { .queue = 1, .leaf_handle = (uint16_t)handle },
					   numbered = kernel_number_class(&shared[d], &class);

			assert_int_equal(seen[numbered.leaf_handle]++, 0);
			assert_int_not_equal(numbered.leaf_handle, HANDLE_MQ);
			assert_int_equal(kernel_leaf_handle_of(
						 &shared[d], (uint32_t)numbered.leaf_handle << 16),
					 handle);
		}
}

static void a_class_without_a_leaf_stays_without(void **state)
{
	struct queue_class class = { .queue = 1 };

	assert_int_equal(kernel_number_class(&shared[UPLOAD], &class).leaf_handle, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interface_of_its_own_has_the_numbers_as_they_are),
		cmocka_unit_test(two_trees_share_no_number_and_each_finds_its_own),
		cmocka_unit_test(a_class_without_a_leaf_stays_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
