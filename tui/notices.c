/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/notices.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/cell.h"

#define FULL 0.9

/* --- alerts ------------------------------------------------------------------------------------ */

static double alert_number(const json_t *status)
{
	double number = 0;

	row_number(json_object_get(status, "alert"), "number", &number);
	return number;
}

/* "16:02:31 wan0: link up -> no carrier: nothing passes by it" */
static void tell_alert(const json_t *status, double seen, char *text, size_t size)
{
	static const struct column time = { .field = "time_ms", .kind = CELL_TIME };
	const json_t *alert = json_object_get(status, "alert");
	const char *subject = row_text(alert, "subject"), *field = row_text(alert, "field");
	const char *before = row_text(alert, "before"), *after = row_text(alert, "after");
	const char *result = row_text(alert, "result");
	double others = alert_number(status) - seen - 1;
	char more[64] = "";
	struct cell when;

	cell_format(&time, alert, (struct looks){ .utf8 = true }, &when);
	if (others > 0)
		snprintf(more, sizeof(more), " (and %.0f more: 7 Journal)", fmin(others, 1e6));
	snprintf(text, size, "%s %s: %s %s -> %s: %s%s   Esc seen", when.text,
		 subject ? subject : "-", field ? field : "-", before ? before : "-",
		 after ? after : "-", result ? result : "-", more);
}

/* --- conditions --------------------------------------------------------------------------------- */

static bool is_down(const json_t *status, const char *side, char *text, size_t size)
{
	const char *link = row_text(json_object_get(status, "links"), side);
	const char *name = row_text(json_object_get(status, "interfaces"), side);

	if (!link || !strcmp(link, "up"))
		return false;
	snprintf(text, size, "The link of %s (%s) is not up: %s   Esc seen", name ? name : "-",
		 side, link);
	return true;
}

/* The live flows: an entry of the table stays in use until another flow takes it. */
static bool is_full(const json_t *status, const char *name, char *text, size_t size)
{
	const json_t *table = json_object_get(json_object_get(status, "tables"), name);
	bool flows = !strcmp(name, "flows");
	double used, most;

	if (!row_number(flows ? json_object_get(status, "counts") : table, flows ? "flows" : "used",
			&used) ||
	    !row_number(table, "size", &most) || most < 1 || used < FULL * most)
		return false;
	snprintf(text, size,
		 "The table of %s is nearly full: %.0f of %.0f; see lqosd.conf(5)   Esc seen", name,
		 used, most);
	return true;
}

static const struct {
	bool (*holds)(const json_t *status, const char *name, char *text, size_t size);
	const char *name;
	bool alerted; /* the engine's alert tells it when it begins */
} conditions[] = {
	{ is_down, "access", true },	{ is_down, "internet", true }, { is_full, "flows", false },
	{ is_full, "prefixes", false }, { is_full, "slots", false },
};
#define CONDITIONS (sizeof(conditions) / sizeof(conditions[0]))

/* The first condition that was not seen yet, as its bit; 0: none. */
static unsigned int find_condition(const struct notices *notices, const json_t *status, char *text,
				   size_t size)
{
	for (size_t i = 0; i < CONDITIONS; i++)
		if (!(notices->seen & 1u << i) &&
		    conditions[i].holds(status, conditions[i].name, text, size))
			return 1u << i;
	return 0;
}

/* What ended is new when it begins again. */
static void forget_ended(struct notices *notices, const json_t *status)
{
	char unused[400];

	for (size_t i = 0; i < CONDITIONS; i++) {
		bool holds =
			conditions[i].holds(status, conditions[i].name, unused, sizeof(unused));

		if (!holds)
			notices->seen &= ~(1u << i);
		else if (conditions[i].alerted && notices->begun)
			notices->seen |= 1u << i;
	}
}

/* --- public ---------------------------------------------------------------------------------------- */

static void choose(struct notices *notices, const json_t *status)
{
	notices->text[0] = '\0';
	if (alert_number(status) > notices->alert_seen)
		tell_alert(status, notices->alert_seen, notices->text, sizeof(notices->text));
	else
		find_condition(notices, status, notices->text, sizeof(notices->text));
}

void notices_take(struct notices *notices, const json_t *status)
{
	double number = alert_number(status);

	/* What was before this console is in the journal; a new engine counts anew. */
	if (!notices->begun || number < notices->alert_seen)
		notices->alert_seen = notices->begun ? 0 : number;
	forget_ended(notices, status);
	notices->begun = true;
	choose(notices, status);
}

void notices_see(struct notices *notices, const json_t *status)
{
	char text[400];

	if (alert_number(status) > notices->alert_seen)
		notices->alert_seen = alert_number(status);
	else
		notices->seen |= find_condition(notices, status, text, sizeof(text));
	choose(notices, status);
}

bool notices_is_full(const json_t *status, const char *table)
{
	char unused[400];

	return strcmp(table, "unknown") != 0 && is_full(status, table, unused, sizeof(unused));
}
