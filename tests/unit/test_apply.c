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

#include "engine/adoption.h"
#include "engine/base/log.h"
#include "tests/lib/fake_world.h"

static const struct shape_settings settings = {
	.link_bps = { 1000000000, 800000000 }, .queues = 3, .cpus = 2, .leaf = LEAF_CAKE
};

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
	engine->removals = plan.count - plan.first_removal;
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
	story->saved = assignments_copy(list, story->saved_count);
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
	assignments_free(story->saved, story->saved_count);
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

static const struct queue_class *class_of_row(enum direction direction, uint32_t class_id)
{
	return queue_tree_find(&world.shape.tree[direction], (uint16_t)(class_id >> 16),
			       (uint16_t)class_id);
}

/* How many nodes have two classes or more; whether those exceed the plan together. */
static size_t count_shared(const struct shape *desired, uint64_t seed)
{
	size_t shared = 0;

	for (size_t i = 0; i < world.shape.row_count; i++) {
		const struct circuit_row *row = &world.shape.rows[i].row;

		for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++) {
			const struct queue_class *new = class_of_row(d, row->class_id[d]);
			const struct queue_class *old = class_of_row(d, row->old_class);
			const struct queue_class *full = queue_tree_find(
				&desired->tree[d], new ? new->queue : 0, new ? new->minor : 0);

			if (!old || !full)
				continue;
			shared++;
			if (new->ceil_bps + old->ceil_bps > full->ceil_bps &&
			    full->ceil_bps >= 2 * RATE_LEAST_BPS)
				fail_msg("seed %llu: two classes exceed the plan",
					 (unsigned long long)seed);
		}
	}
	return shared;
}

static void while_an_old_class_drains_it_and_the_new_one_share_the_plan(void **state)
{
	size_t shared = 0;

	for (uint64_t seed = 0; seed < STORIES; seed++) {
		struct fake_engine engine, next;
		struct story story;

		story_make(&story, seed);
		world_reset(&story, MISHAP_NONE, 0);
		engine_begin(&engine, story.saved, story.saved_count);
		world.busy = true;
		assert_true(engine_apply(&engine, story.after, false));
		shared += count_shared(&engine.desired, seed);
		engine_end(&engine);
		/* The next engine knows it by the rows. */
		engine_begin(&next, story.saved, story.saved_count);
		assert_true(engine_apply(&next, story.after, false));
		count_shared(&next.desired, seed);
		/* Back before it has drained: a third class. */
		assert_true(engine_apply(&next, story.before, false));
		count_shared(&next.desired, seed);
		assert_true(engine_apply(&next, story.before, false));
		count_shared(&next.desired, seed);
		world.busy = false;
		assert_true(engine_apply(&next, story.before, false));
		assert_true(engine_apply(&next, story.before, false));
		if (!shape_equal(&world.shape, &next.desired))
			fail_msg("seed %llu: desired is not reached", (unsigned long long)seed);
		engine_end(&next);
		story_release(&story);
	}
	print_message("seeds 0..%d: %zu moves while packets wait\n", STORIES - 1, shared);
	assert_true(shared > 50);
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
		cmocka_unit_test(while_an_old_class_drains_it_and_the_new_one_share_the_plan),
		cmocka_unit_test(classes_with_packets_wait_and_go_once_they_are_empty),
	};

	log_set_level((enum log_level)0); /* refusals are many here */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
