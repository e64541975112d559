/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A change of any rows of the circuits file, of several at once: what consoles and API clients do
 * beside editing one circuit's plan. It is tried in a transaction of the file itself: what would be
 * read back is resolved and planned, then the transaction is committed or rolled back.
 */
#ifndef LQOS_CHANGE_ROWS_H
#define LQOS_CHANGE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/change.h"
#include "engine/model/row_edit.h"

struct rows_change {
	const struct row_edit *edits;
	size_t count;
	const char *author;
	uint64_t expect_revision; /* 0: whatever it was changed by */
	bool dry_run;
};

/* All of it or, when anything is refused, nothing: a row that is missing or there already, one
 * changed after expect_revision, a constraint of the file, or a row that could not be in force (it
 * would become a problem). False with ERROR_SYSTEM also when it was committed but could not be
 * applied (it is retried). The report has no circuit. */
bool change_rows(struct engine *engine, const struct rows_change *change,
		 struct change_report *report, struct error *err);

#endif
