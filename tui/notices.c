/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/notices.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/memory.h"
#include "tui/cell.h"
#include "tui/mask.h"

#define FULL 0.9

/* --- alerts ------------------------------------------------------------------------------------ */

static double alert_number(const json_t *status)
{
	double number = 0;

	row_number(json_object_get(status, "alert"), "number", &number);
	return number;
}

/* "16:02:31 wan0: link up -> no carrier: nothing passes by it" */
static void tell_alert(const json_t *status, double seen, const char *subject, char *text,
		       size_t size)
{
	static const struct column time = { .field = "time_ms", .kind = CELL_TIME };
	const json_t *alert = json_object_get(status, "alert");
	const char *field = row_text(alert, "field");
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

static bool is_interface(const json_t *status, const char *name)
{
	const json_t *interfaces = json_object_get(status, "interfaces");
	const char *access = row_text(interfaces, "access");
	const char *internet = row_text(interfaces, "internet");

	return (access && !strcmp(name, access)) || (internet && !strcmp(name, internet));
}

/* In full and masked: what is no interface is mostly a site or a circuit. */
static void tell(struct notices *notices, const json_t *status)
{
	const char *subject = row_text(json_object_get(status, "alert"), "subject");
	json_t *name = mask_name(subject ? subject : "");
	bool known = !subject || is_interface(status, subject);

	tell_alert(status, notices->alert_seen, subject, notices->text, sizeof(notices->text));
	tell_alert(status, notices->alert_seen, known ? subject : json_string_value(name),
		   notices->masked, sizeof(notices->masked));
	json_decref(name);
}

/* --- conditions --------------------------------------------------------------------------------- */

/* Whether both sides are one interface. */
static bool is_stick(const json_t *status)
{
	const json_t *interfaces = json_object_get(status, "interfaces");
	const char *access = row_text(interfaces, "access");
	const char *internet = row_text(interfaces, "internet");

	return access && internet && !strcmp(access, internet);
}

static bool is_down(const json_t *status, const char *side, char *text, size_t size)
{
	const char *link = row_text(json_object_get(status, "links"), side);
	const char *name = row_text(json_object_get(status, "interfaces"), side);

	if (!link || !strcmp(link, "up"))
		return false;
	if (!strcmp(side, "internet") && is_stick(status))
		return false; /* told of the other side */
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

/* What ended is new when it begins again. alerts: the engine has told what began since the last status. */
static void note_conditions(struct notices *notices, const json_t *status, bool alerts)
{
	char unused[400];

	for (size_t i = 0; i < CONDITIONS; i++) {
		unsigned int bit = 1u << i;

		if (!conditions[i].holds(status, conditions[i].name, unused, sizeof(unused))) {
			notices->seen &= ~bit;
			notices->held &= ~bit;
			continue;
		}
		if (alerts && conditions[i].alerted && !(notices->held & bit))
			notices->seen |= bit;
		notices->held |= bit;
	}
}

/* Another engine counts its alerts anew and gives none of what it found when it started. */
static void begin_anew(struct notices *notices)
{
	notices->alert_seen = 0;
	for (size_t i = 0; i < CONDITIONS; i++)
		if (conditions[i].alerted)
			notices->seen &= ~(1u << i);
}

/* --- public ---------------------------------------------------------------------------------------- */

static void choose(struct notices *notices, const json_t *status)
{
	char before[sizeof(notices->text)];

	copy_text(before, sizeof(before), notices->text);
	notices->text[0] = notices->masked[0] = '\0';
	if (alert_number(status) > notices->alert_seen)
		tell(notices, status);
	else if (find_condition(notices, status, notices->text, sizeof(notices->text)))
		copy_text(notices->masked, sizeof(notices->masked), notices->text);
	if (strcmp(before, notices->text) != 0)
		notices->drawn = false;
}

void notices_take(struct notices *notices, const json_t *status)
{
	double number = alert_number(status), pid = 0;
	bool another;

	row_number(status, "pid", &pid);
	another = notices->begun && (pid != notices->pid || number < notices->alert_seen);
	if (another)
		begin_anew(notices);
	if (!notices->begun)
		notices->alert_seen = number; /* what was before this console is in the journal */
	note_conditions(notices, status, notices->begun && !another);
	notices->begun = true;
	notices->pid = pid;
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
