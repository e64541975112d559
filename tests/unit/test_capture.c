/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/capture_sorter, pcap_writer, capture_format: packets in order, in a file, in words. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/clock.h"
#include "engine/capture.h"
#include "engine/pcap_writer.h"
#include "engine/capture_sorter.h"
#include "tests/lib/random_network.h"

/* --- the sorter ---------------------------------------------------------------------------------- */

struct taken {
	uint64_t times[1000];
	size_t count;
};

static void take(void *data, const struct captured *captured, const uint8_t *frame)
{
	struct taken *taken = data;

	assert_int_equal(frame[0], (uint8_t)captured->time_ns);
	assert_true(!taken->count || taken->times[taken->count - 1] <= captured->time_ns);
	taken->times[taken->count++] = captured->time_ns;
}

static void add(struct capture_sorter *sorter, uint64_t time_ns, uint32_t captures)
{
	struct captured captured = { .time_ns = time_ns, .captures = captures, .taken_bytes = 1 };
	uint8_t frame = (uint8_t)time_ns;

	capture_sorter_add(sorter, &captured, &frame);
}

static void packets_of_several_cpus_leave_in_order(void **state)
{
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct random random = { seed };
		struct capture_sorter *sorter = capture_sorter_new();
		struct taken taken = { .count = 0 };
		uint64_t now_ns = NS_PER_SECOND;

		for (int i = 0; i < 1000; i++) {
			now_ns += random_below(&random, 5 * NS_PER_MS);
			add(sorter, now_ns - random_below(&random, CAPTURE_RIPE_MS / 2 * NS_PER_MS),
			    1);
			capture_sorter_take_ripe(sorter, now_ns, take, &taken);
			if (taken.count)
				assert_true(taken.times[taken.count - 1] +
						    CAPTURE_RIPE_MS * NS_PER_MS <=
					    now_ns);
		}
		capture_sorter_take(sorter, 1, take, &taken);
		assert_int_equal(taken.count, 1000);
		capture_sorter_free(sorter);
	}
}

static void one_capture_that_ends_leaves_the_others_their_packets(void **state)
{
	struct capture_sorter *sorter = capture_sorter_new();
	struct taken first = { .count = 0 }, second = { .count = 0 };

	add(sorter, 1, 1);
	add(sorter, 3, 3);
	add(sorter, 2, 2);
	capture_sorter_take(sorter, 1, take, &first);
	assert_int_equal(first.count, 2);
	capture_sorter_take(sorter, 2, take, &second);
	assert_int_equal(second.count, 2);
	capture_sorter_take(sorter, 3, take, &second);
	assert_int_equal(second.count, 2);
	add(sorter, 4, 1); /* left behind: released with the sorter */
	capture_sorter_free(sorter);
}

/* --- the file ------------------------------------------------------------------------------------ */

static char directory[] = "/tmp/lqos-test-capture-XXXXXX";

static int make_directory(void **state)
{
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command);
}

static void a_file_holds_what_the_format_says(void **state)
{
	static const uint8_t expected[24] = { 0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0,
					      0,    0,	  0,	0,    0, 1, 0, 0, 1, 0, 0, 0 };
	struct pcap_writer *file;
	uint32_t packet[4];
	uint8_t bytes[64];
	struct stat status;
	char path[256];
	struct error err;
	int fd;

	file = pcap_writer_create(directory, "circuit ../../1", 256, &err);
	assert_non_null(file);
	strcpy(path, pcap_writer_path(file));
	assert_null(strstr(path, ".."));
	pcap_writer_add(file, 1234567890123456789, 1500, (const uint8_t *)"frame", 5);
	assert_int_equal(pcap_writer_bytes(file), 24 + 16 + 5);
	assert_true(pcap_writer_close(file, &err));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(status.st_size, 24 + 16 + 5);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 24 + 16 + 5);
	close(fd);
	assert_memory_equal(bytes, expected, 24);
	memcpy(packet, bytes + 24, sizeof(packet));
	assert_int_equal(packet[0], 1234567890);
	assert_int_equal(packet[1], 123456789);
	assert_int_equal(packet[2], 5);
	assert_int_equal(packet[3], 1500);
	assert_memory_equal(bytes + 40, "frame", 5);
}

static void files_of_one_second_are_two(void **state)
{
	struct error err;
	struct pcap_writer *first = pcap_writer_create(directory, "x", 64, &err),
			   *second = pcap_writer_create(directory, "x", 64, &err);

	assert_non_null(first);
	assert_non_null(second);
	assert_string_not_equal(pcap_writer_path(first), pcap_writer_path(second));
	pcap_writer_close(first, &err);
	pcap_writer_close(second, &err);
}

static void a_directory_is_made_for_the_engine_alone(void **state)
{
	struct pcap_writer *file;
	struct stat status;
	char path[100];
	struct error err;

	snprintf(path, sizeof(path), "%s/new", directory);
	file = pcap_writer_create(path, "x", 64, &err);
	assert_non_null(file);
	pcap_writer_close(file, &err);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
}

/* A disk that gets full; here a file that may not be larger. */
static void frames_that_find_no_room_are_not_counted_as_written(void **state)
{
	const struct rlimit full = { 4000, RLIM_INFINITY };
	struct rlimit before;
	struct pcap_writer *file;
	struct stat status;
	uint8_t frame[84];
	char path[256];
	struct error err;

	memset(frame, 0, sizeof(frame));
	file = pcap_writer_create(directory, "x", 256, &err);
	strcpy(path, pcap_writer_path(file));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	for (int i = 0; i < 30; i++)
		pcap_writer_add(file, 1, 84, frame, 84);
	assert_true(pcap_writer_flush(file, &err));
	for (int i = 0; i < 70; i++)
		pcap_writer_add(file, 1, 84, frame, 84);
	assert_int_equal(pcap_writer_dropped(file), 0);
	assert_false(pcap_writer_flush(file, &err));
	assert_int_equal(pcap_writer_dropped(file), 70);
	assert_false(pcap_writer_close(file, &err));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 24 + 30 * 100);
	setrlimit(RLIMIT_FSIZE, &before);
}

static void a_place_where_others_could_interfere_is_refused(void **state)
{
	char path[100], link[100];
	struct error err;

	snprintf(path, sizeof(path), "%s/shared", directory);
	snprintf(link, sizeof(link), "%s/link", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(symlink(path, link), 0);
	assert_null(pcap_writer_create(link, "x", 64, &err));
	chmod(path, 01777);
	assert_null(pcap_writer_create(path, "x", 64, &err));
	assert_non_null(strstr(err.text, "where others may write"));
	chmod(path, 0770);
	assert_null(pcap_writer_create(path, "x", 64, &err));
}

/* --- in words ------------------------------------------------------------------------------------ */

static void a_packet_is_told_in_a_line(void **state)
{
	static const struct {
		uint8_t protocol, upload, flags;
		uint32_t payload;
		uint16_t port;
		const char *words;
	} rows[] = {
		{ 6, 0, 0x18, 1448, 443,
		  ".123456 198.51.100.3:443 > 192.0.2.10:443 tcp PA 1448, 1514 bytes" },
		{ 6, 1, 0x02, 0, 443, " 192.0.2.10:443 > 198.51.100.3:443 tcp S 0, 1514 bytes" },
		{ 17, 1, 0, 0, 53, " 192.0.2.10:53 > 198.51.100.3:53 udp, 1514 bytes" },
		{ 1, 0, 0, 0, 0, " 198.51.100.3 > 192.0.2.10 icmp, 1514 bytes" },
		{ 132, 0, 0, 0, 0, " 198.51.100.3 > 192.0.2.10 ip 132, 1514 bytes" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static struct capture capture;
		struct captured *captured = &capture.last[2];
		char text[256];

		capture = (struct capture){ .taken = 3 };
		capture.last_wall_ns[2] = 1700000000123456789;
		captured->key.customer =
			(union address){ .byte = { [10] = 255, 255, 192, 0, 2, 10 } };
		captured->key.remote =
			(union address){ .byte = { [10] = 255, 255, 198, 51, 100, 3 } };
		captured->key.customer_port = captured->key.remote_port = htons(rows[i].port);
		captured->key.protocol = rows[i].protocol;
		captured->upload = rows[i].upload;
		captured->tcp_flags = rows[i].flags;
		captured->payload = rows[i].payload;
		captured->frame_bytes = 1514;
		assert_true(capture_format_packet(&capture, 0, text, sizeof(text)));
		if (!strstr(text, rows[i].words))
			fail_msg("\"%s\" lacks \"%s\"", text, rows[i].words);
		assert_true(capture_format_packet(&capture, 2, text, sizeof(text)));
		assert_false(capture_format_packet(&capture, 3, text, sizeof(text)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_of_several_cpus_leave_in_order),
		cmocka_unit_test(one_capture_that_ends_leaves_the_others_their_packets),
		cmocka_unit_test_setup_teardown(a_file_holds_what_the_format_says, make_directory,
						remove_directory),
		cmocka_unit_test_setup_teardown(files_of_one_second_are_two, make_directory,
						remove_directory),
		cmocka_unit_test_setup_teardown(a_directory_is_made_for_the_engine_alone,
						make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(frames_that_find_no_room_are_not_counted_as_written,
						make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(a_place_where_others_could_interfere_is_refused,
						make_directory, remove_directory),
		cmocka_unit_test(a_packet_is_told_in_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
