/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/settings.h"

#include <errno.h>
#include <ini.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

#define INTERVAL_LEAST 0.25
#define INTERVAL_MOST 60

struct reader {
	FILE *file;
	int line;
	struct settings *settings;
	struct warnings *warnings;
};

void settings_init(struct settings *settings)
{
	*settings = (struct settings){ .interval_ms = 1000 };
	keymap_init(&settings->keymap);
}

char *settings_path(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && *config == '/')
		return xasprintf("%s/lqos-top/config", config);
	return home && *home ? xasprintf("%s/.config/lqos-top/config", home) : NULL;
}

/* --- values -------------------------------------------------------------------------------------- */

bool settings_parse_theme(const char *name, enum theme *theme, struct error *err)
{
	for (int i = 0; i < THEMES; i++) {
		if (strcmp(theme_name((enum theme)i), name))
			continue;
		*theme = (enum theme)i;
		return true;
	}
	return error_set(err, ERROR_INVALID,
			 "there is no theme \"%.40s\"; take default, light, high-contrast or mono",
			 name);
}

bool settings_parse_units(const char *name, enum units *units, struct error *err)
{
	if (strcmp(name, "bits") && strcmp(name, "bytes"))
		return error_set(err, ERROR_INVALID, "units are bits or bytes, not \"%.40s\"",
				 name);
	*units = strcmp(name, "bits") ? UNITS_BYTES : UNITS_BITS;
	return true;
}

bool settings_parse_interval(const char *text, int *interval_ms, struct error *err)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= INTERVAL_LEAST && seconds <= INTERVAL_MOST))
		return error_set(err, ERROR_INVALID, "a tick takes %g to %d seconds, not \"%.40s\"",
				 INTERVAL_LEAST, INTERVAL_MOST, text);
	*interval_ms = (int)lround(seconds * 1000);
	return true;
}

/* --- lines --------------------------------------------------------------------------------------- */

static bool take_console(struct settings *settings, const char *key, const char *value,
			 struct error *err)
{
	if (!strcmp(key, "theme")) {
		if (!settings_parse_theme(value, &settings->theme, err))
			return false;
		settings->theme_named = true;
		return true;
	}
	if (!strcmp(key, "units"))
		return settings_parse_units(value, &settings->units, err);
	if (!strcmp(key, "refresh"))
		return settings_parse_interval(value, &settings->interval_ms, err);
	if (!strcmp(key, "mouse")) {
		if (strcmp(value, "yes") && strcmp(value, "no"))
			return error_set(err, ERROR_INVALID, "mouse is yes or no, not \"%.40s\"",
					 value);
		settings->mouse = !strcmp(value, "yes");
		return true;
	}
	return error_set(
		err, ERROR_INVALID,
		"there is no key \"%.40s\" in [console]; take theme, units, refresh or mouse", key);
}

static const struct table *find_table(const char *name, struct error *err)
{
	const struct table *table = table_find(name);
	char known[200];

	table_names(known, sizeof(known));
	if (!table)
		error_set(err, ERROR_INVALID, "there is no table \"%.40s\"; take %s", name, known);
	return table;
}

static bool take_table(struct settings *settings, const char *section, const char *key,
		       const char *value, struct error *err)
{
	const struct table *table = find_table(key, err);
	struct table_habit *habit;

	if (!table)
		return false;
	habit = &settings->habits[table_name_of(table)];
	if (!strcmp(section, "sort"))
		return table_parse_order(table, value, &habit->sort, &habit->reverse, err);
	return table_choose(table, value, &habit->columns, err);
}

static bool take(struct settings *settings, const char *section, const char *key, const char *value,
		 struct error *err)
{
	if (!strcmp(section, "console"))
		return take_console(settings, key, value, err);
	if (!strcmp(section, "sort") || !strcmp(section, "columns"))
		return take_table(settings, section, key, value, err);
	if (!strcmp(section, "keys"))
		return keymap_bind(&settings->keymap, key, value, err);
	return error_set(err, ERROR_INVALID,
			 "there is no section [%.40s]; take [console], [sort], [columns] or [keys]",
			 section);
}

/* A place for one more; those beyond the list's end are only counted. */
static struct error *next_warning(struct warnings *warnings)
{
	size_t i = warnings->count++;

	return i < WARNINGS_MAX ? &warnings->list[i] : NULL;
}

static int take_pair(void *user, const char *section, const char *key, const char *value)
{
	struct reader *reader = user;
	struct error reason, *warning;

	if (take(reader->settings, section, key, value, &reason))
		return 1;
	warning = next_warning(reader->warnings);
	if (warning) {
		*warning = reason;
		error_prefix(warning, "line %d", reader->line);
	}
	return 1;
}

/* inih asks for a line at a time, so the one being taken is the last that was read. */
static char *read_line(char *text, int size, void *stream)
{
	struct reader *reader = stream;
	char *line = fgets(text, size, reader->file);

	reader->line += line != NULL;
	return line;
}

static void warn_of_lost_keys(const struct keymap *keymap, struct warnings *warnings)
{
	for (const struct key_binding *b = keymap->bindings; b->action; b++) {
		struct error *warning;

		if (b->codes[0] || b->action == ACTION_SCREEN)
			continue;
		warning = next_warning(warnings);
		if (warning)
			error_set(warning, ERROR_INVALID, "no key is left for \"%s\" (%s)",
				  key_action_name(b->action), b->help);
	}
}

void settings_read(const char *path, struct settings *settings, struct warnings *warnings)
{
	struct reader reader = { .settings = settings, .warnings = warnings };
	struct error *warning;
	int line;

	*warnings = (struct warnings){ 0 };
	reader.file = fopen(path, "re");
	if (!reader.file && (errno == ENOENT || errno == ENOTDIR))
		return;
	if (!reader.file) {
		error_set_errno(next_warning(warnings), errno, "can't read it");
		return;
	}
	line = ini_parse_stream(read_line, &reader, take_pair, &reader);
	fclose(reader.file);
	if (line > 0) {
		warning = next_warning(warnings);
		if (warning)
			error_set(warning, ERROR_INVALID,
				  "line %d: neither [section] nor key = value", line);
	}
	warn_of_lost_keys(&settings->keymap, warnings);
}
