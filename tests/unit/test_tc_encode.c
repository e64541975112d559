/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/tc_encode: what is sent is what is read back, at every rate. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/rates.h"
#include "engine/tc_encode.h"
#include "tests/lib/shaping.h"

static void a_class_is_read_back_as_it_was_sent_from_10_kbit_to_100_gbit(void **state)
{
	static const uint64_t edges[] = { 8,	       10000,	    64000,	  1000000,
					  34359738360, 34359738368, 100000000000, 1000000000000 };
	struct random random = { 21 };

	for (uint32_t i = 0; i < 100000; i++) {
		uint64_t ceil = i < 8 ? edges[i] : 10000 + random_next(&random) % 100000000000ULL;
		uint64_t rate = i % 2 ? ceil : 8 + random_next(&random) % ceil;
		struct queue_class sent = { .queue = (uint16_t)(1 + i % 64),
					    .minor = (uint16_t)(0x100 + i % 0xf000),
					    .parent = i % 3 ? MINOR_LINK : 0,
					    .prio = (uint8_t)(i % 8),
					    .overhead_bytes = (uint8_t)(i % 256),
					    .mpu_bytes = (uint8_t)(i % 251) },
				   read;
		struct class_stats stats;
		struct nl_msg *message;

		sent.ceil_bps = rates_round(ceil);
		sent.rate_bps = rates_round(rate < ceil ? rate : ceil);
		sent.burst_bytes = rates_burst(sent.rate_bps);
		sent.cburst_bytes = rates_burst(sent.ceil_bps);
		sent.quantum_bytes = rates_quantum(sent.rate_bps, rates_r2q(sent.ceil_bps));
		message = encode_class_set(7, &sent);
		assert_true(decode_class(nlmsg_hdr(message), &read, &stats));
		nlmsg_free(message);
		if (!class_equal(&sent, &read))
			fail_msg("rate %llu ceil %llu is read back as rate %llu ceil %llu",
				 (unsigned long long)sent.rate_bps,
				 (unsigned long long)sent.ceil_bps,
				 (unsigned long long)read.rate_bps,
				 (unsigned long long)read.ceil_bps);
	}
}

static void a_cake_leaf_is_read_back_as_it_was_sent(void **state)
{
	static const char *const words[] = {
		"besteffort",	  "precedence",	   "diffserv3",	   "diffserv4",
		"diffserv8",	  "flowblind",	   "srchost",	   "dsthost",
		"hosts",	  "flows",	   "dual-srchost", "dual-dsthost",
		"triple-isolate", "nonat",	   "nat",	   "nowash",
		"wash",		  "no-ack-filter", "ack-filter",   "ack-filter-aggressive",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct leaf leaf = { 0 };
		struct queue_class class = { .queue = 3, .minor = 0x123, .leaf = LEAF_CAKE };
		struct qdisc_seen seen;
		struct nl_msg *message;
		struct error err;

		assert_true(leaf_parse_cake(words[i], &leaf, &err));
		class.cake = cake_modes_over(leaf.cake, cake_modes_standard());
		class.leaf_rtt_us = 50000 + (uint32_t)i;
		class.leaf_handle = 0x123;
		message = encode_leaf_add(7, &class, 0);
		assert_true(decode_qdisc(nlmsg_hdr(message), &seen));
		nlmsg_free(message);
		assert_string_equal(seen.kind, "cake");
		assert_int_equal(seen.parent, 0x30123);
		assert_int_equal(seen.leaf_rtt_us, class.leaf_rtt_us);
		if (memcmp(&seen.cake, &class.cake, sizeof(seen.cake)))
			fail_msg("%s is read back as something else", words[i]);
	}
}

static void what_is_no_class_is_not_taken_for_one(void **state)
{
	struct nl_msg *message = encode_list_qdiscs(7);
	struct queue_class class;
	struct class_stats stats;

	assert_false(decode_class(nlmsg_hdr(message), &class, &stats));
	nlmsg_free(message);
	message = encode_mq_root(7);
	assert_false(decode_class(nlmsg_hdr(message), &class, &stats));
	nlmsg_free(message);
}

static void trees_are_equal_but_for_levels(void **state)
{
	struct queue_class one = { .queue = 1, .minor = 0x100, .rate_bps = 8000, .level = 1 };
	struct queue_tree a = { .classes = &one, .class_count = 1 }, b = a;
	struct queue_class other = one;

	b.classes = &other;
	other.level = 3;
	assert_true(queue_tree_equal(&a, &b));
	other.rate_bps = 16000;
	assert_false(queue_tree_equal(&a, &b));
	b.class_count = 0;
	assert_false(queue_tree_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_class_is_read_back_as_it_was_sent_from_10_kbit_to_100_gbit),
		cmocka_unit_test(a_cake_leaf_is_read_back_as_it_was_sent),
		cmocka_unit_test(what_is_no_class_is_not_taken_for_one),
		cmocka_unit_test(trees_are_equal_but_for_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
