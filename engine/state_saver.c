/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/state_saver.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/handles.h"
#include "engine/placement.h"
#include "engine/saved_loads.h"

#define SAVE_AFTER_MS 500

struct state_saver {
	struct engine *engine;
	struct network *plans; /* circuits to be written; NULL: none */
	uint64_t lags_since_ns;

	pthread_t thread;
	bool begun, running;
	atomic_bool done;
	/* The thread's, while it runs. */
	struct network *rows; /* NULL: none are written */
	bool whole; /* all rows there are, with the assignments; else these circuits alone */
	struct assignment *assignments;
	size_t assignment_count;
	struct measured_load *loads; /* of the assignments; NULL: none are written */
	size_t load_count;
	uint32_t windows;
	bool ok;
	struct error err, said;
};

static bool save_rows(struct state_saver *saver)
{
	struct state_db *db = saver->engine->state_db;

	if (!saver->rows)
		return true;
	if (!saver->whole)
		return state_db_save_plans(db, saver->rows, &saver->err);
	return state_db_save(db, saver->rows, saver->assignments, saver->assignment_count,
			     &saver->err);
}

static void *save(void *data)
{
	struct state_saver *saver = data;

	saver->ok = save_rows(saver) &&
		    (!saver->loads ||
		     state_db_save_loads(saver->engine->state_db, saver->loads, saver->load_count,
					 saver->windows, &saver->err));
	atomic_store(&saver->done, true);
	return NULL;
}

/* A network without numbers was never applied: what is in force is still what was saved last. */
static bool lags_as_a_whole(const struct state_saver *saver)
{
	return saver->engine->unsaved && !saver->engine->lacks_numbers;
}

static void take_rows(struct state_saver *saver)
{
	struct engine *engine = saver->engine;

	saver->whole = lags_as_a_whole(saver);
	saver->rows = saver->plans;
	saver->plans = NULL;
	if (saver->whole) {
		network_free(saver->rows);
		saver->rows = network_copy(engine->network);
		engine->unsaved = false;
	}
	if (saver->rows)
		saver->rows->revision = engine->network->revision;
}

static void take_numbers(struct state_saver *saver)
{
	const struct node_loads *loads = placement_loads(saver->engine->placement);
	const struct assignment *list =
		handles_list(saver->engine->handles, &saver->assignment_count);

	saver->assignments = assignments_copy(list, saver->assignment_count);
	saver->loads = saved_loads_collect(loads, saver->assignments, saver->assignment_count,
					   &saver->load_count);
	saver->windows = node_loads_windows(loads);
	saver->engine->loads_unsaved = false;
}

static void start(struct state_saver *saver)
{
	take_rows(saver);
	if (saver->whole || saver->engine->loads_unsaved)
		take_numbers(saver);
	saver->lags_since_ns = 0;
	saver->begun = true;
	atomic_store(&saver->done, false);
	saver->running = !pthread_create(&saver->thread, NULL, save, saver);
	if (!saver->running)
		save(saver);
}

static void release(struct state_saver *saver)
{
	network_free(saver->rows);
	assignments_free(saver->assignments, saver->assignment_count);
	free(saver->loads);
	saver->rows = NULL;
	saver->assignments = NULL;
	saver->assignment_count = 0;
	saver->loads = NULL;
}

static void end(struct state_saver *saver)
{
	struct engine *engine = saver->engine;

	if (saver->running)
		pthread_join(saver->thread, NULL);
	saver->begun = saver->running = false;
	if (saver->ok) {
		saver->said.text[0] = '\0';
	} else {
		engine->unsaved |= saver->rows != NULL;
		engine->loads_unsaved |= saver->loads != NULL;
		if (strcmp(saver->err.text, saver->said.text))
			log_error("%s", saver->err.text);
		saver->said = saver->err;
	}
	release(saver);
}

static bool lags(const struct state_saver *saver)
{
	return lags_as_a_whole(saver) || saver->plans || saver->engine->loads_unsaved;
}

struct state_saver *state_saver_new(struct engine *engine)
{
	struct state_saver *saver = xcalloc(1, sizeof(*saver));

	saver->engine = engine;
	return saver;
}

void state_saver_free(struct state_saver *saver)
{
	if (!saver)
		return;
	if (saver->begun)
		end(saver);
	network_free(saver->plans);
	free(saver);
}

void state_saver_note_plan(struct state_saver *saver, const struct circuit *circuit)
{
	if (saver->engine->unsaved)
		return;
	if (!saver->plans)
		saver->plans = network_new();
	network_add_circuit(saver->plans, circuit);
}

void state_saver_tick(struct state_saver *saver)
{
	uint64_t now_ns = clock_now_ns();

	if (saver->begun && atomic_load(&saver->done))
		end(saver);
	if (saver->begun || !lags(saver))
		return;
	if (!saver->lags_since_ns)
		saver->lags_since_ns = now_ns;
	if (now_ns - saver->lags_since_ns >= SAVE_AFTER_MS * NS_PER_MS)
		start(saver);
}

void state_saver_finish(struct state_saver *saver)
{
	if (saver->begun)
		end(saver);
	if (!lags(saver))
		return;
	start(saver);
	end(saver);
}
