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

/* A cell of a bar that is filled by so many eighths, 0..8. */
const char *glyph_eighths(int eighths, bool utf8);

#endif
