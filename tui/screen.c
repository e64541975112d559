/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "tui/cell.h"

static const struct screen screens[SCREENS] = {
	[SCREEN_TREE] = { "Tree", TABLE_TREE, IN_TREE, screen_tree_act },
	[SCREEN_CIRCUITS] = { "Circuits", TABLE_CIRCUITS, IN_CIRCUITS, screen_circuits_act },
	[SCREEN_FLOWS] = { "Flows", TABLE_FLOWS, IN_FLOWS, screen_flows_act },
	[SCREEN_RTT] = { "RTT", TABLE_RTT, IN_RTT, screen_rtt_act, 9, screen_rtt_draw },
	[SCREEN_QUEUES] = { "Queues", TABLE_QUEUES, IN_PLAIN, NULL, 5, screen_queues_draw },
	[SCREEN_UNKNOWN] = { "Unknown", TABLE_UNKNOWN, IN_UNKNOWN, screen_unknown_act },
	[SCREEN_JOURNAL] = { "Journal", TABLE_JOURNAL, IN_PLAIN },
	[SCREEN_PROBLEMS] = { "Problems", TABLE_PROBLEMS, IN_PLAIN },
	[SCREEN_STATUS] = { "Engine", TABLE_STATUS, IN_PLAIN },
	[SCREEN_CIRCUIT] = { "Circuit", TABLE_FLOWS, IN_CIRCUIT, screen_circuit_act, 9,
			     screen_circuit_draw },
	[SCREEN_WHY] = { "Why", TABLE_WHY, IN_WHY },
	[SCREEN_CAPTURES] = { "Captures", TABLE_CAPTURES, IN_CAPTURES, screen_captures_act, 8,
			      screen_captures_draw },
};

const struct screen *screen_get(enum screen_name name)
{
	return &screens[name];
}

static struct intent say(const char *words)
{
	return (struct intent){ .kind = INTENT_SAY, .words = words };
}

static struct intent about(enum intent_kind kind, const char *circuit)
{
	struct intent intent = { .kind = kind };

	if (!circuit)
		return say("This row belongs to no circuit.");
	copy_text(intent.circuit, sizeof(intent.circuit), circuit);
	return intent;
}

static struct intent form(enum form_kind kind, const char *circuit)
{
	struct intent intent = about(INTENT_FORM, circuit);

	intent.form = kind;
	return intent;
}

/* Below the site of the row's circuit. */
static struct intent add_below(const char *site)
{
	struct intent intent = { .kind = INTENT_FORM, .form = FORM_ADD };

	copy_text(intent.site, sizeof(intent.site), site ? site : "");
	return intent;
}

static struct intent site_form(enum form_kind kind, const char *id)
{
	struct intent intent = { .kind = id ? INTENT_FORM : INTENT_NONE, .form = kind };

	copy_text(intent.site, sizeof(intent.site), id ? id : "");
	return intent;
}

static bool is_site(const json_t *row)
{
	const char *kind = row_text(row, "kind");

	return kind && !strcmp(kind, "site");
}

/* --- the tree -------------------------------------------------------------------------------- */

static struct intent toggle(struct list *list, const json_t *site)
{
	const char *id = row_text(site, "id");

	if (list->filter[0])
		return say("While a filter is set, everything that matches is unfolded.");
	if (id)
		list_toggle_site(list, id);
	return (struct intent){ 0 };
}

static void go_to_parent(struct list *list, const json_t *row)
{
	const char *site = row_text(row, "site_id");
	double depth = 0, above;
	char key[NODE_ID_SIZE + 8];

	row_number(row, "depth", &depth);
	for (long i = list->selected - 1; list_row(list, i); i--) {
		if (row_number(list_row(list, i), "depth", &above) && above < depth) {
			list_move_to(list, i);
			return;
		}
	}
	/* It is above the rows at hand: let the engine find it. */
	if (site) {
		snprintf(key, sizeof(key), "site:%s", site);
		list_follow(list, key);
	}
}

static struct intent show(enum screen_name screen, const json_t *row)
{
	struct intent intent = { .kind = INTENT_SHOW, .screen = screen };
	const char *id = row_text(row, "id");

	if (!id)
		return (struct intent){ 0 };
	if (is_site(row))
		copy_text(intent.site, sizeof(intent.site), id);
	else
		copy_text(intent.circuit, sizeof(intent.circuit), id);
	return intent;
}

/* To the child with the lowest score; the engine shows where it is. */
static struct intent go_to_worst(struct list *list, const json_t *row, bool open)
{
	const char *worst = row_text(row, "worst"), *id = row_text(row, "id");

	if (!is_site(row))
		return about(INTENT_SHOW_CIRCUIT, id);
	if (!worst)
		return say("Below this site nothing has been measured yet.");
	if (!open && id)
		list_toggle_site(list, id);
	list_follow(list, worst);
	return (struct intent){ 0 };
}

/* From the sites side by side into the tree, to this row of it. */
static void show_in_tree(struct list *list, const json_t *row, const char *key, bool open)
{
	json_t *path = json_deep_copy(json_object_get(row, "path"));
	json_t *self = json_pack("{s:s*}", "id", row_text(row, "id"));
	char *followed = key ? xstrdup(key) : NULL;

	if (open && self && path)
		json_array_append(path, self);
	json_decref(self);
	list_show_table(list, table_get(TABLE_TREE));
	list_reveal(list, path);
	if (followed)
		list_follow(list, followed);
	free(followed);
	json_decref(path);
}

static struct intent turn_flat(struct list *list, const json_t *row)
{
	if (list->table == table_get(TABLE_SITES)) {
		show_in_tree(list, row, row_text(row, "key"), false);
		return (struct intent){ 0 };
	}
	list_show_table(list, table_get(TABLE_SITES));
	return (struct intent){ 0 };
}

static struct intent act_on_flat(struct list *list, const json_t *row, enum action action)
{
	const char *worst = row_text(row, "worst");

	if (action == ACTION_OPEN || action == ACTION_UNFOLD)
		show_in_tree(list, row, row_text(row, "key"), true);
	else if (action == ACTION_WORST && worst)
		show_in_tree(list, row, worst, true);
	else if (action == ACTION_WORST)
		return say("Below this site nothing has been measured yet.");
	return (struct intent){ 0 };
}

static struct intent edit_in_tree(const json_t *row, enum action action)
{
	const char *id = row_text(row, "id");
	bool site = is_site(row);

	if (action == ACTION_ADD)
		return add_below(row_text(row, site ? "name" : "site"));
	if (action == ACTION_DELETE)
		return site ? site_form(FORM_DELETE_SITE, id) : form(FORM_DELETE, id);
	if (site)
		return site_form(FORM_SITE, id);
	return form(action == ACTION_EDIT ? FORM_PLAN : FORM_CIRCUIT, id);
}

static struct intent look_from_tree(const json_t *row, enum action action)
{
	bool site = is_site(row);

	if (action == ACTION_FLOWS)
		return show(SCREEN_FLOWS, row);
	if (action == ACTION_RTT)
		return site ? show(SCREEN_RTT, row)
			    : about(INTENT_SHOW_CIRCUIT, row_text(row, "id"));
	return site ? say("Circuits and addresses have a why; this is a site.")
		    : show(SCREEN_WHY, row);
}

struct intent screen_tree_act(struct list *list, enum action action)
{
	const json_t *row = list_selected(list);
	bool site = is_site(row), open = site && row_flag(row, "open");
	bool flat = list->table == table_get(TABLE_SITES);

	if (action == ACTION_FLAT)
		return turn_flat(list, row);
	if (action == ACTION_ALL && !flat)
		list_fold_all(list, list->depth != -1);
	if (!row)
		return action == ACTION_ADD ? add_below("") : (struct intent){ 0 };
	if (flat && (action == ACTION_OPEN || action == ACTION_UNFOLD || action == ACTION_FOLD ||
		     action == ACTION_WORST))
		return act_on_flat(list, row, action);
	switch (action) {
	case ACTION_OPEN:
		return site ? toggle(list, row) : about(INTENT_SHOW_CIRCUIT, row_text(row, "id"));
	case ACTION_UNFOLD:
		if (site && !open)
			return toggle(list, row);
		if (site && list->selected + 1 < list->total)
			list_move_to(list, list->selected + 1);
		break;
	case ACTION_FOLD:
		if (open)
			return toggle(list, row);
		go_to_parent(list, row);
		break;
	case ACTION_EDIT:
	case ACTION_DETAILS:
	case ACTION_ADD:
	case ACTION_DELETE:
		return edit_in_tree(row, action);
	case ACTION_WORST:
		return go_to_worst(list, row, open);
	case ACTION_FLOWS:
	case ACTION_RTT:
	case ACTION_WHY:
		return look_from_tree(row, action);
	default:
		break;
	}
	return (struct intent){ 0 };
}

/* --- circuits and flows ---------------------------------------------------------------------- */

static struct intent show_of_circuit(enum screen_name screen, const char *circuit)
{
	struct intent intent = about(INTENT_SHOW, circuit);

	if (intent.kind == INTENT_SHOW)
		intent.screen = screen;
	return intent;
}

static struct intent act_on(struct list *list, enum action action, const char *field)
{
	const json_t *row = list_selected(list);

	if (!row)
		return action == ACTION_ADD ? add_below("") : (struct intent){ 0 };
	switch (action) {
	case ACTION_OPEN:
		return about(INTENT_SHOW_CIRCUIT, row_text(row, field));
	case ACTION_EDIT:
		return form(FORM_PLAN, row_text(row, field));
	case ACTION_DETAILS:
		return form(FORM_CIRCUIT, row_text(row, field));
	case ACTION_DELETE:
		return form(FORM_DELETE, row_text(row, field));
	case ACTION_ADD:
		return add_below(row_text(row, "site"));
	case ACTION_FLOWS:
		return show_of_circuit(SCREEN_FLOWS, row_text(row, field));
	case ACTION_WHY:
		return show_of_circuit(SCREEN_WHY, row_text(row, field));
	case ACTION_CAPTURE:
		return list->table == table_get(TABLE_FLOWS)
			       ? screen_capture_flow(row)
			       : screen_capture_circuit(row_text(row, field));
	default:
		return (struct intent){ 0 };
	}
}

struct intent screen_circuits_act(struct list *list, enum action action)
{
	return act_on(list, action, "id");
}

struct intent screen_flows_act(struct list *list, enum action action)
{
	return act_on(list, action, "circuit");
}

struct intent screen_rtt_act(struct list *list, enum action action)
{
	return act_on(list, action, "id");
}

struct intent screen_unknown_act(struct list *list, enum action action)
{
	const char *address = row_text(list_selected(list), "address");
	struct intent intent = { .kind = INTENT_SHOW, .screen = SCREEN_WHY };

	if (action == ACTION_CAPTURE && address)
		return screen_capture_address(address);
	if (action == ACTION_ADD)
		intent = add_below("");
	else if (action != ACTION_OPEN && action != ACTION_WHY)
		return (struct intent){ 0 };
	if (!address)
		return (struct intent){ 0 };
	copy_text(intent.address, sizeof(intent.address), address);
	return intent;
}

/* The next table below the circuit. */
static void step_view(struct list *list)
{
	static const enum table_name views[] = { TABLE_FLOWS,	TABLE_DEVICES, TABLE_HISTOGRAM,
						 TABLE_SAMPLES, TABLE_LEAF,    TABLE_JOURNAL,
						 TABLE_WHY };
	size_t count = sizeof(views) / sizeof(views[0]), i = 0;

	while (i < count && list->table != table_get(views[i]))
		i++;
	list_show_table(list, table_get(views[(i + 1) % count]));
}

/* Of the device in the row, where devices are shown. */
static struct intent device_form(const struct list *list, enum form_kind kind)
{
	const char *device = row_text(list_selected(list), "device");
	struct intent intent = form(kind, list->circuit);

	if (list->table != table_get(TABLE_DEVICES) || !device)
		return (struct intent){ 0 };
	copy_text(intent.device, sizeof(intent.device), device);
	return intent;
}

/* The flow or the device's prefix in the row, else the whole circuit. */
static struct intent capture_in(const struct list *list)
{
	const json_t *row = list_selected(list);
	const char *prefix = row_text(row, "prefix");

	if (row && list->table == table_get(TABLE_FLOWS))
		return screen_capture_flow(row);
	if (prefix && list->table == table_get(TABLE_DEVICES))
		return screen_capture_address(prefix);
	return screen_capture_circuit(list->circuit);
}

struct intent screen_circuit_act(struct list *list, enum action action)
{
	switch (action) {
	case ACTION_VIEW:
		step_view(list);
		break;
	case ACTION_OPEN:
		return device_form(list, FORM_DEVICE);
	case ACTION_EDIT:
		return form(FORM_PLAN, list->circuit);
	case ACTION_DETAILS:
		return form(FORM_CIRCUIT, list->circuit);
	case ACTION_ADD:
		return form(FORM_ADD_DEVICE, list->circuit);
	case ACTION_DELETE:
		return list->table == table_get(TABLE_DEVICES)
			       ? device_form(list, FORM_DELETE_DEVICE)
			       : form(FORM_DELETE, list->circuit);
	case ACTION_WHY:
		return show_of_circuit(SCREEN_WHY, list->circuit);
	case ACTION_CAPTURE:
		return capture_in(list);
	default:
		break;
	}
	return (struct intent){ 0 };
}
