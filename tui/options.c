/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "tui/rows.h"

#define DEFAULT_SOCKET "/run/lqos/control.sock"

enum {
	OPTION_JSON = 256,
	OPTION_ASCII,
	OPTION_READ_ONLY,
	OPTION_KEYS,
	OPTION_VERSION,
	OPTION_OF,
	OPTION_PLAIN,
	OPTION_THEME,
	OPTION_UNITS,
	OPTION_MOUSE,
};

static const struct {
	int code; /* a letter, or a number for those without */
	const char *name, *value, *help;
} table[] = {
	{ 'S', "socket", "SOCKET", "the engine's control socket (" DEFAULT_SOCKET ")" },
	{ 't', "table", "TABLE",
	  "tree, sites, circuits, flows, rtt, queues, ...; see lqos-top(1)" },
	{ 'f', "filter", "FILTER",
	  "show only what matches: miller, 192.0.2.7, \"rtt>100 & down>10M\"" },
	{ 's', "sort", "COLUMN", "sort by this column; -COLUMN: the other way round" },
	{ 'o', "columns", "LIST", "these columns, in this order: name,download,rtt" },
	{ OPTION_OF, "of", "CIRCUIT", "with -b: of this circuit alone; why: or address" },
	{ 'd', "delay", "SECONDS", "time between two ticks, 0.25 to 60 (1)" },
	{ 'b', "batch", NULL, "print tables as text instead of drawing screens" },
	{ 'n', "ticks", "N", "with -b: stop after N ticks (otherwise: go on)" },
	{ OPTION_JSON, "json", NULL, "with -b: a line with a JSON object a tick" },
	{ OPTION_PLAIN, "plain", NULL, "for screen readers: words instead of pictures" },
	{ OPTION_THEME, "theme", "THEME", "default, light, high-contrast or mono" },
	{ OPTION_UNITS, "units", "UNITS", "rates in bits or bytes a second" },
	{ OPTION_MOUSE, "mouse", NULL, "click on rows, heads of columns and keys; use the wheel" },
	{ OPTION_ASCII, "ascii", NULL, "draw with ASCII alone" },
	{ OPTION_READ_ONLY, "read-only", NULL, "edit nothing" },
	{ OPTION_KEYS, "list-keys", NULL, "print the keys and their actions and exit" },
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

static bool parse_table(const char *name, struct options *options, struct error *err)
{
	char known[200];

	options->table = table_find(name);
	if (options->table)
		return true;
	table_names(known, sizeof(known));
	return error_set(err, ERROR_INVALID, "there is no table \"%.60s\"; take %s", name, known);
}

static bool parse_ticks(const char *text, int *ticks, struct error *err)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end || !(number >= 1 && number <= 1e9))
		return error_set(err, ERROR_INVALID,
				 "-n takes a number from 1 to 1e+09, not \"%.60s\"", text);
	*ticks = (int)number;
	return true;
}

/* What has a value. sort and columns are read once the table is known. */
static bool take_value(int code, struct options *options, const char **sort, const char **columns,
		       struct error *err)
{
	struct settings *settings = options->settings;

	switch (code) {
	case 'S':
		options->socket = optarg;
		return true;
	case 't':
		return parse_table(optarg, options, err);
	case 'f':
		options->filter = optarg;
		return true;
	case 's':
		*sort = optarg;
		return true;
	case 'o':
		*columns = optarg;
		return true;
	case 'd':
		return settings_parse_interval(optarg, &settings->interval_ms, err) ||
		       error_prefix(err, "-d");
	case 'n':
		return parse_ticks(optarg, &options->ticks, err);
	case OPTION_THEME:
		settings->theme_named = true;
		return settings_parse_theme(optarg, &settings->theme, err);
	case OPTION_UNITS:
		return settings_parse_units(optarg, &settings->units, err);
	default:
		options->of = optarg;
		return true;
	}
}

static void take_flag(int code, struct options *options)
{
	switch (code) {
	case 'b':
		options->run = RUN_BATCH;
		break;
	case OPTION_JSON:
		options->json = true;
		break;
	case OPTION_PLAIN:
		options->plain = true;
		break;
	case OPTION_MOUSE:
		options->settings->mouse = true;
		break;
	case OPTION_ASCII:
		options->ascii = true;
		break;
	case OPTION_READ_ONLY:
		options->read_only = true;
		break;
	case OPTION_KEYS:
		options->run = RUN_KEYS;
		break;
	case OPTION_VERSION:
		options->run = RUN_VERSION;
		break;
	default:
		options->run = RUN_HELP;
	}
}

/* What fits together and what the table can do. */
static bool check(const struct options *options, struct error *err)
{
	const struct table *of = options->table;

	if (options->run == RUN_CONSOLE && options->json)
		return error_set(err, ERROR_INVALID, "--json belongs to batch mode: add -b");
	if (options->json && options->plain)
		return error_set(err, ERROR_INVALID, "--json and --plain exclude each other");
	if (options->run == RUN_CONSOLE && options->ticks)
		return error_set(err, ERROR_INVALID, "-n belongs to batch mode: add -b");
	if (options->of && options->run != RUN_BATCH)
		return error_set(err, ERROR_INVALID, "--of belongs to batch mode: add -b");
	if (options->of && !of->scoped && of != table_get(TABLE_FLOWS) &&
	    of != table_get(TABLE_JOURNAL))
		return error_set(err, ERROR_INVALID, "the %s table is not of a circuit (--of)",
				 of->name);
	if (of->scoped && !options->of)
		return error_set(err, ERROR_INVALID,
				 "the %s table is of a circuit: name it with -b --of", of->name);
	if (options->filter && !of->paged && !rows_check_filter(of, options->filter, err))
		return error_prefix(err, "-f");
	return true;
}

/* The table shown first is shown so. */
static bool set_habit(const struct options *options, const char *sort, const char *columns,
		      struct error *err)
{
	const struct table *of = options->table;
	struct table_habit *habit = &options->settings->habits[table_name_of(of)];

	return (!sort || table_parse_order(of, sort, &habit->sort, &habit->reverse, err)) &&
	       (!columns || table_choose(of, columns, &habit->columns, err));
}

/* What getopt found to be none of ours. */
static bool refuse(int code, char **argv, struct error *err)
{
	if (code == ':')
		return error_set(err, ERROR_INVALID,
				 "option %.60s needs a value; see lqos-top --help",
				 argv[optind - 1]);
	if (optopt && optopt < 256)
		return error_set(err, ERROR_INVALID, "there is no option -%c; see lqos-top --help",
				 optopt);
	return error_set(err, ERROR_INVALID,
			 "option %.60s is not known or not used so; see lqos-top --help",
			 argv[optind - 1]);
}

bool options_parse(int argc, char **argv, struct settings *settings, struct options *options,
		   struct error *err)
{
	const char *sort = NULL, *columns = NULL;
	struct option longs[OPTIONS + 1] = { 0 };
	char shorts[2 * OPTIONS + 2] = ":";
	int code;

	*options = (struct options){ .socket = DEFAULT_SOCKET,
				     .settings = settings,
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
		if (code == ':' || code == '?')
			return refuse(code, argv, err);
		if (!optarg)
			take_flag(code, options);
		else if (!take_value(code, options, &sort, &columns, err))
			return false;
	}
	if (optind < argc)
		return error_set(err, ERROR_INVALID, "\"%.60s\" is no option; see lqos-top --help",
				 argv[optind]);
	return check(options, err) && set_habit(options, sort, columns, err);
}
