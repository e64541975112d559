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

/* For a light background: yellow and dim would vanish. */
static const struct style light[ROLES] = {
	[ROLE_NORMAL] = { PLAIN },
	[ROLE_FAINT] = { PLAIN },
	[ROLE_STRONG] = { PLAIN, .bold = true },
	[ROLE_BAR] = { PLAIN },
	[ROLE_TAB] = { PLAIN },
	[ROLE_TAB_CURRENT] = { .foreground = COLOUR_BLUE, .bold = true, .underline = true },
	[ROLE_HEADING] = { .foreground = COLOUR_BLUE },
	[ROLE_HEADING_SORTED] = { .foreground = COLOUR_BLUE, .bold = true },
	[ROLE_GOOD] = { .foreground = COLOUR_GREEN },
	[ROLE_WARNING] = { .foreground = COLOUR_MAGENTA },
	[ROLE_BAD] = { .foreground = COLOUR_RED, .bold = true },
	[ROLE_STALE] = { .foreground = COLOUR_BLUE },
	[ROLE_KEY] = { PLAIN, .bold = true },
	[ROLE_FIELD] = { PLAIN, .underline = true },
	[ROLE_FIELD_CURRENT] = { PLAIN, .reverse = true },
};

/* Nothing dim, and what is wrong stands on a ground of its own. */
static const struct style high_contrast[ROLES] = {
	[ROLE_NORMAL] = { PLAIN },
	[ROLE_FAINT] = { PLAIN },
	[ROLE_STRONG] = { PLAIN, .bold = true },
	[ROLE_BAR] = { PLAIN },
	[ROLE_TAB] = { PLAIN },
	[ROLE_TAB_CURRENT] = { PLAIN, .bold = true, .underline = true },
	[ROLE_HEADING] = { PLAIN, .bold = true },
	[ROLE_HEADING_SORTED] = { PLAIN, .bold = true, .underline = true },
	[ROLE_GOOD] = { .foreground = COLOUR_GREEN, .bold = true },
	[ROLE_WARNING] = { .foreground = COLOUR_YELLOW, .bold = true },
	[ROLE_BAD] = { .foreground = COLOUR_RED, .bold = true, .reverse = true },
	[ROLE_STALE] = { PLAIN, .underline = true },
	[ROLE_KEY] = { PLAIN, .bold = true },
	[ROLE_FIELD] = { PLAIN, .bold = true, .underline = true },
	[ROLE_FIELD_CURRENT] = { PLAIN, .bold = true, .reverse = true },
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

const struct style *theme_style(enum theme theme, enum role role)
{
	static const struct style *const styles[THEMES] = { coloured, light, high_contrast, mono };

	return &styles[theme][role];
}

const char *theme_name(enum theme theme)
{
	static const char *const names[THEMES + 1] = { "default", "light", "high-contrast",
						       "mono" };

	return names[theme];
}
