/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/taken_root.h"

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

/* A name can change; the number stays as long as the boot. */
static void name_file(const char *state_path, const struct interface *interface,
		      char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s.root-%d", state_path, interface->ifindex);
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
	return kernel_copy_foreign(kernel, interface, root, err) ||
	       error_prefix(err, "%s has a root qdisc \"%s\" that can't be taken over", name,
			    foreign);
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
	struct foreign_root root;
	char path[PATH_SIZE];
	bool ok;

	name_file(state_path, interface, path);
	if (!copy_foreign(kernel, take_over, interface, &root, err))
		return false;
	ok = !root.size ||
	     (write_root(path, &root, err) && kernel_remove_foreign(kernel, interface, err));
	if (ok && root.size)
		log_info("the root qdisc of %s is taken over; --detach gives it back",
			 interface->name);
	foreign_root_release(&root);
	return ok;
}

bool taken_root_give_back(struct kernel *kernel, const char *state_path,
			  const struct interface *interface, struct error *err)
{
	struct foreign_root root;
	enum root_kind kind;
	char path[PATH_SIZE];
	bool ok = true;

	name_file(state_path, interface, path);
	if (!kernel_read_root(kernel, interface, &kind, NULL, err))
		return false;
	if (kind == ROOT_ABSENT && read_root(path, &root)) {
		ok = kernel_make_foreign(kernel, interface, &root, err);
		foreign_root_release(&root);
	}
	unlink(path);
	return ok;
}
