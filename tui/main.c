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

/* Returns the file's path, a new text or NULL. */
static char *read_settings(struct settings *settings, struct warnings *warnings)
{
	char *path = settings_path();

	settings_init(settings);
	if (path)
		settings_read(path, settings, warnings);
	return path;
}

static void tell(const char *path, const struct warnings *warnings)
{
	size_t kept = warnings->count < WARNINGS_MAX ? warnings->count : WARNINGS_MAX;

	for (size_t i = 0; i < kept; i++)
		fprintf(stderr, "lqos-top: %s: %s\n", path, warnings->list[i].text);
	if (warnings->count > kept)
		fprintf(stderr, "lqos-top: and %zu more\n", warnings->count - kept);
}

int main(int argc, char **argv)
{
	struct warnings warnings = { 0 };
	struct settings settings;
	struct options options;
	struct error err = { 0 };
	bool ok = true;
	char *path;

	/* Characters only: numbers are printed alike everywhere. */
	setlocale(LC_CTYPE, "");
	setlocale(LC_TIME, "");
	path = read_settings(&settings, &warnings);
	if (!options_parse(argc, argv, &settings, &options, &err)) {
		free(path);
		return complain(&err, EXIT_USAGE);
	}
	if (options.run == RUN_CONSOLE || options.run == RUN_BATCH)
		tell(path, &warnings);
	free(path);
	switch (options.run) {
	case RUN_HELP:
		options_help(stdout);
		break;
	case RUN_VERSION:
		puts("lqos-top " LQOS_VERSION);
		break;
	case RUN_KEYS:
		key_list(&settings.keymap, stdout);
		break;
	case RUN_BATCH:
		ok = run_batch(&options, &err);
		break;
	case RUN_CONSOLE:
		ok = run_console(&options, &warnings, &err);
		break;
	}
	return ok ? EXIT_SUCCESS : complain(&err, EXIT_FAILURE);
}
