/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/model/assignment.h"

#include "engine/base/hash.h"

uint64_t assignment_owner(enum node_kind kind, const char *id)
{
	uint64_t hash = hash_text(hash_byte(HASH_BASIS, (uint8_t)kind), id);

	return hash ? hash : 1; /* 0 marks a free row */
}
