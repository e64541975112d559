/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An IPv4 or IPv6 address range as a value. Both families live in one 128-bit space: IPv4 is held
 * as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2) with 96 added to its length, as in the data path's table.
 */
#ifndef LQOS_BASE_PREFIX_H
#define LQOS_BASE_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/error.h"

#define PREFIX_TEXT_SIZE 64

struct prefix {
	uint8_t address[16]; /* network byte order, host bits zero */
	uint8_t length;	     /* 0..128; an IPv4 /n has 96 + n */
};

bool prefix_is_ipv4(const struct prefix *prefix);

/* Reads "192.0.2.1", "192.0.2.0/24", "2001:db8::/48" with blanks around it ignored; no length
 * means a single address. Host bits that are set are refused: "192.0.2.1/24 has host bits set;
 * did you mean 192.0.2.0/24?". */
bool prefix_parse(const char *text, struct prefix *prefix, struct error *err);

/* The canonical text, without a length for a single address. Returns text. */
const char *prefix_format(const struct prefix *prefix, char text[PREFIX_TEXT_SIZE]);

/* The same of a single address (16 bytes, IPv4-mapped). */
const char *prefix_format_address(const uint8_t address[16], char text[PREFIX_TEXT_SIZE]);

/* An order for sorting: by address, shorter first. <0, 0, >0. */
int prefix_compare(const struct prefix *a, const struct prefix *b);

/* True when the address (16 bytes, IPv4-mapped) lies in the range. */
bool prefix_contains(const struct prefix *prefix, const uint8_t address[16]);

#endif
