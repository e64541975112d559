/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which boot of the machine this is: what is remembered of the kernel's objects is void after
 * another. */
#ifndef LQOS_BASE_BOOT_ID_H
#define LQOS_BASE_BOOT_ID_H

#define BOOT_ID_SIZE 40

/* A UUID, see random(4); "unknown" when it can't be read. */
void boot_id_read(char boot[BOOT_ID_SIZE]);

#endif
