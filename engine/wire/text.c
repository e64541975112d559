/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/wire/text.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

/* The length of the longest start of text that jansson takes as UTF-8. */
static size_t valid_length(const char *text, size_t length)
{
	for (size_t most = length < 4 ? length : 4; most > 0; most--) {
		json_t *piece = json_stringn(text, most);

		json_decref(piece);
		if (piece)
			return most;
	}
	return 0;
}

json_t *wire_text(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	json_t *string;
	char *clean, *end;

	if (!text)
		return json_null();
	string = json_string(text);
	if (string)
		return string;
	clean = end = xcalloc(strlen(text) + 1, 3);
	for (size_t rest = strlen(text); rest > 0;) {
		size_t length = valid_length(text, rest);
		size_t taken = length ? length : 1;

		memcpy(end, length ? text : replacement, length ? length : 3);
		end += length ? length : 3;
		text += taken;
		rest -= taken;
	}
	string = json_string(clean);
	free(clean);
	return string;
}
