/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/options.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

#define DEFAULT_SOCKET "/run/lqos/control.sock"

enum { OPTION_JSON = 256, OPTION_ASCII, OPTION_READ_ONLY, OPTION_KEYS, OPTION_VERSION, OPTION_OF };

static const struct {
	int code; /* a letter, or a number for those without */
	const char *name, *value, *help;
} table[] = {
	{ 's', "socket", "SOCKET", "the engine's control socket (" DEFAULT_SOCKET ")" },
	{ 't', "table", "TABLE",
	  "tree, circuits, flows, rtt, queues, unknown, ...; see lqos-top(1)" },
	{ 'f', "filter", "FILTER",
	  "show only what matches: miller, 192.0.2.7, \"rtt>100 & down>10M\"" },
	{ 'o', "order", "COLUMN", "sort by this column: name, download, upload, rtt, drops, ..." },
	{ OPTION_OF, "of", "CIRCUIT",
	  "with -b: of this circuit (devices, histogram, why, flows, journal); why: or address" },
	{ 'd', "delay", "SECONDS", "time between two ticks, 0.25 to 60 (1)" },
	{ 'b', "batch", NULL, "print tables as text instead of drawing screens" },
	{ 'n', "ticks", "N", "with -b: stop after N ticks (otherwise: go on)" },
	{ OPTION_JSON, "json", NULL, "with -b: a JSON document a tick" },
	{ OPTION_ASCII, "ascii", NULL, "draw with ASCII alone" },
	{ OPTION_READ_ONLY, "read-only", NULL, "edit nothing" },
	{ OPTION_KEYS, "list-keys", NULL, "print the keys and exit" },
	{ OPTION_VERSION, "version", NULL, "print the version and exit" },
	{ 'h', "help", NULL, "print this and exit" },
};
#define OPTIONS (sizeof(table) / sizeof(table[0]))

void options_help(FILE *file)
{
	fputs("Usage: lqos-top [OPTION]...\n"
	      "Shows and edits what the shaping engine lqosd does, as screens or as tables.\n\n",
	      file);
	for (size_t i = 0; i < OPTIONS; i++) {
		char letter[8] = "    ", name[40];

		if (table[i].code < 256)
			snprintf(letter, sizeof(letter), "-%c, ", table[i].code);
		snprintf(name, sizeof(name), "--%s%s%s", table[i].name, table[i].value ? " " : "",
			 table[i].value ? table[i].value : "");
		fprintf(file, "  %s%-18s %s\n", letter, name, table[i].help);
	}
	fputs("\nExit status: 0 done, 1 no engine or no terminal, 2 wrong usage. Press ? for the "
	      "keys.\n",
	      file);
}

static bool parse_number(const char *option, const char *text, double least, double most,
			 double *number, struct error *err)
{
	char *end;

	*number = strtod(text, &end);
	if (end != text && !*end && isfinite(*number) && *number >= least && *number <= most)
		return true;
	return error_set(err, ERROR_INVALID, "%s takes a number from %g to %g, not \"%.60s\"",
			 option, least, most, text);
}

static bool parse_table(const char *name, struct options *options, struct error *err)
{
	options->table = table_find(name);
	if (options->table)
		return true;
	return error_set(err, ERROR_INVALID,
			 "there is no table \"%.60s\"; take tree, circuits, flows, rtt, queues, "
			 "unknown, journal, problems, status, devices, histogram or why",
			 name);
}

static bool take(int code, struct options *options, struct error *err)
{
	double number;

	switch (code) {
	case 's':
		options->socket = optarg;
		return true;
	case 't':
		return parse_table(optarg, options, err);
	case 'f':
		options->filter = optarg;
		return true;
	case 'o':
		options->sort = optarg;
		return true;
	case 'd':
		if (!parse_number("-d", optarg, 0.25, 60, &number, err))
			return false;
		options->interval_ms = (int)lround(number * 1000);
		return true;
	case 'n':
		if (!parse_number("-n", optarg, 1, 1e9, &number, err))
			return false;
		options->ticks = (int)number;
		return true;
	case 'b':
		options->run = RUN_BATCH;
		return true;
	case OPTION_JSON:
		options->json = true;
		return true;
	case OPTION_ASCII:
		options->ascii = true;
		return true;
	case OPTION_READ_ONLY:
		options->read_only = true;
		return true;
	case OPTION_OF:
		options->of = optarg;
		return true;
	case OPTION_KEYS:
		options->run = RUN_KEYS;
		return true;
	case OPTION_VERSION:
		options->run = RUN_VERSION;
		return true;
	default:
		options->run = RUN_HELP;
		return true;
	}
}

/* What fits together and what the table can do. */
static bool check(const struct options *options, struct error *err)
{
	char known[200] = "";

	if (options->run == RUN_CONSOLE && options->json)
		return error_set(err, ERROR_INVALID, "--json belongs to batch mode: add -b");
	if (options->run == RUN_CONSOLE && options->ticks)
		return error_set(err, ERROR_INVALID, "-n belongs to batch mode: add -b");
	if (options->of && options->run != RUN_BATCH)
		return error_set(err, ERROR_INVALID, "--of belongs to batch mode: add -b");
	if (options->of && !options->table->scoped && options->table != table_get(TABLE_FLOWS) &&
	    options->table != table_get(TABLE_JOURNAL))
		return error_set(err, ERROR_INVALID, "the %s table is not of a circuit (--of)",
				 options->table->name);
	if (options->table->scoped && !options->of)
		return error_set(err, ERROR_INVALID,
				 "the %s table is of a circuit: name it with -b --of",
				 options->table->name);
	if (options->filter && !options->table->paged)
		return error_set(err, ERROR_INVALID, "the %s table takes no filter (-f)",
				 options->table->name);
	if (!options->sort || table_sort_column(options->table, options->sort) >= 0)
		return true;
	for (size_t i = 0; i < options->table->count; i++) {
		const char *sort = options->table->columns[i].sort;

		if (sort)
			snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
				 known[0] ? ", " : "", sort);
	}
	if (!known[0])
		return error_set(err, ERROR_INVALID, "the %s table can't be sorted (-o)",
				 options->table->name);
	return error_set(err, ERROR_INVALID, "the %s table can't be sorted by \"%.40s\"; take %s",
			 options->table->name, options->sort, known);
}

bool options_parse(int argc, char **argv, struct options *options, struct error *err)
{
	struct option longs[OPTIONS + 1] = { 0 };
	char shorts[2 * OPTIONS + 2] = ":";
	int code;

	*options = (struct options){ .socket = DEFAULT_SOCKET,
				     .interval_ms = 1000,
				     .table = table_get(TABLE_TREE) };
	for (size_t i = 0; i < OPTIONS; i++) {
		longs[i] = (struct option){ .name = table[i].name,
					    .has_arg = table[i].value ? required_argument
								      : no_argument,
					    .val = table[i].code };
		if (table[i].code < 256)
			snprintf(shorts + strlen(shorts), 3, "%c%s", table[i].code,
				 table[i].value ? ":" : "");
	}
	opterr = 0;
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (code == ':')
			return error_set(err, ERROR_INVALID,
					 "option %.60s needs a value; see lqos-top --help",
					 argv[optind - 1]);
		if (code == '?' && optopt && optopt < 256)
			return error_set(err, ERROR_INVALID,
					 "there is no option -%c; see lqos-top --help", optopt);
		if (code == '?')
			return error_set(
				err, ERROR_INVALID,
				"option %.60s is not known or not used so; see lqos-top --help",
				argv[optind - 1]);
		if (!take(code, options, err))
			return false;
	}
	if (optind < argc)
		return error_set(err, ERROR_INVALID, "\"%.60s\" is no option; see lqos-top --help",
				 argv[optind]);
	return check(options, err);
}
