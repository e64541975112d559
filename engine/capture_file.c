/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/capture_file.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

#define PACKET_MOST (256 * 1024) /* as other readers have it */
#define BLOCK_MOST (PACKET_MOST + 1024 * 1024)
#define INTERFACES_MOST 65536

#define PCAP_US 0xa1b2c3d4u
#define PCAP_NS 0xa1b23c4du
#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_INTERFACE 1
#define BLOCK_OLD_PACKET 2
#define BLOCK_SIMPLE_PACKET 3
#define BLOCK_PACKET 6
#define SECTION_MAGIC 0x1a2b3c4du
#define OPTION_END 0
#define OPTION_RESOLUTION 9
#define OPTION_OFFSET 14

#define NS_PER_SECOND 1000000000ULL

struct interface {
	uint32_t link;
	uint32_t size_most; /* 0: no limit */
	uint8_t resolution; /* 10 ^ -n, with the highest bit 2 ^ -n seconds */
	int64_t offset_s;
};

struct capture_file {
	FILE *file;
	bool is_pcapng, is_swapped, is_ns;
	uint32_t link; /* pcap */
	struct interface *interfaces;
	size_t interface_count, interface_capacity;
	uint8_t *bytes; /* a packet or a block */
	uint32_t capacity;
};

/* --- reading ---------------------------------------------------------------------------------- */

static uint32_t get32(const struct capture_file *capture, const uint8_t *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof(value));
	return capture->is_swapped ? __builtin_bswap32(value) : value;
}

static uint16_t get16(const struct capture_file *capture, const uint8_t *from)
{
	uint16_t value;

	memcpy(&value, from, sizeof(value));
	return capture->is_swapped ? __builtin_bswap16(value) : value;
}

/* Whole, or nothing at the end of the file; anything between is damage. */
static enum capture_read read_bytes(struct capture_file *capture, uint8_t *bytes, size_t size,
				    struct error *err)
{
	size_t count = fread(bytes, 1, size, capture->file);

	if (count == size)
		return CAPTURE_PACKET;
	if (ferror(capture->file)) {
		error_set(err, ERROR_SYSTEM, "reading fails");
		return CAPTURE_DAMAGED;
	}
	if (!count)
		return CAPTURE_END;
	error_set(err, ERROR_INVALID, "the file ends in the middle");
	return CAPTURE_DAMAGED;
}

/* Of a thing that has begun: the file must not end here. */
static enum capture_read read_rest(struct capture_file *capture, uint8_t *bytes, size_t size,
				   struct error *err)
{
	enum capture_read how = size ? read_bytes(capture, bytes, size, err) : CAPTURE_PACKET;

	if (how == CAPTURE_END) {
		error_set(err, ERROR_INVALID, "the file ends in the middle");
		return CAPTURE_DAMAGED;
	}
	return how;
}

static void make_room(struct capture_file *capture, uint32_t size)
{
	if (size <= capture->capacity)
		return;
	capture->bytes = xreallocarray(capture->bytes, 1, size);
	capture->capacity = size;
}

static enum capture_read damaged(struct error *err, const char *words, uint32_t number)
{
	error_set(err, ERROR_INVALID, "%s %u", words, number);
	return CAPTURE_DAMAGED;
}

/* --- pcap ------------------------------------------------------------------------------------- */

static enum capture_read next_record(struct capture_file *capture, struct capture_packet *packet,
				     struct error *err)
{
	uint8_t header[16];
	enum capture_read how = read_bytes(capture, header, sizeof(header), err);

	if (how != CAPTURE_PACKET)
		return how;
	*packet = (struct capture_packet){
		.time_ns = get32(capture, header) * NS_PER_SECOND +
			   get32(capture, header + 4) * (capture->is_ns ? 1ULL : 1000ULL),
		.link = capture->link,
		.size = get32(capture, header + 8),
		.bytes = get32(capture, header + 12),
	};
	if (packet->size > PACKET_MOST)
		return damaged(err, "a packet has an impossible size:", packet->size);
	make_room(capture, packet->size);
	packet->data = capture->bytes;
	return read_rest(capture, capture->bytes, packet->size, err);
}

/* The magic number was read already. */
static bool open_pcap(struct capture_file *capture, struct error *err)
{
	uint8_t header[20];

	if (read_rest(capture, header, sizeof(header), err) != CAPTURE_PACKET)
		return false;
	/* Above are bits about checksums. */
	capture->link = get32(capture, header + 16) & 0xffff;
	return true;
}

/* --- pcapng ----------------------------------------------------------------------------------- */

static uint64_t to_ns(const struct interface *interface, uint64_t time)
{
	uint8_t digits = interface->resolution & 0x7f;
	unsigned __int128 ns = (unsigned __int128)time * NS_PER_SECOND;

	if (interface->resolution & 0x80)
		ns >>= digits;
	else
		for (uint8_t i = 0; i < digits; i++)
			ns /= 10;
	return (uint64_t)ns + (uint64_t)interface->offset_s * NS_PER_SECOND;
}

static void take_option(const struct capture_file *capture, struct interface *interface,
			uint16_t code, const uint8_t *value, uint16_t size)
{
	uint64_t low, high;

	if (code == OPTION_RESOLUTION && size == 1) {
		interface->resolution = value[0];
	} else if (code == OPTION_OFFSET && size == 8) {
		low = get32(capture, value + (capture->is_swapped ? 4 : 0));
		high = get32(capture, value + (capture->is_swapped ? 0 : 4));
		interface->offset_s = (int64_t)(high << 32 | low);
	}
}

static enum capture_read add_interface(struct capture_file *capture, const uint8_t *body,
				       uint32_t size, struct error *err)
{
	struct interface interface = { .resolution = 6 };
	uint32_t at = 8;

	if (size < 8 || capture->interface_count == INTERFACES_MOST)
		return damaged(err, "an interface can't be described in bytes:", size);
	interface.link = get16(capture, body);
	interface.size_most = get32(capture, body + 4);
	while (at + 4 <= size) {
		uint16_t code = get16(capture, body + at), length = get16(capture, body + at + 2);

		if (code == OPTION_END || length > size - at - 4)
			break;
		take_option(capture, &interface, code, body + at + 4, length);
		at += 4 + (length + 3u) / 4 * 4;
	}
	capture->interfaces = grow(capture->interfaces, capture->interface_count,
				   &capture->interface_capacity, sizeof(interface));
	capture->interfaces[capture->interface_count++] = interface;
	return CAPTURE_PACKET;
}

/* The three kinds of blocks with a packet: where things stand in them. */
static const struct packet_block {
	uint32_t type, header_size;
	uint32_t time_at, size_at, bytes_at; /* 0: it has none; a simple one begins with bytes */
} packet_blocks[] = {
	{ .type = BLOCK_PACKET, .header_size = 20, .time_at = 4, .size_at = 12, .bytes_at = 16 },
	{ .type = BLOCK_OLD_PACKET,
	  .header_size = 20,
	  .time_at = 4,
	  .size_at = 12,
	  .bytes_at = 16 },
	{ .type = BLOCK_SIMPLE_PACKET, .header_size = 4 },
};

static const struct packet_block *find_packet_block(uint32_t type)
{
	for (size_t i = 0; i < sizeof(packet_blocks) / sizeof(packet_blocks[0]); i++)
		if (packet_blocks[i].type == type)
			return &packet_blocks[i];
	return NULL;
}

/* How much of a simple packet is there is not said but by the limit and the block's end. */
static uint32_t simple_size(const struct interface *interface, uint32_t bytes, uint32_t rest)
{
	if (interface->size_most && bytes > interface->size_most)
		bytes = interface->size_most;
	return bytes < rest ? bytes : rest;
}

static enum capture_read take_packet(const struct capture_file *capture,
				     const struct packet_block *block, const uint8_t *body,
				     uint32_t size, struct capture_packet *packet,
				     struct error *err)
{
	const struct interface *interface;
	uint32_t number = 0;

	if (size < block->header_size)
		return damaged(err, "a packet's block is too short:", size);
	if (block->type == BLOCK_PACKET)
		number = get32(capture, body);
	else if (block->type == BLOCK_OLD_PACKET)
		number = get16(capture, body);
	if (number >= capture->interface_count)
		return damaged(err, "a packet is of an interface that is not described:", number);
	interface = &capture->interfaces[number];
	*packet = (struct capture_packet){ .link = interface->link,
					   .bytes = get32(capture, body + block->bytes_at),
					   .data = body + block->header_size };
	if (block->size_at)
		packet->size = get32(capture, body + block->size_at);
	else
		packet->size = simple_size(interface, packet->bytes, size - block->header_size);
	if (packet->size > size - block->header_size || packet->size > PACKET_MOST)
		return damaged(err, "a packet has an impossible size:", packet->size);
	if (block->time_at)
		packet->time_ns =
			to_ns(interface, (uint64_t)get32(capture, body + block->time_at) << 32 |
						 get32(capture, body + block->time_at + 4));
	return CAPTURE_PACKET;
}

/* The section's byte order, which its first number is written in. */
static bool enter_section(struct capture_file *capture, const uint8_t magic[4], struct error *err)
{
	capture->is_swapped = false;
	capture->is_swapped = get32(capture, magic) != SECTION_MAGIC;
	capture->interface_count = 0;
	if (get32(capture, magic) == SECTION_MAGIC)
		return true;
	return error_set(err, ERROR_INVALID, "a section's byte order is none");
}

/* Reads what a block has behind its type and length; a section's says how to read the length. */
static enum capture_read read_block(struct capture_file *capture, uint32_t type,
				    const uint8_t length[4], uint32_t *size, struct error *err)
{
	uint8_t magic[4];
	uint32_t had = 0;
	enum capture_read how;

	if (type == BLOCK_SECTION) {
		if (read_rest(capture, magic, sizeof(magic), err) != CAPTURE_PACKET ||
		    !enter_section(capture, magic, err))
			return CAPTURE_DAMAGED;
		had = sizeof(magic);
	}
	*size = get32(capture, length);
	if (*size < 12 + had || *size > BLOCK_MOST || *size % 4)
		return damaged(err, "a block has an impossible size:", *size);
	*size -= 12;
	make_room(capture, *size + 4);
	/* And the length once more. */
	how = read_rest(capture, capture->bytes, *size - had + 4, err);
	if (how == CAPTURE_PACKET && get32(capture, capture->bytes + *size - had) != *size + 12)
		return damaged(err, "a block's two sizes differ:", *size + 12);
	return how;
}

static enum capture_read next_block(struct capture_file *capture, struct capture_packet *packet,
				    struct error *err)
{
	for (;;) {
		const struct packet_block *block;
		uint8_t header[8];
		uint32_t type, size;
		enum capture_read how = read_bytes(capture, header, sizeof(header), err);

		if (how != CAPTURE_PACKET)
			return how;
		type = get32(capture, header); /* a section's reads the same both ways */
		how = read_block(capture, type, header + 4, &size, err);
		if (how != CAPTURE_PACKET)
			return how;
		block = find_packet_block(type);
		if (block)
			return take_packet(capture, block, capture->bytes, size, packet, err);
		if (type == BLOCK_INTERFACE &&
		    add_interface(capture, capture->bytes, size, err) != CAPTURE_PACKET)
			return CAPTURE_DAMAGED;
	}
}

/* The first block's type was read already. */
static bool open_pcapng(struct capture_file *capture, struct error *err)
{
	uint8_t length[4];
	uint32_t size;

	capture->is_pcapng = true;
	return read_rest(capture, length, sizeof(length), err) == CAPTURE_PACKET &&
	       read_block(capture, BLOCK_SECTION, length, &size, err) == CAPTURE_PACKET;
}

/* --- either ----------------------------------------------------------------------------------- */

static bool open_either(struct capture_file *capture, struct error *err)
{
	uint8_t bytes[4];
	uint32_t magic;

	if (read_rest(capture, bytes, sizeof(bytes), err) != CAPTURE_PACKET)
		return false;
	magic = get32(capture, bytes);
	if (magic == BLOCK_SECTION)
		return open_pcapng(capture, err);
	capture->is_swapped = magic != PCAP_US && magic != PCAP_NS;
	magic = get32(capture, bytes);
	capture->is_ns = magic == PCAP_NS;
	if (magic == PCAP_US || magic == PCAP_NS)
		return open_pcap(capture, err);
	return error_set(err, ERROR_INVALID, "it is neither pcap nor pcapng");
}

struct capture_file *capture_file_open(FILE *file, struct error *err)
{
	struct capture_file *capture = xcalloc(1, sizeof(*capture));

	capture->file = file;
	make_room(capture, 2048); /* never none, also for an empty packet */
	if (open_either(capture, err))
		return capture;
	capture_file_close(capture);
	return NULL;
}

void capture_file_close(struct capture_file *capture)
{
	if (!capture)
		return;
	free(capture->interfaces);
	free(capture->bytes);
	free(capture);
}

enum capture_read capture_file_next(struct capture_file *capture, struct capture_packet *packet,
				    struct error *err)
{
	return capture->is_pcapng ? next_block(capture, packet, err)
				  : next_record(capture, packet, err);
}
