/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lqosd(8): options, then start, run, stop. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/circuits.h"
#include "engine/base/log.h"
#include "engine/check_file.h"
#include "engine/config.h"
#include "engine/import_file.h"
#include "engine/plan_file.h"
#include "engine/replay.h"
#include "engine/start.h"

#define EXIT_USAGE 2

#define EXIT_PROBLEMS 3 /* --check, --import: there are some */

enum action {
	ACTION_RUN,
	ACTION_DETACH,
	ACTION_INIT,
	ACTION_CHECK_CONFIG,
	ACTION_CHECK,
	ACTION_PLAN,
	ACTION_IMPORT,
	ACTION_MERGE,
	ACTION_BACKUP,
	ACTION_REPLAY,
};

struct arguments {
	const char *config_path;
	const char *file; /* of --check, --plan, --backup, --replay */
	struct import_files import;
	struct replay_options replay;
	enum action action;
	bool as_json;
};

static const char usage[] =
	"Usage: lqosd [-c FILE] [--init | --check-config | --detach | --backup TARGET]\n"
	"       lqosd --check FILE.db [--json]\n"
	"       lqosd [-c FILE] --plan FILE.db\n"
	"       lqosd --replay FILE.pcap [--packets] [--customers PREFIXES] [--json]\n"
	"       lqosd [--import FILE.csv] [--network FILE.json] [--to FILE.db] [--apply]\n"
	"       lqosd --merge [--to FILE.db]\n"
	"\n"
	"  -c, --config FILE      settings (default " CONFIG_PATH ")\n"
	"      --init             make an empty circuits file where there is none, and exit\n"
	"      --check-config     read the settings, say what is wrong, and exit\n"
	"      --check FILE.db    say what is in a circuits file and what is wrong, and exit\n"
	"      --json             say it as JSON\n"
	"      --plan FILE.db     say what it would ask of the kernel, line by line, and why\n"
	"      --import FILE.csv  say what a ShapedDevices.csv would change\n"
	"      --network FILE     say what a network.json would change; both may be given\n"
	"      --to FILE.db       in this file (default: that of the settings)\n"
	"      --apply            and change it\n"
	"      --merge            merge the imported rows that wait in it, as the engine does\n"
	"      --replay FILE.pcap print the flows and round trips of a capture, and exit\n"
	"      --packets          and each of its packets\n"
	"      --customers LIST   prefixes of customers, with commas between them\n"
	"      --backup TARGET    make a consistent copy of the circuits file, and exit\n"
	"      --detach           take programs, maps and qdiscs away, and exit\n"
	"      --log-level LEVEL  error, warning, info (default) or debug\n"
	"      --version          print the version and exit\n"
	"      --help             print this and exit\n"
	"\n"
	"Without one of these it shapes traffic until it is stopped; stopping it, also by\n"
	"kill -9, leaves traffic shaped as it is. See lqosd(8), lqosd.conf(5).\n";

static bool parse_level(const char *name)
{
	static const struct {
		const char *name;
		enum log_level level;
	} levels[] = { { "error", LOG_LEVEL_ERROR },
		       { "warning", LOG_LEVEL_WARNING },
		       { "info", LOG_LEVEL_INFO },
		       { "debug", LOG_LEVEL_DEBUG } };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(levels[i].name, name))
			continue;
		log_set_level(levels[i].level);
		return true;
	}
	fprintf(stderr, "lqosd: --log-level %s is not one of error, warning, info, debug\n", name);
	return false;
}

enum {
	OPTION_VERSION = 256,
	OPTION_HELP,
	OPTION_LEVEL,
	OPTION_JSON,
	OPTION_IMPORT,
	OPTION_NETWORK,
	OPTION_TO,
	OPTION_APPLY,
	OPTION_PACKETS,
	OPTION_CUSTOMERS,
	OPTION_ACTION, /* and the action */
};

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "init", no_argument, NULL, OPTION_ACTION + ACTION_INIT },
	{ "check-config", no_argument, NULL, OPTION_ACTION + ACTION_CHECK_CONFIG },
	{ "detach", no_argument, NULL, OPTION_ACTION + ACTION_DETACH },
	{ "check", required_argument, NULL, OPTION_ACTION + ACTION_CHECK },
	{ "plan", required_argument, NULL, OPTION_ACTION + ACTION_PLAN },
	{ "backup", required_argument, NULL, OPTION_ACTION + ACTION_BACKUP },
	{ "replay", required_argument, NULL, OPTION_ACTION + ACTION_REPLAY },
	{ "packets", no_argument, NULL, OPTION_PACKETS },
	{ "customers", required_argument, NULL, OPTION_CUSTOMERS },
	{ "import", required_argument, NULL, OPTION_IMPORT },
	{ "merge", no_argument, NULL, OPTION_ACTION + ACTION_MERGE },
	{ "network", required_argument, NULL, OPTION_NETWORK },
	{ "to", required_argument, NULL, OPTION_TO },
	{ "apply", no_argument, NULL, OPTION_APPLY },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "log-level", required_argument, NULL, OPTION_LEVEL },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

/* False when it is none of those that only set something. */
static bool take_setting(int option, struct arguments *arguments)
{
	switch (option) {
	case 'c':
		arguments->config_path = optarg;
		return true;
	case OPTION_JSON:
		arguments->as_json = true;
		return true;
	case OPTION_IMPORT:
		arguments->action = ACTION_IMPORT;
		arguments->import.csv_path = optarg;
		return true;
	case OPTION_NETWORK:
		arguments->action = ACTION_IMPORT;
		arguments->import.network_path = optarg;
		return true;
	case OPTION_TO:
		arguments->import.db_path = optarg;
		return true;
	case OPTION_APPLY:
		arguments->import.apply = true;
		return true;
	case OPTION_PACKETS:
		arguments->replay.with_packets = true;
		return true;
	case OPTION_CUSTOMERS:
		arguments->replay.customers = optarg;
		return true;
	default:
		if (option < OPTION_ACTION)
			return false;
		arguments->action = (enum action)(option - OPTION_ACTION);
		arguments->file = optarg ? optarg : arguments->file;
		return true;
	}
}

/* Returns false when the program is to end now, with *status. */
static bool parse_arguments(int argc, char **argv, struct arguments *arguments, int *status)
{
	int option;

	*status = EXIT_USAGE;
	while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		if (take_setting(option, arguments))
			continue;
		switch (option) {
		case OPTION_LEVEL:
			if (!parse_level(optarg))
				return false;
			break;
		case OPTION_VERSION:
			puts("lqosd " LQOS_VERSION);
			*status = EXIT_SUCCESS;
			return false;
		case OPTION_HELP:
			fputs(usage, stdout);
			*status = EXIT_SUCCESS;
			return false;
		default: /* getopt_long has named it */
			return false;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "lqosd: unexpected argument \"%s\"; see lqosd --help\n",
			argv[optind]);
		return false;
	}
	return true;
}

static bool run(const struct config *config, struct error *err)
{
	struct engine engine;
	bool ok = engine_start(&engine, config, err) && engine_run(&engine, err);

	engine_stop(&engine);
	return ok;
}

/* An empty file in place of one that was lost would take everybody's shaping away: state.db says
 * that there was one. */
static bool init(const struct config *config, struct error *err)
{
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

static bool check(const struct arguments *arguments, int *status, struct error *err)
{
	struct config config;
	bool has_settings = access(arguments->config_path, F_OK) == 0;
	size_t problems;

	if (has_settings && !config_load(arguments->config_path, &config, err))
		return false;
	if (!check_file(arguments->file, has_settings ? &config : NULL, arguments->as_json, stdout,
			&problems, err))
		return false;
	*status = problems ? EXIT_PROBLEMS : EXIT_SUCCESS;
	return true;
}

/* Without --to it is the file of the settings; they are read into *config. */
static const char *find_file(const struct arguments *arguments, struct config *config,
			     struct error *err)
{
	if (arguments->import.db_path)
		return arguments->import.db_path;
	return config_load(arguments->config_path, config, err) ? config->circuits_path : NULL;
}

static bool import(const struct arguments *arguments, int *status, struct error *err)
{
	struct import_files files = arguments->import;
	struct config config;
	size_t problems;

	files.db_path = find_file(arguments, &config, err);
	if (!files.db_path || !import_files(&files, stdout, &problems, err))
		return false;
	*status = problems ? EXIT_PROBLEMS : EXIT_SUCCESS;
	return true;
}

static bool merge(const struct arguments *arguments, struct error *err)
{
	struct config config;
	const char *path = find_file(arguments, &config, err);
	struct circuits_db *db = path ? circuits_db_open(path, false, err) : NULL;
	bool merged, ok = db && circuits_db_merge_staged(db, &merged, err);

	circuits_db_close(db);
	return ok;
}

static bool replay_file(const struct arguments *arguments, struct error *err)
{
	struct replay_options how = arguments->replay;

	how.path = arguments->file;
	how.as_json = arguments->as_json;
	return replay(&how, stdout, err);
}

static bool act(const struct arguments *arguments, int *status, struct error *err)
{
	struct config config;

	*status = EXIT_SUCCESS;
	if (arguments->action == ACTION_CHECK)
		return check(arguments, status, err);
	if (arguments->action == ACTION_IMPORT)
		return import(arguments, status, err);
	if (arguments->action == ACTION_MERGE)
		return merge(arguments, err);
	if (arguments->action == ACTION_REPLAY)
		return replay_file(arguments, err);
	if (!config_load(arguments->config_path, &config, err))
		return false;
	switch (arguments->action) {
	case ACTION_RUN:
		return run(&config, err);
	case ACTION_DETACH:
		return engine_detach(&config, err);
	case ACTION_INIT:
		return init(&config, err);
	case ACTION_PLAN:
		return plan_file(&config, arguments->file, stdout, err);
	case ACTION_BACKUP:
		return circuits_db_backup(config.circuits_path, arguments->file, err);
	case ACTION_CHECK:
	case ACTION_IMPORT:
	case ACTION_MERGE:
	case ACTION_REPLAY:
	case ACTION_CHECK_CONFIG:
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { .config_path = CONFIG_PATH };
	struct error err;
	int status;

	if (!parse_arguments(argc, argv, &arguments, &status))
		return status;
	if (act(&arguments, &status, &err))
		return status;
	fflush(stdout);
	fprintf(stderr, "lqosd: %s\n", err.text);
	return EXIT_FAILURE;
}
