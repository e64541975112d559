/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of lqos-top: one table makes the parser and --help. */
#ifndef LQOS_TUI_OPTIONS_H
#define LQOS_TUI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/base/error.h"
#include "tui/table.h"

enum run_kind { RUN_CONSOLE, RUN_BATCH, RUN_KEYS, RUN_VERSION, RUN_HELP };

struct options {
	enum run_kind run;
	const char *socket;
	bool json, ascii, read_only;
	int ticks; /* 0: until it is ended */
	int interval_ms;
	const char *filter;
	const char *of;	  /* a circuit's id, or an address; NULL: of all */
	const char *sort; /* NULL: the table's own */
	const struct table *table;
};

/* Reads the command line. A refusal is a usage error. */
bool options_parse(int argc, char **argv, struct options *options, struct error *err);

void options_help(FILE *file);

#endif
