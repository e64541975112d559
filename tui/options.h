/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of lqos-top: one table makes the parser and --help. */
#ifndef LQOS_TUI_OPTIONS_H
#define LQOS_TUI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/base/error.h"
#include "tui/settings.h"

enum run_kind { RUN_CONSOLE, RUN_BATCH, RUN_KEYS, RUN_VERSION, RUN_HELP };

struct options {
	enum run_kind run;
	const char *socket;
	bool json, ascii, read_only, plain;
	int ticks; /* 0: until it is ended */
	const char *filter;
	const char *of; /* a circuit's id, or an address; NULL: of all */
	const struct table *table;
	struct settings *settings; /* which the options overrule */
};

/* Reads the command line. settings: borrowed; changed by what is asked for. A refusal is a usage
 * error. */
bool options_parse(int argc, char **argv, struct settings *settings, struct options *options,
		   struct error *err);

void options_help(FILE *file);

#endif
