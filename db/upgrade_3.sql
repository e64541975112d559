-- SPDX-License-Identifier: GPL-2.0-or-later
-- From schema version 2 to 3. The triggers and views are gone already and come after.

ALTER TABLE circuits RENAME TO circuits_2;
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
INSERT INTO circuits SELECT id, name, site, download_min_bps, upload_min_bps, download_max_bps,
	upload_max_bps, suspended, leaf, comment FROM circuits_2;
DROP TABLE circuits_2;
CREATE INDEX circuits_by_site ON circuits (site);
PRAGMA user_version = 3;
