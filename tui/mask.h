/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows without names and addresses, for screenshots. Ids stay, as they say nothing to
 * strangers, but for a site's: that is mostly its name. */
#ifndef LQOS_TUI_MASK_H
#define LQOS_TUI_MASK_H

#include <jansson.h>

/* In place of the engine's words, which name what they are about. */
#define MASKED_REFUSAL "Refused; the reason is masked."

/* "name-3f1c": always the same for the same name. A new text. */
json_t *mask_name(const char *name);

/* A new object like the row, its names and addresses replaced; the same ones always by the same. */
json_t *mask_row(const json_t *row);

#endif
