/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One kind of number that nodes hold, handles or slots: which are free, and who has the others. For
 * handles.c alone. */
#ifndef LQOS_NUMBERS_H
#define LQOS_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node;

/* What each is used for, and where the search for a free one begins. */
enum use { USE_FREE, USE_RESERVED, USE_LIVE };
struct numbers {
	uint8_t *use; /* by number; those outside [first, last] are never free */
	struct node **node;
	uint32_t first, last;
	uint32_t lowest;  /* no free number is below it */
	uint32_t highest; /* all above it are free, and always were */
	size_t free_count;
};

void numbers_init(struct numbers *numbers, uint32_t first, uint32_t last);
void numbers_release(struct numbers *numbers);

bool numbers_in_range(const struct numbers *numbers, uint32_t number);
void numbers_set(struct numbers *numbers, uint32_t number, enum use use, struct node *node);
/* The lowest free one; the caller made sure that there is one. */
uint32_t numbers_take(struct numbers *numbers, struct node *node);
/* Whether this node (NULL: a new one) may hold the number. */
bool numbers_allow(const struct numbers *numbers, uint32_t number, const struct node *node);
/* From free to reserved, and back; any other number stays what it is. */
void numbers_reserve(struct numbers *numbers, uint32_t number);
void numbers_free(struct numbers *numbers, uint32_t number);

#endif
