/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/start.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/adoption.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/capture.h"
#include "engine/change.h"
#include "engine/control.h"
#include "engine/flows.h"
#include "engine/merge.h"
#include "engine/samples.h"
#include "engine/strangers.h"
#include "engine/lazy_queues.h"
#include "engine/placement.h"
#include "engine/sampler.h"
#include "engine/state_saver.h"
#include "engine/taken_root.h"
#include "engine/upkeep.h"
#include "engine/usable_queues.h"
#include "engine/wiring.h"

#define PFIFO_LIMIT_PACKETS 500 /* 0.3 s at 20 Mbit/s: deep enough, and TCP recovers */

/* --- files ------------------------------------------------------------------------------------ */

static bool make_parent(const char *path, struct error *err)
{
	char *copy = xstrdup(path);
	const char *directory = dirname(copy);
	bool ok = mkdir(directory, 0755) == 0 || errno == EEXIST;

	if (!ok)
		error_set_errno(err, errno, "can't make the directory %s", directory);
	free(copy);
	return ok;
}

/* One engine a state file. The lock goes with the process, also by kill -9. */
static bool take_lock(struct engine *engine, struct error *err)
{
	char path[sizeof(engine->config.state_path) + 8];

	if (!make_parent(engine->config.state_path, err))
		return false;
	snprintf(path, sizeof(path), "%s.lock", engine->config.state_path);
	engine->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (engine->lock_fd < 0)
		return error_set_errno(err, errno, "can't open the lock %s", path);
	if (flock(engine->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return error_set(err, ERROR_CONFLICT,
				 "another lqosd is running on %s; stop it first, or give this one "
				 "another [database] state",
				 engine->config.state_path);
	return true;
}

/* Without a circuits file the network stays as state.db has it; without that either, refuse. */
static bool open_files(struct engine *engine, struct error *err)
{
	struct error reason;

	engine->state_db = state_db_open(engine->config.state_path, err);
	if (!engine->state_db)
		return false;
	engine->network = state_db_load_network(engine->state_db, &reason);
	if (!engine->network && reason.code != ERROR_NONE)
		log_error("what was last applied can't be read: %s", reason.text);
	engine->circuits_db = circuits_db_open(engine->config.circuits_path, false, err);
	if (engine->circuits_db)
		return true;
	if (!engine->network)
		return false;
	log_error("%s; the network is shaped as it last was", err->text);
	copy_text(engine->trouble, sizeof(engine->trouble), err->text);
	return true;
}

/* --- interfaces ------------------------------------------------------------------------------- */

static bool find_interfaces(struct engine *engine, struct error *err)
{
	engine->kernel = kernel_open(err);
	if (!engine->kernel)
		return false;
	for (int d = 0; d < DIRECTIONS; d++)
		if (!kernel_find_interface(engine->kernel, engine->config.interface[d],
					   &engine->interfaces[d], err))
			return false;
	return true;
}

static bool is_on_stick(const struct engine *engine)
{
	return engine->config.wiring.kind == WIRING_STICK;
}

/* On a stick the upload's queues stand behind the download's, on the same interface. */
static bool share_interface(struct engine *engine, struct error *err)
{
	unsigned int available = engine->interfaces[DOWNLOAD].tx_queues, queues;

	if (available > QUEUES_MAX)
		available = QUEUES_MAX;
	queues = engine->config.queues ? engine->config.queues : available / 2;
	if (available < 2 || queues > available / 2)
		return error_set(err, ERROR_INVALID,
				 "with wiring = stick each direction takes transmit queues of its "
				 "own, but %s has %u in all, and %u are wanted for each",
				 engine->interfaces[DOWNLOAD].name, available, queues ? queues : 1);
	engine->shaping.queues = (uint16_t)queues;
	for (int d = 0; d < DIRECTIONS; d++) {
		engine->interfaces[d].shared_queues = (uint16_t)queues;
		engine->interfaces[d].queue_base = (uint16_t)(d * queues);
		engine->shaping.queue_base[d] = engine->interfaces[d].queue_base;
	}
	engine->shaping.usable_queues = usable_queues_count(engine);
	return true;
}

static bool choose_queues(struct engine *engine, struct error *err)
{
	unsigned int available = QUEUES_MAX;

	if (is_on_stick(engine))
		return share_interface(engine, err);
	for (int d = 0; d < DIRECTIONS; d++)
		if (engine->interfaces[d].tx_queues < available)
			available = engine->interfaces[d].tx_queues;
	engine->shaping.queues = (uint16_t)available;
	engine->shaping.usable_queues = usable_queues_count(engine);
	if (engine->config.queues > available)
		return error_set(err, ERROR_INVALID,
				 "[shaping] queues = %u, but %s and %s have %u transmit queues in "
				 "common",
				 engine->config.queues, engine->interfaces[DOWNLOAD].name,
				 engine->interfaces[UPLOAD].name, available);
	engine->shaping.queues = engine->config.queues ? (uint16_t)engine->config.queues
						       : engine->shaping.usable_queues;
	engine->shaping.usable_queues = usable_queues_count(engine);
	return true;
}

static bool choose_leaf(struct engine *engine, struct error *err)
{
	enum leaf_kind best;

	if (!kernel_probe_leaf(engine->kernel, &best, err))
		return false;
	engine->shaping.best_leaf = best;
	if (engine->config.leaf == LEAF_NONE) {
		engine->shaping.leaf = best;
		return true;
	}
	/* The kinds are ordered from the best to the plainest. */
	if (engine->config.leaf < best)
		return error_set(
			err, ERROR_INVALID,
			"[shaping] leaf = %s, but this kernel has no %s; the best it has is "
			"%s (leaf = auto takes it)",
			leaf_kind_name(engine->config.leaf), leaf_kind_name(engine->config.leaf),
			leaf_kind_name(best));
	engine->shaping.leaf = engine->config.leaf;
	return true;
}

static bool check_roots(struct engine *engine, bool ours[DIRECTIONS], struct error *err)
{
	for (int d = 0; d < DIRECTIONS; d++) {
		const struct interface *interface = &engine->interfaces[d];
		enum root_kind kind;

		if (!taken_root_check(engine->kernel, engine->config.take_over, interface, err) ||
		    !kernel_read_root(engine->kernel, interface, &kind, NULL, err))
			return false;
		ours[d] = kind == ROOT_OURS;
	}
	return true;
}

static bool make_roots(struct engine *engine, struct error *err)
{
	for (int d = 0; d < DIRECTIONS; d++)
		if (!taken_root_take(engine->kernel, engine->config.take_over,
				     engine->config.state_path, &engine->interfaces[d], err) ||
		    !kernel_make_root(engine->kernel, &engine->interfaces[d],
				      engine->shaping.queues, err))
			return false;
	return true;
}

/* An interface's own queueing, or what was there before us. */
static bool remove_root(struct engine *engine, enum direction direction, struct error *err)
{
	const struct interface *interface = &engine->interfaces[direction];

	return kernel_remove_root(engine->kernel, interface, err) &&
	       taken_root_give_back(engine->kernel, engine->config.state_path, interface, err);
}

/* --- adoption --------------------------------------------------------------------------------- */

/* The kernel's numbers first; state.db fills in what it doesn't have, as after a reboot. */
static bool adopt_numbers(struct engine *engine, struct error *err)
{
	struct assignment *saved;
	size_t count;

	if (!state_db_load_assignments(engine->state_db, &saved, &count, err))
		return false;
	adoption_take_numbers(&engine->applied, saved, count, engine->handles);
	assignments_free(saved, count);
	return true;
}

static bool read_applied(struct engine *engine, struct error *err)
{
	for (int d = 0; d < DIRECTIONS; d++)
		if (!kernel_read_tree(engine->kernel, &engine->interfaces[d],
				      &engine->applied.tree[d], err))
			return false;
	return datapath_read_shape(engine->datapath, &engine->applied, err);
}

/* A tree that the kernel refuses in part is no reason not to serve: it is retried and shown. */
static void reach_desired(struct engine *engine)
{
	struct error err;
	bool ok;

	if (engine->circuits_db)
		ok = change_take_up(engine, &engine->start_operations, &err);
	else
		ok = change_reconcile(engine, false, &engine->start_operations, &err);
	if (!ok)
		log_error("not all is applied: %s", err.text);
}

/* --- the order of a start --------------------------------------------------------------------- */

static void note_setting(void *data, const char *where, const char *name, const char *before,
			 const char *after)
{
	log_info("%s: %s set from %s to %s, as shaping needs it", where, name, before, after);
}

static void set_host(struct engine *engine)
{
	struct error err;

	if (!host_settings_enforce(engine->host, engine->interfaces,
				   engine->config.wiring.kind == WIRING_BRIDGE &&
					   !engine->config.bridge_netfilter,
				   note_setting, engine, &err))
		log_warning("%s", err.text);
}

static bool set_up(struct engine *engine, struct error *err)
{
	const struct config *config = &engine->config;
	struct datapath_settings settings = { .pin_dir = config->pin_dir,
					      .flows_max = config->flows_max,
					      .strangers_max = config->strangers_max,
					      .prefixes_max = config->prefixes_max,
					      .slots_max = config->slots_max,
					      .generic_allowed = config->generic_allowed,
					      .wiring = config->wiring };

	settings.wiring.queues = engine->shaping.queues;
	engine->datapath = datapath_open(&settings, err);
	if (!engine->datapath)
		return false;
	set_host(engine);
	if (!make_roots(engine, err) || !read_applied(engine, err))
		return false;
	engine->handles = handles_new(datapath_slots(engine->datapath));
	if (is_on_stick(engine))
		handles_share(engine->handles);
	if (!adopt_numbers(engine, err))
		return false;
	engine->state_saver = state_saver_new(engine);
	engine->sampler = sampler_new(engine);
	engine->flows = flows_new(engine->datapath);
	engine->captures = captures_new(engine);
	engine->lazy_queues = lazy_queues_new(engine, err);
	if (!engine->lazy_queues)
		return false;
	engine->placement = placement_new(engine);
	engine->samples = samples_new(engine);
	engine->strangers = strangers_new(engine->datapath);
	reach_desired(engine);
	/* Packets are classified only now that their classes exist. */
	return datapath_attach(engine->datapath, engine->interfaces, err);
}

/* Takes away what this start made, and nothing that was there before it. */
static void take_down(struct engine *engine, const bool ours[DIRECTIONS], bool had_pins)
{
	struct error err;

	if (engine->datapath && !had_pins &&
	    (!datapath_detach(engine->config.pin_dir, engine->interfaces, &err) ||
	     !host_settings_restore(engine->host, &err)))
		log_error("%s", err.text);
	for (int d = 0; d < DIRECTIONS; d++)
		if (!ours[d] && !remove_root(engine, d, &err))
			log_error("%s", err.text);
}

static void read_warnings(struct engine *engine)
{
	preflight_check(engine->interfaces, engine->config.wiring.kind, &engine->preflight);
	for (size_t i = 0; i < engine->preflight.count; i++)
		log_warning("%s", engine->preflight.warnings[i]);
}

static void announce(const struct engine *engine)
{
	struct datapath_status status;

	datapath_read_status(engine->datapath, &status);
	log_info("shaping %zu circuits below %zu sites on %s and %s (%s): %u queues, leaf %s, XDP "
		 "%s; %s, %u operations",
		 engine->network->circuit_count, engine->network->site_count,
		 engine->interfaces[DOWNLOAD].name, engine->interfaces[UPLOAD].name,
		 wiring_name(engine->config.wiring.kind), engine->shaping.queues,
		 leaf_kind_name(engine->shaping.leaf),
		 status.mode[DOWNLOAD] == XDP_MODE_NATIVE && status.mode[UPLOAD] == XDP_MODE_NATIVE
			 ? "native"
			 : "generic",
		 engine->adopted ? "adopted what was there" : "set up anew",
		 engine->start_operations);
	if (is_on_stick(engine))
		log_info("both directions share the handles of %s: %u for each, a site takes two, "
			 "a circuit with a class of its own one",
			 engine->interfaces[DOWNLOAD].name, HANDLE_WAITING_LEAF + 1 - HANDLE_FIRST);
}

static void engine_init(struct engine *engine, const struct config *config)
{
	*engine = (struct engine){ .config = *config,
				   .lock_fd = -1,
				   .started_ns = clock_now_ns(),
				   .shaping = { .cpus = (uint16_t)sysconf(_SC_NPROCESSORS_ONLN),
						.pfifo_limit = PFIFO_LIMIT_PACKETS } };
	engine->host = host_settings_new(config->state_path);
	memcpy(engine->shaping.link_bps, config->link_bps, sizeof(config->link_bps));
	engine->shaping.cake = config->cake.cake;
	engine->shaping.cake_rtt_us = config->cake.rtt_us;
	engine->shaping.overhead_bytes = (uint8_t)config->overhead_bytes;
	engine->shaping.mpu_bytes = (uint8_t)config->mpu_bytes;
}

bool engine_find_settings(struct engine *engine, const struct config *config, struct error *err)
{
	engine_init(engine, config);
	return find_interfaces(engine, err) &&
	       preflight_refuse_vlan(engine->interfaces, config->generic_allowed, err) &&
	       choose_queues(engine, err) && choose_leaf(engine, err);
}

bool engine_start(struct engine *engine, const struct config *config, struct error *err)
{
	bool ours[DIRECTIONS], had_pins, had_state;

	engine_init(engine, config);
	engine->loop = loop_new(err);
	engine->merge = engine->loop ? merge_new(engine) : NULL;
	/* All that can be refused without touching anything comes first. */
	if (!engine->loop || !take_lock(engine, err) || !find_interfaces(engine, err) ||
	    !preflight_refuse_vlan(engine->interfaces, config->generic_allowed, err) ||
	    !choose_queues(engine, err) || !check_roots(engine, ours, err) ||
	    !open_files(engine, err) || !make_parent(config->socket_path, err))
		return false;
	engine->control = control_new(engine, err);
	if (!engine->control || !datapath_check_ports(config->pin_dir, engine->interfaces, err) ||
	    !choose_leaf(engine, err))
		return false;
	had_pins = access(config->pin_dir, F_OK) == 0;
	had_state = engine->network;
	engine->adopted = ours[DOWNLOAD] && ours[UPLOAD] && had_pins;
	if (!set_up(engine, err)) {
		take_down(engine, ours, had_pins);
		return false;
	}
	engine->upkeep = upkeep_new(engine, err);
	if (!engine->upkeep)
		return false;
	if (!had_state) /* from now on the network outlives the loss of the circuits file */
		state_saver_finish(engine->state_saver);
	read_warnings(engine);
	announce(engine);
	return true;
}

/* --- serving ---------------------------------------------------------------------------------- */

static void on_signal(void *data, uint32_t events)
{
	struct engine *engine = data;

	log_info("stopping; traffic stays shaped");
	loop_stop(engine->loop);
}

bool engine_run(struct engine *engine, struct error *err)
{
	struct watch *watch;
	sigset_t signals;
	int fd;
	bool ok;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return error_set_errno(err, errno, "can't receive signals");
	watch = loop_add_fd(engine->loop, fd, EPOLLIN, on_signal, engine);
	ok = loop_run(engine->loop, err);
	watch_remove(watch);
	close(fd);
	return ok;
}

void engine_stop(struct engine *engine)
{
	if (engine->upkeep) {
		change_finish_records(engine);
		state_saver_finish(engine->state_saver);
	}
	upkeep_free(engine->upkeep);
	merge_free(engine->merge);
	control_free(engine->control);
	captures_free(engine->captures);
	placement_free(engine->placement);
	lazy_queues_free(engine->lazy_queues);
	samples_free(engine->samples);
	sampler_free(engine->sampler);
	flows_free(engine->flows);
	strangers_free(engine->strangers);
	state_saver_free(engine->state_saver);
	shape_release(&engine->applied);
	own_classes_release(&engine->own_classes);
	handles_free(engine->handles);
	network_free(engine->network);
	if (engine->datapath)
		datapath_close(engine->datapath);
	if (engine->circuits_db)
		circuits_db_close(engine->circuits_db);
	if (engine->state_db)
		state_db_close(engine->state_db);
	if (engine->kernel)
		kernel_close(engine->kernel);
	preflight_release(&engine->preflight);
	host_settings_free(engine->host);
	free(engine->unrecorded);
	free(engine->events);
	loop_free(engine->loop);
	if (engine->lock_fd >= 0)
		close(engine->lock_fd);
}

bool engine_detach(const struct config *config, struct error *err)
{
	struct engine engine = { .config = *config, .lock_fd = -1 };
	int pins = -1;
	bool ok;

	ok = take_lock(&engine, err) && datapath_lock_pins(config->pin_dir, &pins, err) &&
	     find_interfaces(&engine, err) &&
	     datapath_detach(config->pin_dir, engine.interfaces, err);
	if (ok) { /* one thing that fails keeps nothing else */
		for (int d = 0; d < DIRECTIONS; d++)
			ok = remove_root(&engine, d, err) && ok;
		engine.host = host_settings_new(config->state_path);
		ok = host_settings_restore(engine.host, err) && ok;
	}
	if (pins >= 0)
		close(pins);
	engine_stop(&engine);
	return ok;
}
