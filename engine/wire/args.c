/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/wire/args.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/units.h"

static const json_t *find(const json_t *args, const char *name)
{
	const json_t *value = json_object_get(args, name);

	return json_is_null(value) ? NULL : value;
}

bool args_text(const json_t *args, const char *name, const char **value, struct error *err)
{
	const json_t *given = find(args, name);

	if (!given)
		return true;
	if (!json_is_string(given))
		return error_set(err, ERROR_INVALID, "\"%s\" must be a string", name);
	if (strlen(json_string_value(given)) != json_string_length(given))
		return error_set(err, ERROR_INVALID, "\"%s\" has a NUL character in it", name);
	*value = json_string_value(given);
	return true;
}

bool args_required_text(const json_t *args, const char *name, const char **value, struct error *err)
{
	if (!find(args, name))
		return error_set(err, ERROR_INVALID, "\"%s\" is missing", name);
	return args_text(args, name, value, err);
}

bool args_bool(const json_t *args, const char *name, bool *value, struct error *err)
{
	const json_t *given = find(args, name);

	if (!given)
		return true;
	if (!json_is_boolean(given))
		return error_set(err, ERROR_INVALID, "\"%s\" must be true or false", name);
	*value = json_is_true(given);
	return true;
}

bool args_integer(const json_t *args, const char *name, int64_t least, int64_t most, int64_t *value,
		  struct error *err)
{
	const json_t *given = find(args, name);

	if (!given)
		return true;
	if (!json_is_integer(given) || json_integer_value(given) < least ||
	    json_integer_value(given) > most)
		return error_set(err, ERROR_INVALID,
				 "\"%s\" must be a whole number from %" PRId64 " to %" PRId64, name,
				 least, most);
	*value = json_integer_value(given);
	return true;
}

bool args_rate(const json_t *args, const char *name, bool *given, uint64_t *rate_bps,
	       struct error *err)
{
	const json_t *value = find(args, name);

	*given = value != NULL;
	if (!value)
		return true;
	if (json_is_string(value)) {
		if (!rate_parse(json_string_value(value), rate_bps, err))
			return error_prefix(err, "\"%s\"", name);
		return true;
	}
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return error_set(err, ERROR_INVALID,
				 "\"%s\" must be a number of bits a second or a text such as "
				 "\"50M\"",
				 name);
	*rate_bps = (uint64_t)json_integer_value(value);
	return true;
}

static bool is_known(const char *name, const char *const *names)
{
	if (!strcmp(name, "id") || !strcmp(name, "verb"))
		return true;
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

bool args_known(const json_t *args, const char *const *names, struct error *err)
{
	char list[300] = "";
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)args, name, value) {
		if (is_known(name, names))
			continue;
		for (size_t used = 0; *names; names++)
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
						 used ? ", " : "", *names);
		if (!*list)
			return error_set(err, ERROR_INVALID,
					 "there is no argument \"%.40s\"; this verb takes none",
					 name);
		return error_set(err, ERROR_INVALID,
				 "there is no argument \"%.40s\"; this verb takes %s", name, list);
	}
	return true;
}
