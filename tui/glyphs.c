/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/glyphs.h"

#include <stddef.h>

static const struct {
	const char *utf8, *ascii;
} glyphs[GLYPHS] = {
	[GLYPH_OPEN] = { "▾", "v" },	     [GLYPH_CLOSED] = { "▸", ">" },
	[GLYPH_DESCENDING] = { "▼", "v" },   [GLYPH_ASCENDING] = { "▲", "^" },
	[GLYPH_ELLIPSIS] = { "…", "~" },     [GLYPH_SEPARATOR] = { "·", "|" },
	[GLYPH_PATH] = { "›", ">" },	     [GLYPH_HORIZONTAL] = { "─", "-" },
	[GLYPH_VERTICAL] = { "│", "|" },     [GLYPH_TOP_LEFT] = { "┌", "+" },
	[GLYPH_TOP_RIGHT] = { "┐", "+" },    [GLYPH_BOTTOM_LEFT] = { "└", "+" },
	[GLYPH_BOTTOM_RIGHT] = { "┘", "+" }, [GLYPH_BAR] = { "█", "#" },
	[GLYPH_BAR_EMPTY] = { "·", "." },
};

const char *glyph(enum glyph name, bool utf8)
{
	return utf8 ? glyphs[name].utf8 : glyphs[name].ascii;
}

const char *glyph_eighths(int eighths, bool utf8)
{
	static const char *const parts[] = { NULL, "▏", "▎", "▍", "▌", "▋", "▊", "▉" };

	if (eighths >= 8 || (!utf8 && eighths >= 4))
		return glyph(GLYPH_BAR, utf8);
	return utf8 && eighths > 0 ? parts[eighths] : glyph(GLYPH_BAR_EMPTY, utf8);
}
