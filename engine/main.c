/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lqosd(8): does what the options ask; without one that asks for something else it shapes. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/circuits.h"
#include "engine/base/heap.h"
#include "engine/base/plain.h"
#include "engine/check_file.h"
#include "engine/config.h"
#include "engine/options.h"
#include "engine/plan_file.h"
#include "engine/size.h"
#include "engine/start.h"

#define EXIT_PROBLEMS 3	       /* --check, --import: there are some */
#define MERGE_BYTES_A_ROW 1100 /* what a merge needs for a row of an import */

/* An action's arguments, the settings if it reads them, and its exit status when it succeeds. */
struct call {
	const struct arguments *arguments;
	struct config config;
	int status;
};

static bool run(struct call *call, struct error *err)
{
	struct engine engine;
	bool ok = engine_start(&engine, &call->config, err) && engine_run(&engine, err);

	engine_stop(&engine);
	return ok;
}

/* An empty file in place of one that was lost would take everybody's shaping away: state.db says
 * that there was one. */
static bool init(struct call *call, struct error *err)
{
	const struct config *config = &call->config;
	struct circuits_db *db;

	if (access(config->circuits_path, F_OK) == 0)
		return true;
	if (access(config->state_path, F_OK) == 0)
		return error_set(
			err, ERROR_CONFLICT,
			"%s is gone but %s is there: put a copy of the circuits file back, or "
			"remove both to begin anew",
			config->circuits_path, config->state_path);
	db = circuits_db_open(config->circuits_path, true, err);
	if (!db)
		return false;
	circuits_db_close(db);
	return true;
}

static bool check_config(struct call *call, struct error *err)
{
	return true; /* it has been read */
}

/* The settings are not needed for that; where there are some, they say what a start would do. */
static bool check(struct call *call, struct error *err)
{
	const struct arguments *arguments = call->arguments;
	bool has_settings = access(arguments->config_path, F_OK) == 0;
	size_t problems;

	if (has_settings && !config_load(arguments->config_path, &call->config, err))
		return false;
	if (!check_file(arguments->file, has_settings ? &call->config : NULL, arguments->as_json,
			stdout, &problems, err))
		return false;
	call->status = problems ? EXIT_PROBLEMS : EXIT_SUCCESS;
	return true;
}

static bool plan(struct call *call, struct error *err)
{
	return plan_file(&call->config, call->arguments->file, stdout, err);
}

/* Without --to it is the file of the settings. */
static const char *find_file(struct call *call, struct error *err)
{
	if (call->arguments->import.db_path)
		return call->arguments->import.db_path;
	return config_load(call->arguments->config_path, &call->config, err)
		       ? call->config.circuits_path
		       : NULL;
}

static bool import(struct call *call, struct error *err)
{
	struct import_files files = call->arguments->import;
	size_t problems;

	files.db_path = find_file(call, err);
	if (!files.db_path || !import_files(&files, stdout, &problems, err))
		return false;
	call->status = problems ? EXIT_PROBLEMS : EXIT_SUCCESS;
	return true;
}

static bool merge(struct call *call, struct error *err)
{
	const char *path = find_file(call, err);
	struct circuits_db *db;
	bool merged, ok;

	circuits_db_skip_accounting();
	db = path ? circuits_db_open(path, false, err) : NULL;
	if (db)
		heap_expect((size_t)circuits_db_count_staged(db) * MERGE_BYTES_A_ROW);
	ok = db && circuits_db_merge_staged(db, &merged, err);
	if (ok) /* a hundred megabytes, which the engine need not copy then */
		circuits_db_write_through_idly(db);
	circuits_db_close(db);
	return ok;
}

static bool backup(struct call *call, struct error *err)
{
	return circuits_db_backup(call->config.circuits_path, call->arguments->file, err);
}

static bool replay_file(struct call *call, struct error *err)
{
	struct replay_options how = call->arguments->replay;

	how.path = call->arguments->file;
	how.as_json = call->arguments->as_json;
	return replay(&how, stdout, err);
}

static bool size(struct call *call, struct error *err)
{
	return size_print(call->arguments->circuits, call->arguments->active, stdout, err);
}

static bool detach(struct call *call, struct error *err)
{
	return engine_detach(&call->config, err);
}

static const struct {
	bool (*act)(struct call *call, struct error *err);
	bool with_settings;
} actions[ACTIONS] = {
	[ACTION_RUN] = { run, true },
	[ACTION_INIT] = { init, true },
	[ACTION_CHECK_CONFIG] = { check_config, true },
	[ACTION_CHECK] = { check, false },
	[ACTION_PLAN] = { plan, true },
	[ACTION_IMPORT] = { import, false },
	[ACTION_MERGE] = { merge, false },
	[ACTION_BACKUP] = { backup, true },
	[ACTION_REPLAY] = { replay_file, false },
	[ACTION_SIZE] = { size, false },
	[ACTION_DETACH] = { detach, true },
};

int main(int argc, char **argv)
{
	struct arguments arguments;
	struct call call = { .arguments = &arguments, .status = EXIT_SUCCESS };
	struct error err;
	int status;

	if (!options_parse(argc, argv, &arguments, &status))
		return status;
	if ((!actions[arguments.action].with_settings ||
	     config_load(arguments.config_path, &call.config, &err)) &&
	    actions[arguments.action].act(&call, &err))
		return call.status;
	fflush(stdout);
	plain_print(stderr, "lqosd: %s", err.text);
	return EXIT_FAILURE;
}
