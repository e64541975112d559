-- SPDX-License-Identifier: GPL-2.0-or-later
-- From schema version 3 to 4. The triggers and views are gone already and come after.

CREATE UNIQUE INDEX "two sites cannot have one name" ON sites (name || '');
CREATE UNIQUE INDEX "two sites cannot have one id" ON sites (id || '');
CREATE UNIQUE INDEX "two circuits cannot have one id" ON circuits (id || '');
CREATE UNIQUE INDEX "two devices cannot have one id" ON devices (id || '');
PRAGMA user_version = 4;
