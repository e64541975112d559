/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose an address is, while prefixes come, go and move: always the longest that exists now. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "tests/bpf/fixture.h"

#define SLOTS 64

static struct datapath *datapath;

static int set_up(void **state)
{
	datapath = fixture_open(4096, 4096, SLOTS);
	if (!datapath)
		return -1;
	for (uint32_t slot = 1; slot < SLOTS; slot++)
		fixture_make_circuit(datapath, slot);
	return 0;
}

static int tear_down(void **state)
{
	fixture_close(datapath);
	return 0;
}

static uint32_t slot_now(const struct frame *frame)
{
	return fixture_arrive(datapath, DOWNLOAD, frame).metadata.slot;
}

/* --- sequences ------------------------------------------------------------------------------------ */

static void expect_slot(const char *when, const char *words, uint32_t slot)
{
	struct frame frame;
	uint32_t first, again;

	frame_build(words, &frame);
	first = slot_now(&frame);
	again = slot_now(&frame); /* by what was cached */
	if (first != slot || again != slot)
		fail_msg("%s: slot %u, then %u, not %u", when, first, again, slot);
}

static void the_longest_prefix_that_exists_wins(void **state)
{
	static const struct family {
		const char *words, *prefix[4]; /* longest first */
	} families[] = {
		{ "eth ip4:c=7 tcp",
		  { "100.64.0.7", "100.64.0.0/28", "100.64.0.0/16", "0.0.0.0/0" } },
		{ "eth ip6:c=7 tcp",
		  { "2001:db8:1::7", "2001:db8:1::/64", "2001:db8::/32", "::/0" } },
	};

	for (size_t f = 0; f < 2; f++) {
		const struct family *family = &families[f];

		expect_slot("none", family->words, 0);
		for (uint32_t i = 4; i-- > 0;) {
			fixture_map(datapath, family->prefix[i], i + 1);
			expect_slot("a longer one added", family->words, i + 1);
		}
		for (uint32_t i = 0; i < 4; i++) {
			fixture_unmap(datapath, family->prefix[i]);
			expect_slot("the longest removed", family->words, i < 3 ? i + 2 : 0);
		}
		for (uint32_t i = 0; i < 4; i++) {
			fixture_map(datapath, family->prefix[i], i + 1);
			expect_slot("a shorter one added", family->words, 1);
		}
		for (uint32_t i = 4; i-- > 0;) {
			fixture_unmap(datapath, family->prefix[i]);
			expect_slot("the shortest removed", family->words, i > 0 ? 1 : 0);
		}
		fixture_unmap(datapath, family->prefix[0]); /* once more: no error */
	}
}

/* IPv4 is ::ffff:0:0/96 inside, but ::/0 is not IPv4's default. */
static void a_prefix_of_one_family_is_not_the_other_s(void **state)
{
	fixture_map(datapath, "::/0", 5);
	expect_slot("::/0", "eth ip6:c=9 tcp", 5);
	expect_slot("::/0, IPv4", "eth ip4:c=9 tcp", 0);
	fixture_unmap(datapath, "::/0");
	fixture_map(datapath, "0.0.0.0/0", 5);
	expect_slot("0.0.0.0/0", "eth ip4:c=9 tcp", 5);
	expect_slot("0.0.0.0/0, IPv6", "eth ip6:c=9 tcp", 0);
	fixture_unmap(datapath, "0.0.0.0/0");
}

/* --- by chance ---------------------------------------------------------------------------------------- */

#define CANDIDATES 48
#define ADDRESSES 24
#define STEPS 4000

struct candidate {
	struct prefix prefix;
	uint32_t slot; /* 0: not there */
};

static void make_candidate(struct candidate *candidate)
{
	static const uint8_t lengths4[] = { 0, 8, 12, 20, 22, 23, 24, 25, 29, 30, 31, 32 };
	static const uint8_t lengths6[] = { 0, 16, 32, 40, 47, 48, 49, 56, 64, 96, 127, 128 };
	bool ipv4 = rand() % 2;
	struct prefix *prefix = &candidate->prefix;
	char text[64];
	struct error err;

	if (ipv4)
		snprintf(text, sizeof(text), "100.64.%d.%d", rand() % 2, rand() % 8);
	else
		snprintf(text, sizeof(text), "2001:db8:1::%x", rand() % 8);
	candidate->slot = 0;
	if (!prefix_parse(text, prefix, &err))
		fail_msg("%s: %s", text, err.text);
	prefix->length = ipv4 ? 96 + lengths4[rand() % 12] : lengths6[rand() % 12];
	for (unsigned int bit = prefix->length; bit < 128; bit++)
		prefix->address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

static bool covers(const struct prefix *prefix, const uint8_t address[16])
{
	for (unsigned int bit = 0; bit < prefix->length; bit++)
		if ((prefix->address[bit / 8] ^ address[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

static bool is_mapped(const uint8_t address[16])
{
	static const uint8_t mark[12] = { [10] = 0xff, 0xff };

	return !memcmp(address, mark, sizeof(mark));
}

static uint32_t expected_slot(const struct candidate *candidates, const uint8_t address[16])
{
	const struct candidate *best = NULL;

	for (size_t i = 0; i < CANDIDATES; i++) {
		const struct candidate *candidate = &candidates[i];

		if (!candidate->slot || !covers(&candidate->prefix, address) ||
		    prefix_is_ipv4(&candidate->prefix) != is_mapped(address))
			continue;
		if (!best || candidate->prefix.length > best->prefix.length)
			best = candidate;
	}
	return best ? best->slot : 0;
}

/* Two candidates may be the same prefix; then both say so. */
static void set_candidates(struct candidate *candidates, const struct prefix *prefix, uint32_t slot)
{
	struct error err;
	uint32_t epoch;
	bool ok;

	if (slot)
		ok = datapath_set_prefix(datapath, prefix, slot, &epoch, &err);
	else
		ok = datapath_remove_prefix(datapath, prefix, &epoch, &err);
	if (!ok)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < CANDIDATES; i++)
		if (!prefix_compare(&candidates[i].prefix, prefix))
			candidates[i].slot = slot;
}

static void any_sequence_leads_to_what_exists(void **state)
{
	struct candidate candidates[CANDIDATES];
	struct frame frames[ADDRESSES];
	uint8_t addresses[ADDRESSES][16];
	char words[64];

	srand(4);
	for (size_t i = 0; i < CANDIDATES; i++)
		make_candidate(&candidates[i]);
	for (int i = 0; i < ADDRESSES; i++) {
		bool ipv4 = i % 2;
		unsigned int host = (unsigned int)(i / 2 % 8 + (ipv4 && i > 16 ? 256 : 0));

		snprintf(words, sizeof(words), "eth ip%d:c=%u udp:rp=%d", ipv4 ? 4 : 6, host, i);
		frame_build(words, &frames[i]);
		memset(addresses[i], 0, 16);
		if (ipv4) {
			addresses[i][10] = addresses[i][11] = 0xff;
			memcpy(addresses[i] + 12, frames[i].byte + 30, 4);
		} else {
			memcpy(addresses[i], frames[i].byte + 38, 16);
		}
	}
	for (int step = 0; step < STEPS; step++) {
		const struct candidate *chosen = &candidates[rand() % CANDIDATES];
		struct prefix prefix = chosen->prefix;
		int kind = rand() % 3; /* removes, adds or moves */
		int asked = rand() % ADDRESSES;

		set_candidates(candidates, &prefix, kind ? 1 + (uint32_t)rand() % (SLOTS - 1) : 0);
		for (int i = 0; i < 6; i++) {
			int at = (asked + i) % ADDRESSES;
			uint32_t slot = slot_now(&frames[at]);
			uint32_t expected = expected_slot(candidates, addresses[at]);

			if (slot != expected)
				fail_msg("step %d, address %d: slot %u, not %u", step, at, slot,
					 expected);
		}
	}
	for (size_t i = 0; i < CANDIDATES; i++) {
		struct prefix prefix = candidates[i].prefix;

		set_candidates(candidates, &prefix, 0);
	}
}

/* --- what a change costs ---------------------------------------------------------------------------- */

static void a_change_makes_only_its_own_scope_stale(void **state)
{
	struct frame near, far;
	uint64_t stale;

	frame_build("eth ip4:c=1 udp", &near);
	frame_build("eth ip4:c=513 udp", &far); /* another /24 */
	fixture_map(datapath, "100.64.0.1", 1);
	fixture_map(datapath, "100.64.2.1", 2);
	slot_now(&near);
	slot_now(&far);
	stale = fixture_total(datapath, "flow_stale");
	fixture_map(datapath, "100.64.2.9", 3);
	assert_int_equal(slot_now(&near), 1);
	assert_int_equal(fixture_total(datapath, "flow_stale"), stale);
	assert_int_equal(slot_now(&far), 2);
	assert_int_equal(fixture_total(datapath, "flow_stale"), stale + 1);
	fixture_make_circuit(datapath, 2);
	assert_int_equal(slot_now(&far), 2);
	assert_int_equal(fixture_total(datapath, "flow_stale"), stale + 1);
	fixture_map(datapath, "100.64.0.0/10", 4);
	assert_int_equal(slot_now(&near), 1);
	assert_int_equal(fixture_total(datapath, "flow_stale"), stale + 2);
	assert_int_equal(slot_now(&far), 2);
	assert_int_equal(fixture_total(datapath, "flow_stale"), stale + 3);
	fixture_map(datapath, "100.64.2.0/23", 5);
	assert_int_equal(slot_now(&near), 1);
	assert_int_equal(fixture_total(datapath, "flow_stale"), stale + 3);
	assert_int_equal(slot_now(&far), 2);
	assert_int_equal(fixture_total(datapath, "flow_stale"), stale + 4);
	fixture_unmap(datapath, "100.64.2.0/23");
	fixture_unmap(datapath, "100.64.0.0/10");
	fixture_unmap(datapath, "100.64.2.9");
	fixture_unmap(datapath, "100.64.0.1");
	fixture_unmap(datapath, "100.64.2.1");
}

/* --- two CPUs ------------------------------------------------------------------------------------------ */

struct runner {
	struct frame frame;
	enum direction direction;
	unsigned int rounds; /* 0: until told to stop */
	int cpu;
	atomic_bool stop;
	atomic_uint done;
};

/* The kernel needs milliseconds to begin a round. */
#define PACKETS_A_ROUND 100000u

static void *run_packets(void *data)
{
	struct runner *runner = data;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(runner->cpu, &cpus);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	while (!atomic_load(&runner->stop) && (!runner->rounds || runner->done < runner->rounds)) {
		fixture_arrive_often(datapath, runner->direction, &runner->frame, PACKETS_A_ROUND);
		atomic_fetch_add(&runner->done, 1);
	}
	return NULL;
}

#define TRIES 1000000		      /* or as many as RACE_TRIES says */
#define TRIES_NS (60 * NS_PER_SECOND) /* on a machine so slow that a million takes longer */

/* I1: another CPU looks the same address up all the time; its answer, if it is from before the
 * change, must not stay behind. */
static void no_packet_after_a_change_finds_an_older_answer(void **state)
{
	static struct runner runner;
	const char *asked = getenv("RACE_TRIES");
	uint32_t wanted = asked ? (uint32_t)strtoul(asked, NULL, 10) : TRIES;
	uint64_t began_ns = clock_now_ns();
	struct prefix prefix;
	struct frame same, other;
	pthread_t thread;
	struct error err;
	uint32_t epoch, tries;

	frame_build("eth ip4:c=1 udp", &runner.frame);
	frame_build("eth ip4:c=1 udp", &same);
	frame_build("eth ip4:c=1 udp:rp=9", &other);
	runner.cpu = 1;
	prefix_parse("100.64.0.1", &prefix, &err);
	pthread_create(&thread, NULL, run_packets, &runner);
	for (tries = 0; tries < wanted && clock_now_ns() - began_ns < TRIES_NS; tries++) {
		uint32_t slot = tries % 5 == 4 ? 0 : 1 + tries % 3, seen;

		if (slot ? !datapath_set_prefix(datapath, &prefix, slot, &epoch, &err)
			 : !datapath_remove_prefix(datapath, &prefix, &epoch, &err))
			fail_msg("%s", err.text);
		seen = slot_now(tries % 2 ? &same : &other);
		if (seen != slot)
			fail_msg("try %u: slot %u after the change to %u", tries, seen, slot);
	}
	atomic_store(&runner.stop, true);
	pthread_join(thread, NULL);
	print_message("# %u changes beside %u packets of the other CPU\n", tries,
		      runner.done * PACKETS_A_ROUND);
	assert_true(tries == wanted || tries > 100000);
	fixture_unmap(datapath, "100.64.0.1");
}

static void two_cpus_lose_no_count(void **state)
{
	static struct runner runners[DIRECTIONS];
	struct slot_counters counters;
	struct flow_info flows[4];
	pthread_t threads[DIRECTIONS];
	uint64_t packets, rounds = 20;

	fixture_map(datapath, "100.64.0.1", 1);
	frame_build("eth ip4 tcp:data=100", &runners[DOWNLOAD].frame);
	frame_build("eth ip4:up tcp:data=7", &runners[UPLOAD].frame);
	fixture_forget_flows(datapath);
	fixture_arrive(datapath, DOWNLOAD, &runners[DOWNLOAD].frame);
	for (int d = 0; d < DIRECTIONS; d++) {
		runners[d].direction = (enum direction)d;
		runners[d].cpu = d;
		runners[d].rounds = (unsigned int)rounds;
		pthread_create(&threads[d], NULL, run_packets, &runners[d]);
	}
	for (int d = 0; d < DIRECTIONS; d++)
		pthread_join(threads[d], NULL);
	assert_int_equal(fixture_flows(datapath, flows, 4), 1);
	datapath_read_counters(datapath, 1, &counters);
	for (int d = 0; d < DIRECTIONS; d++) {
		packets = rounds * PACKETS_A_ROUND + (d == DOWNLOAD);
		assert_int_equal(flows[0].packets[d], packets);
		assert_int_equal(flows[0].bytes[d], packets * runners[d].frame.size);
		assert_int_equal(counters.packets[d], packets);
		assert_int_equal(counters.bytes[d], packets * runners[d].frame.size);
	}
	fixture_unmap(datapath, "100.64.0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_that_exists_wins),
		cmocka_unit_test(a_prefix_of_one_family_is_not_the_other_s),
		cmocka_unit_test(any_sequence_leads_to_what_exists),
		cmocka_unit_test(a_change_makes_only_its_own_scope_stale),
		cmocka_unit_test(no_packet_after_a_change_finds_an_older_answer),
		cmocka_unit_test(two_cpus_lose_no_count),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
