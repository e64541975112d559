/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbols of the screens, once in UTF-8 and once in ASCII of the same width. */
#ifndef LQOS_TUI_GLYPHS_H
#define LQOS_TUI_GLYPHS_H

#include <stdbool.h>

enum glyph {
	GLYPH_OPEN,
	GLYPH_CLOSED,
	GLYPH_DESCENDING,
	GLYPH_ASCENDING,
	GLYPH_ELLIPSIS,
	GLYPH_SEPARATOR,
	GLYPH_PATH,
	GLYPH_HORIZONTAL,
	GLYPH_VERTICAL,
	GLYPH_TOP_LEFT,
	GLYPH_TOP_RIGHT,
	GLYPH_BOTTOM_LEFT,
	GLYPH_BOTTOM_RIGHT,
	GLYPH_BAR,
	GLYPH_BAR_EMPTY,
	GLYPHS,
};

/* One column wide each. */
const char *glyph(enum glyph name, bool utf8);

#define GLYPH_LEVELS 8
/* A column of so many levels, 0..GLYPH_LEVELS. */
const char *glyph_level(int level, bool utf8);
/* The darker the larger the share, 0..1, but never blank. */
const char *glyph_shade(double share, bool utf8);

/* A cell of a bar that is filled by so many eighths, 0..8. */
const char *glyph_eighths(int eighths, bool utf8);

#endif
