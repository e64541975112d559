/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/handles.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/numbers.h"
#include "engine/queue_tree.h"

#define uthash_fatal(message) abort()
#include <uthash.h>

/* A node in force. Allocated by itself: pointers to its assignment survive the table's growth. */
struct node {
	struct assignment assignment; /* the id is the node's own */
	UT_hash_handle hh;	      /* by assignment.owner */
};

struct handles {
	struct node *nodes;
	struct numbers handle, slot;
	struct assignment *list; /* of handles_list; NULL when out of date */
	size_t list_count;
};

/* --- nodes ------------------------------------------------------------------------------------ */

static struct node *find_owner(const struct handles *handles, uint64_t owner)
{
	struct node *node;

	HASH_FIND(hh, handles->nodes, &owner, sizeof(owner), node);
	return node;
}

static struct node *find_node(const struct handles *handles, enum node_kind kind, const char *id)
{
	return find_owner(handles, assignment_owner(kind, id));
}

static void set_id(struct node *node, const char *id)
{
	char *old = (char *)node->assignment.id;

	if (old && !strcmp(old, id))
		return;
	node->assignment.id = xstrdup(id);
	free(old);
}

static void free_node(struct node *node)
{
	free((char *)node->assignment.id);
	free(node);
}

static void touch(struct handles *handles)
{
	free(handles->list);
	handles->list = NULL;
}

static void hash_add(struct handles *handles, struct node *node)
{
	HASH_ADD(hh, handles->nodes, assignment.owner, sizeof(node->assignment.owner), node);
}

static void take_site_handles(struct handles *handles, struct node *node)
{
	node->assignment.handle = (uint16_t)numbers_take(&handles->handle, node);
	node->assignment.waiting_handle = (uint16_t)numbers_take(&handles->handle, node);
}

static bool take_circuit_handle(struct handles *handles, struct node *node)
{
	if (handles->handle.free_count <= HANDLES_FOR_SITES)
		return false;
	node->assignment.handle = (uint16_t)numbers_take(&handles->handle, node);
	return true;
}

static void reserve_handles(struct handles *handles, struct node *node)
{
	struct assignment *assignment = &node->assignment;

	if (assignment->handle)
		numbers_set(&handles->handle, assignment->handle, USE_RESERVED, NULL);
	if (assignment->waiting_handle)
		numbers_set(&handles->handle, assignment->waiting_handle, USE_RESERVED, NULL);
	assignment->handle = assignment->waiting_handle = 0;
}

static void reserve_node(struct handles *handles, struct node *node)
{
	reserve_handles(handles, node);
	numbers_set(&handles->slot, node->assignment.slot, USE_RESERVED, NULL);
}

/* --- public ----------------------------------------------------------------------------------- */

/* Those of the mq and of the waiting leaves: in use for ever, by no node. */
static void take_fixed(struct handles *handles)
{
	for (uint32_t handle = HANDLE_WAITING_LEAF + 1; handle <= HANDLE_MQ; handle++)
		numbers_set(&handles->handle, handle, USE_LIVE, NULL);
}

struct handles *handles_new(uint32_t slots_max)
{
	struct handles *handles = xcalloc(1, sizeof(*handles));

	numbers_init(&handles->handle, HANDLE_FIRST, HANDLE_LAST);
	take_fixed(handles);
	numbers_init(&handles->slot, 1, slots_max ? slots_max - 1 : 0);
	return handles;
}

void handles_free(struct handles *handles)
{
	struct node *node, *next;

	if (!handles)
		return;
	HASH_ITER (hh, handles->nodes, node, next) {
		HASH_DEL(handles->nodes, node);
		free_node(node);
	}
	numbers_release(&handles->handle);
	numbers_release(&handles->slot);
	free(handles->list);
	free(handles);
}

void handles_share(struct handles *handles)
{
	assert(!handles->nodes);
	numbers_release(&handles->handle);
	numbers_init(&handles->handle, HANDLE_FIRST, HANDLE_SHARED_LAST);
	take_fixed(handles);
}

static void copy_reserved(const struct numbers *from, struct numbers *to)
{
	for (uint32_t number = from->first; number <= from->highest; number++)
		if (from->use[number] == USE_RESERVED)
			numbers_reserve(to, number);
}

struct handles *handles_copy(const struct handles *handles)
{
	struct handles *copy = handles_new(handles->slot.last + 1);
	struct node *node, *next;

	if (handles->handle.last == HANDLE_SHARED_LAST)
		handles_share(copy);
	HASH_ITER (hh, handles->nodes, node, next)
		handles_put(copy, &node->assignment);
	copy_reserved(&handles->handle, &copy->handle);
	copy_reserved(&handles->slot, &copy->slot);
	return copy;
}

void handles_swap(struct handles *left, struct handles *right)
{
	struct handles between = *left;

	*left = *right;
	*right = between;
}

/* Whether a node may hold these handles: a site has two, a circuit one or none. */
static bool may_hold(const struct handles *handles, const struct assignment *assignment,
		     const struct node *node)
{
	const struct numbers *numbers = &handles->handle;

	if (assignment->kind == NODE_CIRCUIT)
		return !assignment->waiting_handle &&
		       (!assignment->handle || numbers_allow(numbers, assignment->handle, node));
	return assignment->waiting_handle != assignment->handle &&
	       numbers_allow(numbers, assignment->handle, node) &&
	       numbers_allow(numbers, assignment->waiting_handle, node);
}

bool handles_put(struct handles *handles, const struct assignment *assignment)
{
	struct node *node = find_owner(handles, assignment->owner);
	const char *old_id;

	if (!assignment->owner || !numbers_allow(&handles->slot, assignment->slot, node) ||
	    !may_hold(handles, assignment, node))
		return false;
	if (node) {
		reserve_node(handles, node);
	} else {
		node = xcalloc(1, sizeof(*node));
		node->assignment.owner = assignment->owner;
		hash_add(handles, node);
	}
	old_id = node->assignment.id;
	node->assignment = *assignment;
	node->assignment.id = old_id;
	set_id(node, assignment->id ? assignment->id : "");
	numbers_set(&handles->slot, assignment->slot, USE_LIVE, node);
	if (assignment->handle)
		numbers_set(&handles->handle, assignment->handle, USE_LIVE, node);
	if (assignment->waiting_handle)
		numbers_set(&handles->handle, assignment->waiting_handle, USE_LIVE, node);
	touch(handles);
	return true;
}

void handles_reserve(struct handles *handles, uint16_t handle)
{
	numbers_reserve(&handles->handle, handle);
}

void handles_reserve_slot(struct handles *handles, uint32_t slot)
{
	numbers_reserve(&handles->slot, slot);
}

const struct assignment *handles_find(const struct handles *handles, enum node_kind kind,
				      const char *id)
{
	const struct node *node = find_node(handles, kind, id);

	return node ? &node->assignment : NULL;
}

const struct assignment *handles_find_slot(const struct handles *handles, uint32_t slot)
{
	if (!numbers_in_range(&handles->slot, slot) || !handles->slot.node[slot])
		return NULL;
	return &handles->slot.node[slot]->assignment;
}

struct need {
	size_t slots, handles;
};

static void need_node(const struct handles *handles, enum node_kind kind, const char *id,
		      uint16_t queue, struct need *need)
{
	const struct node *node = find_node(handles, kind, id);

	if (node && (!node->assignment.queue || node->assignment.queue == queue))
		return;
	need->slots += !node;
	need->handles += kind == NODE_SITE ? 2 : 0;
}

static void assign_node(struct handles *handles, enum node_kind kind, const char *id,
			uint16_t queue)
{
	struct node *node = find_node(handles, kind, id);

	if (!node) {
		node = xcalloc(1, sizeof(*node));
		node->assignment.kind = kind;
		node->assignment.owner = assignment_owner(kind, id);
		node->assignment.slot = numbers_take(&handles->slot, node);
		hash_add(handles, node);
	} else if (node->assignment.queue && node->assignment.queue != queue) {
		reserve_handles(handles, node);
	}
	if (kind == NODE_SITE && !node->assignment.handle)
		take_site_handles(handles, node);
	node->assignment.queue = queue;
	set_id(node, id);
}

bool handles_assign(struct handles *handles, const struct network *network,
		    const uint16_t *queue_of_site, const uint16_t *queue_of_circuit,
		    struct error *err)
{
	struct need need = { 0 };

	for (size_t i = 0; i < network->site_count; i++)
		need_node(handles, NODE_SITE, network->sites[i].id, queue_of_site[i], &need);
	for (size_t i = 0; i < network->circuit_count; i++)
		need_node(handles, NODE_CIRCUIT, network->circuits[i].id, queue_of_circuit[i],
			  &need);
	if (need.slots > handles->slot.free_count)
		return error_set(err, ERROR_INVALID,
				 "%zu sites and circuits are new, but only %zu of %u slots are "
				 "free; the data path was set up for %u",
				 need.slots, handles->slot.free_count, handles->slot.last,
				 handles->slot.last);
	if (need.handles > handles->handle.free_count)
		return error_set(err, ERROR_INVALID,
				 "%zu class handles are needed for sites, but only %zu of the %u "
				 "that there are, are free (a site takes two, a circuit with a "
				 "class of its own one; on a stick there are half as many)",
				 need.handles, handles->handle.free_count,
				 handles->handle.last - HANDLE_FIRST);
	for (size_t i = 0; i < network->site_count; i++)
		assign_node(handles, NODE_SITE, network->sites[i].id, queue_of_site[i]);
	for (size_t i = 0; i < network->circuit_count; i++)
		assign_node(handles, NODE_CIRCUIT, network->circuits[i].id, queue_of_circuit[i]);
	touch(handles);
	return true;
}

bool handles_give(struct handles *handles, uint32_t slot)
{
	struct node *node = handles->slot.node[slot];

	assert(node && node->assignment.kind == NODE_CIRCUIT);
	if (node->assignment.handle)
		return true;
	touch(handles);
	return take_circuit_handle(handles, node);
}

void handles_give_all(struct handles *handles, const bool *has_class)
{
	for (uint32_t slot = handles->slot.first; slot <= handles->slot.highest; slot++) {
		const struct node *node = handles->slot.node[slot];

		if (node && node->assignment.kind == NODE_CIRCUIT && !node->assignment.handle &&
		    (!has_class || has_class[slot]) && !handles_give(handles, slot))
			return;
	}
}

void handles_take_back(struct handles *handles, const bool *is_borne, const bool *has_class)
{
	struct numbers *numbers = &handles->handle;

	for (uint32_t handle = numbers->first; handle <= numbers->highest; handle++) {
		struct node *node = numbers->node[handle];
		bool is_spare = node ? node->assignment.kind == NODE_CIRCUIT && has_class &&
						!has_class[node->assignment.slot]
				     : numbers->use[handle] == USE_RESERVED;

		if (!is_spare || is_borne[handle])
			continue;
		if (node)
			node->assignment.handle = 0;
		numbers_set(numbers, handle, USE_FREE, NULL);
		touch(handles);
	}
}

void handles_renew(struct handles *handles, enum node_kind kind, const char *id)
{
	struct node *node = find_node(handles, kind, id);

	assert(node);
	reserve_handles(handles, node);
	if (kind == NODE_SITE)
		take_site_handles(handles, node);
	else
		take_circuit_handle(handles, node);
	touch(handles);
}

size_t handles_free_count(const struct handles *handles)
{
	return handles->handle.free_count;
}

/* Marks by slot which nodes the network has. */
static bool *mark_present(const struct handles *handles, const struct network *network)
{
	bool *present = xcalloc((size_t)handles->slot.last + 1, sizeof(*present));
	const struct node *node;

	for (size_t i = 0; i < network->site_count; i++) {
		node = find_node(handles, NODE_SITE, network->sites[i].id);
		if (node)
			present[node->assignment.slot] = true;
	}
	for (size_t i = 0; i < network->circuit_count; i++) {
		node = find_node(handles, NODE_CIRCUIT, network->circuits[i].id);
		if (node)
			present[node->assignment.slot] = true;
	}
	return present;
}

void handles_retire_missing(struct handles *handles, const struct network *network)
{
	bool *present = mark_present(handles, network);
	struct node *node, *next;

	HASH_ITER (hh, handles->nodes, node, next) {
		if (present[node->assignment.slot])
			continue;
		reserve_node(handles, node);
		HASH_DEL(handles->nodes, node);
		free_node(node);
		touch(handles);
	}
	free(present);
}

void handles_release_handle(struct handles *handles, uint16_t handle)
{
	numbers_free(&handles->handle, handle);
}

void handles_release_slot(struct handles *handles, uint32_t slot)
{
	numbers_free(&handles->slot, slot);
}

bool handles_is_reserved(const struct handles *handles, uint16_t handle)
{
	return numbers_in_range(&handles->handle, handle) &&
	       handles->handle.use[handle] == USE_RESERVED;
}

bool handles_is_reserved_slot(const struct handles *handles, uint32_t slot)
{
	return numbers_in_range(&handles->slot, slot) && handles->slot.use[slot] == USE_RESERVED;
}

/* Nodes by slot are in order already. */
static void build_list(struct handles *handles)
{
	size_t count = 0;

	handles->list = xcalloc(HASH_COUNT(handles->nodes), sizeof(*handles->list));
	for (size_t slot = handles->slot.first; slot <= handles->slot.highest; slot++)
		if (handles->slot.node[slot])
			handles->list[count++] = handles->slot.node[slot]->assignment;
	handles->list_count = count;
}

const struct assignment *handles_list(const struct handles *handles, size_t *count)
{
	if (!handles->list)
		build_list((struct handles *)handles); /* a cache: the table stays as it is */
	*count = handles->list_count;
	return handles->list;
}
