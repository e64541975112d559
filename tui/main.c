/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lqos-top: the console of the shaping engine lqosd. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "tui/keys.h"
#include "tui/options.h"
#include "tui/run.h"

#define EXIT_USAGE 2

static int complain(const struct error *err, int status)
{
	if (err->text[0])
		fprintf(stderr, "lqos-top: %s\n", err->text);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	struct error err = { 0 };
	bool ok = true;

	/* Characters only: numbers are printed alike everywhere. */
	setlocale(LC_CTYPE, "");
	setlocale(LC_TIME, "");
	if (!options_parse(argc, argv, &options, &err))
		return complain(&err, EXIT_USAGE);
	switch (options.run) {
	case RUN_HELP:
		options_help(stdout);
		break;
	case RUN_VERSION:
		puts("lqos-top " LQOS_VERSION);
		break;
	case RUN_KEYS:
		key_list(stdout);
		break;
	case RUN_BATCH:
		ok = run_batch(&options, &err);
		break;
	case RUN_CONSOLE:
		ok = run_console(&options, &err);
		break;
	}
	return ok ? EXIT_SUCCESS : complain(&err, EXIT_FAILURE);
}
