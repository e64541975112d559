/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a field of a row to what stands in a table: one formatter for the screens and for batch
 * mode. A field that is missing, null or of the wrong type is '-', never 0.
 */
#ifndef LQOS_TUI_CELL_H
#define LQOS_TUI_CELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "tui/theme.h"

enum cell_kind {
	CELL_TEXT,
	CELL_TREE,	/* name with indentation, fold mark and the circuits below */
	CELL_CIRCUIT,	/* id and name of a circuit */
	CELL_RATE,	/* bits a second */
	CELL_SCORE,	/* 0..100, the more the better */
	CELL_SHARE_BAR, /* 0..1, as a bar */
	CELL_LOAD,	/* a bar: the fuller direction against its capacity or plan */
	CELL_MS,	/* microseconds, shown as milliseconds */
	CELL_SHARE,	/* 0..1, shown as per cent */
	CELL_COUNT,
	CELL_BYTES,
	CELL_SECONDS,
	CELL_TIME,     /* milliseconds since 1970, as local time */
	CELL_ENDPOINT, /* an address and its port */
	CELL_PAIR,     /* the texts of two fields; one where they are alike */
	CELL_NUMBERS,  /* the same of numbers */
	CELL_SHARES,   /* the same of shares, 0..1, in whole per cent */
	CELL_LIST,     /* texts, joined */
	CELL_FLAG,
	CELL_VALUE, /* a rate if the row's "field" says so, else text */
};

struct column {
	const char *title;
	const char *name;   /* as options and the configuration call it */
	const char *field;  /* of the row */
	const char *second; /* the port of an endpoint; what stands in when field is null */
	const char *sort;   /* the engine's name for this order; NULL: not sortable */
	enum cell_kind kind;
	uint8_t gap;	       /* blanks in front */
	uint8_t width, widest; /* widest 0: it does not grow */
	uint8_t rank; /* narrow screens leave out the highest; from RANK_EXTRA on it is for wide
		       * screens only, RANK_HIDDEN: only where it is asked for */
	const char *help;
};

#define RANK_EXTRA 10
#define RANK_HIDDEN 30

struct cell {
	char text[256];
	char tail[16]; /* shown in full behind a text that is cut */
	enum role role;
	double load; /* of a bar; negative: none */
};

void cell_format(const struct column *column, const json_t *row, struct looks looks,
		 struct cell *cell);

/* The field's number; false when there is none. */
bool row_number(const json_t *row, const char *field, double *value);
/* The field's text, NULL when there is none. */
const char *row_text(const json_t *row, const char *field);
bool row_flag(const json_t *row, const char *field);

/* The larger of the two numbers of a pair; negative when there is none. */
double row_larger(const json_t *row, const struct column *column);

/* The fuller direction's rate against its limit; negative when nothing is known. */
double row_load(const json_t *row);

/* "18", "8.4", "1240": milliseconds of a number of microseconds; "-" without one. */
const char *format_ms(const json_t *row, const char *field, char text[16]);
/* "4.21G", in bytes "526MB"; "-" when the field has no number. */
const char *format_rate(const json_t *row, const char *field, enum units units, char text[16]);
/* "50M": the shortest exact text, or "-"; in bytes as format_rate. */
const char *format_limit(const json_t *row, const char *field, enum units units, char text[32]);
/* "12 s", "3 min", "2 h", "4 d". */
const char *format_age(double seconds, char text[16]);

#endif
