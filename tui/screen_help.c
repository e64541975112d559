/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The help: the keys of the screen one comes from, and what its columns mean. */
#include "tui/screen.h"

#include "tui/cell.h"

struct page {
	struct canvas *canvas; /* NULL: only count */
	int top, y, rows, line;
};

static void put(struct page *page, enum role role, const char *left, const char *right)
{
	int y = page->line++ - page->top;

	if (!page->canvas || y < 0 || y >= page->rows)
		return;
	y += page->y;
	canvas_text(page->canvas, y, 2, right ? 13 : page->canvas->columns, role, left);
	if (right)
		canvas_text(page->canvas, y, 16, page->canvas->columns - 17, ROLE_NORMAL, right);
}

static void put_keys(struct page *page, const struct keymap *keymap, unsigned int contexts)
{
	char keys[KEY_NAMES_SIZE];

	for (const struct key_binding *b = keymap->bindings; b->action; b++)
		if ((b->contexts & contexts) && key_names(b, keys)[0])
			put(page, ROLE_KEY, key_names(b, keys), b->help);
}

static void put_all(struct page *page, const struct console *console)
{
	const struct screen *screen = screen_get(console->screen);
	const struct table *table = console->lists[console->screen].table;
	const struct keymap *keymap = &console->settings->keymap;

	put(page, ROLE_HEADING, "Keys", NULL);
	put_keys(page, keymap, screen->context);
	put(page, ROLE_NORMAL, "", NULL);
	put(page, ROLE_HEADING, "Columns", NULL);
	for (size_t i = 0; i < table->count; i++)
		if (table->columns[i].rank != RANK_HIDDEN)
			put(page, ROLE_KEY, table->columns[i].title, table->columns[i].help);
	put(page, ROLE_NORMAL, "-", "no data: nothing was measured");
	put(page, ROLE_NORMAL, "", NULL);
	put(page, ROLE_HEADING, "Edit form and filter", NULL);
	put_keys(page, keymap, IN_FORM | IN_FILTER);
}

int screen_help_draw(const struct console *console, struct canvas *canvas, int top)
{
	int first = canvas->rows >= 8 ? 3 : 1, rows = canvas->rows - first - 1;
	struct page page = { .rows = rows };

	put_all(&page, console);
	if (top > page.line - rows)
		top = page.line - rows;
	if (top < 0)
		top = 0;
	page = (struct page){ .canvas = canvas, .top = top, .y = first, .rows = rows };
	put_all(&page, console);
	view_footer(&console->settings->keymap, canvas, canvas->rows - 1, IN_HELP);
	if (page.line > rows)
		canvas_format(canvas, canvas->rows - 1, canvas->columns - 24, 23, ROLE_FAINT,
			      "lines %d to %d of %d", top + 1,
			      top + rows < page.line ? top + rows : page.line, page.line);
	return top;
}
