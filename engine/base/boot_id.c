/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/base/boot_id.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/memory.h"

void boot_id_read(char boot[BOOT_ID_SIZE])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!file || !fgets(boot, BOOT_ID_SIZE, file))
		copy_text(boot, BOOT_ID_SIZE, "unknown");
	boot[strcspn(boot, "\n")] = '\0';
	if (file)
		fclose(file);
}
