/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/rates: what the kernel can hold comes back from it, and guarantees fit. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/rates.h"
#include "tests/lib/random_network.h"

static void a_burst_comes_back_from_the_kernel_as_it_was_given(void **state)
{
	struct random random = { 3 };

	for (int i = 0; i < 200000; i++) {
		/* 1 kbit to 1 Tbit, every order of magnitude alike */
		uint64_t rate = rates_round(RATE_FLOOR_BPS +
					    random_next(&random) % (1ULL << (11 + i % 30)));
		uint32_t size = rates_burst(rate), ticks = rates_ticks_of_bytes(rate, size);

		assert_int_not_equal(ticks, UINT32_MAX);
		assert_int_equal(rates_bytes_of_ticks(rate, ticks), size);
		assert_true(size >= 2 * PACKET_BYTES - 100);
	}
}

static void any_size_settles_after_one_rounding(void **state)
{
	struct random random = { 4 };

	for (int i = 0; i < 200000; i++) {
		uint64_t rate = rates_round(RATE_FLOOR_BPS +
					    random_next(&random) % (1ULL << (11 + i % 30)));
		uint32_t given = random_below(&random, 30000);
		uint32_t ticks = rates_ticks_of_bytes(rate, given);
		uint32_t size = rates_bytes_of_ticks(rate, ticks);

		if (ticks == UINT32_MAX)
			continue;
		assert_int_equal(rates_bytes_of_ticks(rate, rates_ticks_of_bytes(rate, size)),
				 size);
	}
}

static void a_burst_is_4_ms_and_two_packets_at_least(void **state)
{
	assert_int_equal(rates_burst(1000), 3044);
	assert_int_equal(rates_burst(1000000000), 500000);
	assert_in_range(rates_burst(6088000), 3043, 3045);
}

static void rates_are_whole_bytes_and_never_nothing(void **state)
{
	assert_int_equal(rates_round(0), 8);
	assert_int_equal(rates_round(15), 8);
	assert_int_equal(rates_round(50000001), 50000000);
}

static void quanta_stay_within_60000_bytes_and_a_packet(void **state)
{
	assert_int_equal(rates_r2q(1000000), 10);
	assert_int_equal(rates_r2q(10000000000), 20834);
	assert_int_equal(rates_quantum(10000000000, rates_r2q(10000000000)), 59998);
	assert_int_equal(rates_quantum(1000, 10), PACKET_BYTES);
}

static void cake_is_told_of_slow_links(void **state)
{
	static const struct {
		uint64_t ceil_bps;
		uint32_t rtt_us;
	} rows[] = {
		{ 1000, 300000 },    { 1000000, 300000 }, { 1000001, 180000 }, { 2000000, 180000 },
		{ 2000001, 140000 }, { 3000001, 120000 }, { 4000000, 120000 }, { 4000001, 100000 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(rates_cake_rtt_us(rows[i].ceil_bps), rows[i].rtt_us);
}

static void fixed_classes_leave_room_on_any_link(void **state)
{
	for (uint64_t link = 100000; link <= 1000000000000ULL; link = link * 3 + 7) {
		assert_true(rates_default_ceil(link) < link);
		assert_true(rates_control_ceil(link) <= link);
		assert_true(rates_control_rate(link) <= rates_control_ceil(link));
		assert_true(rates_link_budget(link) > link / 2);
		assert_true(rates_link_budget(link) + rates_default_rate(link) +
				    rates_control_rate(link) <=
			    link);
	}
	assert_int_equal(rates_control_ceil(10000000), 1000000);
	assert_int_equal(rates_control_ceil(1000000000), 10000000);
	assert_int_equal(rates_control_ceil(100000000000), 100000000);
}

static void the_floor_holds_until_nothing_else_helps(void **state)
{
	assert_int_equal(rates_guarantee(10000000, 0), 10000000);
	assert_int_equal(rates_guarantee(10000000, 1), 5000000);
	assert_int_equal(rates_guarantee(10000000, RATES_HALVINGS_TO_FLOOR), RATE_FLOOR_BPS);
	assert_int_equal(rates_guarantee(1000, 5), RATE_FLOOR_BPS);
	assert_int_equal(rates_guarantee(1000, RATES_HALVINGS_TO_FLOOR + 1), 496);
	assert_int_equal(rates_guarantee(1000, RATES_HALVINGS_MAX), RATE_LEAST_BPS);
	assert_int_equal(rates_wanted(0, 50000000), RATE_FLOOR_BPS);
	assert_int_equal(rates_wanted(0, 500), 500);
}

static void a_sum_fits_after_the_fewest_halvings(void **state)
{
	struct guarantee_sum parent = { 0 }, child = { 0 };

	guarantee_sum_add(&child, 8000000);
	guarantee_sum_add(&child, 8000000);
	assert_int_equal(guarantee_sum_fit(&child, 16000000), 0);
	assert_int_equal(guarantee_sum_fit(&child, 15999999), 1);
	assert_int_equal(guarantee_sum_fit(&child, 4000000), 2);
	assert_int_equal(guarantee_sum_fit(&child, 0), RATES_HALVINGS_MAX);
	guarantee_sum_add_child(&parent, &child, 1);
	assert_int_equal(guarantee_sum_at(&parent, 0), 8000000);
	assert_int_equal(guarantee_sum_at(&parent, 2), 2000000);
	assert_int_equal(guarantee_sum_at(&parent, 1000), 2 * RATE_LEAST_BPS);
}

static void a_sum_of_one_is_its_guarantee_at_every_halving(void **state)
{
	struct random random = { 14 };

	for (int row = 0; row < 1000; row++) {
		uint64_t wanted = 1 + random_next(&random) % (1ULL << (1 + row % 40));
		struct guarantee_sum sum = { 0 };

		guarantee_sum_add(&sum, wanted);
		for (unsigned int i = 0; i <= RATES_HALVINGS_MAX; i++)
			assert_int_equal(sum.bps[i], rates_guarantee(wanted, i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_comes_back_from_the_kernel_as_it_was_given),
		cmocka_unit_test(any_size_settles_after_one_rounding),
		cmocka_unit_test(a_burst_is_4_ms_and_two_packets_at_least),
		cmocka_unit_test(rates_are_whole_bytes_and_never_nothing),
		cmocka_unit_test(quanta_stay_within_60000_bytes_and_a_packet),
		cmocka_unit_test(cake_is_told_of_slow_links),
		cmocka_unit_test(fixed_classes_leave_room_on_any_link),
		cmocka_unit_test(the_floor_holds_until_nothing_else_helps),
		cmocka_unit_test(a_sum_fits_after_the_fewest_halvings),
		cmocka_unit_test(a_sum_of_one_is_its_guarantee_at_every_halving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
