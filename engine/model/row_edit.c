/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/model/row_edit.h"

const char *row_kind_name(enum row_kind kind)
{
	static const char *const names[] = { "site", "circuit", "device", "prefix" };

	return names[kind];
}
