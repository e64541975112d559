/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queueing, settings and interfaces that somebody else changed: noticed by the kernel's own
 * announcements, by a look every minute in case one was missed, settings by one every few seconds;
 * put right where they can be, queueing by the ordinary way of a change; told in any case.
 */
#ifndef LQOS_DRIFT_H
#define LQOS_DRIFT_H

#include "engine/base/error.h"
#include "engine/state.h"

struct drift;

struct drift *drift_new(struct engine *engine, struct error *err);
void drift_free(struct drift *drift);

/* Looks when there is reason to; several times a second. */
void drift_tick(struct drift *drift);

#endif
