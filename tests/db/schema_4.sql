-- SPDX-License-Identifier: GPL-2.0-or-later
-- The circuits file: what is desired. See lqos-db(5). The triggers and views are in rules.sql.
--
-- Written by anybody with the sqlite3 shell, whose foreign_keys and recursive_triggers are off: so
-- references, cascades and the journal are triggers. Rates are integers of bits a second.

PRAGMA application_id = 1819373427; -- "lqos"
PRAGMA user_version = 4;

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

-- A thing at the customer.
CREATE TABLE devices (
	id TEXT PRIMARY KEY NOT NULL,
	circuit TEXT NOT NULL,         -- circuits.id
	name TEXT NOT NULL DEFAULT '',
	mac TEXT NOT NULL DEFAULT '',
	CONSTRAINT "an id has 1 to 120 characters" CHECK (length(id) BETWEEN 1 AND 120)
) STRICT;
CREATE INDEX devices_by_circuit ON devices (circuit);

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
-- SPDX-License-Identifier: GPL-2.0-or-later
-- The triggers and views over the tables of schema.sql: journal, cascades, import, views for people.
-- Nothing here holds data: an upgrade drops all of it and makes it anew.

-- One row: who writes, and as which revision (NULL: closed later).
CREATE VIEW writer AS SELECT coalesce(max(author), 'file') AS author, max(revision) AS revision
FROM origin;

-- sites -------------------------------------------------------------------------------------

CREATE TRIGGER sites_inserted AFTER INSERT ON sites BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, after)
	SELECT author, revision, 'insert', 'site', NEW.id, NULL, NEW.name FROM writer;
END;
-- INSERT OR REPLACE swallows a row without a delete trigger: it is noted before.
CREATE TRIGGER sites_replaced BEFORE INSERT ON sites
WHEN EXISTS (SELECT 1 FROM sites WHERE id = NEW.id OR name = NEW.name) BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, field, before)
	SELECT author, revision, 'replace', 'site', r.id, NULL, f.column1, coalesce(CASE f.column1
			WHEN 'name' THEN r.name
			WHEN 'parent' THEN r.parent
			WHEN 'kind' THEN r.kind
			WHEN 'download_bps' THEN r.download_bps
			WHEN 'upload_bps' THEN r.upload_bps
			WHEN 'place' THEN r.place END, '')
	FROM writer, sites r, (VALUES ('name'), ('parent'), ('kind'), ('download_bps'), ('upload_bps'), ('place')) f
	WHERE r.id = NEW.id OR r.name = NEW.name;
END;
CREATE TRIGGER sites_updated AFTER UPDATE ON sites BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, field, before, after)
	SELECT author, revision, 'update', 'site', NEW.id, NULL, f, coalesce(o, ''), coalesce(n, '')
	FROM writer, (
		SELECT 'id' AS f, OLD.id AS o, NEW.id AS n
		UNION ALL SELECT 'name', OLD.name, NEW.name
		UNION ALL SELECT 'parent', OLD.parent, NEW.parent
		UNION ALL SELECT 'kind', OLD.kind, NEW.kind
		UNION ALL SELECT 'download_bps', OLD.download_bps, NEW.download_bps
		UNION ALL SELECT 'upload_bps', OLD.upload_bps, NEW.upload_bps
		UNION ALL SELECT 'place', OLD.place, NEW.place)
	WHERE o IS NOT n;
	UPDATE sites SET parent = NEW.id WHERE parent = OLD.id AND OLD.id <> NEW.id;
	UPDATE circuits SET site = NEW.id WHERE site = OLD.id AND OLD.id <> NEW.id;
END;
CREATE TRIGGER sites_deleting BEFORE DELETE ON sites
WHEN EXISTS (SELECT 1 FROM sites WHERE parent = OLD.id)
	OR EXISTS (SELECT 1 FROM circuits WHERE site = OLD.id) BEGIN
	SELECT raise(ABORT, 'this site has sites or circuits below it; move or delete them first');
END;
CREATE TRIGGER sites_deleted AFTER DELETE ON sites BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, field, before)
	SELECT author, revision, 'delete', 'site', OLD.id, NULL, f, coalesce(o, '') FROM writer, (
		SELECT 'name' AS f, OLD.name AS o
		UNION ALL SELECT 'parent', OLD.parent
		UNION ALL SELECT 'kind', OLD.kind
		UNION ALL SELECT 'download_bps', OLD.download_bps
		UNION ALL SELECT 'upload_bps', OLD.upload_bps
		UNION ALL SELECT 'place', OLD.place);
END;

-- circuits ----------------------------------------------------------------------------------

CREATE TRIGGER circuits_inserted AFTER INSERT ON circuits BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, after)
	SELECT author, revision, 'insert', 'circuit', NEW.id, NEW.id, NEW.name FROM writer;
END;
-- INSERT OR REPLACE swallows a row without a delete trigger: it is noted before.
CREATE TRIGGER circuits_replaced BEFORE INSERT ON circuits
WHEN EXISTS (SELECT 1 FROM circuits WHERE id = NEW.id) BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, field, before)
	SELECT author, revision, 'replace', 'circuit', r.id, r.id, f.column1, coalesce(CASE f.column1
			WHEN 'name' THEN r.name
			WHEN 'site' THEN r.site
			WHEN 'download_min_bps' THEN r.download_min_bps
			WHEN 'upload_min_bps' THEN r.upload_min_bps
			WHEN 'download_max_bps' THEN r.download_max_bps
			WHEN 'upload_max_bps' THEN r.upload_max_bps
			WHEN 'suspended' THEN r.suspended
			WHEN 'leaf' THEN r.leaf
			WHEN 'comment' THEN r.comment END, '')
	FROM writer, circuits r, (VALUES ('name'), ('site'), ('download_min_bps'), ('upload_min_bps'), ('download_max_bps'), ('upload_max_bps'), ('suspended'), ('leaf'), ('comment')) f
	WHERE r.id = NEW.id;
END;
CREATE TRIGGER circuits_updated AFTER UPDATE ON circuits BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, field, before, after)
	SELECT author, revision, 'update', 'circuit', NEW.id, NEW.id, f, coalesce(o, ''), coalesce(n, '')
	FROM writer, (
		SELECT 'id' AS f, OLD.id AS o, NEW.id AS n
		UNION ALL SELECT 'name', OLD.name, NEW.name
		UNION ALL SELECT 'site', OLD.site, NEW.site
		UNION ALL SELECT 'download_min_bps', OLD.download_min_bps, NEW.download_min_bps
		UNION ALL SELECT 'upload_min_bps', OLD.upload_min_bps, NEW.upload_min_bps
		UNION ALL SELECT 'download_max_bps', OLD.download_max_bps, NEW.download_max_bps
		UNION ALL SELECT 'upload_max_bps', OLD.upload_max_bps, NEW.upload_max_bps
		UNION ALL SELECT 'suspended', OLD.suspended, NEW.suspended
		UNION ALL SELECT 'leaf', OLD.leaf, NEW.leaf
		UNION ALL SELECT 'comment', OLD.comment, NEW.comment)
	WHERE o IS NOT n;
	UPDATE devices SET circuit = NEW.id WHERE circuit = OLD.id AND OLD.id <> NEW.id;
	UPDATE tags SET circuit = NEW.id WHERE circuit = OLD.id AND OLD.id <> NEW.id;
	UPDATE overrides SET circuit = NEW.id WHERE circuit = OLD.id AND OLD.id <> NEW.id;
END;
CREATE TRIGGER circuits_deleted AFTER DELETE ON circuits BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, field, before)
	SELECT author, revision, 'delete', 'circuit', OLD.id, OLD.id, f, coalesce(o, '') FROM writer, (
		SELECT 'name' AS f, OLD.name AS o
		UNION ALL SELECT 'site', OLD.site
		UNION ALL SELECT 'download_min_bps', OLD.download_min_bps
		UNION ALL SELECT 'upload_min_bps', OLD.upload_min_bps
		UNION ALL SELECT 'download_max_bps', OLD.download_max_bps
		UNION ALL SELECT 'upload_max_bps', OLD.upload_max_bps
		UNION ALL SELECT 'suspended', OLD.suspended
		UNION ALL SELECT 'leaf', OLD.leaf
		UNION ALL SELECT 'comment', OLD.comment);
	DELETE FROM devices WHERE circuit = OLD.id;
	DELETE FROM tags WHERE circuit = OLD.id;
	DELETE FROM overrides WHERE circuit = OLD.id;
END;

-- devices -----------------------------------------------------------------------------------

CREATE TRIGGER devices_inserted AFTER INSERT ON devices BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, after)
	SELECT author, revision, 'insert', 'device', NEW.id, NEW.circuit, NEW.name FROM writer;
END;
-- INSERT OR REPLACE swallows a row without a delete trigger: it is noted before.
CREATE TRIGGER devices_replaced BEFORE INSERT ON devices
WHEN EXISTS (SELECT 1 FROM devices WHERE id = NEW.id) BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, field, before)
	SELECT author, revision, 'replace', 'device', r.id, r.circuit, f.column1, coalesce(CASE f.column1
			WHEN 'circuit' THEN r.circuit
			WHEN 'name' THEN r.name
			WHEN 'mac' THEN r.mac END, '')
	FROM writer, devices r, (VALUES ('circuit'), ('name'), ('mac')) f
	WHERE r.id = NEW.id;
END;
CREATE TRIGGER devices_updated AFTER UPDATE ON devices BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, field, before, after)
	SELECT author, revision, 'update', 'device', NEW.id, NEW.circuit, f, coalesce(o, ''), coalesce(n, '')
	FROM writer, (
		SELECT 'id' AS f, OLD.id AS o, NEW.id AS n
		UNION ALL SELECT 'circuit', OLD.circuit, NEW.circuit
		UNION ALL SELECT 'name', OLD.name, NEW.name
		UNION ALL SELECT 'mac', OLD.mac, NEW.mac)
	WHERE o IS NOT n;
	UPDATE prefixes SET device = NEW.id WHERE device = OLD.id AND OLD.id <> NEW.id;
END;
CREATE TRIGGER devices_deleted AFTER DELETE ON devices BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, field, before)
	SELECT author, revision, 'delete', 'device', OLD.id, OLD.circuit, f, coalesce(o, '') FROM writer, (
		SELECT 'circuit' AS f, OLD.circuit AS o
		UNION ALL SELECT 'name', OLD.name
		UNION ALL SELECT 'mac', OLD.mac);
	DELETE FROM prefixes WHERE device = OLD.id;
END;

-- prefixes and tags: pairs, so that an update is a pair gone and a pair come ------------------------

CREATE TRIGGER prefixes_inserted AFTER INSERT ON prefixes BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, after)
	SELECT author, revision, 'insert', 'prefix', NEW.device, (SELECT circuit FROM devices WHERE id = NEW.device), NEW.prefix FROM writer;
END;
CREATE TRIGGER prefixes_replaced BEFORE INSERT ON prefixes
WHEN EXISTS (SELECT 1 FROM prefixes WHERE device = NEW.device AND prefix = NEW.prefix) BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, before)
	SELECT author, revision, 'delete', 'prefix', NEW.device, (SELECT circuit FROM devices WHERE id = NEW.device), NEW.prefix FROM writer;
END;
CREATE TRIGGER prefixes_updated AFTER UPDATE ON prefixes
WHEN (OLD.device, OLD.prefix) IS NOT (NEW.device, NEW.prefix) BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, before)
	SELECT author, revision, 'delete', 'prefix', OLD.device, (SELECT circuit FROM devices WHERE id = OLD.device), OLD.prefix FROM writer;
	INSERT INTO journal (author, revision, action, kind, subject, circuit, after)
	SELECT author, revision, 'insert', 'prefix', NEW.device, (SELECT circuit FROM devices WHERE id = NEW.device), NEW.prefix FROM writer;
END;
CREATE TRIGGER prefixes_deleted AFTER DELETE ON prefixes BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, before)
	SELECT author, revision, 'delete', 'prefix', OLD.device, (SELECT circuit FROM devices WHERE id = OLD.device), OLD.prefix FROM writer;
END;

CREATE TRIGGER tags_inserted AFTER INSERT ON tags BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, after)
	SELECT author, revision, 'insert', 'tag', NEW.circuit, NEW.circuit, NEW.tag FROM writer;
END;
CREATE TRIGGER tags_replaced BEFORE INSERT ON tags
WHEN EXISTS (SELECT 1 FROM tags WHERE circuit = NEW.circuit AND tag = NEW.tag) BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, before)
	SELECT author, revision, 'delete', 'tag', NEW.circuit, NEW.circuit, NEW.tag FROM writer;
END;
CREATE TRIGGER tags_updated AFTER UPDATE ON tags
WHEN (OLD.circuit, OLD.tag) IS NOT (NEW.circuit, NEW.tag) BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, before)
	SELECT author, revision, 'delete', 'tag', OLD.circuit, OLD.circuit, OLD.tag FROM writer;
	INSERT INTO journal (author, revision, action, kind, subject, circuit, after)
	SELECT author, revision, 'insert', 'tag', NEW.circuit, NEW.circuit, NEW.tag FROM writer;
END;
CREATE TRIGGER tags_deleted AFTER DELETE ON tags BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, before)
	SELECT author, revision, 'delete', 'tag', OLD.circuit, OLD.circuit, OLD.tag FROM writer;
END;

-- overrides ----------------------------------------------------------------------------------

CREATE TRIGGER overrides_inserted AFTER INSERT ON overrides BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, after)
	SELECT author, revision, 'insert', 'override', NEW.circuit, NEW.circuit, 'until ' || NEW.until FROM writer;
END;
CREATE TRIGGER overrides_replaced BEFORE INSERT ON overrides
WHEN EXISTS (SELECT 1 FROM overrides WHERE circuit = NEW.circuit) BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, field, before)
	SELECT author, revision, 'replace', 'override', r.circuit, r.circuit, f.column1, coalesce(CASE f.column1
			WHEN 'download_max_bps' THEN r.download_max_bps
			WHEN 'upload_max_bps' THEN r.upload_max_bps
			WHEN 'suspended' THEN r.suspended
			WHEN 'until' THEN r.until END, '')
	FROM writer, overrides r, (VALUES ('download_max_bps'), ('upload_max_bps'), ('suspended'), ('until')) f
	WHERE r.circuit = NEW.circuit;
END;
CREATE TRIGGER overrides_updated AFTER UPDATE ON overrides BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, field, before, after)
	SELECT author, revision, 'update', 'override', NEW.circuit, NEW.circuit, f, coalesce(o, ''), coalesce(n, '')
	FROM writer, (
		SELECT 'circuit' AS f, OLD.circuit AS o, NEW.circuit AS n
		UNION ALL SELECT 'download_max_bps', OLD.download_max_bps, NEW.download_max_bps
		UNION ALL SELECT 'upload_max_bps', OLD.upload_max_bps, NEW.upload_max_bps
		UNION ALL SELECT 'suspended', OLD.suspended, NEW.suspended
		UNION ALL SELECT 'until', OLD.until, NEW.until)
	WHERE o IS NOT n;
END;
CREATE TRIGGER overrides_deleted AFTER DELETE ON overrides BEGIN
	INSERT INTO journal (author, revision, action, kind, subject, circuit, field, before)
	SELECT author, revision, 'delete', 'override', OLD.circuit, OLD.circuit, f, coalesce(o, '') FROM writer, (
		SELECT 'download_max_bps' AS f, OLD.download_max_bps AS o
		UNION ALL SELECT 'upload_max_bps', OLD.upload_max_bps
		UNION ALL SELECT 'suspended', OLD.suspended
		UNION ALL SELECT 'until', OLD.until);
END;

-- settings ------------------------------------------------------------------------------------

CREATE TRIGGER settings_deleting BEFORE DELETE ON settings BEGIN
	SELECT raise(ABORT, 'a setting can be changed, but not deleted');
END;
CREATE TRIGGER settings_updating BEFORE UPDATE ON settings
WHEN NEW.key IS NOT OLD.key
	OR OLD.key = 'revision' AND CAST(NEW.value AS INTEGER) < CAST(OLD.value AS INTEGER) BEGIN
	SELECT raise(ABORT, 'a setting keeps its key, and the revision only counts up');
END;
CREATE TRIGGER settings_inserting BEFORE INSERT ON settings
WHEN NEW.key = 'revision' BEGIN
	SELECT raise(ABORT, 'the revision is counted by the engine');
END;

-- ShapedDevices.csv -------------------------------------------------------------------------------

-- Import with:  .import --csv --skip 1 ShapedDevices.csv shaped_devices
CREATE VIEW shaped_devices (
	"Circuit ID", "Circuit Name", "Device ID", "Device Name", "Parent Node", "Parent Node ID",
	"Anchor Node ID", "MAC", "IPv4", "IPv6", "Download Min Mbps", "Upload Min Mbps",
	"Download Max Mbps", "Upload Max Mbps", "Comment", "sqm"
) AS SELECT c.id, c.name, d.id, d.name, coalesce(s.name, c.site, ''), coalesce(s.id, ''), '', d.mac,
	coalesce((SELECT group_concat(prefix, ', ') FROM prefixes
		WHERE device = d.id AND prefix NOT LIKE '%:%'), ''),
	coalesce((SELECT group_concat(prefix, ', ') FROM prefixes
		WHERE device = d.id AND prefix LIKE '%:%'), ''),
	c.download_min_bps / 1e6, c.upload_min_bps / 1e6,
	c.download_max_bps / 1e6, c.upload_max_bps / 1e6, c.comment,
	CASE c.leaf WHEN 'pfifo' THEN 'none' ELSE c.leaf END
FROM circuits c JOIN devices d ON d.circuit = c.id LEFT JOIN sites s ON s.id = c.site
ORDER BY c.id, d.id;

CREATE TRIGGER shaped_devices_staged INSTEAD OF INSERT ON shaped_devices BEGIN
	INSERT INTO staged_devices (circuit_id, circuit_name, device_id, device_name, parent_node,
		parent_node_id, anchor_node_id, mac, ipv4, ipv6, download_min, upload_min,
		download_max, upload_max, comment, sqm)
	VALUES (NEW."Circuit ID", NEW."Circuit Name", NEW."Device ID", NEW."Device Name",
		NEW."Parent Node", NEW."Parent Node ID", NEW."Anchor Node ID", NEW."MAC",
		NEW."IPv4", NEW."IPv6", NEW."Download Min Mbps", NEW."Upload Min Mbps",
		NEW."Download Max Mbps", NEW."Upload Max Mbps", NEW."Comment", NEW."sqm");
END;

-- For people -----------------------------------------------------------------------------------------

CREATE VIEW plans AS
SELECT c.id, c.name, s.name AS site, c.download_max_bps / 1e6 AS download_mbps,
	c.upload_max_bps / 1e6 AS upload_mbps, c.suspended,
	(SELECT until FROM overrides o WHERE o.circuit = c.id) AS overridden_until
FROM circuits c LEFT JOIN sites s ON s.id = c.site;

CREATE VIEW capacities AS
SELECT s.id, s.name, p.name AS parent, s.kind, s.download_bps / 1e6 AS download_mbps,
	s.upload_bps / 1e6 AS upload_mbps,
	(SELECT count(*) FROM circuits c WHERE c.site = s.id) AS circuits
FROM sites s LEFT JOIN sites p ON p.id = s.parent;

CREATE VIEW addresses AS
SELECT p.prefix, d.circuit, c.name, p.device, s.name AS site
FROM prefixes p JOIN devices d ON d.id = p.device LEFT JOIN circuits c ON c.id = d.circuit
LEFT JOIN sites s ON s.id = c.site;

CREATE VIEW recent_changes AS
SELECT datetime(time_ms / 1000, 'unixepoch', 'localtime') AS time, revision, author, action, kind,
	subject, field, before, after, apply_ms, result
FROM journal ORDER BY id DESC LIMIT 200;

-- SELECT * FROM circuit_history WHERE circuit = '1042'
CREATE VIEW circuit_history AS
SELECT circuit, datetime(time_ms / 1000, 'unixepoch', 'localtime') AS time, revision, author, action,
	kind, subject, field, before, after, result
FROM journal WHERE circuit IS NOT NULL ORDER BY id DESC;
