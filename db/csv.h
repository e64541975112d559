/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CSV text, record by record (RFC 4180, and what people's programs make of it): any end of line,
 * quotes with "" in them, blanks before a quote. libcsv does not tell how many lines it skipped.
 */
#ifndef LQOS_DB_CSV_H
#define LQOS_DB_CSV_H

#include <stdbool.h>
#include <stddef.h>

struct csv {
	char *next; /* the text still to be read; it is written over */
	char separator;
	bool unclosed; /* a quote was opened and never closed: the last record is all of the rest */
};

/* The separator of a text, by its first line that is no comment: comma, semicolon or tab. */
char csv_find_separator(const char *text);

/* Takes the next record: its first `most` fields, pointing into the text, the others NULL. Returns
 * how many fields it has, 1 for an empty line, 0 at the end of the text. */
size_t csv_next(struct csv *csv, char **fields, size_t most);

#endif
