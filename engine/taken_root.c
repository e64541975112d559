/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/taken_root.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/boot_id.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/base/whole_file.h"
#include "engine/kernel_foreign.h"

#define PATH_SIZE 300
#define MESSAGES_MOST (64 << 20) /* some 100,000 classes with their leaves */

struct paths {
	char taken[PATH_SIZE];
	char giving[PATH_SIZE]; /* its name while it is given back */
};

/* A name can change; the number stays as long as the boot. */
static struct paths name_files(const char *state_path, const struct interface *interface)
{
	struct paths paths;

	snprintf(paths.taken, sizeof(paths.taken), "%s.root-%d", state_path, interface->ifindex);
	snprintf(paths.giving, sizeof(paths.giving), "%s.giving-%d", state_path,
		 interface->ifindex);
	return paths;
}

static bool rename_file(const char *from, const char *to, struct error *err)
{
	return rename(from, to) == 0 ||
	       error_set_errno(err, errno, "can't rename %s to %s", from, to);
}

/* The boot's id, then the messages. */
static bool write_root(const char *path, const struct foreign_root *root, struct error *err)
{
	char boot[BOOT_ID_SIZE] = "";
	struct whole_file file;
	bool written;

	boot_id_read(boot);
	whole_file_begin(&file, path);
	written = file.stream && fwrite(boot, sizeof(boot), 1, file.stream) == 1 &&
		  fwrite(root->messages, root->size, 1, file.stream) == 1;
	return whole_file_commit(&file, written, err);
}

/* False when nothing of this boot is remembered. */
static bool read_root(const char *path, struct foreign_root *root)
{
	char boot[BOOT_ID_SIZE] = "", then[BOOT_ID_SIZE];
	FILE *file = fopen(path, "re");
	bool ok;

	if (!file)
		return false;
	boot_id_read(boot);
	root->messages = xcalloc(1, MESSAGES_MOST);
	ok = fread(then, sizeof(then), 1, file) == 1 && !memcmp(boot, then, sizeof(boot));
	root->size = ok ? fread(root->messages, 1, MESSAGES_MOST, file) : 0;
	fclose(file);
	if (!ok)
		foreign_root_release(root);
	return ok;
}

/* Copies a root that is not ours; empty when there is none. */
static bool copy_foreign(struct kernel *kernel, bool take_over, const struct interface *interface,
			 struct foreign_root *root, struct error *err)
{
	const char *name = interface->name;
	enum root_kind kind;
	char foreign[16];

	*root = (struct foreign_root){ 0 };
	if (!kernel_read_root(kernel, interface, &kind, foreign, err))
		return false;
	if (kind != ROOT_FOREIGN)
		return true;
	if (!take_over)
		return error_set(
			err, ERROR_CONFLICT,
			"%s has a root qdisc \"%s\" that is not ours; remove it with: tc "
			"qdisc del dev %s root; or let it be taken over, and given back by "
			"--detach, with: [interfaces] take_over = yes",
			name, foreign, name);
	if (kernel_copy_foreign(kernel, interface, root, err)) {
		if (root->size <= MESSAGES_MOST)
			return true;
		foreign_root_release(root);
		error_set(err, ERROR_CONFLICT,
			  "it takes more than %d MiB to remember; remove it with: tc qdisc del "
			  "dev %s root",
			  MESSAGES_MOST >> 20, name);
	}
	return error_prefix(err, "%s has a root qdisc \"%s\" that can't be taken over", name,
			    foreign);
}

/* What stands there of a root that an engine was giving back when it was killed goes once more: it
 * is remembered whole. */
static bool undo_giving(struct kernel *kernel, const struct interface *interface,
			const struct paths *paths, struct error *err)
{
	struct foreign_root whole, part;
	bool ok;

	if (access(paths->giving, F_OK) < 0)
		return true;
	if (!read_root(paths->giving, &whole)) {
		unlink(paths->giving);
		return true;
	}
	/* What can't be taken over is not what was. */
	ok = copy_foreign(kernel, true, interface, &part, err) || err->code == ERROR_CONFLICT;
	if (part.size && foreign_root_is_part(&part, &whole))
		ok = kernel_remove_foreign(kernel, interface, err);
	foreign_root_release(&part);
	foreign_root_release(&whole);
	return ok && rename_file(paths->giving, paths->taken, err);
}

bool taken_root_check(struct kernel *kernel, bool take_over, const struct interface *interface,
		      struct error *err)
{
	struct foreign_root root;
	bool ok = copy_foreign(kernel, take_over, interface, &root, err);

	foreign_root_release(&root);
	return ok;
}

bool taken_root_take(struct kernel *kernel, bool take_over, const char *state_path,
		     const struct interface *interface, struct error *err)
{
	const struct paths paths = name_files(state_path, interface);
	struct foreign_root root;
	bool ok;

	if ((take_over && !undo_giving(kernel, interface, &paths, err)) ||
	    !copy_foreign(kernel, take_over, interface, &root, err))
		return false;
	ok = !root.size ||
	     (write_root(paths.taken, &root, err) && kernel_remove_foreign(kernel, interface, err));
	if (ok && root.size)
		log_info("the root qdisc of %s is taken over; --detach gives it back",
			 interface->name);
	foreign_root_release(&root);
	return ok;
}

/* All of it, or nothing: then it stays remembered. */
static bool give_back(struct kernel *kernel, const struct interface *interface,
		      const struct foreign_root *root, const struct paths *paths, struct error *err)
{
	struct error ignored;

	if (!rename_file(paths->taken, paths->giving, err))
		return false;
	if (kernel_make_foreign(kernel, interface, root, err)) {
		unlink(paths->giving);
		return true;
	}
	undo_giving(kernel, interface, paths, &ignored);
	return error_prefix(err, "it stays remembered in %s, for --detach to try again",
			    paths->taken);
}

bool taken_root_give_back(struct kernel *kernel, const char *state_path,
			  const struct interface *interface, struct error *err)
{
	const struct paths paths = name_files(state_path, interface);
	struct foreign_root root;
	enum root_kind kind;
	bool ok;

	if (!undo_giving(kernel, interface, &paths, err) ||
	    !kernel_read_root(kernel, interface, &kind, NULL, err))
		return false;
	/* Somebody has put another one there, or it is of another boot. */
	if (kind != ROOT_ABSENT || !read_root(paths.taken, &root)) {
		unlink(paths.taken);
		return true;
	}
	ok = give_back(kernel, interface, &root, &paths, err);
	foreign_root_release(&root);
	return ok;
}
