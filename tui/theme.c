/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/theme.h"

#define PLAIN .foreground = COLOUR_DEFAULT

static const struct style coloured[ROLES] = {
	[ROLE_NORMAL] = { PLAIN },
	[ROLE_FAINT] = { PLAIN, .dim = true },
	[ROLE_STRONG] = { PLAIN, .bold = true },
	[ROLE_BAR] = { PLAIN },
	[ROLE_TAB] = { PLAIN, .dim = true },
	[ROLE_TAB_CURRENT] = { .foreground = COLOUR_CYAN, .bold = true, .underline = true },
	[ROLE_HEADING] = { .foreground = COLOUR_CYAN },
	[ROLE_HEADING_SORTED] = { .foreground = COLOUR_CYAN, .bold = true },
	[ROLE_GOOD] = { .foreground = COLOUR_GREEN },
	[ROLE_WARNING] = { .foreground = COLOUR_YELLOW },
	[ROLE_BAD] = { .foreground = COLOUR_RED, .bold = true },
	[ROLE_STALE] = { PLAIN, .dim = true },
	[ROLE_KEY] = { PLAIN, .bold = true },
	[ROLE_FIELD] = { PLAIN, .underline = true },
	[ROLE_FIELD_CURRENT] = { PLAIN, .reverse = true },
};

/* Without colours the same roles stay apart by weight alone. */
static const struct style mono[ROLES] = {
	[ROLE_NORMAL] = { PLAIN },
	[ROLE_FAINT] = { PLAIN, .dim = true },
	[ROLE_STRONG] = { PLAIN, .bold = true },
	[ROLE_BAR] = { PLAIN },
	[ROLE_TAB] = { PLAIN },
	[ROLE_TAB_CURRENT] = { PLAIN, .bold = true, .underline = true },
	[ROLE_HEADING] = { PLAIN, .underline = true },
	[ROLE_HEADING_SORTED] = { PLAIN, .bold = true, .underline = true },
	[ROLE_GOOD] = { PLAIN },
	[ROLE_WARNING] = { PLAIN, .bold = true },
	[ROLE_BAD] = { PLAIN, .bold = true, .underline = true },
	[ROLE_STALE] = { PLAIN, .dim = true },
	[ROLE_KEY] = { PLAIN, .bold = true },
	[ROLE_FIELD] = { PLAIN, .underline = true },
	[ROLE_FIELD_CURRENT] = { PLAIN, .reverse = true },
};

const struct style *theme_style(enum role role, bool colours)
{
	return colours ? &coloured[role] : &mono[role];
}
