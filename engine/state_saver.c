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
	bool running;
	atomic_bool done;
	/* The thread's, while it runs. */
	struct network *rows;
	struct assignment *assignments; /* NULL: the circuits of `rows` alone */
	size_t assignment_count;
	struct measured_load *loads; /* with the assignments */
	size_t load_count;
	uint32_t windows;
	bool ok;
	struct error err, said;
};

static void *save(void *data)
{
	struct state_saver *saver = data;
	struct state_db *db = saver->engine->state_db;

	if (saver->assignments)
		saver->ok = state_db_save(db, saver->rows, saver->assignments,
					  saver->assignment_count, &saver->err) &&
			    state_db_save_loads(db, saver->loads, saver->load_count, saver->windows,
						&saver->err);
	else
		saver->ok = state_db_save_plans(db, saver->rows, &saver->err);
	atomic_store(&saver->done, true);
	return NULL;
}

static void take_all(struct state_saver *saver)
{
	const struct node_loads *loads = placement_loads(saver->engine->placement);
	const struct assignment *list =
		handles_list(saver->engine->handles, &saver->assignment_count);

	network_free(saver->plans);
	saver->rows = network_copy(saver->engine->network);
	saver->assignments = assignments_copy(list, saver->assignment_count);
	saver->loads = saved_loads_collect(loads, saver->assignments, saver->assignment_count,
					   &saver->load_count);
	saver->windows = node_loads_windows(loads);
	saver->engine->unsaved = false;
}

static void start(struct state_saver *saver)
{
	if (saver->engine->unsaved)
		take_all(saver);
	else
		saver->rows = saver->plans;
	saver->plans = NULL;
	saver->rows->revision = saver->engine->network->revision;
	saver->lags_since_ns = 0;
	atomic_store(&saver->done, false);
	saver->running = !pthread_create(&saver->thread, NULL, save, saver);
	if (!saver->running)
		save(saver);
}

static void end(struct state_saver *saver)
{
	if (saver->running)
		pthread_join(saver->thread, NULL);
	saver->running = false;
	network_free(saver->rows);
	assignments_free(saver->assignments, saver->assignment_count);
	free(saver->loads);
	saver->loads = NULL;
	saver->rows = NULL;
	saver->assignments = NULL;
	saver->assignment_count = 0;
	if (saver->ok) {
		saver->said.text[0] = '\0';
		return;
	}
	saver->engine->unsaved = true;
	if (strcmp(saver->err.text, saver->said.text))
		log_error("%s", saver->err.text);
	saver->said = saver->err;
}

static bool lags(const struct state_saver *saver)
{
	return saver->engine->unsaved || saver->plans;
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
	if (saver->rows)
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

	if (saver->rows && atomic_load(&saver->done))
		end(saver);
	if (saver->rows || !lags(saver))
		return;
	if (!saver->lags_since_ns)
		saver->lags_since_ns = now_ns;
	if (now_ns - saver->lags_since_ns >= SAVE_AFTER_MS * NS_PER_MS)
		start(saver);
}

void state_saver_finish(struct state_saver *saver)
{
	if (saver->rows)
		end(saver);
	if (!lags(saver))
		return;
	start(saver);
	end(saver);
}
