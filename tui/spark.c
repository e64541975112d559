/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/spark.h"

#include <math.h>

#include "tui/cell.h"
#include "tui/glyphs.h"

double spark_most(const json_t *points, const char *field)
{
	double most = 0, value;
	json_t *point;
	size_t i;

	json_array_foreach (points, i, point)
		if (row_number(point, field, &value) && value > most)
			most = value;
	return most;
}

void spark_draw(struct canvas *canvas, int y, int x, int width, enum role role,
		const json_t *points, const char *field, double most)
{
	int count = (int)json_array_size(points);

	if (canvas->looks.plain)
		return; /* what it reached at most is told in words beside it */
	for (int i = 0; i < width && i < count; i++) {
		const json_t *point = json_array_get(points, (size_t)(count - 1 - i));
		double value;
		int level;

		if (!row_number(point, field, &value) || value < 0)
			continue;
		level = most > 0 ? (int)ceil(fmin(value / most, 1) * GLYPH_LEVELS) : 0;
		canvas_text(canvas, y, x + width - 1 - i, 1, level ? role : ROLE_FAINT,
			    glyph_level(level, canvas->looks.utf8));
	}
}
