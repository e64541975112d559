/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator's file: circuits.db, what is desired. Opened by the engine beside any number of
 * other writers; all SQL lives below db/.
 */
#ifndef LQOS_DB_CIRCUITS_H
#define LQOS_DB_CIRCUITS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/error.h"
#include "engine/model/edit.h"
#include "engine/model/network.h"
#include "engine/model/row_edit.h"

struct circuits_db;

/* Opens the file, creating it with the schema when `create`; upgrades an older schema in one
 * transaction. Refuses: missing, not SQLite, another application_id, newer than the program. */
struct circuits_db *circuits_db_open(const char *path, bool create, struct error *err);
/* Opens a file of anybody's to be loaded and nothing else: it is never written to. Refused also
 * when it is damaged, or of an older version. */
struct circuits_db *circuits_db_open_to_check(const char *path, struct error *err);
void circuits_db_close(struct circuits_db *db);

/* Whether there is something to take up: another connection committed, or a sound file stands in
 * the place of the old one, by mv or by cp (it is open now). False with the reason in err while
 * there is no file or no sound one; ERROR_BUSY: it may still be on its way. Cheap when nothing
 * happened. */
bool circuits_db_changed(struct circuits_db *db, struct error *err);

/* Copies what waits in the -wal to the file, once it has rested; call it now and then. */
void circuits_db_write_through(struct circuits_db *db);
/* The same at once, as far as nobody has to wait for it. */
void circuits_db_write_through_idly(struct circuits_db *db);

/* Merges what stands in shaped_devices staging into circuits, devices and prefixes, in one
 * transaction, and empties the staging. Rows that can't be taken go to problems, and so does an
 * import that would remove too much. *merged tells whether anything was merged. Returns false with
 * ERROR_BUSY when the file is locked. */
bool circuits_db_merge_staged(struct circuits_db *db, bool *merged, struct error *err);
/* For a process that merges many rows and does nothing else, before it opens a file: SQLite counts
 * no memory, which takes a lock each time. */
void circuits_db_skip_accounting(void);
/* How many rows are staged: told by the first and the last, so it may be fewer. */
int64_t circuits_db_count_staged(struct circuits_db *db);

/* Closes a revision over everything committed since the last one, stamping the journal rows with
 * it (author: `origin` row of that transaction, else "file"); returns the file's revision in
 * *revision. Without journal rows the revision stays. */
bool circuits_db_close_revision(struct circuits_db *db, uint64_t *revision, struct error *err);

/* Reads all rows as they stand, in one read transaction or within the one that is open; the caller
 * resolves and frees. */
struct network *circuits_db_load(struct circuits_db *db, struct error *err);

/* What the last look at the file had to read again. */
struct rows_read {
	bool only_plans; /* nothing but names, rates, comments and suspension of these circuits */
	const char *const *circuits;
	size_t circuit_count;
};
/* The same rows, kept by the database: of what it gave before, only what the journal names is read
 * again, or all where that can't be told. Valid, as *read is, until the next call. */
const struct network *circuits_db_rows(struct circuits_db *db, struct rows_read *read,
				       struct error *err);

/* Commits an edit as a new revision by `author`. Refused with ERROR_CONFLICT when
 * expect_revision is not 0 and the circuit was changed by a later revision (named), with
 * ERROR_BUSY when another writer holds the file longer than 250 ms. */
bool circuits_db_edit(struct circuits_db *db, const struct circuit_edit *edit, const char *author,
		      uint64_t expect_revision, uint64_t *revision, struct error *err);

/* A set of changed rows in one transaction: begin, write each, then commit it as a new revision or
 * roll it back; between, circuits_db_load reads what would be. A row to add must not be there, one
 * to set or delete must be. ERROR_BUSY when another writer holds the file longer than 250 ms. */
bool circuits_db_begin(struct circuits_db *db, const char *author, struct error *err);
bool circuits_db_write_row(struct circuits_db *db, const struct row_edit *edit, struct error *err);
bool circuits_db_commit(struct circuits_db *db, uint64_t *revision, struct error *err);
void circuits_db_rollback(struct circuits_db *db);
/* Undoes a revision as a new one by `author`. Refused, and nothing changed, with ERROR_CONFLICT
 * when a value that it wrote was changed since (the later revision is named), with ERROR_MISSING
 * when the journal does not have it. */
bool circuits_db_undo(struct circuits_db *db, uint64_t undone, const char *author,
		      uint64_t *revision, struct error *err);
/* Changes nothing: tells what it would do, such as "site alder: download_bps 10M -> 400M", line by
 * line, or refuses as it would. */
typedef void undo_teller(void *data, const char *line);
bool circuits_db_preview_undo(struct circuits_db *db, uint64_t undone, undo_teller *tell,
			      void *data, struct error *err);
/* Undoes what stands in the table "undo"; what is refused goes to problems. */
bool circuits_db_take_undo_requests(struct circuits_db *db, struct error *err);

/* When the next override, or the circuit's, ends (Unix time), 0: there is none; and removing those
 * that have ended, as a revision by "expiry". */
int64_t circuits_db_next_expiry_s(struct circuits_db *db);
int64_t circuits_db_override_until_s(struct circuits_db *db, const char *circuit_id);
bool circuits_db_expire(struct circuits_db *db, struct error *err);

/* Whether another writer is waited for (250 ms), or ERROR_BUSY is said at once. */
void circuits_db_set_patience(struct circuits_db *db, bool patient);

/* Drops journal rows older than the setting journal_days. */
bool circuits_db_trim_journal(struct circuits_db *db, struct error *err);

/* A consistent copy of the file at `path`, also while it is written to; `target` must not exist. */
bool circuits_db_backup(const char *path, const char *target, struct error *err);

/* The revision that last changed the circuit; 0 when it is as imported before revision 1. */
uint64_t circuits_db_circuit_revision(struct circuits_db *db, const char *circuit_id);
/* The same of any row; 0 also for one that is not known. */
uint64_t circuits_db_row_revision(struct circuits_db *db, enum row_kind kind, const char *id);

/* What came of applying a revision. */
struct applied_result {
	uint64_t revision;
	double apply_ms;
	uint32_t epoch;
	const char *text;
};
/* Writes them into the journal rows of their revisions, some rows at a time: *written results are
 * there wholly; of the one behind them the rows up to *position (0 at first), from where the next
 * call goes on. */
bool circuits_db_record_applied(struct circuits_db *db, const struct applied_result *results,
				size_t count, int64_t *position, size_t *written,
				struct error *err);
/* Writes the list of problems. */
bool circuits_db_record_problems(struct circuits_db *db, const struct network *network,
				 struct error *err);

/* Something that happened to the host, for the journal. */
struct host_event {
	int64_t time_ms;
	char subject[NODE_ID_SIZE], field[64], before[96], after[96], result[160];
};
bool circuits_db_record_events(struct circuits_db *db, const struct host_event *events,
			       size_t count, struct error *err);

struct journal_row {
	int64_t id, time_ms;
	uint64_t revision;
	char author[64], action[16], subject[NODE_ID_SIZE + 16], field[32], before[96], after[96],
		result[96];
	double apply_ms; /* < 0 while not applied */
};
/* The newest `limit` rows below id `before_id` (0 = from the end); subject may be NULL. Returns how
 * many. */
int circuits_db_read_journal(struct circuits_db *db, int64_t before_id, const char *subject,
			     struct journal_row *rows, int limit);

#endif
