-- SPDX-License-Identifier: GPL-2.0-or-later
-- From schema version 4 to 5. The triggers and views are gone already and come after.
-- Some files of version 4 have these indexes. Ids are keys: no two rows stand in the way.

CREATE UNIQUE INDEX IF NOT EXISTS "two sites cannot have one id" ON sites (id || '');
CREATE UNIQUE INDEX IF NOT EXISTS "two circuits cannot have one id" ON circuits (id || '');
CREATE UNIQUE INDEX IF NOT EXISTS "two devices cannot have one id" ON devices (id || '');
PRAGMA user_version = 5;
