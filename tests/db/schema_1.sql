-- SPDX-License-Identifier: GPL-2.0-or-later
-- The circuits file: what is desired. See lqos-db(5).
--
-- Written by anybody with the sqlite3 shell, whose foreign_keys and recursive_triggers are off: so
-- references, cascades and the journal are triggers. Rates are integers of bits a second.

PRAGMA application_id = 1819373427; -- "lqos"
PRAGMA user_version = 1;

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
	CONSTRAINT "an id has 1 to 120 characters" CHECK (length(id) BETWEEN 1 AND 120)
) STRICT;

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
		CONSTRAINT "leaf is '', cake, fq_codel or pfifo"
		CHECK (leaf IN ('', 'cake', 'fq_codel', 'pfifo')),
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

-- Every change, by whomever. The engine closes a revision over what was committed since the last
-- one and then writes what came of applying it.
CREATE TABLE journal (
	id INTEGER PRIMARY KEY,
	time_ms INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	revision INTEGER,              -- NULL until closed
	author TEXT NOT NULL,
	action TEXT NOT NULL,          -- insert; update, replace, delete: a row for each field
	kind TEXT NOT NULL,            -- site, circuit, device, prefix
	subject TEXT NOT NULL,         -- its id
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
CREATE TABLE origin (author TEXT NOT NULL) STRICT;

-- What can't be applied and what is in force instead. Written by the engine.
CREATE TABLE problems (
	source TEXT NOT NULL,          -- network (found now) or import (until the next import)
	subject TEXT NOT NULL,
	reason TEXT NOT NULL,
	in_force TEXT NOT NULL
) STRICT;

CREATE TABLE settings (
	key TEXT PRIMARY KEY NOT NULL,
	value TEXT NOT NULL
) STRICT;
INSERT INTO settings VALUES ('revision', '0');

-- The journal's triggers ------------------------------------------------------------------------

CREATE VIEW writer AS SELECT coalesce((SELECT author FROM origin LIMIT 1), 'file') AS author;

CREATE TRIGGER sites_inserted AFTER INSERT ON sites BEGIN
	INSERT INTO journal (author, action, kind, subject, after)
	SELECT author, 'insert', 'site', NEW.id, NEW.name FROM writer;
END;
CREATE TRIGGER sites_replaced BEFORE INSERT ON sites
WHEN EXISTS (SELECT 1 FROM sites WHERE id = NEW.id OR name = NEW.name) BEGIN
	INSERT INTO journal (author, action, kind, subject, circuit, field, before)
	SELECT author, 'replace', 'site', id, NULL, f, coalesce(o, '') FROM writer, (
		SELECT 'name' AS f, r.name AS o, r.id AS id FROM sites r WHERE r.id = NEW.id OR r.name = NEW.name
		UNION ALL SELECT 'parent', r.parent, r.id FROM sites r WHERE r.id = NEW.id OR r.name = NEW.name
		UNION ALL SELECT 'kind', r.kind, r.id FROM sites r WHERE r.id = NEW.id OR r.name = NEW.name
		UNION ALL SELECT 'download_bps', r.download_bps, r.id FROM sites r WHERE r.id = NEW.id OR r.name = NEW.name
		UNION ALL SELECT 'upload_bps', r.upload_bps, r.id FROM sites r WHERE r.id = NEW.id OR r.name = NEW.name);
END;
CREATE TRIGGER sites_updated AFTER UPDATE ON sites BEGIN
	INSERT INTO journal (author, action, kind, subject, field, before, after)
	SELECT author, 'update', 'site', NEW.id, f, coalesce(o, ''), coalesce(n, '') FROM writer, (
		SELECT 'id' AS f, OLD.id AS o, NEW.id AS n
		UNION ALL SELECT 'name', OLD.name, NEW.name
		UNION ALL SELECT 'parent', OLD.parent, NEW.parent
		UNION ALL SELECT 'kind', OLD.kind, NEW.kind
		UNION ALL SELECT 'download_bps', OLD.download_bps, NEW.download_bps
		UNION ALL SELECT 'upload_bps', OLD.upload_bps, NEW.upload_bps)
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
	INSERT INTO journal (author, action, kind, subject, circuit, field, before)
	SELECT author, 'delete', 'site', OLD.id, NULL, f, coalesce(o, '') FROM writer, (
		SELECT 'name' AS f, OLD.name AS o
		UNION ALL SELECT 'parent', OLD.parent
		UNION ALL SELECT 'kind', OLD.kind
		UNION ALL SELECT 'download_bps', OLD.download_bps
		UNION ALL SELECT 'upload_bps', OLD.upload_bps);
END;

CREATE TRIGGER circuits_inserted AFTER INSERT ON circuits BEGIN
	INSERT INTO journal (author, action, kind, subject, circuit, after)
	SELECT author, 'insert', 'circuit', NEW.id, NEW.id, NEW.name FROM writer;
END;
CREATE TRIGGER circuits_replaced BEFORE INSERT ON circuits
WHEN EXISTS (SELECT 1 FROM circuits WHERE id = NEW.id) BEGIN
	INSERT INTO journal (author, action, kind, subject, circuit, field, before)
	SELECT author, 'replace', 'circuit', id, id, f, coalesce(o, '') FROM writer, (
		SELECT 'name' AS f, r.name AS o, r.id AS id FROM circuits r WHERE r.id = NEW.id
		UNION ALL SELECT 'site', r.site, r.id FROM circuits r WHERE r.id = NEW.id
		UNION ALL SELECT 'download_min_bps', r.download_min_bps, r.id FROM circuits r WHERE r.id = NEW.id
		UNION ALL SELECT 'upload_min_bps', r.upload_min_bps, r.id FROM circuits r WHERE r.id = NEW.id
		UNION ALL SELECT 'download_max_bps', r.download_max_bps, r.id FROM circuits r WHERE r.id = NEW.id
		UNION ALL SELECT 'upload_max_bps', r.upload_max_bps, r.id FROM circuits r WHERE r.id = NEW.id
		UNION ALL SELECT 'suspended', r.suspended, r.id FROM circuits r WHERE r.id = NEW.id
		UNION ALL SELECT 'leaf', r.leaf, r.id FROM circuits r WHERE r.id = NEW.id
		UNION ALL SELECT 'comment', r.comment, r.id FROM circuits r WHERE r.id = NEW.id);
END;
CREATE TRIGGER circuits_updated AFTER UPDATE ON circuits BEGIN
	INSERT INTO journal (author, action, kind, subject, circuit, field, before, after)
	SELECT author, 'update', 'circuit', NEW.id, NEW.id, f, coalesce(o, ''), coalesce(n, '')
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
END;
CREATE TRIGGER circuits_deleted AFTER DELETE ON circuits BEGIN
	INSERT INTO journal (author, action, kind, subject, circuit, field, before)
	SELECT author, 'delete', 'circuit', OLD.id, OLD.id, f, coalesce(o, '') FROM writer, (
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
END;

CREATE TRIGGER devices_inserted AFTER INSERT ON devices BEGIN
	INSERT INTO journal (author, action, kind, subject, circuit, after)
	SELECT author, 'insert', 'device', NEW.id, NEW.circuit, NEW.name FROM writer;
END;
CREATE TRIGGER devices_replaced BEFORE INSERT ON devices
WHEN EXISTS (SELECT 1 FROM devices WHERE id = NEW.id) BEGIN
	INSERT INTO journal (author, action, kind, subject, circuit, field, before)
	SELECT author, 'replace', 'device', id, circuit, f, coalesce(o, '') FROM writer, (
		SELECT 'circuit' AS f, r.circuit AS o, r.id AS id, r.circuit AS circuit FROM devices r WHERE r.id = NEW.id
		UNION ALL SELECT 'name', r.name, r.id, r.circuit FROM devices r WHERE r.id = NEW.id
		UNION ALL SELECT 'mac', r.mac, r.id, r.circuit FROM devices r WHERE r.id = NEW.id);
END;
CREATE TRIGGER devices_updated AFTER UPDATE ON devices BEGIN
	INSERT INTO journal (author, action, kind, subject, circuit, field, before, after)
	SELECT author, 'update', 'device', NEW.id, NEW.circuit, f, o, n FROM writer, (
		SELECT 'id' AS f, OLD.id AS o, NEW.id AS n
		UNION ALL SELECT 'circuit', OLD.circuit, NEW.circuit
		UNION ALL SELECT 'name', OLD.name, NEW.name
		UNION ALL SELECT 'mac', OLD.mac, NEW.mac)
	WHERE o IS NOT n;
	UPDATE prefixes SET device = NEW.id WHERE device = OLD.id AND OLD.id <> NEW.id;
END;
CREATE TRIGGER devices_deleted AFTER DELETE ON devices BEGIN
	INSERT INTO journal (author, action, kind, subject, circuit, field, before)
	SELECT author, 'delete', 'device', OLD.id, OLD.circuit, f, coalesce(o, '') FROM writer, (
		SELECT 'circuit' AS f, OLD.circuit AS o
		UNION ALL SELECT 'name', OLD.name
		UNION ALL SELECT 'mac', OLD.mac);
	DELETE FROM prefixes WHERE device = OLD.id;
END;

CREATE TRIGGER prefixes_inserted AFTER INSERT ON prefixes BEGIN
	INSERT INTO journal (author, action, kind, subject, circuit, after)
	SELECT author, 'insert', 'prefix', NEW.device,
		(SELECT circuit FROM devices WHERE id = NEW.device), NEW.prefix FROM writer;
END;
CREATE TRIGGER prefixes_updated AFTER UPDATE ON prefixes BEGIN
	INSERT INTO journal (author, action, kind, subject, circuit, field, before, after)
	SELECT author, 'update', 'prefix', NEW.device,
		(SELECT circuit FROM devices WHERE id = NEW.device), f, o, n FROM writer, (
		SELECT 'device' AS f, OLD.device AS o, NEW.device AS n
		UNION ALL SELECT 'prefix', OLD.prefix, NEW.prefix)
	WHERE o IS NOT n;
END;
CREATE TRIGGER prefixes_deleted AFTER DELETE ON prefixes BEGIN
	INSERT INTO journal (author, action, kind, subject, circuit, before)
	SELECT author, 'delete', 'prefix', OLD.device,
		(SELECT circuit FROM devices WHERE id = OLD.device), OLD.prefix FROM writer;
END;

-- ShapedDevices.csv -------------------------------------------------------------------------------

-- Rows as imported, until the engine has merged them.
CREATE TABLE staged_devices (
	row INTEGER PRIMARY KEY,
	circuit_id TEXT, circuit_name TEXT, device_id TEXT, device_name TEXT, parent_node TEXT,
	parent_node_id TEXT, anchor_node_id TEXT, mac TEXT, ipv4 TEXT, ipv6 TEXT,
	download_min TEXT, upload_min TEXT, download_max TEXT, upload_max TEXT, comment TEXT
) STRICT;

-- Import with:  .import --csv --skip 1 ShapedDevices.csv shaped_devices
CREATE VIEW shaped_devices (
	"Circuit ID", "Circuit Name", "Device ID", "Device Name", "Parent Node", "Parent Node ID",
	"Anchor Node ID", "MAC", "IPv4", "IPv6", "Download Min Mbps", "Upload Min Mbps",
	"Download Max Mbps", "Upload Max Mbps", "Comment"
) AS SELECT c.id, c.name, d.id, d.name, coalesce(s.name, c.site, ''), coalesce(s.id, ''), '', d.mac,
	coalesce((SELECT group_concat(prefix, ', ') FROM prefixes
		WHERE device = d.id AND prefix NOT LIKE '%:%'), ''),
	coalesce((SELECT group_concat(prefix, ', ') FROM prefixes
		WHERE device = d.id AND prefix LIKE '%:%'), ''),
	c.download_min_bps / 1e6, c.upload_min_bps / 1e6,
	c.download_max_bps / 1e6, c.upload_max_bps / 1e6, c.comment
FROM circuits c JOIN devices d ON d.circuit = c.id LEFT JOIN sites s ON s.id = c.site
ORDER BY c.id, d.id;

CREATE TRIGGER shaped_devices_staged INSTEAD OF INSERT ON shaped_devices BEGIN
	INSERT INTO staged_devices (circuit_id, circuit_name, device_id, device_name, parent_node,
		parent_node_id, anchor_node_id, mac, ipv4, ipv6, download_min, upload_min,
		download_max, upload_max, comment)
	VALUES (NEW."Circuit ID", NEW."Circuit Name", NEW."Device ID", NEW."Device Name",
		NEW."Parent Node", NEW."Parent Node ID", NEW."Anchor Node ID", NEW."MAC",
		NEW."IPv4", NEW."IPv6", NEW."Download Min Mbps", NEW."Upload Min Mbps",
		NEW."Download Max Mbps", NEW."Upload Max Mbps", NEW."Comment");
END;

-- For people -----------------------------------------------------------------------------------------

CREATE VIEW plans AS
SELECT c.id, c.name, s.name AS site, c.download_max_bps / 1e6 AS download_mbps,
	c.upload_max_bps / 1e6 AS upload_mbps, c.suspended
FROM circuits c LEFT JOIN sites s ON s.id = c.site;

CREATE VIEW recent_changes AS
SELECT datetime(time_ms / 1000, 'unixepoch', 'localtime') AS time, revision, author, action, kind,
	subject, field, before, after, apply_ms, result
FROM journal ORDER BY id DESC LIMIT 200;
