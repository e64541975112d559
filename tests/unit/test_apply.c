/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine/apply and engine/adoption against a kernel and a data path that are made here: they can
 * refuse any operation, and the engine can die before any of them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "engine/adoption.h"
#include "engine/apply.h"
#include "engine/base/log.h"
#include "tests/lib/shaping.h"

static const struct shape_settings settings = {
	.link_bps = { 1000000000, 800000000 }, .queues = 3, .cpus = 2, .leaf = LEAF_CAKE
};

enum mishap {
	MISHAP_NONE,
	MISHAP_REFUSE_ONE,
	MISHAP_REFUSE_ALL,
	MISHAP_KILL, /* nothing that it does from then on has an effect */
};

/* What outlives an engine: classes, rows, prefixes. */
static struct world {
	struct shape shape;
	enum mishap mishap;
	size_t steps_left; /* operations until it happens */
	size_t steps;	   /* operations asked for */
	uint32_t epoch;
	bool busy;	   /* packets wait in some classes */
	uint64_t *touched; /* class_key of every class that an operation was about */
	size_t touched_count, touched_capacity;
} world;

struct kernel {
	int unused;
};

struct datapath {
	int unused;
};

static uint64_t class_key(enum direction direction, const struct queue_class *class)
{
	return (uint64_t)direction << 32 | (uint64_t) class->queue << 16 | class->minor;
}

static void touch(const struct op *op)
{
	world.touched = grow(world.touched, world.touched_count, &world.touched_capacity,
			     sizeof(*world.touched));
	world.touched[world.touched_count++] = class_key(op->direction, &op->class);
}

enum answer { DONE, REFUSED, NO_EFFECT };

/* An operation is about to be done. */
static enum answer step(bool refusable)
{
	bool due = world.mishap == MISHAP_REFUSE_ONE ? world.steps == world.steps_left
						     : world.steps >= world.steps_left;

	if (!refusable && world.mishap == MISHAP_REFUSE_ONE && due)
		world.steps_left++; /* the next one then */
	world.steps++;
	if (!due || world.mishap == MISHAP_NONE)
		return DONE;
	return refusable ? REFUSED : world.mishap == MISHAP_KILL ? NO_EFFECT : DONE;
}

/* --- in place of engine/kernel.c and engine/datapath.c ------------------------------------------- */

bool kernel_send(struct kernel *kernel, const struct interface interfaces[DIRECTIONS],
		 const struct op *const *ops, size_t count, uint32_t pfifo_limit, int *results,
		 struct error *err)
{
	bool ok = true;

	for (size_t i = 0; i < count; i++) {
		const char *fault = op_fault(&world.shape, ops[i]);

		results[i] = step(true) == REFUSED ? -ENOMEM : fault ? -ENOENT : 0;
		if (fault && world.mishap == MISHAP_NONE)
			fail_msg("the kernel would refuse: %s", fault);
		if (world.mishap != MISHAP_KILL || !results[i])
			touch(ops[i]);
		if (results[i])
			ok = error_set(err, ERROR_SYSTEM, "refused");
		else
			shape_apply_op(&world.shape, ops[i]);
	}
	return ok;
}

bool kernel_read_stats(struct kernel *kernel, const struct interface *interface, uint16_t queue,
		       struct class_stats **stats, size_t *count, struct error *err)
{
	const struct queue_tree *tree = &world.shape.tree[interface->ifindex];

	*count = tree->class_count;
	*stats = xcalloc(*count, sizeof(**stats));
	for (size_t i = 0; i < *count; i++)
		(*stats)[i] = (struct class_stats){
			.queue = tree->classes[i].queue,
			.minor = tree->classes[i].minor,
			.backlog_packets = world.busy && tree->classes[i].minor % 3 == 0,
		};
	return true;
}

uint32_t datapath_set_row(struct datapath *datapath, uint32_t slot, const struct circuit_row *row)
{
	/* A claim is a row without a class. */
	struct op op = { .kind = OP_ROW_SET, .row = { .slot = slot, .row = *row } };

	if (step(false) == DONE)
		shape_apply_op(&world.shape, &op);
	return ++world.epoch;
}

uint32_t datapath_clear_row(struct datapath *datapath, uint32_t slot)
{
	struct op op = { .kind = OP_ROW_CLEAR, .row = { .slot = slot } };

	if (step(false) == DONE)
		shape_apply_op(&world.shape, &op);
	return ++world.epoch;
}

void datapath_wait_grace(struct datapath *datapath)
{
}

static bool change_prefix(enum op_kind kind, const struct prefix *prefix, uint32_t slot,
			  uint32_t *epoch, struct error *err)
{
	struct op op = { .kind = kind, .prefix = { .prefix = *prefix, .slot = slot } };

	if (step(true) == REFUSED)
		return error_set(err, ERROR_SYSTEM, "refused");
	shape_apply_op(&world.shape, &op);
	*epoch = ++world.epoch;
	return true;
}

bool datapath_set_prefix(struct datapath *datapath, const struct prefix *prefix, uint32_t slot,
			 uint32_t *epoch, struct error *err)
{
	return change_prefix(OP_PREFIX_SET, prefix, slot, epoch, err);
}

bool datapath_remove_prefix(struct datapath *datapath, const struct prefix *prefix, uint32_t *epoch,
			    struct error *err)
{
	return change_prefix(OP_PREFIX_REMOVE, prefix, 0, epoch, err);
}

/* --- an engine -------------------------------------------------------------------------------------- */

struct fake_engine {
	struct handles *handles;
	struct shape applied, desired;
	size_t planned, removals;
	unsigned int deferred;
};

static void engine_begin(struct fake_engine *engine, const struct assignment *saved, size_t count)
{
	*engine = (struct fake_engine){ .handles = handles_new(SLOTS_MAX) };
	shape_copy(&world.shape, &engine->applied);
	adoption_take_numbers(&engine->applied, saved, count, engine->handles);
}

static void engine_end(struct fake_engine *engine)
{
	handles_free(engine->handles);
	shape_release(&engine->applied);
	shape_release(&engine->desired);
}

/* Brings the world to the network; false when something was refused. */
static bool engine_apply(struct fake_engine *engine, const struct network *network, bool force)
{
	static struct kernel kernel;
	static struct datapath datapath;
	static const struct interface interfaces[DIRECTIONS] = { { .ifindex = DOWNLOAD },
								 { .ifindex = UPLOAD } };
	struct apply_target target = { .kernel = &kernel,
				       .datapath = &datapath,
				       .handles = engine->handles,
				       .interfaces = interfaces };
	struct apply_result result;
	struct plan plan;
	struct error err;
	bool ok;

	shape_release(&engine->desired);
	assert_true(give_numbers(network, &settings, &engine->applied, engine->handles));
	shape_network(network, engine->handles, &settings, &engine->desired, NULL);
	plan_make(&engine->applied, &engine->desired, &plan);
	assert_int_equal(plan.impossible, 0);
	engine->planned = plan.count;
	engine->removals = plan_summarise(&plan).classes_removed;
	ok = apply_plan(&target, &plan, force, &engine->applied, &result, &err);
	engine->deferred = result.deferred;
	plan_release(&plan);
	return ok;
}

/* --- a network that changes ----------------------------------------------------------------------- */

struct story {
	struct network *before, *after;
	struct shape start;	  /* the world as the first network made it */
	struct assignment *saved; /* state.db of that time */
	size_t saved_count;
	size_t steps;	  /* operations of the change */
	size_t undoable;  /* those before the first removal of a class */
	struct shape end; /* the world after it, had nothing happened */
};

/* Speeds, moves, suspensions, circuits that come and go, sites that move. */
static struct network *change_network(struct random *random, const struct network *from)
{
	bool *keep = xcalloc(from->circuit_count, sizeof(bool));
	struct network *to;

	for (size_t i = 0; i < from->circuit_count; i++)
		keep[i] = random_chance(random, 85);
	to = random_network_copy(from, keep);
	free(keep);
	for (size_t i = 0; i < to->circuit_count; i++) {
		struct circuit *circuit = &to->circuits[i];

		if (random_chance(random, 15))
			random_plan(random, circuit);
		if (to->site_count && random_chance(random, 15))
			circuit->site = random_below(random, (uint32_t)to->site_count);
		if (random_chance(random, 10))
			circuit->suspended = !circuit->suspended;
		if (random_chance(random, 10)) /* an address that changes hands */
			to->prefixes[i].device = random_below(random, (uint32_t)to->device_count);
	}
	if (to->site_count > 1 && random_chance(random, 50))
		to->sites[to->site_count - 1].parent =
			random_below(random, (uint32_t)to->site_count - 1);
	if (to->circuit_count && random_chance(random, 50)) {
		uint32_t number = 1 + 2 * random_below(random, 1000);

		/* At the end of the list: by its id it is not, but nobody asks for that. */
		random_add_circuit(random, to, 900000 + number);
	}
	return to;
}

static void story_make(struct story *story, uint64_t seed)
{
	struct random random = { seed };
	struct fake_engine engine;
	const struct assignment *list;

	*story = (struct story){ 0 };
	story->before = random_network(&random, 1 + random_below(&random, 6),
				       2 + random_below(&random, 12));
	story->after = change_network(&random, story->before);
	world = (struct world){ .mishap = MISHAP_NONE };
	engine_begin(&engine, NULL, 0);
	assert_true(engine_apply(&engine, story->before, false));
	assert_true(shape_equal(&world.shape, &engine.desired));
	shape_copy(&world.shape, &story->start);
	list = handles_list(engine.handles, &story->saved_count);
	story->saved = xcalloc(story->saved_count, sizeof(*list));
	memcpy(story->saved, list, story->saved_count * sizeof(*list));
	world.steps = 0;
	assert_true(engine_apply(&engine, story->after, true));
	assert_true(shape_equal(&world.shape, &engine.desired));
	story->steps = world.steps;
	story->undoable = world.steps - engine.removals;
	shape_copy(&world.shape, &story->end);
	engine_end(&engine);
}

static void story_release(struct story *story)
{
	shape_release(&story->start);
	shape_release(&story->end);
	shape_release(&world.shape);
	free(world.touched);
	free(story->saved);
	random_network_free(story->after);
	random_network_free(story->before);
}

/* The world as the first network made it, and a mishap at an operation of what comes. */
static void world_reset(const struct story *story, enum mishap mishap, size_t at)
{
	shape_release(&world.shape);
	shape_copy(&story->start, &world.shape);
	world.mishap = mishap;
	world.steps_left = at;
	world.steps = 0;
	world.touched_count = 0;
	world.busy = false;
}

static void world_calm(void)
{
	world.mishap = MISHAP_NONE;
	world.steps = 0;
}

static bool was_touched(enum direction direction, const struct queue_class *class)
{
	for (size_t i = 0; i < world.touched_count; i++)
		if (world.touched[i] == class_key(direction, class))
			return true;
	return false;
}

/* A class that the change has nothing to do with has seen no operation. */
static bool untouched_were_left_alone(const struct story *story)
{
	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++)
		for (size_t i = 0; i < story->start.tree[d].class_count; i++) {
			const struct queue_class *is = &story->start.tree[d].classes[i];
			const struct queue_class *shall =
				queue_tree_find(&story->end.tree[d], is->queue, is->minor);

			if (shall && class_equal(is, shall) && was_touched(d, is))
				return false;
		}
	return true;
}

#define STORIES 150

static void a_change_refused_at_any_operation_is_undone_and_goes_through_later(void **state)
{
	size_t refusals = 0;

	for (uint64_t seed = 0; seed < STORIES; seed++) {
		struct story story;

		story_make(&story, seed);
		for (size_t at = 0; at < story.steps; at++) {
			struct fake_engine engine;

			world_reset(&story, MISHAP_REFUSE_ONE, at);
			engine_begin(&engine, story.saved, story.saved_count);
			if (!engine_apply(&engine, story.after, true)) {
				refusals++;
				if (!shape_equal(&world.shape, &engine.applied))
					fail_msg("seed %llu, operation %zu: applied is not what is "
						 "there",
						 (unsigned long long)seed, at);
				if (world.steps_left < story.undoable &&
				    !shape_equal(&world.shape, &story.start))
					fail_msg("seed %llu, operation %zu: not all is undone",
						 (unsigned long long)seed, at);
			}
			world_calm();
			assert_true(engine_apply(&engine, story.after, true));
			if (!shape_equal(&world.shape, &engine.desired))
				fail_msg("seed %llu, operation %zu: desired is not reached",
					 (unsigned long long)seed, at);
			if (!untouched_were_left_alone(&story))
				fail_msg(
					"seed %llu, operation %zu: a class was touched for nothing",
					(unsigned long long)seed, at);
			engine_end(&engine);
		}
		story_release(&story);
	}
	print_message("seeds 0..%d: %zu refusals\n", STORIES - 1, refusals);
	assert_true(refusals > 2000);
}

static void an_undo_that_is_refused_as_well_leaves_the_truth_in_applied(void **state)
{
	for (uint64_t seed = 0; seed < STORIES; seed++) {
		struct story story;

		story_make(&story, seed);
		for (size_t at = 0; at < story.steps; at++) {
			struct fake_engine engine;

			world_reset(&story, MISHAP_REFUSE_ALL, at);
			engine_begin(&engine, story.saved, story.saved_count);
			engine_apply(&engine, story.after, true);
			if (!shape_equal(&world.shape, &engine.applied))
				fail_msg("seed %llu, operation %zu: applied is not what is there",
					 (unsigned long long)seed, at);
			world_calm();
			assert_true(engine_apply(&engine, story.after, true));
			if (!shape_equal(&world.shape, &engine.desired))
				fail_msg("seed %llu, operation %zu: desired is not reached",
					 (unsigned long long)seed, at);
			engine_end(&engine);
		}
		story_release(&story);
	}
}

static void killed_before_any_operation_the_next_engine_reaches_desired(void **state)
{
	size_t deaths = 0;

	for (uint64_t seed = 0; seed < STORIES; seed++) {
		struct story story;

		story_make(&story, seed);
		for (size_t at = 0; at < story.steps; at++) {
			struct fake_engine first, second;

			world_reset(&story, MISHAP_KILL, at);
			engine_begin(&first, story.saved, story.saved_count);
			engine_apply(&first, story.after, true);
			deaths += world.steps > at;
			engine_end(&first);
			world_calm();
			/* Every other one has lost its state.db, too. */
			engine_begin(&second, story.saved, at % 2 ? 0 : story.saved_count);
			assert_true(engine_apply(&second, story.after, true));
			if (!shape_equal(&world.shape, &second.desired))
				fail_msg("seed %llu, operation %zu: desired is not reached",
					 (unsigned long long)seed, at);
			if (!untouched_were_left_alone(&story))
				fail_msg(
					"seed %llu, operation %zu: a class was touched for nothing",
					(unsigned long long)seed, at);
			assert_true(engine_apply(&second, story.after, true));
			assert_int_equal(second.planned, 0);
			engine_end(&second);
		}
		story_release(&story);
	}
	print_message("seeds 0..%d: %zu deaths\n", STORIES - 1, deaths);
	assert_true(deaths > 2000);
}

static void classes_with_packets_wait_and_go_once_they_are_empty(void **state)
{
	unsigned int deferred = 0;

	for (uint64_t seed = 0; seed < STORIES; seed++) {
		struct fake_engine engine;
		struct story story;

		story_make(&story, seed);
		world_reset(&story, MISHAP_NONE, 0);
		engine_begin(&engine, story.saved, story.saved_count);
		world.busy = true;
		assert_true(engine_apply(&engine, story.after, false));
		deferred += engine.deferred;
		assert_true(shape_equal(&world.shape, &engine.applied));
		assert_true(engine_apply(&engine, story.after, false));
		assert_int_equal(engine.planned, engine.deferred);
		world.busy = false;
		assert_true(engine_apply(&engine, story.after, false));
		assert_int_equal(engine.deferred, 0);
		assert_true(shape_equal(&world.shape, &engine.desired));
		engine_end(&engine);
		story_release(&story);
	}
	assert_true(deferred > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_change_refused_at_any_operation_is_undone_and_goes_through_later),
		cmocka_unit_test(an_undo_that_is_refused_as_well_leaves_the_truth_in_applied),
		cmocka_unit_test(killed_before_any_operation_the_next_engine_reaches_desired),
		cmocka_unit_test(classes_with_packets_wait_and_go_once_they_are_empty),
	};

	log_set_level((enum log_level)0); /* refusals are many here */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
