/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/lazy_plan: classes made in a hurry, into a kernel that may refuse any of them. */
#include "tests/lib/fake_world.h"

#include "engine/lazy_plan.h"

#define CALLS 5

static struct datapath datapath;
static struct kernel kernel;
static const struct interface interfaces[DIRECTIONS];
static bool has_class[SLOTS_MAX];

/* A network of which half the circuits wait, in the world and as it is believed to be. */
struct scene {
	struct network *network;
	struct handles *handles;
	struct shape_settings settings;
	struct shape applied;
	struct own_classes own;
	uint32_t slots[CALLS]; /* of those that call */
	size_t calls;
};

static struct apply_target target_of(struct scene *scene)
{
	return (struct apply_target){ .kernel = &kernel,
				      .datapath = &datapath,
				      .handles = scene->handles,
				      .interfaces = interfaces,
				      .pfifo_limit = 100 };
}

static void scene_make(struct scene *scene, uint64_t seed)
{
	struct random random = { seed };
	struct shape desired;
	struct apply_result result;
	struct plan plan;
	struct error err;

	world = (struct world){ .mishap = MISHAP_NONE };
	*scene = (struct scene){
		.network = random_network(&random, 1 + random_below(&random, 6), 20),
		.handles = handles_new(SLOTS_MAX),
		.settings = { .link_bps = { 1000000000, 500000000 },
			      .queues = 3,
			      .cpus = 2,
			      .leaf = LEAF_PFIFO,
			      .best_leaf = LEAF_PFIFO },
	};
	struct apply_target target = target_of(scene);

	scene->settings.has_class = has_class;
	for (size_t slot = 0; slot < SLOTS_MAX; slot++)
		has_class[slot] = random_below(&random, 2);
	assert_true(
		give_numbers(scene->network, &scene->settings, &scene->applied, scene->handles));
	for (size_t i = 0; i < scene->network->circuit_count; i++) {
		const struct assignment *numbers =
			handles_find(scene->handles, NODE_CIRCUIT, scene->network->circuits[i].id);

		assert_int_equal(numbers->handle != 0, has_class[numbers->slot]);
		if (!has_class[numbers->slot] && scene->calls < CALLS)
			scene->slots[scene->calls++] = numbers->slot;
	}
	shape_network(scene->network, scene->handles, &scene->settings, &desired, NULL);
	plan_make(&scene->applied, &desired, &plan);
	assert_true(apply_plan(&target, &plan, false, &scene->applied, &result, &err));
	plan_release(&plan);
	shape_release(&desired);
	own_classes_make(scene->network, scene->handles, &scene->settings, &scene->own);
}

static void scene_release(struct scene *scene)
{
	shape_release(&scene->applied);
	own_classes_release(&scene->own);
	handles_free(scene->handles);
	random_network_free(scene->network);
	shape_release(&world.shape);
	free(world.touched);
}

static bool serve(struct scene *scene)
{
	struct apply_target target = target_of(scene);
	struct apply_result result;
	struct plan plan;
	struct error err;
	bool ok;

	for (size_t i = 0; i < scene->calls; i++)
		assert_true(handles_give(scene->handles, scene->slots[i]));
	assert_true(lazy_plan_make(&scene->applied, &scene->own, scene->handles, scene->slots,
				   scene->calls, &plan));
	assert_int_equal(plan.count, 3 * scene->calls);
	ok = apply_plan(&target, &plan, false, &scene->applied, &result, &err);
	plan_release(&plan);
	return ok;
}

/* Comparing whole shapes would do nothing any more. */
static void expect_desired(struct scene *scene)
{
	struct shape desired;
	struct plan plan;

	shape_network(scene->network, scene->handles, &scene->settings, &desired, NULL);
	plan_make(&scene->applied, &desired, &plan);
	assert_int_equal(plan.count, 0);
	plan_release(&plan);
	shape_release(&desired);
}

static void calls_that_are_served_leave_nothing_for_the_great_plan(void **state)
{
	for (uint64_t seed = 0; seed < 300; seed++) {
		struct scene scene;

		scene_make(&scene, seed);
		assert_true(serve(&scene));
		for (size_t i = 0; i < scene.calls; i++)
			has_class[scene.slots[i]] = true;
		expect_desired(&scene);
		assert_true(shape_equal(&scene.applied, &world.shape));
		scene_release(&scene);
	}
}

static void refused_at_any_operation_the_circuits_go_on_waiting(void **state)
{
	for (uint64_t seed = 0; seed < 30; seed++) {
		for (size_t at = 0;; at++) {
			struct scene scene;
			bool ok;

			scene_make(&scene, seed);
			world.steps = 0;
			world.steps_left = at;
			world.mishap = MISHAP_REFUSE_ONE;
			ok = serve(&scene);
			world.mishap = MISHAP_NONE;
			assert_true(shape_equal(&scene.applied, &world.shape));
			if (!ok) {
				expect_desired(&scene);
				assert_true(serve(&scene)); /* and the next time they are served */
			}
			scene_release(&scene);
			if (ok)
				break;
		}
	}
}

static void a_class_that_still_goes_is_left_to_the_great_plan(void **state)
{
	struct scene scene;
	struct plan plan;

	scene_make(&scene, 1);
	assert_true(serve(&scene));
	/* As after a removal that waits for the last packets. */
	assert_false(
		lazy_plan_make(&scene.applied, &scene.own, scene.handles, scene.slots, 1, &plan));
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_that_are_served_leave_nothing_for_the_great_plan),
		cmocka_unit_test(refused_at_any_operation_the_circuits_go_on_waiting),
		cmocka_unit_test(a_class_that_still_goes_is_left_to_the_great_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
