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

const char *glyph_level(int level, bool utf8)
{
	static const char *const columns[GLYPH_LEVELS + 1] = { "▁", "▁", "▂", "▃", "▄",
							       "▅", "▆", "▇", "█" };
	static const char *const letters[GLYPH_LEVELS + 1] = { "_", "_", ".", ",", "-",
							       "=", "o", "O", "#" };

	level = level < 0 ? 0 : level > GLYPH_LEVELS ? GLYPH_LEVELS : level;
	return utf8 ? columns[level] : letters[level];
}

const char *glyph_shade(double share, bool utf8)
{
	static const char *const shades[] = { "░", "▒", "▓", "█" };
	static const char *const letters[] = { ".", ":", "*", "#" };
	int i = share < 0.1 ? 0 : share < 0.3 ? 1 : share < 0.6 ? 2 : 3;

	return utf8 ? shades[i] : letters[i];
}
