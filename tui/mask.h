/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows without names and addresses, for screenshots. Ids stay: they say nothing to strangers. */
#ifndef LQOS_TUI_MASK_H
#define LQOS_TUI_MASK_H

#include <jansson.h>

/* A new object like the row, its names and addresses replaced; the same ones always by the same. */
json_t *mask_row(const json_t *row);

#endif
