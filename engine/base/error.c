/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool error_set(struct error *err, enum error_code code, const char *format, ...)
{
	va_list args;

	if (!err)
		return false;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return false;
}

bool error_set_errno(struct error *err, int errnum, const char *format, ...)
{
	va_list args;
	size_t used;

	if (!err)
		return false;
	err->code = ERROR_SYSTEM;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(abs(errnum)));
	return false;
}

bool error_prefix(struct error *err, const char *format, ...)
{
	char text[sizeof(err->text)];
	va_list args;
	size_t used;

	if (!err)
		return false;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	used = strlen(text);
	snprintf(text + used, sizeof(text) - used, ": %s", err->text);
	memcpy(err->text, text, sizeof(text));
	return false;
}

const char *error_code_name(enum error_code code)
{
	static const char *const names[] = {
		[ERROR_NONE] = "none",	     [ERROR_INVALID] = "invalid",
		[ERROR_MISSING] = "missing", [ERROR_CONFLICT] = "conflict",
		[ERROR_DENIED] = "denied",   [ERROR_BUSY] = "busy",
		[ERROR_SYSTEM] = "system",
	};

	return names[code];
}
