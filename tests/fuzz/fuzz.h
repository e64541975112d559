/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the fuzzers: libFuzzer's entry, and a check that is a finding when it fails. */
#ifndef LQOS_TESTS_FUZZ_H
#define LQOS_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_expect(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

#endif
