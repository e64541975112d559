/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs and maps into the kernel, or found there: the only user of the skeleton. What is pinned
 * carries the build's number, written last: a pin directory without it was left half made by a
 * start that was killed, and is made anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/datapath_private.h"

#include "bpf/lqos.skel.h"

const char *const datapath_program_names[PROGRAM_COUNT] = {
	[PROGRAM_XDP_ACCESS] = "xdp_access",	    [PROGRAM_XDP_INTERNET] = "xdp_internet",
	[PROGRAM_TC_ACCESS] = "tc_access",	    [PROGRAM_TC_INTERNET] = "tc_internet",
	[PROGRAM_XDP_STICK] = "xdp_stick",	    [PROGRAM_TC_STICK] = "tc_stick",
	[PROGRAM_TC_FORWARD] = "tc_forward",	    [PROGRAM_ENQUEUE_DROPS] = "cpumap_enqueue",
	[PROGRAM_KTHREAD_DROPS] = "cpumap_kthread",
};

void datapath_path(const struct datapath *datapath, const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s", datapath->pin_dir, name);
}

static int log_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	log_debug("libbpf: %s", text);
	return 0;
}

/* --- the build -------------------------------------------------------------------------------- */

static uint64_t build_number(void)
{
	uint64_t hash = 0xcbf29ce484222325ULL; /* FNV-1a of the object's bytes */
	const unsigned char *bytes;
	size_t size;

	bytes = lqos_bpf__elf_bytes(&size);
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	return hash | 1;
}

static void close_all(int *fds, int count)
{
	for (int i = 0; i < count; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

/* --- loading ---------------------------------------------------------------------------------- */

/* Those that fit are used again; the others are made anew, and filled from them later. */
static bool choose_maps(const struct datapath *datapath, struct lqos_bpf *skeleton,
			const int pinned[MAP_COUNT], struct error *err)
{
	uint32_t entries[MAP_COUNT];

	datapath_wanted_sizes(datapath, entries);
	for (int i = 0; i < MAP_COUNT; i++) {
		struct bpf_map *map =
			bpf_object__find_map_by_name(skeleton->obj, datapath_map_names[i]);

		bpf_map__set_max_entries(map, entries[i]);
		if (datapath_map_can_stay(map, pinned[i], (enum map_index)i) &&
		    bpf_map__reuse_fd(map, pinned[i]))
			return error_set_errno(err, errno, "can't use the pinned map %s again",
					       datapath_map_names[i]);
	}
	skeleton->rodata->settings.slots = entries[MAP_ROWS];
	skeleton->rodata->settings.stripes = datapath->stripes;
	skeleton->rodata->settings.flow_sets = entries[MAP_FLOWS];
	skeleton->rodata->settings.stranger_sets = entries[MAP_STRANGERS];
	return true;
}

static bool choose_hash(struct lqos_settings *settings, struct error *err)
{
	ssize_t size = sizeof(settings->hash_key);

	if (getrandom(settings->hash_key, (size_t)size, 0) != size)
		return error_set_errno(err, errno, "can't get a random number");
	for (int i = 0; i < LQOS_HASH_KEYS; i++)
		settings->hash_key[i] |= 1;
	return true;
}

static bool refuse_load(int error, struct error *err)
{
	if (error == -EPERM)
		return error_set(err, ERROR_SYSTEM,
				 "not allowed to load BPF programs: run as root (CAP_BPF and "
				 "CAP_NET_ADMIN), on a kernel without lockdown=confidentiality");
	return error_set_errno(err, error,
			       "this kernel refuses the BPF programs (it needs 6.1 or later with "
			       "XDP, cpumap and BPF JIT; --log-level debug tells more)");
}

static struct lqos_bpf *load_skeleton(struct datapath *datapath, const int pinned[MAP_COUNT],
				      bool count_drops, int *error, struct error *err)
{
	struct lqos_bpf *skeleton = lqos_bpf__open();

	*error = 0;
	if (!skeleton) {
		error_set_errno(err, errno, "can't open the BPF object");
		return NULL;
	}
	if (!choose_maps(datapath, skeleton, pinned, err) ||
	    !choose_hash((struct lqos_settings *)&skeleton->rodata->settings, err)) {
		lqos_bpf__destroy(skeleton);
		return NULL;
	}
	bpf_program__set_autoload(skeleton->progs.cpumap_enqueue, count_drops);
	bpf_program__set_autoload(skeleton->progs.cpumap_kthread, count_drops);
	*error = lqos_bpf__load(skeleton);
	if (!*error)
		return skeleton;
	lqos_bpf__destroy(skeleton);
	refuse_load(*error, err);
	return NULL;
}

static bool pin(int fd, const struct datapath *datapath, const char *name, struct error *err)
{
	char path[256];

	datapath_path(datapath, name, path);
	unlink(path); /* of a program that is replaced */
	if (bpf_obj_pin(fd, path) == 0)
		return true;
	return error_set_errno(err, errno, "can't pin %s", path);
}

/* Takes descriptors of its own out of the skeleton. */
static void keep(struct datapath *datapath, const struct lqos_bpf *skeleton)
{
	for (int i = 0; i < MAP_COUNT; i++) {
		const struct bpf_map *map =
			bpf_object__find_map_by_name(skeleton->obj, datapath_map_names[i]);

		datapath->map[i] = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 3);
	}
	for (int i = 0; i < PROGRAM_COUNT; i++) {
		const struct bpf_program *program =
			bpf_object__find_program_by_name(skeleton->obj, datapath_program_names[i]);
		int fd = bpf_program__fd(program);

		datapath->program[i] = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	}
}

static bool pin_all(const struct datapath *datapath, struct error *err)
{
	for (int i = 0; i < MAP_COUNT; i++)
		if (!pin(datapath->map[i], datapath, datapath_map_names[i], err))
			return false;
	for (int i = 0; i < PROGRAM_COUNT; i++)
		if (datapath->program[i] >= 0 &&
		    !pin(datapath->program[i], datapath, datapath_program_names[i], err))
			return false;
	return true;
}

static bool load_anew(struct datapath *datapath, const int pinned[MAP_COUNT], struct error *err)
{
	struct lqos_bpf *skeleton;
	int error;

	skeleton = load_skeleton(datapath, pinned, true, &error, err);
	if (!skeleton && error && error != -EPERM) {
		/* Perhaps only the tracepoints are missing; drops are then not counted. */
		skeleton = load_skeleton(datapath, pinned, false, &error, err);
		if (skeleton)
			log_warning("this kernel lacks the cpumap tracepoints: packets lost on the "
				    "way to a CPU are not counted");
	}
	if (!skeleton)
		return false;
	keep(datapath, skeleton);
	lqos_bpf__destroy(skeleton);
	if (!datapath_map_memory(datapath, err) || !datapath_take_over(datapath, pinned, err) ||
	    !pin_all(datapath, err))
		return false;
	datapath_unpin_unknown(datapath);
	return true;
}

static bool open_pinned_programs(struct datapath *datapath)
{
	bool all = true;

	for (int i = 0; i < PROGRAM_COUNT; i++) {
		char path[256];

		datapath_path(datapath, datapath_program_names[i], path);
		datapath->program[i] = bpf_obj_get(path);
		all = all && (datapath->program[i] >= 0 || i >= PROGRAM_NEEDED);
	}
	return all;
}

static bool adopt(struct datapath *datapath, struct error *err)
{
	if (!open_pinned_programs(datapath) || !datapath_map_memory(datapath, err))
		return false;
	datapath_count_rows(datapath);
	return datapath_count_prefixes(datapath, err);
}

/* The maps' descriptors stay with the caller. */
static void forget_adopted(struct datapath *datapath)
{
	datapath_unmap_memory(datapath);
	close_all(datapath->program, PROGRAM_COUNT);
	for (int i = 0; i < MAP_COUNT; i++)
		datapath->map[i] = -1;
}

/* In the place of another build or of other sizes, or where nothing was. */
static bool replace(struct datapath *datapath, uint64_t build, int pinned[MAP_COUNT],
		    struct error *err)
{
	bool was_there = datapath_pinned_build(pinned) != 0;

	if (!was_there) {
		close_all(pinned, MAP_COUNT);
		datapath_empty_pins(datapath->pin_dir);
	}
	if (!load_anew(datapath, pinned, err)) {
		if (!was_there) {
			datapath_empty_pins(datapath->pin_dir);
			rmdir(datapath->pin_dir);
		}
		return false;
	}
	datapath->epochs->build = build;
	datapath->status.program_replaced = was_there;
	if (was_there)
		log_info("programs of another build or for other sizes are replaced in one step");
	return true;
}

bool datapath_load(struct datapath *datapath, struct error *err)
{
	uint64_t build = build_number();
	int pinned[MAP_COUNT];
	bool ok;

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(log_libbpf);
	snprintf(datapath->status.build_id, sizeof(datapath->status.build_id), "%016llx",
		 (unsigned long long)build);
	if (!datapath_make_pins(datapath->pin_dir, err) ||
	    !datapath_lock_pins(datapath->pin_dir, &datapath->lock, err))
		return false;
	datapath_open_maps(datapath, pinned);
	if (datapath_pinned_build(pinned) == build && datapath_sizes_are_wanted(datapath, pinned)) {
		memcpy(datapath->map, pinned, sizeof(pinned));
		if (adopt(datapath, err)) {
			datapath->status.adopted = true;
			return true;
		}
		forget_adopted(datapath);
	}
	ok = replace(datapath, build, pinned, err);
	close_all(pinned, MAP_COUNT);
	return ok;
}

void datapath_open_for_detach(struct datapath *datapath)
{
	struct error ignored;

	libbpf_set_print(log_libbpf);
	open_pinned_programs(datapath);
	datapath_open_maps(datapath, datapath->map);
	datapath_map_memory(datapath, &ignored);
}

void datapath_close_descriptors(struct datapath *datapath)
{
	ring_buffer__free(datapath->captured_ring);
	ring_buffer__free(datapath->calls_ring);
	ring_buffer__free(datapath->samples_ring);
	datapath_unmap_memory(datapath);
	close_all(datapath->map, MAP_COUNT);
	close_all(datapath->program, PROGRAM_COUNT);
	close_all(&datapath->lock, 1);
}
