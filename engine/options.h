/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lqosd(8) was asked to do. One table feeds the parser and --help. */
#ifndef LQOS_OPTIONS_H
#define LQOS_OPTIONS_H

#include <stdbool.h>

#include "engine/import_file.h"
#include "engine/replay.h"

#define EXIT_USAGE 2

enum action {
	ACTION_RUN,
	ACTION_INIT,
	ACTION_CHECK_CONFIG,
	ACTION_CHECK,
	ACTION_PLAN,
	ACTION_IMPORT,
	ACTION_MERGE,
	ACTION_BACKUP,
	ACTION_REPLAY,
	ACTION_SIZE,
	ACTION_DETACH,
	ACTIONS,
};

struct arguments {
	enum action action;
	const char *config_path;
	const char *file; /* of --check, --plan, --backup, --replay */
	struct import_files import;
	struct replay_options replay;
	bool as_json;
	const char *circuits, *active; /* of --size */
};

/* Returns false when the program is to end now, with *status; then what was wrong has been said. */
bool options_parse(int argc, char **argv, struct arguments *arguments, int *status);

#endif
