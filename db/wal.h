/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The -wal and -shm beside an SQLite file that is open in WAL mode. They belong to the file's name,
 * not to the file: put another file there, and what they hold counts for that one. So somebody has
 * to take them away with the file, at once. Layouts and locks: https://sqlite.org/walformat.html
 */
#ifndef LQOS_DB_WAL_H
#define LQOS_DB_WAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "engine/base/error.h"

struct wal;

/* The -wal and -shm of a connection that has read from the file, whose stat is `file`. From here
 * on, and until wal_free, they lose their names as soon as the name of the file is another's. Never
 * NULL. */
struct wal *wal_new(const char *path, const struct stat *file);
/* Only once the connection is closed: closing a descriptor of the -shm drops the locks on it. */
void wal_free(struct wal *wal);

/* Takes their names from them if the file has lost its own; a connection goes on with them. */
void wal_part_from_name(struct wal *wal);

/* Whether anybody copied pages from the -wal to the file since the last time this was asked, or
 * does it now; what else changes the file is not SQLite. SQLite says so before it does it: a stat
 * of the file comes first, this second. */
bool wal_was_checkpointed(struct wal *wal);

/* After a commit of our own, in whose transaction that was asked: its first pages may have begun
 * the -wal anew, which is no checkpoint. Only what was copied to the file before the transaction
 * can be begun anew, so nothing of a checkpoint is missed. */
void wal_note_own_commit(struct wal *wal);

/* Bytes that wait in the -wal of the file, and how long the last of them have (s). */
int64_t wal_waiting_bytes(const char *path, int64_t *age_s);

/* Empties them where they are, for everybody: what they hold was meant for what the file held
 * before. The caller has no connection to the file. ERROR_BUSY while another program reads or
 * writes. */
bool wal_discard(const char *path, struct error *err);

#endif
