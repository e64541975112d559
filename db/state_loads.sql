-- SPDX-License-Identifier: GPL-2.0-or-later
-- What sites and circuits carried (engine/node_loads.h). Added to a state.db that has no such tables;
-- an engine that does not know them leaves them alone.

CREATE TABLE IF NOT EXISTS loads (
	kind INTEGER NOT NULL, id TEXT NOT NULL, load_bps INTEGER NOT NULL,
	PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS measured (windows INTEGER NOT NULL) STRICT;
