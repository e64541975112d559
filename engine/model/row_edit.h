/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One row of the circuits file to add, set or delete, as a console or an API client asks for it. A
 * set of them is carried out together or not at all.
 */
#ifndef LQOS_MODEL_ROW_EDIT_H
#define LQOS_MODEL_ROW_EDIT_H

#include <stddef.h>
#include <stdint.h>

enum row_action { ROW_SET, ROW_ADD, ROW_DELETE };
enum row_kind { ROW_SITE, ROW_CIRCUIT, ROW_DEVICE, ROW_PREFIX };
enum row_value { VALUE_NULL, VALUE_INTEGER, VALUE_TEXT, VALUE_FACTOR };

struct row_field {
	const char *column; /* from the table of verb_edit.c, never from outside */
	enum row_value value;
	int64_t integer;
	const char *text;
	double factor; /* of what it is now */
};

#define ROW_FIELDS_MAX 9

struct row_edit {
	enum row_action action;
	enum row_kind kind;
	const char *id;	    /* of a prefix: as written in the file */
	const char *device; /* a prefix's; NULL when it is not said */
	struct row_field fields[ROW_FIELDS_MAX];
	size_t field_count;
};

/* "site", "circuit", "device", "prefix". */
const char *row_kind_name(enum row_kind kind);

#endif
