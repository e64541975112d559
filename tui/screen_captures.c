/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures: what is asked of the engine, and the last packets of the one under the cursor. */
#include "tui/screen.h"

#include "engine/base/memory.h"
#include "tui/cell.h"
#include "tui/mask.h"

static const char verb_start[] = "capture.start", verb_stop[] = "capture.stop";

static struct intent start(json_t *arguments)
{
	return (struct intent){ .kind = INTENT_REQUEST,
				.verb = verb_start,
				.arguments = arguments };
}

static struct intent say(const char *words)
{
	return (struct intent){ .kind = INTENT_SAY, .words = words };
}

struct intent screen_capture_circuit(const char *circuit)
{
	if (!circuit)
		return say("A capture is of a circuit, a flow or an address: go to one first.");
	return start(json_pack("{s:s}", "circuit", circuit));
}

struct intent screen_capture_address(const char *address)
{
	return start(json_pack("{s:s}", "address", address));
}

struct intent screen_capture_flow(const json_t *row)
{
	static const char *const fields[] = { "circuit",       "customer",    "remote",
					      "customer_port", "remote_port", "protocol" };
	json_t *arguments = json_object();

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		json_t *value = json_object_get(row, fields[i]);

		/* 0 is a protocol's that has no ports. */
		if (json_is_string(value) || json_integer_value(value) > 0)
			json_object_set(arguments, fields[i], value);
	}
	return start(arguments);
}

struct intent screen_captures_act(struct list *list, enum action action)
{
	const json_t *row = list_selected(list);

	if (action != ACTION_CAPTURE || !row)
		return (struct intent){ 0 };
	if (!row_flag(row, "running"))
		return say("It has ended already.");
	return (struct intent){ .kind = INTENT_REQUEST,
				.verb = verb_stop,
				.arguments = json_pack("{s:O}", "capture",
						       json_object_get(row, "capture")) };
}

/* The newest at the bottom, as on a terminal. */
void screen_captures_draw(const struct console *console, struct canvas *canvas, int y, bool stale)
{
	const int lines = screen_get(SCREEN_CAPTURES)->above_rows - 1;
	const json_t *row = list_selected(&console->lists[SCREEN_CAPTURES]);
	const json_t *last = json_object_get(row, "lines");
	const char *subject = row_text(row, "subject"), *trouble = row_text(row, "trouble");
	int count = (int)json_array_size(last), width = canvas->columns - 2;

	if (!row)
		return;
	if (console->masked) {
		canvas_text(canvas, y, 1, width, ROLE_FAINT, "Packets are masked; M shows them.");
		return;
	}
	if (trouble && *trouble)
		canvas_text(canvas, y, 1, width, ROLE_BAD, trouble);
	else
		canvas_format(canvas, y, 1, width, ROLE_STRONG, "Last packets of %s",
			      subject ? subject : "-");
	for (int i = 0; i < lines && i < count; i++) {
		const char *line = json_string_value(json_array_get(last, (size_t)i));

		canvas_text(canvas, y + (count < lines ? count : lines) - i, 1, width,
			    stale ? ROLE_STALE : ROLE_NORMAL, line ? line : "-");
	}
}
