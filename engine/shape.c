/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/shape.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/base/units.h"
#include "engine/layout.h"
#include "engine/rates.h"
#include "engine/shape_rows.h"

#define PRIO_CONTROL 0
#define PRIO_CUSTOMER 3
#define PRIO_DEFAULT 5
/* Leaves of the fixed classes; customers' begin at HANDLE_FIRST. */
#define HANDLE_DEFAULT_LEAF 0x40
#define HANDLE_CONTROL_LEAF 0x80

static const char *const direction_words[DIRECTIONS] = { "download", "upload" };

/* Making the tree of one direction. */
struct making {
	const struct network *network;
	const struct layout *layout;
	const struct shape_settings *settings;
	enum direction direction;
	bool waits_above_sites; /* circuits below no site may have no class */
	struct network *notes;	/* may be NULL */
	struct queue_tree *tree;
	uint32_t r2q;

	struct guarantee_sum *below;	 /* by site: what its descendants want */
	unsigned int *halvings;		 /* by site: its own and its ancestors' */
	struct guarantee_sum *of_queue;	 /* by queue */
	unsigned int *of_queue_halvings; /* by queue */
};

/* --- what can be guaranteed ------------------------------------------------------------------- */

static uint64_t circuit_ceil(const struct making *making, uint32_t circuit)
{
	return rates_round(making->network->circuits[circuit].max_bps[making->direction]);
}

static uint64_t circuit_wanted(const struct making *making, uint32_t circuit)
{
	return rates_wanted(making->network->circuits[circuit].min_bps[making->direction],
			    circuit_ceil(making, circuit));
}

static uint64_t waiting_wanted(const struct making *making, uint32_t site)
{
	return rates_wanted(0, making->layout->sites[site].ceil_bps[making->direction]);
}

static void sum_circuits(struct making *making)
{
	for (uint32_t i = 0; i < making->network->circuit_count; i++) {
		const struct layout_circuit *place = &making->layout->circuits[i];
		struct guarantee_sum *sum = place->parent == NETWORK_NONE
						    ? &making->of_queue[place->numbers->queue]
						    : &making->below[place->parent];

		guarantee_sum_add(sum, circuit_wanted(making, i));
	}
}

static void note_halving(const struct making *making, const char *subject, uint64_t wanted_bps,
			 uint64_t budget_bps, unsigned int halvings)
{
	char wanted[RATE_TEXT_SIZE], budget[RATE_TEXT_SIZE];
	struct arena *arena;

	if (!halvings || !making->notes)
		return;
	arena = arena_new();
	network_add_note(
		making->notes, subject,
		arena_format(arena,
			     "the %s minimums below it sum to %s, but it can guarantee %s at most",
			     direction_words[making->direction], rate_format(wanted_bps, wanted),
			     rate_format(budget_bps, budget)),
		halvings <= RATES_HALVINGS_TO_FLOOR
			? arena_format(
				  arena,
				  "each of these minimums is held at 1/%llu; no plan's maximum "
				  "is changed",
				  1ULL << halvings)
			: "none of these minimums is held; no plan's maximum is changed");
	arena_free(arena);
}

static void fit_site(struct making *making, uint32_t site)
{
	const struct layout_site *place = &making->layout->sites[site];
	uint64_t ceil_bps = place->ceil_bps[making->direction];
	struct guarantee_sum *below = &making->below[site];
	char *subject;

	guarantee_sum_add(below, waiting_wanted(making, site));
	making->halvings[site] = guarantee_sum_fit(below, ceil_bps);
	guarantee_sum_add_child(place->parent == NETWORK_NONE
					? &making->of_queue[place->numbers->queue]
					: &making->below[place->parent],
				below, making->halvings[site]);
	if (!making->halvings[site])
		return;
	subject = xasprintf("site %s", making->network->sites[site].name);
	note_halving(making, subject, guarantee_sum_at(below, 0), ceil_bps, making->halvings[site]);
	free(subject);
}

static void fit_queue(struct making *making, uint16_t queue)
{
	uint64_t budget_bps = rates_link_budget(making->settings->link_bps[making->direction]);
	struct guarantee_sum *sum = &making->of_queue[queue];
	char *subject = xasprintf("queue %u", queue);
	unsigned int halvings;

	if (making->waits_above_sites)
		guarantee_sum_add(sum, RATE_FLOOR_BPS); /* of the waiting class */
	halvings = guarantee_sum_fit(sum, budget_bps);
	making->of_queue_halvings[queue] = halvings;
	note_halving(making, subject, guarantee_sum_at(sum, 0), budget_bps, halvings);
	free(subject);
}

/* Sites stand parents first: from the last to the first is from the bottom to the top. A flattened
 * site's class hangs below an earlier site still. */
static void fit_guarantees(struct making *making)
{
	sum_circuits(making);
	for (uint32_t i = (uint32_t)making->network->site_count; i-- > 0;)
		if (making->layout->sites[i].level)
			fit_site(making, i);
	for (uint16_t queue = 1; queue <= making->settings->queues; queue++)
		fit_queue(making, queue);
	for (uint32_t i = 0; i < making->network->site_count; i++) {
		const struct layout_site *place = &making->layout->sites[i];

		if (place->level)
			making->halvings[i] +=
				place->parent == NETWORK_NONE
					? making->of_queue_halvings[place->numbers->queue]
					: making->halvings[place->parent];
	}
}

static unsigned int halvings_below(const struct making *making, uint32_t parent, uint16_t queue)
{
	return parent == NETWORK_NONE ? making->of_queue_halvings[queue] : making->halvings[parent];
}

static uint64_t guarantee(uint64_t wanted_bps, unsigned int halvings)
{
	return rates_guarantee(wanted_bps,
			       halvings < RATES_HALVINGS_MAX ? halvings : RATES_HALVINGS_MAX);
}

/* --- classes ---------------------------------------------------------------------------------- */

/* What its circuit doesn't say of a CAKE leaf. A rate so low that a packet alone takes long wants a
 * long rtt, whatever is usual on the box. */
static void complete_cake(const struct making *making, struct queue_class *class)
{
	uint32_t usual_us =
		making->settings->cake_rtt_us ? making->settings->cake_rtt_us : RATES_CAKE_RTT_US;
	uint32_t least_us = rates_cake_rtt_us(class->ceil_bps);

	class->cake = cake_modes_over(
		class->cake, cake_modes_over(making->settings->cake, cake_modes_standard()));
	if (!class->leaf_rtt_us)
		class->leaf_rtt_us =
			least_us > RATES_CAKE_RTT_US && least_us > usual_us ? least_us : usual_us;
}

/* A class whose place, rates, leaf kind and wishes for it are set; the rest follows. */
static struct queue_class complete_class(const struct making *making, struct queue_class class)
{
	if (class.rate_bps > class.ceil_bps)
		class.rate_bps = class.ceil_bps;
	class.burst_bytes = rates_burst(class.rate_bps);
	class.cburst_bytes = rates_burst(class.ceil_bps);
	class.quantum_bytes = class.leaf == LEAF_NONE ? RATES_INNER_QUANTUM
						      : rates_quantum(class.rate_bps, making->r2q);
	class.overhead_bytes = making->settings->overhead_bytes;
	class.mpu_bytes = making->settings->mpu_bytes;
	if (class.leaf == LEAF_CAKE)
		complete_cake(making, &class);
	return class;
}

static void add_class(struct making *making, struct queue_class class)
{
	making->tree->classes[making->tree->class_count++] = complete_class(making, class);
}

/* Where circuits below no site wait. */
static void add_waiting_class(struct making *making, uint16_t queue)
{
	add_class(making,
		  (struct queue_class){
			  .queue = queue,
			  .minor = MINOR_WAITING,
			  .parent = MINOR_LINK,
			  .prio = PRIO_CUSTOMER,
			  .leaf = (uint8_t)making->settings->leaf,
			  .leaf_handle = (uint16_t)(HANDLE_WAITING_LEAF + queue),
			  .rate_bps = guarantee(RATE_FLOOR_BPS, making->of_queue_halvings[queue]),
			  .ceil_bps = rates_round(making->settings->link_bps[making->direction]),
			  .level = 1 });
}

static void add_fixed_classes(struct making *making, uint16_t queue)
{
	uint64_t link_bps = making->settings->link_bps[making->direction];
	uint8_t leaf = (uint8_t)making->settings->leaf;

	add_class(making, (struct queue_class){ .queue = queue,
						.minor = MINOR_LINK,
						.rate_bps = rates_round(link_bps),
						.ceil_bps = rates_round(link_bps) });
	add_class(making,
		  (struct queue_class){ .queue = queue,
					.minor = MINOR_DEFAULT,
					.parent = MINOR_LINK,
					.prio = PRIO_DEFAULT,
					.leaf = leaf,
					.leaf_handle = (uint16_t)(HANDLE_DEFAULT_LEAF + queue),
					.rate_bps = rates_default_rate(link_bps),
					.ceil_bps = rates_default_ceil(link_bps),
					.level = 1 });
	add_class(making,
		  (struct queue_class){ .queue = queue,
					.minor = MINOR_CONTROL,
					.parent = MINOR_LINK,
					.prio = PRIO_CONTROL,
					.leaf = leaf,
					.leaf_handle = (uint16_t)(HANDLE_CONTROL_LEAF + queue),
					.rate_bps = rates_control_rate(link_bps),
					.ceil_bps = rates_control_ceil(link_bps),
					.level = 1 });
}

static void add_site(struct making *making, uint32_t site)
{
	const struct layout_site *place = &making->layout->sites[site];
	const struct assignment *numbers = place->numbers;
	uint64_t ceil_bps = place->ceil_bps[making->direction];
	unsigned int halvings = making->halvings[site];

	add_class(making, (struct queue_class){
				  .queue = numbers->queue,
				  .minor = numbers->handle,
				  .parent = layout_parent_minor(making->layout, place->parent),
				  .prio = PRIO_CUSTOMER,
				  .rate_bps = guarantee_sum_at(&making->below[site], halvings),
				  .ceil_bps = ceil_bps,
				  .level = place->level });
	add_class(making, (struct queue_class){
				  .queue = numbers->queue,
				  .minor = numbers->waiting_handle,
				  .parent = numbers->handle,
				  .prio = PRIO_CUSTOMER,
				  .leaf = (uint8_t)making->settings->leaf,
				  .leaf_handle = numbers->waiting_handle,
				  .rate_bps = guarantee(waiting_wanted(making, site), halvings),
				  .ceil_bps = ceil_bps,
				  .level = place->level + 1 });
}

static struct queue_class circuit_class(const struct making *making, uint32_t circuit)
{
	const struct layout_circuit *place = &making->layout->circuits[circuit];
	const struct assignment *numbers = place->numbers;
	unsigned int halvings = halvings_below(making, place->parent, numbers->queue);

	assert(numbers->queue);
	return complete_class(
		making, (struct queue_class){
				.queue = numbers->queue,
				.minor = numbers->handle,
				.parent = layout_parent_minor(making->layout, place->parent),
				.prio = PRIO_CUSTOMER,
				.leaf = (uint8_t)place->leaf.kind,
				.leaf_handle = numbers->handle,
				.leaf_rtt_us = place->leaf.rtt_us,
				.cake = place->leaf.cake,
				.rate_bps = guarantee(circuit_wanted(making, circuit), halvings),
				.ceil_bps = circuit_ceil(making, circuit),
				.level = layout_level_below(making->layout, place->parent) });
}

static void making_begin(struct making *making)
{
	const struct network *network = making->network;
	uint16_t queues = making->settings->queues;

	making->r2q = rates_r2q(making->settings->link_bps[making->direction]);
	making->below = xcalloc(network->site_count, sizeof(*making->below));
	making->halvings = xcalloc(network->site_count, sizeof(*making->halvings));
	making->of_queue = xcalloc(queues + 1u, sizeof(*making->of_queue));
	making->of_queue_halvings = xcalloc(queues + 1u, sizeof(*making->of_queue_halvings));
	fit_guarantees(making);
}

static void making_end(struct making *making)
{
	free(making->below);
	free(making->halvings);
	free(making->of_queue);
	free(making->of_queue_halvings);
}

static void make_tree(struct making *making)
{
	const struct network *network = making->network;
	uint16_t queues = making->settings->queues;

	making_begin(making);
	*making->tree = (struct queue_tree){
		.queues = queues,
		.classes = xcalloc(4 * (size_t)queues + 2 * network->site_count +
					   network->circuit_count,
				   sizeof(struct queue_class)),
	};
	for (uint16_t queue = 1; queue <= queues; queue++)
		add_fixed_classes(making, queue);
	for (uint16_t queue = 1; queue <= queues && making->waits_above_sites; queue++)
		add_waiting_class(making, queue);
	for (uint32_t i = 0; i < network->site_count; i++)
		if (making->layout->sites[i].level)
			add_site(making, i);
	for (uint32_t i = 0; i < network->circuit_count; i++)
		if (shape_has_own_class(making->settings, making->layout->circuits[i].numbers))
			add_class(making, circuit_class(making, i));
	queue_tree_sort(making->tree);
	making_end(making);
}

/* --- public ----------------------------------------------------------------------------------- */

static void note_flattened(const struct network *network, const struct layout *layout,
			   struct network *notes)
{
	for (uint32_t i = 0; i < network->site_count; i++) {
		const struct site *site = &network->sites[i];
		char *subject, *reason, *in_force;

		if (!layout->sites[i].flattened)
			continue;
		subject = xasprintf("site %s", site->name);
		reason = xasprintf("it stands more than %d shaped sites deep, and the kernel's HTB "
				   "takes no more",
				   LAYOUT_SITE_LEVELS);
		in_force =
			xasprintf("its class hangs below site %s: its own capacity is kept, that "
				  "of site %s above it does not limit them together",
				  network->sites[layout->sites[i].parent].name,
				  network->sites[site->parent].name);
		network_add_note(notes, subject, reason, in_force);
		free(subject);
		free(reason);
		free(in_force);
	}
}

/* Circuits that are to have a class, but for which no handle was left. */
static void note_waiting(const struct network *network, const struct layout *layout,
			 const struct shape_settings *settings, struct network *notes)
{
	for (uint32_t i = 0; i < network->circuit_count; i++) {
		const struct layout_circuit *place = &layout->circuits[i];
		const struct assignment *numbers = place->numbers;
		char *subject, *in_force;

		if (numbers->handle || (settings->has_class && !settings->has_class[numbers->slot]))
			continue;
		subject = xasprintf("circuit %s", network->circuits[i].id);
		in_force =
			place->parent == NETWORK_NONE
				? xasprintf("it shares the waiting class of queue %u with others",
					    numbers->queue)
				: xasprintf("it shares the waiting class of site %s with others, "
					    "at that site's capacity",
					    network->sites[place->parent].name);
		network_add_note(notes, subject,
				 "no class of its own can be made: all handles that the kernel has "
				 "for an interface (65,534, half of them for each direction on a "
				 "stick) are in use",
				 in_force);
		free(subject);
		free(in_force);
	}
}

static bool any_waits_above_sites(const struct network *network, const struct layout *layout,
				  const struct shape_settings *settings)
{
	if (settings->has_class)
		return true;
	for (uint32_t i = 0; i < network->circuit_count; i++)
		if (layout->circuits[i].parent == NETWORK_NONE &&
		    !layout->circuits[i].numbers->handle)
			return true;
	return false;
}

void shape_network(const struct network *network, const struct handles *handles,
		   const struct shape_settings *settings, struct shape *shape,
		   struct network *notes)
{
	struct layout layout;

	*shape = (struct shape){ 0 };
	layout_make(network, handles, settings, &layout);
	if (notes)
		note_flattened(network, &layout, notes);
	if (notes)
		note_waiting(network, &layout, settings, notes);
	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++) {
		struct making making = { .network = network,
					 .layout = &layout,
					 .settings = settings,
					 .direction = d,
					 .waits_above_sites =
						 any_waits_above_sites(network, &layout, settings),
					 .notes = notes,
					 .tree = &shape->tree[d] };

		make_tree(&making);
	}
	shape_make_rows(network, &layout, settings, shape);
	shape_make_prefixes(network, &layout, shape);
	layout_release(&layout);
}

static int compare_own(const void *left, const void *right)
{
	const struct own_class *a = left, *b = right;

	return (a->row.slot > b->row.slot) - (a->row.slot < b->row.slot);
}

void own_classes_make(const struct network *network, const struct handles *handles,
		      const struct shape_settings *settings, struct own_classes *own)
{
	struct layout layout;

	own->count = network->circuit_count;
	own->list = xcalloc(own->count, sizeof(*own->list));
	layout_make(network, handles, settings, &layout);
	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++) {
		struct making making = { .network = network,
					 .layout = &layout,
					 .settings = settings,
					 .direction = d,
					 .waits_above_sites = any_waits_above_sites(
						 network, &layout, settings) };

		making_begin(&making);
		for (uint32_t i = 0; i < own->count; i++)
			own->list[i].class[d] = circuit_class(&making, i);
		making_end(&making);
	}
	for (uint32_t i = 0; i < own->count; i++)
		own->list[i].row = shape_own_row(network, &layout, settings, i);
	qsort(own->list, own->count, sizeof(*own->list), compare_own);
	layout_release(&layout);
}

const struct own_class *own_classes_find(const struct own_classes *own, uint32_t slot)
{
	const struct own_class key = { .row.slot = slot };

	return own->count ? bsearch(&key, own->list, own->count, sizeof(key), compare_own) : NULL;
}

void own_classes_release(struct own_classes *own)
{
	free(own->list);
	*own = (struct own_classes){ 0 };
}

void shape_release(struct shape *shape)
{
	for (int d = 0; d < DIRECTIONS; d++)
		queue_tree_release(&shape->tree[d]);
	free(shape->rows);
	free(shape->prefixes);
	*shape = (struct shape){ 0 };
}
