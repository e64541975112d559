-- SPDX-License-Identifier: GPL-2.0-or-later
-- The circuits file: what is desired. See lqos-db(5). The triggers and views are in rules.sql.
--
-- Written by anybody with the sqlite3 shell, whose foreign_keys and recursive_triggers are off: so
-- references, cascades and the journal are triggers. Rates are integers of bits a second.

PRAGMA application_id = 1819373427; -- "lqos"
PRAGMA user_version = 5;

-- The tree: towers, access points, OLTs.
CREATE TABLE sites (
	id TEXT PRIMARY KEY NOT NULL DEFAULT (lower(hex(randomblob(8)))), -- stable, survives a rename
	name TEXT NOT NULL UNIQUE,
	parent TEXT,                   -- sites.id; NULL at the top
	kind TEXT NOT NULL DEFAULT 'site',
	download_bps INTEGER           -- capacity towards the customers; NULL = as the parent
		CONSTRAINT "a capacity is NULL or above 0" CHECK (download_bps > 0),
	upload_bps INTEGER
		CONSTRAINT "a capacity is NULL or above 0" CHECK (upload_bps > 0),
	place TEXT NOT NULL DEFAULT '', -- where it stands, for people and maps: "52.51, 13.40"
	CONSTRAINT "an id has 1 to 120 characters" CHECK (length(id) BETWEEN 1 AND 120)
) STRICT;

-- The name again, as an expression: what SQLite says of such an index is its name, and it looks there
-- first. UPSERT by name goes by the column's own.
CREATE UNIQUE INDEX "two sites cannot have one name" ON sites (name || '');
CREATE UNIQUE INDEX "two sites cannot have one id" ON sites (id || '');

-- A customer's service with its plan.
CREATE TABLE circuits (
	id TEXT PRIMARY KEY NOT NULL,
	name TEXT NOT NULL DEFAULT '',
	site TEXT,                     -- sites.id; NULL = below no site
	download_min_bps INTEGER NOT NULL DEFAULT 0  -- committed; 0 = none
		CONSTRAINT "a rate is not negative" CHECK (download_min_bps >= 0),
	upload_min_bps INTEGER NOT NULL DEFAULT 0
		CONSTRAINT "a rate is not negative" CHECK (upload_min_bps >= 0),
	download_max_bps INTEGER NOT NULL            -- the plan
		CONSTRAINT "a rate is not negative" CHECK (download_max_bps >= 0),
	upload_max_bps INTEGER NOT NULL
		CONSTRAINT "a rate is not negative" CHECK (upload_max_bps >= 0),
	suspended INTEGER NOT NULL DEFAULT 0
		CONSTRAINT "suspended is 0 or 1" CHECK (suspended IN (0, 1)),
	leaf TEXT NOT NULL DEFAULT ''                -- '' = the engine's default
		CONSTRAINT "leaf is empty or cake, fq_codel or pfifo, cake's options behind it"
		CHECK (leaf IN ('', 'cake', 'fq_codel', 'pfifo') OR leaf GLOB 'cake *'),
	comment TEXT NOT NULL DEFAULT '',
	CONSTRAINT "an id has 1 to 120 characters" CHECK (length(id) BETWEEN 1 AND 120)
) STRICT;
CREATE INDEX circuits_by_site ON circuits (site);
CREATE UNIQUE INDEX "two circuits cannot have one id" ON circuits (id || '');

-- A thing at the customer.
CREATE TABLE devices (
	id TEXT PRIMARY KEY NOT NULL,
	circuit TEXT NOT NULL,         -- circuits.id
	name TEXT NOT NULL DEFAULT '',
	mac TEXT NOT NULL DEFAULT '',
	CONSTRAINT "an id has 1 to 120 characters" CHECK (length(id) BETWEEN 1 AND 120)
) STRICT;
CREATE INDEX devices_by_circuit ON devices (circuit);
CREATE UNIQUE INDEX "two devices cannot have one id" ON devices (id || '');

-- A device's addresses, IPv4 or IPv6, as written: 192.0.2.1, 192.0.2.0/24, 2001:db8::/48.
CREATE TABLE prefixes (
	device TEXT NOT NULL,          -- devices.id
	prefix TEXT NOT NULL,
	PRIMARY KEY (device, prefix)
) STRICT, WITHOUT ROWID;
CREATE INDEX prefixes_by_prefix ON prefixes (prefix);

-- Words of the operator's own about circuits.
CREATE TABLE tags (
	circuit TEXT NOT NULL,         -- circuits.id
	tag TEXT NOT NULL
		CONSTRAINT "a tag has 1 to 60 characters" CHECK (length(tag) BETWEEN 1 AND 60),
	PRIMARY KEY (circuit, tag)
) STRICT, WITHOUT ROWID;

-- What holds in place of a circuit's plan for a while; removed by the engine when it is over.
CREATE TABLE overrides (
	circuit TEXT PRIMARY KEY NOT NULL, -- circuits.id
	download_max_bps INTEGER       -- NULL = the plan's
		CONSTRAINT "a rate is above 0" CHECK (download_max_bps > 0),
	upload_max_bps INTEGER
		CONSTRAINT "a rate is above 0" CHECK (upload_max_bps > 0),
	suspended INTEGER              -- NULL = as the circuit
		CONSTRAINT "suspended is 0 or 1" CHECK (suspended IN (0, 1)),
	until TEXT NOT NULL            -- UTC, as from datetime('now', '+2 hours')
		CONSTRAINT "until is a time in UTC like 2026-01-31 18:00:00, see datetime()"
		CHECK (until IS datetime(until))
) STRICT;
CREATE INDEX overrides_by_end ON overrides (until);

-- Every change, by whomever. The engine closes a revision over what was committed since the last
-- one and then writes what came of applying it.
CREATE TABLE journal (
	id INTEGER PRIMARY KEY,
	time_ms INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	revision INTEGER,              -- NULL until closed
	author TEXT NOT NULL,
	action TEXT NOT NULL,          -- insert; update, replace, delete: a row for each field; host
	kind TEXT NOT NULL,            -- site, circuit, device, prefix, tag, override, host
	subject TEXT NOT NULL,         -- its id; of a prefix its device, of a tag its circuit
	circuit TEXT,                  -- the circuit it belongs to
	field TEXT NOT NULL DEFAULT '',
	before TEXT NOT NULL DEFAULT '',
	after TEXT NOT NULL DEFAULT '',
	apply_ms REAL,
	epoch INTEGER,
	result TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX journal_open ON journal (id) WHERE revision IS NULL;
CREATE INDEX journal_by_circuit ON journal (circuit, revision);
CREATE INDEX journal_by_revision ON journal (revision);

-- Who writes: one row, set and deleted by our own programs within their transaction.
CREATE TABLE origin (
	author TEXT NOT NULL,
	revision INTEGER               -- what it will be closed as, if that is known
) STRICT;

-- Revisions that somebody wants undone; the engine empties it.
CREATE TABLE undo (revision INTEGER NOT NULL) STRICT;

-- What can't be applied and what is in force instead. Written by the engine.
CREATE TABLE problems (
	source TEXT NOT NULL,          -- network (found now); import, undo (until the next one)
	subject TEXT NOT NULL,
	reason TEXT NOT NULL,
	in_force TEXT NOT NULL
) STRICT;

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
INSERT INTO settings VALUES
	('revision', '0'),                -- the last one closed; counted by the engine
	('import_mode', 'merge'),         -- merge: only these; replace: the import is the whole truth
	('removal_limit_percent', '20'),  -- more circuits than this are not removed by an import
	('journal_days', '400');          -- older rows are dropped

-- Rows of a ShapedDevices.csv as imported, until the engine has merged them.
CREATE TABLE staged_devices (
	row INTEGER PRIMARY KEY,
	circuit_id TEXT, circuit_name TEXT, device_id TEXT, device_name TEXT, parent_node TEXT,
	parent_node_id TEXT, anchor_node_id TEXT, mac TEXT, ipv4 TEXT, ipv6 TEXT,
	download_min TEXT, upload_min TEXT, download_max TEXT, upload_max TEXT, comment TEXT, sqm TEXT
) STRICT;
