/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The edit form: a box over the screen, as wide as its words need. */
#include "tui/screen.h"

#include <stdio.h>
#include <string.h>

#include "tui/cell.h"
#include "tui/glyphs.h"
#include "tui/mask.h"
#include "tui/text.h"

#define FORM_COLUMNS 66
#define NOW 14 /* columns within the box */
#define NEW 23
#define NEW_WIDTH 12
#define HIGHEST 38

/* Where one types: from x on, width columns. The end of a long text is what is seen. */
static void draw_input(const struct form *form, struct canvas *canvas, int y, int x, int width,
		       int field, const char *now)
{
	const char *text = form->text[field];
	bool here = form->current == field, changed = strcmp(text, now) != 0;
	struct text_char next;
	int used;

	canvas_text(canvas, y, x - 1, 1, ROLE_FAINT, "[");
	canvas_text(canvas, y, x + width, 1, ROLE_FAINT, "]");
	canvas_fill(canvas, y, x, width, ROLE_FIELD, " ");
	while (here && !form->fresh && text_width(text, canvas->looks.utf8) >= width)
		text += text_next(text, canvas->looks.utf8, &next);
	used = canvas_text(canvas, y, x, width, changed ? ROLE_STRONG : ROLE_NORMAL, text);
	if (!here)
		return;
	canvas_cursor(canvas, y, x + (form->fresh ? 0 : used));
	if (form->fresh && *text)
		canvas_text(canvas, y, x, width, ROLE_FIELD_CURRENT, text);
	else
		canvas_text(canvas, y, x + used, 1, ROLE_FIELD_CURRENT, " ");
}

static bool is_wide(enum field_type type)
{
	return type == TYPE_TEXT || type == TYPE_SITE || type == TYPE_PREFIXES;
}

static void draw_field(const struct form *form, const struct form *names, struct canvas *canvas,
		       int y, int x, int width, int field)
{
	bool here = form->current == field;
	int count;
	const struct form_field *about = &form_fields(form, &count)[field];
	char now[FORM_TEXT_SIZE], capacity[32];
	const char *site;

	canvas_text(canvas, y, x, NOW - 2, here ? ROLE_STRONG : ROLE_NORMAL, about->label);
	form_now(form, field, now);
	if (is_wide(about->type)) {
		draw_input(form, canvas, y, x + NOW, width - NOW - 1, field, now);
		return;
	}
	canvas_text(canvas, y, x + NOW, NEW - NOW - 1, ROLE_NORMAL, now);
	draw_input(form, canvas, y, x + NEW, NEW_WIDTH, field, now);
	if (form_highest(names, field, &site, capacity))
		canvas_format(canvas, y, x + HIGHEST, width - HIGHEST, ROLE_FAINT, "%s %s", site,
			      capacity);
	else if (about->hint)
		canvas_text(canvas, y, x + HIGHEST, width - HIGHEST, ROLE_FAINT, about->hint);
}

/* A field where there is no room for more than its name and what is typed. */
static void draw_field_small(const struct form *form, struct canvas *canvas, int y, int x,
			     int width)
{
	int count, used;
	const struct form_field *fields = form_fields(form, &count);
	char now[FORM_TEXT_SIZE];

	if (!count)
		return;
	used = canvas_text(canvas, y, x, width, ROLE_STRONG, fields[form->current].label) + 2;
	if (used + 3 < width)
		draw_input(form, canvas, y, x + used, width - used - 1, form->current,
			   form_now(form, form->current, now));
}

/* What stands there before anything is typed. */
static const char *invitation(const struct form *form)
{
	switch (form->kind) {
	case FORM_PLANS:
		return "empty stays as it is; type a rate such as 80M, or +20%";
	case FORM_ADD:
	case FORM_ADD_DEVICE:
		return "prefixes such as 192.0.2.7 2001:db8:7::/48";
	case FORM_PLAN:
	case FORM_SITE:
		return "as it is now; type a rate such as 80M, or +20%";
	default:
		return "as it is now";
	}
}

/* The notice as it may be shown: the engine's words have names and addresses in them. */
static const char *notice_of(const struct form *form, bool masked)
{
	return form->notice[0] && form->notice_is_engines && masked ? MASKED_REFUSAL : form->notice;
}

/* How much the engine says of it, without its words. */
static void draw_masked_preview(const struct form *form, struct canvas *canvas, int y, int x,
				int width, int rows)
{
	size_t operations = json_array_size(json_object_get(form->preview, "operations"));
	size_t warnings = json_array_size(json_object_get(form->preview, "warnings"));
	char text[100];

	snprintf(text, sizeof(text), "%zu operation%s, %zu warning%s; their words are masked",
		 operations, operations == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
	canvas_wrap(canvas, y, x, width, rows, warnings ? ROLE_WARNING : ROLE_NORMAL, text);
}

/* Warnings, then operations. Returns the rows it took. */
static int draw_words(const struct form *form, struct canvas *canvas, int y, int x, int width,
		      int rows)
{
	const json_t *operations = json_object_get(form->preview, "operations");
	const json_t *warnings = json_object_get(form->preview, "warnings");
	json_t *item;
	size_t i;
	int used = 0;

	json_array_foreach (warnings, i, item) {
		const char *words = json_string_value(item) ? json_string_value(item) : "";
		char text[300];

		snprintf(text, sizeof(text), "! %.*s", text_fit(words, sizeof(text) - 3), words);
		used += canvas_wrap(canvas, y + used, x, width, rows - used, ROLE_WARNING, text);
	}
	json_array_foreach (operations, i, item)
		if (json_string_value(item))
			used += canvas_wrap(canvas, y + used, x, width, rows - used, ROLE_NORMAL,
					    json_string_value(item));
	return used;
}

/* What is asked, why it can't be, and what the engine says of it. */
static void draw_preview(const struct form *form, struct canvas *canvas, int y, int x, int width,
			 int rows, bool masked)
{
	const char *bad = form->notice[0] ? notice_of(form, masked) : form->trouble;
	char question[300];
	int used = 0;

	if (form->asking && form_question(form, question, sizeof(question)))
		used += canvas_wrap(canvas, y, x, width, rows, ROLE_WARNING, question);
	if (*bad)
		used += canvas_wrap(canvas, y + used, x, width, rows - used, ROLE_BAD, bad);
	if (form->apply_request || form->wants_apply) {
		canvas_text(canvas, y + used, x, width, ROLE_FAINT, "applying");
		return;
	}
	if (masked && form->preview) {
		draw_masked_preview(form, canvas, y + used, x, width, rows - used);
		return;
	}
	used += draw_words(form, canvas, y + used, x, width, rows - used);
	if (!used && form->preview)
		canvas_text(canvas, y, x, width, ROLE_FAINT, "nothing changes in the kernel");
	else if (!used && form->now && !form->wants_preview && !form->preview_request)
		canvas_text(canvas, y, x, width, ROLE_FAINT, invitation(form));
}

/* Those of the fields, with headings where rates come first. */
static int count_rows(const struct form *form)
{
	int count;
	const struct form_field *fields = form_fields(form, &count);

	return count + (count && !is_wide(fields[0].type));
}

/* The table of fields with its headings; returns the rows it took. */
static int draw_fields(const struct form *form, const struct form *names, struct canvas *canvas,
		       int y, int x, int width)
{
	int count, headings;
	const struct form_field *fields = form_fields(form, &count);

	headings = count_rows(form) - count;
	if (headings) {
		canvas_text(canvas, y, x + NOW, 4, ROLE_HEADING, "now");
		canvas_text(canvas, y, x + NEW, 4, ROLE_HEADING, "new");
		if (fields[0].capacity && form->kind != FORM_PLANS)
			canvas_text(canvas, y, x + HIGHEST, width - HIGHEST, ROLE_HEADING,
				    "highest here");
	}
	for (int field = 0; field < count; field++)
		draw_field(form, names, canvas, y + headings + field, x, width, field);
	return headings + count;
}

/* names: the form as its names may be shown. */
static void draw(const struct form *form, const struct form *names, struct canvas *canvas,
		 bool masked)
{
	int columns = FORM_COLUMNS < canvas->columns ? FORM_COLUMNS : canvas->columns;
	int wanted, rows, y, x = (canvas->columns - columns) / 2 + 2, width = columns - 4;
	char title[300];

	wanted = count_rows(form) + 8;
	rows = wanted < canvas->rows ? wanted : canvas->rows;
	y = (canvas->rows - rows) / 2;
	form_title(names, masked, title, sizeof(title));
	canvas_box(canvas, y, x - 2, rows, columns, ROLE_NORMAL, title);
	if (!form->now) {
		canvas_wrap(canvas, y + 1, x, width, rows - 2,
			    form->notice[0] ? ROLE_BAD : ROLE_FAINT,
			    form->notice[0] ? notice_of(form, masked) : "asking the engine");
		return;
	}
	/* Too low for all: the current field and what is said of it. */
	if (rows < wanted || columns < FORM_COLUMNS - 8) {
		draw_field_small(form, canvas, y + 1, x, width);
		draw_preview(names, canvas, y + 2, x, width, rows - 3, masked);
		return;
	}
	y += 1 + draw_fields(form, names, canvas, y + 1, x, width);
	draw_preview(names, canvas, y + 1, x, width, 4, masked);
	canvas_text_right(canvas, y + 5, x, width, form->asking ? ROLE_WARNING : ROLE_FAINT,
			  form->asking ? "y yes   n no" : "Enter apply   Esc cancel");
}

void screen_form_draw(const struct form *form, struct canvas *canvas, bool masked)
{
	struct form names = *form;

	names.now = form->now ? masked ? mask_row(form->now) : json_incref(form->now) : NULL;
	draw(form, &names, canvas, masked);
	json_decref(names.now);
}
