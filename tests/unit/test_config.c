/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lqosd.conf: what is read, and how a wrong line is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config.h"

#define GOOD                                                                                       \
	"[interfaces]\naccess = lan0\ninternet = wan0\n"                                           \
	"[link]\ndownload = 10G\nupload = 1G\n"

static bool load(const char *text, struct config *config, struct error *err)
{
	char path[] = "/tmp/lqos-test-config-XXXXXX";
	int fd = mkstemp(path);
	bool ok;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	ok = config_load(path, config, err);
	unlink(path);
	return ok;
}

static void what_is_not_said_has_its_default(void **state)
{
	struct config config;
	struct error err;

	assert_true(load(GOOD, &config, &err));
	assert_string_equal(config.interface[DOWNLOAD], "lan0");
	assert_string_equal(config.interface[UPLOAD], "wan0");
	assert_int_equal(config.link_bps[DOWNLOAD], 10000000000);
	assert_int_equal(config.link_bps[UPLOAD], 1000000000);
	assert_int_equal(config.queues, 0);
	assert_int_equal(config.leaf, LEAF_NONE);
	assert_string_equal(config.circuits_path, "/var/lib/lqos/circuits.db");
	assert_string_equal(config.socket_path, "/run/lqos/control.sock");
	assert_int_equal(config.slots_max, 262144);
	assert_false(config.generic_allowed);
	assert_false(config.take_over);
}

static void what_is_said_is_taken(void **state)
{
	struct config config;
	struct error err;

	assert_true(load(
		GOOD "[shaping]\nqueues = 4\nleaf = fq_codel\nlazy = full\ncake = nat rtt 80ms\n"
		     "overhead = 24\nmpu = 84\n[datapath]\ngeneric = yes\n"
		     "flows = 4096\n",
		&config, &err));
	assert_int_equal(config.queues, 4);
	assert_int_equal(config.leaf, LEAF_FQ_CODEL);
	assert_int_equal(config.lazy, LAZY_FULL);
	assert_int_equal(config.lazy_idle_s, 600);
	assert_int_equal(config.cake.cake.nat, 2);
	assert_int_equal(config.cake.rtt_us, 80000);
	assert_int_equal(config.overhead_bytes, 24);
	assert_int_equal(config.mpu_bytes, 84);
	assert_true(config.generic_allowed);
	assert_int_equal(config.flows_max, 4096);
}

static void each_way_to_wire_a_box_is_one_line(void **state)
{
	static const struct {
		const char *text;
		enum wiring_kind kind;
		uint16_t access, internet;
	} rows[] = {
		{ GOOD, WIRING_BRIDGE, 0, 0 },
		{ GOOD "[interfaces]\nwiring = bridge\n", WIRING_BRIDGE, 0, 0 },
		{ GOOD "[interfaces]\nwiring = router\n", WIRING_ROUTER, 0, 0 },
		{ GOOD "[interfaces]\nwiring = forward\n", WIRING_FORWARD, 0, 0 },
		{ GOOD "[interfaces]\naccess = wan0\nwiring = stick 1 4094\n", WIRING_STICK, 1,
		  4094 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config config;
		struct error err;

		if (!load(rows[i].text, &config, &err))
			fail_msg("%s", err.text);
		assert_int_equal(config.wiring.kind, rows[i].kind);
		assert_int_equal(config.wiring.vlan[DOWNLOAD], rows[i].access);
		assert_int_equal(config.wiring.vlan[UPLOAD], rows[i].internet);
	}
}

static void a_wrong_line_is_refused_with_its_number_and_what_is_allowed(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "[interfaces]\naccess = lan0\n", "[interfaces] internet is missing" },
		{ GOOD "[shaping]\nqueue = 4\n", "there is no key \"queue\"" },
		{ GOOD "[shaping]\nqueues = 65\n", "not a number from 1 to 64" },
		{ GOOD "[shaping]\nqueues = 65\n", "line 8" },
		{ GOOD "[shaping]\ncake = fast\n", "cake has no option \"fast\"" },
		{ GOOD "[shaping]\noverhead = 256\n", "not a number from 0 to 255" },
		{ GOOD "[shaping]\nleaf = red\n", "not one of auto, cake, fq_codel, pfifo" },
		{ GOOD "[shaping]\nlazy = yes\n", "not one of auto, no, full" },
		{ GOOD "[shaping]\nlazy_idle = 0\n", "not a number from 1 to 86400" },
		{ GOOD "[datapath]\ngeneric = maybe\n", "neither yes nor no" },
		{ GOOD "[link]\ndownload = fast\n", "\"fast\" is not a rate" },
		{ GOOD "[link]\ndownload = 10\n", "not between" },
		{ GOOD "[interfaces]\naccess = wan0\n", "must be two interfaces" },
		{ GOOD "[interfaces]\nwiring = hub\n",
		  "not one of bridge, router, forward, stick" },
		{ GOOD "[interfaces]\nwiring = stick\n", "\"stick ACCESS INTERNET\"" },
		{ GOOD "[interfaces]\nwiring = stick 100\n", "\"stick ACCESS INTERNET\"" },
		{ GOOD "[interfaces]\nwiring = stick 100 200 300\n", "\"stick ACCESS INTERNET\"" },
		{ GOOD "[interfaces]\nwiring = stick 100 100\n", "two different numbers" },
		{ GOOD "[interfaces]\nwiring = stick 0 100\n", "from 1 to 4094" },
		{ GOOD "[interfaces]\nwiring = stick 100 4095\n", "from 1 to 4094" },
		{ GOOD "[interfaces]\nwiring = stick 100 200\n", "must be the same interface" },
		{ GOOD "[interfaces]\naccess = a-name-that-is-too-long\n", "1 to 15 characters" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config config;
		struct error err;

		if (load(rows[i].text, &config, &err))
			fail_msg("taken: %s", rows[i].text);
		if (!strstr(err.text, rows[i].words))
			fail_msg("\"%s\" lacks \"%s\"", err.text, rows[i].words);
	}
}

static void a_missing_file_is_named(void **state)
{
	struct config config;
	struct error err;

	assert_false(config_load("/nonexistent/lqosd.conf", &config, &err));
	assert_non_null(strstr(err.text, "/nonexistent/lqosd.conf"));
	assert_non_null(strstr(err.text, "No such file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_has_its_default),
		cmocka_unit_test(what_is_said_is_taken),
		cmocka_unit_test(each_way_to_wire_a_box_is_one_line),
		cmocka_unit_test(a_wrong_line_is_refused_with_its_number_and_what_is_allowed),
		cmocka_unit_test(a_missing_file_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
