/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network as nouns: sites in a tree, circuits below them, their devices and prefixes. A
 * struct network is a value: built once (by the database layer, or by a test), then only read.
 * Text pointers live in the network's own arena and die with it.
 */
#ifndef LQOS_MODEL_NETWORK_H
#define LQOS_MODEL_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/direction.h"
#include "engine/base/prefix.h"

#define NETWORK_NONE UINT32_MAX /* "no parent", "not found" in an index field */
/* What can be shaped: at less, a full packet takes longer than any caller waits (12 s), and HTB,
 * which saves up 60 s of a rate, would never send one at 200 bit/s. */
#define PLAN_LEAST_BPS 1000ULL
#define PLAN_MOST_BPS 1000000000000ULL
#define SITE_KIND_VIRTUAL "virtual" /* a site for people only */

#define NODE_ID_SIZE 481 /* of 120 characters in UTF-8, and the end */

struct site {
	const char *id;			   /* stable key; survives a rename */
	const char *name;		   /* what people call it; unique */
	const char *parent_id;		   /* NULL at the top */
	const char *kind;		   /* "site", "ap", ... or "" */
	uint64_t capacity_bps[DIRECTIONS]; /* 0: as much as the parent */
	uint32_t parent; /* index into sites, NETWORK_NONE at the top; set by network_index */
	uint32_t depth;	 /* 0 at the top; set by network_index */
};

struct circuit {
	const char *id; /* the operator's Circuit ID */
	const char *name;
	const char *site_id;
	const char *leaf; /* "" = the engine's default, else "cake", "fq_codel", "pfifo" */
	const char *comment;
	uint64_t min_bps[DIRECTIONS]; /* committed; 0 = none */
	uint64_t max_bps[DIRECTIONS]; /* the plan */
	int64_t until_s; /* an override is in force until then (Unix time); 0: none is */
	bool suspended;
	uint32_t site; /* index into sites; set by network_index */
};

struct device {
	const char *id;
	const char *name;
	const char *mac;
	const char *circuit_id;
	uint32_t circuit; /* index into circuits; set by network_index */
};

struct device_prefix {
	struct prefix prefix;
	const char *text; /* as the operator wrote it */
	const char *device_id;
	uint32_t device; /* index into devices; set by network_index */
};

/* A row that could not be taken as it is, and what is in force instead. */
struct problem {
	const char *subject;  /* "circuit 1042", "site Alder", "shaped_devices row 17" */
	const char *reason;   /* a sentence with the value and what is allowed */
	const char *in_force; /* a sentence: "the plan of revision 41 stays in force" */
};

struct network {
	uint64_t revision;
	struct site *sites;		/* parents before children after network_index */
	struct circuit *circuits;	/* sorted by id after network_index */
	struct device *devices;		/* sorted by id */
	struct device_prefix *prefixes; /* sorted by prefix_compare */
	struct problem *problems;
	size_t site_count, circuit_count, device_count, prefix_count, problem_count;
	size_t resolved_problem_count; /* of those the first, by network_resolve; notes follow */
	struct arena *arena;	       /* owns every text but those of notes */
	struct arena *notes;	       /* NULL while there are none */
	struct network_index *index;   /* NULL until asked for; see network_index.h */
};

struct network *network_new(void);
void network_free(struct network *network);
/* The same rows once more, without problems and index; a new one. */
struct network *network_copy(const struct network *network);

/* Append a row; the text is copied into the network. Index fields are left for network_index. */
void network_add_site(struct network *network, const struct site *site);
void network_add_circuit(struct network *network, const struct circuit *circuit);
void network_add_device(struct network *network, const struct device *device);
void network_add_prefix(struct network *network, const struct device_prefix *prefix);
void network_add_problem(struct network *network, const char *subject, const char *reason,
			 const char *in_force);

/* Problems of carrying the network out rather than of its rows; forgotten by themselves. */
void network_add_note(struct network *network, const char *subject, const char *reason,
		      const char *in_force);
void network_forget_notes(struct network *network);
/* Other notes, another digest. */
uint64_t network_digest_notes(const struct network *network);

/* Turns rows as they stand in the database into a network that can be applied: drops or repairs
 * what cannot be (see lqos-db(5)), lists each in problems, sorts, and fills the index fields.
 * A circuit with a problem keeps its state of `last_good` (may be NULL), as far as its site and
 * prefixes are still free. After it, every index is valid, sites are a forest without loops,
 * prefixes are unique, 0 < max, min <= max. */
struct network *network_resolve(const struct network *rows, const struct network *last_good);

/* Puts a row whose plan changed, and no more than name, rates, comment and suspension, into a
 * network that was resolved before: what resolving all rows again would give. False, and nothing
 * changed, when that is more than this. */
bool network_patch_plan(struct network *network, const struct circuit *row);

/* By binary search; index or NETWORK_NONE. Sites by id or by name are found linearly. */
uint32_t network_find_circuit(const struct network *network, const char *id);
uint32_t network_find_site(const struct network *network, const char *id);
uint32_t network_find_site_by_name(const struct network *network, const char *name);
/* True for the site itself and for all below it. */
bool network_is_below(const struct network *network, uint32_t site, uint32_t above);
uint32_t network_find_exact_prefix(const struct network *network, const struct prefix *prefix);
/* The longest prefix that holds the address (16 bytes, IPv4-mapped); index or NETWORK_NONE. */
uint32_t network_find_prefix(const struct network *network, const uint8_t address[16]);

#endif
