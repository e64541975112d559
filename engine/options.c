/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/config.h"

enum kind {
	KIND_TEXT,   /* its value goes to a place in the arguments */
	KIND_FLAG,   /* sets one there */
	KIND_ACTION, /* is all it says */
	KIND_LEVEL,
	KIND_VERSION,
	KIND_HELP,
};

static const struct {
	const char *name, *value, *help;
	enum kind kind;
	size_t place;
	enum action action; /* ACTION_RUN: it stays */
} table[] = {
#define AT(member) offsetof(struct arguments, member)
	{ "config", "FILE", "settings (default " CONFIG_PATH "); also -c", KIND_TEXT,
	  AT(config_path) },
	{ "init", NULL, "make an empty circuits file where there is none", KIND_ACTION,
	  .action = ACTION_INIT },
	{ "check-config", NULL, "read the settings, say what is wrong", KIND_ACTION,
	  .action = ACTION_CHECK_CONFIG },
	{ "check", "FILE.db", "say what is in a circuits file and what is wrong", KIND_TEXT,
	  AT(file), ACTION_CHECK },
	{ "json", NULL, "say it as JSON", KIND_FLAG, AT(as_json) },
	{ "plan", "FILE.db", "say what it would ask of the kernel, line by line, and why",
	  KIND_TEXT, AT(file), ACTION_PLAN },
	{ "import", "FILE.csv", "say what a ShapedDevices.csv would change", KIND_TEXT,
	  AT(import.csv_path), ACTION_IMPORT },
	{ "network", "FILE.json", "say what a network.json would change; both may be given",
	  KIND_TEXT, AT(import.network_path), ACTION_IMPORT },
	{ "to", "FILE.db", "in this file (default: that of the settings)", KIND_TEXT,
	  AT(import.db_path) },
	{ "apply", NULL, "and change it", KIND_FLAG, AT(import.apply) },
	{ "merge", NULL, "merge the imported rows that wait in it, as the engine does", KIND_ACTION,
	  .action = ACTION_MERGE },
	{ "replay", "FILE.pcap", "print the flows and round trips of a capture; with --json too",
	  KIND_TEXT, AT(file), ACTION_REPLAY },
	{ "packets", NULL, "and each of its packets", KIND_FLAG, AT(replay.with_packets) },
	{ "customers", "LIST", "prefixes of customers, with commas between them", KIND_TEXT,
	  AT(replay.customers) },
	{ "backup", "TARGET", "make a consistent copy of the circuits file", KIND_TEXT, AT(file),
	  ACTION_BACKUP },
	{ "size", "CIRCUITS", "say what so many circuits take: memory, queues, time to build",
	  KIND_TEXT, AT(circuits), ACTION_SIZE },
	{ "active", "CIRCUITS", "of which so many have traffic (default: all)", KIND_TEXT,
	  AT(active) },
	{ "detach", NULL, "take programs, maps and qdiscs away", KIND_ACTION,
	  .action = ACTION_DETACH },
	{ "log-level", "LEVEL", "error, warning, info (default) or debug", KIND_LEVEL },
	{ "version", NULL, "print the version", KIND_VERSION },
	{ "help", NULL, "print this", KIND_HELP },
#undef AT
};
#define OPTIONS (sizeof(table) / sizeof(table[0]))

static void print_help(void)
{
	puts("Usage: lqosd [OPTION]...\n"
	     "Shapes traffic until it is stopped; stopping it, also by kill -9, leaves traffic\n"
	     "shaped as it is. With one of --init to --detach it does that and exits.\n");
	for (size_t i = 0; i < OPTIONS; i++) {
		char name[40];

		snprintf(name, sizeof(name), "--%s%s%s", table[i].name, table[i].value ? " " : "",
			 table[i].value ? table[i].value : "");
		printf("  %-19s %s\n", name, table[i].help);
	}
	puts("\nExit status: 0 done, 1 it failed, 2 wrong usage, 3 there are problems in what was\n"
	     "checked or imported. See lqosd(8), lqosd.conf(5), lqos-db(5).");
}

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

/* Of two that ask for different things, none is done. */
static bool choose(struct arguments *arguments, size_t option)
{
	enum action action = table[option].action;

	if (action == ACTION_RUN)
		return true;
	if (arguments->action != ACTION_RUN && arguments->action != action) {
		fprintf(stderr, "lqosd: --%s asks for something else than what stands before it\n",
			table[option].name);
		return false;
	}
	arguments->action = action;
	return true;
}

/* Returns false when there is nothing more to do. */
static bool take(size_t option, struct arguments *arguments, int *status)
{
	char *place = (char *)arguments + table[option].place;

	if (!choose(arguments, option))
		return false;
	switch (table[option].kind) {
	case KIND_TEXT:
		*(const char **)place = optarg;
		return true;
	case KIND_FLAG:
		*(bool *)place = true;
		return true;
	case KIND_ACTION:
		return true;
	case KIND_LEVEL:
		return parse_level(optarg);
	case KIND_VERSION:
		puts("lqosd " LQOS_VERSION);
		break;
	case KIND_HELP:
		print_help();
		break;
	}
	*status = EXIT_SUCCESS;
	return false;
}

bool options_parse(int argc, char **argv, struct arguments *arguments, int *status)
{
	struct option longs[OPTIONS + 1] = { 0 };
	int option, index;

	for (size_t i = 0; i < OPTIONS; i++)
		longs[i] = (struct option){
			.name = table[i].name,
			.has_arg = table[i].value ? required_argument : no_argument,
		};
	*arguments = (struct arguments){ .config_path = CONFIG_PATH };
	*status = EXIT_USAGE;
	while ((option = getopt_long(argc, argv, "c:", longs, &index)) != -1) {
		if (option == '?') /* getopt_long has named it */
			return false;
		if (option == 'c')
			arguments->config_path = optarg;
		else if (!take((size_t)index, arguments, status))
			return false;
	}
	if (optind == argc)
		return true;
	fprintf(stderr, "lqosd: unexpected argument \"%s\"; see lqosd --help\n", argv[optind]);
	return false;
}
