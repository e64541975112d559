/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/events.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"

#define WAITING_MOST 1000 /* the oldest go first */

void events_note(struct engine *engine, enum event_weight weight, const char *subject,
		 const char *field, const char *before, const char *after, const char *result)
{
	struct host_event *event;

	log_warning("%s: %s %s -> %s: %s", subject, field, before, after, result);
	if (engine->event_count == WAITING_MOST) {
		engine->event_count--;
		memmove(engine->events, engine->events + 1,
			engine->event_count * sizeof(*engine->events));
	}
	engine->events = grow(engine->events, engine->event_count, &engine->event_capacity,
			      sizeof(*engine->events));
	event = &engine->events[engine->event_count++];
	*event = (struct host_event){ .time_ms = clock_wall_ms() };
	copy_text(event->subject, sizeof(event->subject), subject);
	copy_text(event->field, sizeof(event->field), field);
	copy_text(event->before, sizeof(event->before), before);
	copy_text(event->after, sizeof(event->after), after);
	copy_text(event->result, sizeof(event->result), result);
	if (weight == EVENT_ALERT) {
		engine->alert = *event;
		engine->alerts++;
	}
}

bool events_record(struct engine *engine, struct error *err)
{
	if (!engine->circuits_db || !engine->event_count)
		return true;
	if (!circuits_db_record_events(engine->circuits_db, engine->events, engine->event_count,
				       err))
		return false;
	engine->event_count = 0;
	return true;
}
