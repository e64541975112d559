-- SPDX-License-Identifier: GPL-2.0-or-later
-- The demo's sites: points of presence, towers, access points. Capacities in bits a second.
INSERT INTO sites (id, name, parent, kind, download_bps, upload_bps) VALUES
	('north', 'North POP', NULL, 'pop', NULL, NULL),
	('alder', 'Tower Alder', 'north', 'tower', 400000000, 150000000),
	('alder-1', 'AP Alder-1', 'alder', 'ap', 200000000, 80000000),
	('alder-2', 'AP Alder-2', 'alder', 'ap', 200000000, 80000000),
	('birch', 'Tower Birch', 'north', 'tower', 300000000, 120000000),
	('birch-1', 'AP Birch-1', 'birch', 'ap', 150000000, 60000000),
	('birch-2', 'AP Birch-2', 'birch', 'ap', 150000000, 60000000),
	('south', 'South POP', NULL, 'pop', NULL, NULL),
	('cedar', 'Tower Cedar', 'south', 'tower', 250000000, 100000000),
	('cedar-1', 'AP Cedar-1', 'cedar', 'ap', 150000000, 60000000);
