/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/pcap.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void pcap_put(struct pcap *file, const void *bytes, size_t size)
{
	assert_true(file->size + size <= PCAP_MOST);
	memcpy(file->byte + file->size, bytes, size);
	file->size += size;
}

void pcap_put32(struct pcap *file, uint32_t value)
{
	value = file->is_swapped ? __builtin_bswap32(value) : value;
	pcap_put(file, &value, sizeof(value));
}

void pcap_put16(struct pcap *file, uint16_t value)
{
	value = file->is_swapped ? __builtin_bswap16(value) : value;
	pcap_put(file, &value, sizeof(value));
}

void pcap_begin(struct pcap *file, uint32_t magic, uint32_t link)
{
	file->size = 0;
	pcap_put32(file, magic);
	pcap_put16(file, 2);
	pcap_put16(file, 4);
	pcap_put32(file, 0);
	pcap_put32(file, 0);
	pcap_put32(file, 65535);
	pcap_put32(file, link);
}

void pcap_put_record(struct pcap *file, uint32_t seconds, uint32_t fraction, const void *data,
		     uint32_t size, uint32_t bytes)
{
	pcap_put32(file, seconds);
	pcap_put32(file, fraction);
	pcap_put32(file, size);
	pcap_put32(file, bytes);
	pcap_put(file, data, size);
}

char *replay_run(const struct pcap *file, struct replay_options options, bool *ok,
		 struct error *err)
{
	char path[] = "/tmp/lqos-replay.XXXXXX", *text = NULL;
	int descriptor = mkstemp(path);
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_true(descriptor >= 0 && out);
	assert_int_equal(write(descriptor, file->byte, file->size), file->size);
	close(descriptor);
	options.path = path;
	*ok = replay(&options, out, err);
	fclose(out);
	unlink(path);
	return text;
}

json_t *replay_lines(const char *text, const char *type)
{
	json_t *lines = json_array();
	char *copy = strdup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) && *line) {
		json_t *object = json_loads(line, 0, NULL);

		assert_non_null(object);
		if (!strcmp(json_string_value(json_object_get(object, "type")), type))
			json_array_append(lines, object);
		json_decref(object);
	}
	free(copy);
	return lines;
}

json_int_t json_int(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		fail_msg("there is no number \"%s\"", key);
	return json_integer_value(value);
}

const char *json_text(json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	if (!value)
		fail_msg("there is no string \"%s\"", key);
	return value;
}

json_t *replay_flows(const struct pcap *file, const char *customers)
{
	struct replay_options options = { .as_json = true, .customers = customers };
	struct error err = { 0 };
	json_t *flows;
	char *text;
	bool ok;

	text = replay_run(file, options, &ok, &err);
	if (!ok)
		fail_msg("%s", err.text);
	flows = replay_lines(text, "flow");
	free(text);
	return flows;
}

void pcapng_put_block(struct pcap *file, uint32_t type, const struct pcap *body)
{
	uint32_t padded = (uint32_t)(body->size + 3) / 4 * 4;

	pcap_put32(file, type);
	pcap_put32(file, padded + 12);
	pcap_put(file, body->byte, body->size);
	pcap_put(file, "\0\0", padded - body->size);
	pcap_put32(file, padded + 12);
}

void pcapng_put_section(struct pcap *file)
{
	struct pcap body = { .is_swapped = file->is_swapped };

	pcap_put32(&body, 0x1a2b3c4d);
	pcap_put32(&body, 1);
	pcap_put32(&body, 0xffffffff);
	pcap_put32(&body, 0xffffffff);
	pcapng_put_block(file, 0x0a0d0d0a, &body);
}

void pcapng_put_interface(struct pcap *file, uint16_t link, uint32_t size_most, uint8_t resolution)
{
	struct pcap body = { .is_swapped = file->is_swapped };

	pcap_put16(&body, link);
	pcap_put16(&body, 0);
	pcap_put32(&body, size_most);
	pcap_put16(&body, 2); /* a name, to be skipped */
	pcap_put16(&body, 5);
	pcap_put(&body, "wan0\0\0\0", 8);
	pcap_put16(&body, 9);
	pcap_put16(&body, 1);
	pcap_put(&body, (uint8_t[]){ resolution, 0, 0, 0 }, 4);
	pcap_put32(&body, 0);
	pcapng_put_block(file, 1, &body);
}

void pcapng_put_packet(struct pcap *file, uint32_t interface, uint64_t time,
		       const struct frame *frame)
{
	struct pcap body = { .is_swapped = file->is_swapped };

	pcap_put32(&body, interface);
	pcap_put32(&body, (uint32_t)(time >> 32));
	pcap_put32(&body, (uint32_t)time);
	pcap_put32(&body, (uint32_t)frame->size);
	pcap_put32(&body, (uint32_t)frame->size);
	pcap_put(&body, frame->byte, frame->size);
	pcapng_put_block(file, 6, &body);
}

void pcap_put_words(struct pcap *file, uint32_t at_us, const char *words)
{
	struct frame frame;

	frame_build(words, &frame);
	pcap_put_record(file, 100 + at_us / 1000000, at_us % 1000000, frame.byte,
			(uint32_t)frame.size, (uint32_t)frame.size);
}
