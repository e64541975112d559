/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FNV-1a, 64 bit (RFC 9923): short keys, no state, the same on every machine. */
#ifndef LQOS_BASE_HASH_H
#define LQOS_BASE_HASH_H

#include <stdint.h>

#define HASH_BASIS 0xcbf29ce484222325ULL

/* Goes on from `hash`, HASH_BASIS at first. */
static inline uint64_t hash_byte(uint64_t hash, uint8_t byte)
{
	return (hash ^ byte) * 0x100000001b3ULL;
}

static inline uint64_t hash_text(uint64_t hash, const char *text)
{
	for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++)
		hash = hash_byte(hash, *byte);
	return hash;
}

#endif
