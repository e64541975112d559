/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the operator likes: read from a file in the manner of lqosd.conf(5), then overruled by the
 * command line. What can't be used is left as it was and warned of; it never keeps anybody from
 * looking.
 */
#ifndef LQOS_TUI_SETTINGS_H
#define LQOS_TUI_SETTINGS_H

#include "tui/keys.h"
#include "tui/table.h"

struct settings {
	enum theme theme;
	bool theme_named; /* by file or option; otherwise NO_COLOR may say mono */
	enum units units;
	int interval_ms;
	bool mouse;
	struct table_habit habits[TABLES];
	struct keymap keymap;
};

#define WARNINGS_MAX 8

/* Of one file, in the order of its lines. */
struct warnings {
	size_t count; /* of all; the first WARNINGS_MAX are kept */
	struct error list[WARNINGS_MAX];
};

void settings_init(struct settings *settings);

/* The file's path: $XDG_CONFIG_HOME/lqos-top/config or $HOME/.config/lqos-top/config; a new text,
 * NULL when neither is set. */
char *settings_path(void);

/* Takes the file's values into settings. No file: nothing to take. */
void settings_read(const char *path, struct settings *settings, struct warnings *warnings);

bool settings_parse_theme(const char *name, enum theme *theme, struct error *err);
bool settings_parse_units(const char *name, enum units *units, struct error *err);
/* Seconds between two ticks. */
bool settings_parse_interval(const char *text, int *interval_ms, struct error *err);

#endif
