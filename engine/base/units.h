/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates and times as people type and read them: "50M", "1.5G", "2.10G", "18 ms". */
#ifndef LQOS_BASE_UNITS_H
#define LQOS_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/error.h"

#define RATE_TEXT_SIZE 16

/* A rate in bits a second from "10k", "50M", "1.5G", "2500000", also with "bit", "bps" or "bit/s"
 * behind it; decimal multiples (k = 1000), as for links. A fraction of a bit is rounded. */
bool rate_parse(const char *text, uint64_t *rate_bps, struct error *err);

/* Three significant digits and a suffix, at most 5 characters: "0", "950", "9.50k", "50.0M",
 * "640M", "4.21G". Returns text. */
const char *rate_format(uint64_t rate_bps, char text[RATE_TEXT_SIZE]);

/* The shortest text that rate_parse reads back as the same number: "50M", "1.5G", "1234567". */
const char *rate_format_exact(uint64_t rate_bps, char text[RATE_TEXT_SIZE + 16]);

#endif
