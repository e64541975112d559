/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened to the host that is nobody's change of the circuits: somebody else's hands on
 * queues and settings, and interfaces that go, come or are renamed. Logged, and written into the
 * journal.
 */
#ifndef LQOS_EVENTS_H
#define LQOS_EVENTS_H

#include <stdbool.h>

#include "engine/base/error.h"
#include "engine/state.h"

enum event_weight {
	EVENT_ROUTINE, /* for the journal alone */
	EVENT_ALERT,   /* consoles show it until it was seen */
};

/* Notes that `field` of `subject` went from `before` to `after`, and what came of it. */
void events_note(struct engine *engine, enum event_weight weight, const char *subject,
		 const char *field, const char *before, const char *after, const char *result);

/* Writes what is noted into the journal; what can't be written waits. */
bool events_record(struct engine *engine, struct error *err);

#endif
