/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways a box is wired, as words of lqosd.conf(5). What each means is said at enum
 * wiring_kind. */
#ifndef LQOS_WIRING_H
#define LQOS_WIRING_H

#include <stdbool.h>

#include "bpf/shared.h"
#include "engine/base/error.h"

/* Sets kind and VLANs: "bridge", "router", "forward", "stick ACCESS-VLAN INTERNET-VLAN". */
bool wiring_parse(const char *text, struct wiring *wiring, struct error *err);
const char *wiring_name(enum wiring_kind kind);

#endif
