/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What things look like by the role they play; no screen names a colour. */
#ifndef LQOS_TUI_THEME_H
#define LQOS_TUI_THEME_H

#include <stdbool.h>

enum role {
	ROLE_NORMAL,
	ROLE_FAINT,  /* zeros, no data, units */
	ROLE_STRONG, /* names of sites, numbers of the header line */
	ROLE_BAR,    /* the header line */
	ROLE_TAB,    /* the name of another screen */
	ROLE_TAB_CURRENT,
	ROLE_HEADING, /* over a column */
	ROLE_HEADING_SORTED,
	ROLE_GOOD,
	ROLE_WARNING,
	ROLE_BAD,
	ROLE_STALE, /* numbers that are no longer current */
	ROLE_KEY,   /* a key's name in the footer and the help */
	ROLE_FIELD, /* where one types */
	ROLE_FIELD_CURRENT,
	ROLES,
};

enum colour {
	COLOUR_DEFAULT = -1,
	COLOUR_RED = 1,
	COLOUR_GREEN,
	COLOUR_YELLOW,
	COLOUR_BLUE,
	COLOUR_MAGENTA,
	COLOUR_CYAN,
	COLOUR_WHITE
};

struct style {
	enum colour foreground;
	bool bold, dim, reverse, underline;
};

enum theme { THEME_DEFAULT, THEME_LIGHT, THEME_HIGH_CONTRAST, THEME_MONO, THEMES };

/* Selected rows are drawn in reverse on top of this. */
const struct style *theme_style(enum theme theme, enum role role);
/* "default", "light", "high-contrast", "mono"; THEMES ends them with NULL. */
const char *theme_name(enum theme theme);

enum units { UNITS_BITS, UNITS_BYTES };

/* How things are written, whatever they are. */
struct looks {
	bool utf8;
	bool plain;	  /* words instead of pictures */
	enum units units; /* of rates */
};

#endif
