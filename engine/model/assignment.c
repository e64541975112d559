/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/model/assignment.h"

/* FNV-1a, 64 bit (RFC 9923): short keys, no state, the same on every machine. */
#define FNV_BASIS 0xcbf29ce484222325ULL
#define FNV_PRIME 0x100000001b3ULL

uint64_t assignment_owner(enum node_kind kind, const char *id)
{
	uint64_t hash = (FNV_BASIS ^ (uint64_t)kind) * FNV_PRIME;

	for (const unsigned char *byte = (const unsigned char *)id; *byte; byte++)
		hash = (hash ^ *byte) * FNV_PRIME;
	return hash ? hash : 1; /* 0 marks a free row */
}
