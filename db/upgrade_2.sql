-- SPDX-License-Identifier: GPL-2.0-or-later
-- From schema version 1 to 2. The triggers and views are gone already and come after.

ALTER TABLE sites ADD COLUMN place TEXT NOT NULL DEFAULT '';
CREATE INDEX prefixes_by_prefix ON prefixes (prefix);
CREATE TABLE tags (
	circuit TEXT NOT NULL,
	tag TEXT NOT NULL
		CONSTRAINT "a tag has 1 to 60 characters" CHECK (length(tag) BETWEEN 1 AND 60),
	PRIMARY KEY (circuit, tag)
) STRICT, WITHOUT ROWID;
CREATE TABLE overrides (
	circuit TEXT PRIMARY KEY NOT NULL,
	download_max_bps INTEGER
		CONSTRAINT "a rate is above 0" CHECK (download_max_bps > 0),
	upload_max_bps INTEGER
		CONSTRAINT "a rate is above 0" CHECK (upload_max_bps > 0),
	suspended INTEGER
		CONSTRAINT "suspended is 0 or 1" CHECK (suspended IN (0, 1)),
	until TEXT NOT NULL
		CONSTRAINT "until is a time in UTC like 2026-01-31 18:00:00, see datetime()"
		CHECK (until IS datetime(until))
) STRICT;
CREATE INDEX overrides_by_end ON overrides (until);
ALTER TABLE origin ADD COLUMN revision INTEGER;
CREATE TABLE undo (revision INTEGER NOT NULL) STRICT;

ALTER TABLE settings RENAME TO settings_1;
CREATE TABLE settings (
	key TEXT PRIMARY KEY NOT NULL,
	value TEXT NOT NULL,
	CONSTRAINT "the settings are revision, import_mode, removal_limit_percent, journal_days"
		CHECK (key IN ('revision', 'import_mode', 'removal_limit_percent', 'journal_days')),
	CONSTRAINT "import_mode is merge or replace"
		CHECK (key <> 'import_mode' OR value IN ('merge', 'replace')),
	CONSTRAINT "removal_limit_percent is from 0 to 100"
		CHECK (key <> 'removal_limit_percent'
			OR value = CAST(value AS INTEGER) AND CAST(value AS INTEGER) BETWEEN 0 AND 100),
	CONSTRAINT "journal_days is from 1 to 36500"
		CHECK (key <> 'journal_days'
			OR value = CAST(value AS INTEGER) AND CAST(value AS INTEGER) BETWEEN 1 AND 36500)
) STRICT;
INSERT INTO settings SELECT 'revision', value FROM settings_1 WHERE key = 'revision'
	UNION ALL VALUES ('import_mode', 'merge'), ('removal_limit_percent', '20'), ('journal_days', '400');
DROP TABLE settings_1;

ALTER TABLE staged_devices ADD COLUMN sqm TEXT;
PRAGMA user_version = 2;
