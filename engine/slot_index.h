/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which circuit a slot is, for whoever asks about very many slots: made of the network in force
 * when it is first asked for, and good until numbers are given anew.
 */
#ifndef LQOS_SLOT_INDEX_H
#define LQOS_SLOT_INDEX_H

#include <stdint.h>

struct engine;
struct slot_index;

struct slot_index *slot_index_new(void);
void slot_index_free(struct slot_index *index);

/* There is another network, or its circuits have other slots. */
void slot_index_forget(struct slot_index *index);
/* Index into the network's circuits; NETWORK_NONE: none has it. */
uint32_t slot_index_find(struct slot_index *index, const struct engine *engine, uint32_t slot);

#endif
