/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/network_file.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/encoding.h"
#include "engine/base/memory.h"

#define NAME_LONGEST 120
#define DEEPEST 64
#define RATE_MOST_MBPS 1000000.0

struct reading {
	struct network_file *file;
	json_t *names; /* those taken: a name is one node's */
};

static void add_problem(struct reading *reading, const char *name, const char *reason,
			const char *in_force)
{
	struct network_file *file = reading->file;

	file->problems = grow(file->problems, file->problem_count, &file->problem_capacity,
			      sizeof(*file->problems));
	file->problems[file->problem_count++] = (struct problem){
		.subject = arena_format(file->arena, "network.json node %.*s", NAME_LONGEST, name),
		.reason = reason,
		.in_force = in_force,
	};
}

/* --- a node ----------------------------------------------------------------------------------- */

/* 0 also for one that is wrong, or missing. */
static uint64_t read_rate(struct reading *reading, const char *name, const json_t *node,
			  const char *key)
{
	const json_t *value = json_object_get(node, key);
	double mbps = json_number_value(value);

	if (!value || json_is_null(value))
		return 0;
	if (json_is_number(value) && mbps >= 0 && mbps <= RATE_MOST_MBPS)
		return (uint64_t)llround(mbps * 1e6);
	add_problem(reading, name,
		    arena_format(reading->file->arena,
				 "%s is not a number of Mbit/s from 0 to %.0f", key,
				 RATE_MOST_MBPS),
		    "it has as much as its parent");
	return 0;
}

static const char *read_id(struct reading *reading, const json_t *node)
{
	const json_t *id = json_object_get(node, "id");
	const char *text = json_string_value(id);

	if (json_is_integer(id))
		return arena_format(reading->file->arena, "%lld",
				    (long long)json_integer_value(id));
	if (!text || !*text || strlen(text) > NAME_LONGEST)
		return NULL;
	return arena_text(reading->file->arena, text);
}

static const char *read_kind(struct reading *reading, const json_t *node)
{
	const char *type = json_string_value(json_object_get(node, "type"));

	if (json_is_true(json_object_get(node, "virtual")))
		return SITE_KIND_VIRTUAL;
	return type && *type ? arena_text(reading->file->arena, type) : "site";
}

static const char *read_place(struct reading *reading, const json_t *node)
{
	const json_t *latitude = json_object_get(node, "latitude");
	const json_t *longitude = json_object_get(node, "longitude");

	if (!json_is_number(latitude) || !json_is_number(longitude))
		return NULL;
	return arena_format(reading->file->arena, "%.6g, %.6g", json_number_value(latitude),
			    json_number_value(longitude));
}

/* The reason why the node can't be taken; NULL when it can. */
static const char *find_fault(struct reading *reading, const char *name, const json_t *node)
{
	if (!*name || strlen(name) > NAME_LONGEST)
		return "a name has 1 to 120 characters";
	if (!json_is_object(node))
		return "it is not an object";
	if (json_object_get(reading->names, name))
		return "another node has the same name";
	return NULL;
}

static size_t add_site(struct reading *reading, const char *name, const json_t *node, size_t parent)
{
	struct network_file *file = reading->file;
	struct import_site site = {
		.id = read_id(reading, node),
		.name = arena_text(file->arena, name),
		.kind = read_kind(reading, node),
		.place = read_place(reading, node),
		.parent = parent,
	};

	site.capacity_bps[DOWNLOAD] = read_rate(reading, name, node, "downloadBandwidthMbps");
	site.capacity_bps[UPLOAD] = read_rate(reading, name, node, "uploadBandwidthMbps");
	file->sites = grow(file->sites, file->site_count, &file->site_capacity, sizeof(site));
	file->sites[file->site_count] = site;
	json_object_set_new(reading->names, name, json_true());
	return file->site_count++;
}

/* --- the tree --------------------------------------------------------------------------------- */

static void read_nodes(struct reading *reading, json_t *nodes, size_t parent, unsigned int depth)
{
	const char *name;
	json_t *node;

	json_object_foreach (nodes, name, node) {
		const char *fault = find_fault(reading, name, node);
		json_t *children = json_object_get(node, "children");
		size_t site = parent;

		if (fault)
			add_problem(reading, name, fault, "it was not taken");
		else
			site = add_site(reading, name, node, parent);
		if (depth < DEEPEST)
			read_nodes(reading, children, site, depth + 1);
		else if (json_object_size(children))
			add_problem(reading, name,
				    arena_format(reading->file->arena,
						 "it is more than %d nodes deep", DEEPEST),
				    "its children were not taken");
	}
}

static json_t *load(const char *path, struct error *err)
{
	char *text = text_read_file(path, err);
	json_error_t fault;
	json_t *nodes;

	if (!text)
		return NULL;
	nodes = json_loads(text, JSON_REJECT_DUPLICATES, &fault);
	free(text);
	if (!nodes)
		error_set(err, ERROR_INVALID, "%s, line %d: %s", path, fault.line, fault.text);
	else if (!json_is_object(nodes))
		error_set(err, ERROR_INVALID, "%s is not an object of nodes by their names", path);
	else
		return nodes;
	json_decref(nodes);
	return NULL;
}

bool network_file_read(const char *path, struct network_file *file, struct error *err)
{
	struct reading reading = { .file = file };
	json_t *nodes = load(path, err);

	*file = (struct network_file){ 0 };
	if (!nodes)
		return false;
	file->arena = arena_new();
	reading.names = json_object();
	read_nodes(&reading, nodes, IMPORT_TOP, 1);
	json_decref(reading.names);
	json_decref(nodes);
	return true;
}

void network_file_release(struct network_file *file)
{
	arena_free(file->arena);
	free(file->sites);
	free(file->problems);
	*file = (struct network_file){ 0 };
}
