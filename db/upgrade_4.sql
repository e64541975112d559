-- SPDX-License-Identifier: GPL-2.0-or-later
-- From schema version 3 to 4. The triggers and views are gone already and come after.

CREATE UNIQUE INDEX "two sites cannot have one name" ON sites (name || '');
PRAGMA user_version = 4;
