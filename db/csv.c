/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db/csv.h"

#include <string.h>

char csv_find_separator(const char *text)
{
	static const char separators[] = ",;\t";
	size_t counts[sizeof(separators) - 1] = { 0 }, best = 0;

	text += strspn(text, " \t\r\n");
	while (*text == '#') {
		text += strcspn(text, "\r\n");
		text += strspn(text, " \t\r\n");
	}
	for (; *text && *text != '\r' && *text != '\n'; text++)
		for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
			counts[i] += *text == separators[i];
	for (size_t i = 1; i < sizeof(counts) / sizeof(counts[0]); i++)
		best = counts[i] > counts[best] ? i : best;
	return separators[best];
}

/* Moves what stands between quotes to `out`; returns its end there. */
static char *take_quoted(struct csv *csv, char *out)
{
	char *in = csv->next + 1;

	while (*in && (*in != '"' || in[1] == '"')) {
		in += *in == '"';
		*out++ = *in++;
	}
	csv->unclosed = !*in;
	csv->next = in + (*in == '"');
	return out;
}

/* Takes a field off; returns whether another one follows in the record. */
static bool take_field(struct csv *csv, char **field)
{
	char *out = csv->next, end;
	size_t blanks = strspn(csv->next, " ");

	*field = out;
	if (csv->next[blanks] == '"') {
		csv->next += blanks;
		out = take_quoted(csv, out);
	}
	while (*csv->next && *csv->next != csv->separator && *csv->next != '\r' &&
	       *csv->next != '\n')
		*out++ = *csv->next++;
	end = *csv->next;
	if (end)
		csv->next += end == '\r' && csv->next[1] == '\n' ? 2 : 1;
	*out = '\0';
	return end == csv->separator;
}

size_t csv_next(struct csv *csv, char **fields, size_t most)
{
	size_t count = 0;
	bool more = *csv->next != '\0';

	memset(fields, 0, most * sizeof(*fields));
	while (more) {
		char *field;

		more = take_field(csv, &field);
		if (count < most)
			fields[count] = field;
		count++;
	}
	return count;
}
