/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs and maps into the kernel, or found there: the only user of the skeleton. What is pinned
 * carries the build's number, written last: a pin directory without it was left half made by a
 * start that was killed, and is made anew.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/magic.h>

#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/datapath_private.h"

#include "bpf/lqos.skel.h"

const char *const datapath_map_names[MAP_COUNT] = {
	[MAP_ROWS] = "lqos_rows",	  [MAP_EPOCHS] = "lqos_epochs",
	[MAP_FLOWS] = "lqos_flows",	  [MAP_COUNTERS] = "lqos_counters",
	[MAP_RTT] = "lqos_rtt",		  [MAP_TOTALS] = "lqos_totals",
	[MAP_WIRING] = "lqos_wiring",	  [MAP_CAPTURES] = "lqos_captures",
	[MAP_CAPTURED] = "lqos_captured", [MAP_PREFIXES] = "lqos_prefixes",
	[MAP_CACHE] = "lqos_cache",	  [MAP_CPUS] = "lqos_cpus",
};

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

/* --- the pin directory ------------------------------------------------------------------------------ */

static bool is_bpffs(const char *path)
{
	struct statfs status;

	return statfs(path, &status) == 0 && (uint32_t)status.f_type == BPF_FS_MAGIC;
}

static bool make_pin_dir(const char *pin_dir, struct error *err)
{
	if (!strncmp(pin_dir, "/sys/fs/bpf", 11) && !is_bpffs("/sys/fs/bpf") &&
	    mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=0700") < 0)
		return error_set_errno(err, errno,
				       "can't mount the BPF file system on /sys/fs/bpf");
	if (mkdir(pin_dir, 0700) < 0 && errno != EEXIST)
		return error_set_errno(err, errno, "can't make the pin directory %s", pin_dir);
	if (!is_bpffs(pin_dir))
		return error_set(
			err, ERROR_INVALID,
			"[datapath] pin_dir = %s is not on a BPF file system; put it below "
			"/sys/fs/bpf",
			pin_dir);
	return true;
}

static void empty_pin_dir(const char *pin_dir)
{
	DIR *directory = opendir(pin_dir);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", pin_dir, entry->d_name);
		unlink(path);
	}
	if (directory)
		closedir(directory);
}

/* --- the build ------------------------------------------------------------------------------------------ */

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

/* --- maps -------------------------------------------------------------------------------------------------- */

static uint32_t power_of_two(uint32_t least)
{
	uint32_t value = 1;

	while (value < least)
		value *= 2;
	return value;
}

static void wanted_sizes(const struct datapath *datapath, uint32_t entries[MAP_COUNT])
{
	const struct datapath_settings *settings = &datapath->settings;

	entries[MAP_ROWS] = settings->slots_max;
	entries[MAP_EPOCHS] = 1;
	entries[MAP_FLOWS] = power_of_two((settings->flows_max + LQOS_WAYS - 1) / LQOS_WAYS);
	entries[MAP_COUNTERS] = settings->slots_max * datapath->cpus;
	entries[MAP_RTT] = settings->slots_max;
	entries[MAP_TOTALS] = datapath->cpus;
	entries[MAP_WIRING] = 1;
	entries[MAP_CAPTURES] = LQOS_CAPTURES;
	entries[MAP_CAPTURED] = LQOS_CAPTURED_BYTES;
	entries[MAP_PREFIXES] = settings->prefixes_max;
	entries[MAP_CACHE] = 65536;
	entries[MAP_CPUS] = datapath->cpus;
}

static bool open_pinned_maps(struct datapath *datapath)
{
	bool all = true;

	for (int i = 0; i < MAP_COUNT; i++) {
		char path[256];

		datapath_path(datapath, datapath_map_names[i], path);
		datapath->map[i] = bpf_obj_get(path);
		all = all && datapath->map[i] >= 0;
	}
	return all;
}

static void close_all(int *fds, int count)
{
	for (int i = 0; i < count; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static bool map_memory(struct datapath *datapath, struct error *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (int i = 0; i < MAP_COUNT; i++) {
		struct bpf_map_info info = { 0 };
		uint32_t size = sizeof(info);
		size_t bytes;

		if (bpf_obj_get_info_by_fd(datapath->map[i], &info, &size))
			return error_set_errno(err, errno, "can't read about the map %s",
					       datapath_map_names[i]);
		datapath->entries[i] = info.max_entries;
		if (i >= MAPPED_COUNT)
			continue;
		bytes = ((size_t)info.value_size + 7) / 8 * 8 * info.max_entries;
		bytes = (bytes + page - 1) / page * page;
		datapath->memory[i] =
			mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, datapath->map[i], 0);
		datapath->memory_bytes[i] = bytes;
		if (datapath->memory[i] == MAP_FAILED) {
			datapath->memory[i] = NULL;
			return error_set_errno(err, errno, "can't map %s into memory",
					       datapath_map_names[i]);
		}
	}
	datapath->rows = datapath->memory[MAP_ROWS];
	datapath->epochs = datapath->memory[MAP_EPOCHS];
	datapath->flow_sets = datapath->memory[MAP_FLOWS];
	datapath->counters = datapath->memory[MAP_COUNTERS];
	datapath->rtt = datapath->memory[MAP_RTT];
	datapath->totals = datapath->memory[MAP_TOTALS];
	datapath->wiring = datapath->memory[MAP_WIRING];
	datapath->captures = datapath->memory[MAP_CAPTURES];
	return true;
}

/* --- loading ------------------------------------------------------------------------------------------------- */

static bool size_maps(struct datapath *datapath, struct lqos_bpf *skeleton, bool reuse,
		      struct error *err)
{
	uint32_t entries[MAP_COUNT];

	wanted_sizes(datapath, entries);
	for (int i = 0; i < MAP_COUNT; i++) {
		struct bpf_map *map =
			bpf_object__find_map_by_name(skeleton->obj, datapath_map_names[i]);
		uint32_t value_size = bpf_map__value_size(map);

		bpf_map__set_max_entries(map, entries[i]);
		if (!reuse)
			continue;
		if (bpf_map__reuse_fd(map, datapath->map[i]) ||
		    bpf_map__value_size(map) != value_size)
			return error_set(
				err, ERROR_CONFLICT,
				"the pinned map %s has another layout than this version of "
				"lqosd; run lqosd --detach once (traffic passes unshaped "
				"until the next start)",
				datapath_map_names[i]);
		entries[i] = bpf_map__max_entries(map);
	}
	skeleton->rodata->settings.slots = entries[MAP_ROWS];
	skeleton->rodata->settings.flow_sets = entries[MAP_FLOWS];
	return true;
}

/* A replaced program gets another seed: flows stored under the old one age out. */
static bool choose_seed(uint64_t *seed, struct error *err)
{
	if (getrandom(seed, sizeof(*seed), 0) == sizeof(*seed))
		return true;
	return error_set_errno(err, errno, "can't get a random number");
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

static struct lqos_bpf *load_skeleton(struct datapath *datapath, bool reuse, bool count_drops,
				      int *error, struct error *err)
{
	struct lqos_bpf *skeleton = lqos_bpf__open();
	uint64_t seed;

	*error = 0;
	if (!skeleton) {
		error_set_errno(err, errno, "can't open the BPF object");
		return NULL;
	}
	if (!size_maps(datapath, skeleton, reuse, err) || !choose_seed(&seed, err)) {
		lqos_bpf__destroy(skeleton);
		return NULL;
	}
	skeleton->rodata->settings.seed = seed;
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

/* Takes descriptors of its own out of the skeleton and pins them. */
static bool keep(struct datapath *datapath, struct lqos_bpf *skeleton, bool reuse,
		 struct error *err)
{
	for (int i = 0; i < MAP_COUNT && !reuse; i++) {
		const struct bpf_map *map =
			bpf_object__find_map_by_name(skeleton->obj, datapath_map_names[i]);

		datapath->map[i] = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 3);
		if (!pin(datapath->map[i], datapath, datapath_map_names[i], err))
			return false;
	}
	for (int i = 0; i < PROGRAM_COUNT; i++) {
		const struct bpf_program *program =
			bpf_object__find_program_by_name(skeleton->obj, datapath_program_names[i]);
		int fd = bpf_program__fd(program);

		datapath->program[i] = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (fd >= 0 && !pin(datapath->program[i], datapath, datapath_program_names[i], err))
			return false;
	}
	return true;
}

static bool load_anew(struct datapath *datapath, bool reuse, struct error *err)
{
	struct lqos_bpf *skeleton;
	int error;
	bool ok;

	skeleton = load_skeleton(datapath, reuse, true, &error, err);
	if (!skeleton && error && error != -EPERM) {
		/* Perhaps only the tracepoints are missing; drops are then not counted. */
		skeleton = load_skeleton(datapath, reuse, false, &error, err);
		if (skeleton)
			log_warning("this kernel lacks the cpumap tracepoints: packets lost on the "
				    "way to a CPU are not counted");
	}
	if (!skeleton)
		return false;
	ok = keep(datapath, skeleton, reuse, err) && map_memory(datapath, err);
	lqos_bpf__destroy(skeleton);
	return ok;
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

bool datapath_load(struct datapath *datapath, struct error *err)
{
	uint64_t build = build_number();
	bool pinned;

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(log_libbpf);
	snprintf(datapath->status.build_id, sizeof(datapath->status.build_id), "%016llx",
		 (unsigned long long)build);
	if (!make_pin_dir(datapath->pin_dir, err))
		return false;
	pinned = open_pinned_maps(datapath) && map_memory(datapath, err) &&
		 datapath->epochs->build != 0;
	if (pinned && datapath->epochs->build == build && open_pinned_programs(datapath)) {
		datapath->status.adopted = true;
		return true;
	}
	close_all(datapath->program, PROGRAM_COUNT);
	if (!pinned) {
		close_all(datapath->map, MAP_COUNT);
		empty_pin_dir(datapath->pin_dir);
	}
	if (!load_anew(datapath, pinned, err)) {
		if (!pinned) {
			empty_pin_dir(datapath->pin_dir);
			rmdir(datapath->pin_dir);
		}
		return false;
	}
	datapath->epochs->build = build;
	datapath->status.program_replaced = pinned;
	if (pinned)
		log_info("programs of another build are replaced in one step");
	return true;
}

void datapath_open_for_detach(struct datapath *datapath)
{
	struct error ignored;

	libbpf_set_print(log_libbpf);
	open_pinned_programs(datapath);
	if (open_pinned_maps(datapath))
		map_memory(datapath, &ignored);
}

void datapath_close_descriptors(struct datapath *datapath)
{
	ring_buffer__free(datapath->captured_ring);
	for (int i = 0; i < MAPPED_COUNT; i++)
		if (datapath->memory[i])
			munmap(datapath->memory[i], datapath->memory_bytes[i]);
	close_all(datapath->map, MAP_COUNT);
	close_all(datapath->program, PROGRAM_COUNT);
}
