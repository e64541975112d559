-- SPDX-License-Identifier: GPL-2.0-or-later
-- The engine's own file: what was applied. Nobody else writes it.

PRAGMA application_id = 1819373428;
PRAGMA user_version = 1;

CREATE TABLE assignments (
	kind INTEGER NOT NULL, id TEXT NOT NULL, slot INTEGER NOT NULL, queue INTEGER NOT NULL,
	handle INTEGER NOT NULL, waiting_handle INTEGER NOT NULL,
	PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE sites (
	id TEXT PRIMARY KEY NOT NULL, name TEXT, parent TEXT, kind TEXT,
	download_bps INTEGER, upload_bps INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE circuits (
	id TEXT PRIMARY KEY NOT NULL, name TEXT, site TEXT, download_min_bps INTEGER,
	upload_min_bps INTEGER, download_max_bps INTEGER, upload_max_bps INTEGER,
	suspended INTEGER, leaf TEXT, comment TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE devices (id TEXT PRIMARY KEY NOT NULL, circuit TEXT, name TEXT, mac TEXT)
	STRICT, WITHOUT ROWID;
CREATE TABLE prefixes (prefix TEXT PRIMARY KEY NOT NULL, device TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE applied (revision INTEGER NOT NULL) STRICT;
