/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pin directory: made, taken for one engine, emptied. Pins of somebody else are left alone. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "engine/base/log.h"
#include "engine/datapath_private.h"

static bool is_bpffs(const char *path)
{
	struct statfs status;

	return statfs(path, &status) == 0 && (uint32_t)status.f_type == BPF_FS_MAGIC;
}

/* Of this build or an older one. */
static bool is_own_name(const char *name)
{
	static const char *const beginnings[] = { "lqos_", "xdp_", "tc_", "cpumap_", "link_" };

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (!strncmp(name, beginnings[i], strlen(beginnings[i])))
			return true;
	return false;
}

/* What is in it will be replaced and removed: it has to be the engine's alone. */
static bool check_is_own(const char *pin_dir, struct error *err)
{
	DIR *directory = opendir(pin_dir);
	const struct dirent *entry;
	bool own = true;

	while (own && directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.' || is_own_name(entry->d_name))
			continue;
		own = error_set(
			err, ERROR_CONFLICT,
			"[datapath] pin_dir = %s has \"%.60s\" in it, which is not lqosd's; "
			"give it a directory of its own, such as /sys/fs/bpf/lqos",
			pin_dir, entry->d_name);
	}
	if (directory)
		closedir(directory);
	return own;
}

bool datapath_make_pins(const char *pin_dir, struct error *err)
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

bool datapath_lock_pins(const char *pin_dir, int *lock, struct error *err)
{
	*lock = open(pin_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*lock < 0 && errno == ENOENT)
		return true;
	if (*lock < 0)
		return error_set_errno(err, errno, "can't open the pin directory %s", pin_dir);
	if (flock(*lock, LOCK_EX | LOCK_NB) < 0)
		error_set(err, ERROR_CONFLICT,
			  "another lqosd is running on %s; stop it first, or give this one "
			  "interfaces and a [datapath] pin_dir of its own",
			  pin_dir);
	else if (check_is_own(pin_dir, err))
		return true;
	close(*lock);
	*lock = -1;
	return false;
}

void datapath_empty_pins(const char *pin_dir)
{
	DIR *directory = opendir(pin_dir);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", pin_dir, entry->d_name);
		if (is_own_name(entry->d_name) && unlink(path) < 0)
			log_warning("can't remove %s: %m", path);
	}
	if (directory)
		closedir(directory);
}
