/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The edit form: a box over the screen, as wide as its words need. */
#include "tui/screen.h"

#include <stdio.h>
#include <string.h>

#include "tui/cell.h"
#include "tui/glyphs.h"
#include "tui/text.h"

#define FORM_COLUMNS 66
#define FORM_ROWS 14
#define NOW 14 /* columns within the box */
#define NEW 23
#define NEW_WIDTH 12
#define HIGHEST 38

/* Puts text on up to `rows` rows, broken at blanks. Returns the rows it took. */
static int wrap(struct canvas *canvas, int y, int x, int width, int rows, enum role role,
		const char *text)
{
	int used = 0;

	while (*text && used < rows && width > 0) {
		char line[512];
		size_t length = strlen(text);

		if (length >= sizeof(line))
			length = sizeof(line) - 1;
		memcpy(line, text, length);
		line[length] = '\0';
		while (text_width(line, canvas->utf8) > width && used < rows - 1) {
			char *blank = strrchr(line, ' ');

			if (!blank)
				break;
			*blank = '\0';
		}
		canvas_text(canvas, y + used++, x, width, role, line);
		text += strlen(line);
		while (*text == ' ')
			text++;
	}
	return used;
}

static void draw_field(const struct form *form, struct canvas *canvas, int y, int x, int width,
		       enum form_field field)
{
	bool here = form->current == field;
	const char *text = form->text[field], *site;
	char now[32], capacity[32];
	int used;

	canvas_text(canvas, y, x, NOW - 2, here ? ROLE_STRONG : ROLE_NORMAL,
		    form_field_label(field));
	canvas_text(canvas, y, x + NOW, NEW - NOW - 1, ROLE_NORMAL, form_now(form, field, now));
	canvas_text(canvas, y, x + NEW - 1, 1, ROLE_FAINT, "[");
	canvas_text(canvas, y, x + NEW + NEW_WIDTH, 1, ROLE_FAINT, "]");
	canvas_fill(canvas, y, x + NEW, NEW_WIDTH, ROLE_FIELD, " ");
	used = canvas_text(canvas, y, x + NEW, NEW_WIDTH,
			   strcmp(text, now) ? ROLE_STRONG : ROLE_NORMAL, text);
	if (here) {
		canvas_cursor(canvas, y, x + NEW + (form->fresh ? 0 : used));
		if (form->fresh || field == FIELD_SUSPENDED)
			canvas_text(canvas, y, x + NEW, NEW_WIDTH, ROLE_FIELD_CURRENT, text);
		else
			canvas_text(canvas, y, x + NEW + used, 1, ROLE_FIELD_CURRENT, " ");
	}
	if (form_highest(form, field, &site, capacity))
		canvas_format(canvas, y, x + HIGHEST, width - HIGHEST, ROLE_FAINT, "%s %s", site,
			      capacity);
	else if (field == FIELD_SUSPENDED)
		canvas_text(canvas, y, x + HIGHEST, width - HIGHEST, ROLE_FAINT, "y or n");
}

/* A field where there is no room for more than its name and what is typed. */
static void draw_field_small(const struct form *form, struct canvas *canvas, int y, int x,
			     int width)
{
	const char *text = form->text[form->current];
	int used = canvas_text(canvas, y, x, width, ROLE_STRONG, form_field_label(form->current));

	x += used + 1;
	canvas_fill(canvas, y, x, width - used - 1, ROLE_FIELD, " ");
	used = canvas_text(canvas, y, x, width - used - 1,
			   form->fresh ? ROLE_FIELD_CURRENT : ROLE_STRONG, text);
	canvas_cursor(canvas, y, x + (form->fresh ? 0 : used));
}

/* What the engine says of it: operations, then warnings; or why it can't be. */
static void draw_preview(const struct form *form, struct canvas *canvas, int y, int x, int width,
			 int rows)
{
	const json_t *operations = json_object_get(form->preview, "operations");
	const json_t *warnings = json_object_get(form->preview, "warnings");
	const char *bad = form->notice[0] ? form->notice : form->trouble;
	json_t *item;
	size_t i;
	int used = 0;

	if (*bad)
		used += wrap(canvas, y, x, width, rows, ROLE_BAD, bad);
	if (form->apply_request || form->wants_apply) {
		canvas_text(canvas, y + used, x, width, ROLE_FAINT, "applying");
		return;
	}
	json_array_foreach (warnings, i, item) {
		char text[300];

		snprintf(text, sizeof(text), "! %s",
			 json_string_value(item) ? json_string_value(item) : "");
		used += wrap(canvas, y + used, x, width, rows - used, ROLE_WARNING, text);
	}
	json_array_foreach (operations, i, item)
		if (json_string_value(item))
			used += wrap(canvas, y + used, x, width, rows - used, ROLE_NORMAL,
				     json_string_value(item));
	if (!used && form->preview)
		canvas_text(canvas, y, x, width, ROLE_FAINT, "nothing changes in the kernel");
	else if (!used && form->now && !form->wants_preview && !form->preview_request)
		canvas_text(canvas, y, x, width, ROLE_FAINT,
			    "as it is now; type a rate such as 80M");
}

void screen_form_draw(const struct form *form, struct canvas *canvas)
{
	static const struct column name = { .field = "id", .second = "name", .kind = CELL_CIRCUIT };
	int columns = FORM_COLUMNS < canvas->columns ? FORM_COLUMNS : canvas->columns;
	int rows = FORM_ROWS < canvas->rows ? FORM_ROWS : canvas->rows;
	int y = (canvas->rows - rows) / 2, x = (canvas->columns - columns) / 2 + 2;
	int width = columns - 4;
	char title[300];
	struct cell cell;

	cell_format(&name, form->now, canvas->utf8, &cell);
	snprintf(title, sizeof(title), "Edit circuit %.260s",
		 form->now ? cell.text : form->circuit);
	canvas_box(canvas, y, x - 2, rows, columns, ROLE_NORMAL, title);
	if (!form->now) {
		wrap(canvas, y + 1, x, width, rows - 2, form->notice[0] ? ROLE_BAD : ROLE_FAINT,
		     form->notice[0] ? form->notice : "asking the engine");
		return;
	}
	/* Too low for all: the current field and what is said of it. */
	if (rows < FORM_ROWS || columns < FORM_COLUMNS - 8) {
		draw_field_small(form, canvas, y + 1, x, width);
		draw_preview(form, canvas, y + 2, x, width, rows - 3);
		return;
	}
	canvas_text(canvas, y + 1, x + NOW, 4, ROLE_HEADING, "now");
	canvas_text(canvas, y + 1, x + NEW, 4, ROLE_HEADING, "new");
	canvas_text(canvas, y + 1, x + HIGHEST, width - HIGHEST, ROLE_HEADING, "highest here");
	for (int field = 0; field < FORM_FIELDS; field++)
		draw_field(form, canvas, y + 2 + field, x, width, (enum form_field)field);
	draw_preview(form, canvas, y + 8, x, width, 4);
	canvas_text_right(canvas, y + 12, x, width, ROLE_FAINT, "Enter apply   Esc cancel");
}
