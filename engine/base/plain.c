/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/base/plain.h"

#include <stdarg.h>
#include <stdlib.h>

void plain_make(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++) {
		if ((*c < 0x20 && *c != '\t') || *c == 0x7f)
			*c = '?';
		else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
			c[0] = c[1] = '?';
	}
}

void plain_print(FILE *out, const char *format, ...)
{
	va_list list;
	char *line;

	va_start(list, format);
	if (vasprintf(&line, format, list) < 0)
		abort();
	va_end(list);
	plain_make(line);
	fprintf(out, "%s\n", line);
	free(line);
}
