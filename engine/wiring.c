/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/wiring.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/direction.h"

static const char *const names[] = {
	[WIRING_BRIDGE] = "bridge",
	[WIRING_ROUTER] = "router",
	[WIRING_FORWARD] = "forward",
	[WIRING_STICK] = "stick",
};

static bool parse_stick(const char *text, struct wiring *wiring, struct error *err)
{
	unsigned int access, internet;
	int end = 0;

	if (sscanf(text, "stick %4u %4u%n", &access, &internet, &end) != 2 || text[end])
		return error_set(err, ERROR_INVALID,
				 "wiring = \"%.60s\" must be \"stick ACCESS INTERNET\", with the "
				 "VLANs of the two sides, as in \"stick 100 200\"",
				 text);
	if (access < 1 || access > 4094 || internet < 1 || internet > 4094 || access == internet)
		return error_set(err, ERROR_INVALID,
				 "wiring = \"%.60s\": the VLANs must be two different numbers from "
				 "1 to 4094",
				 text);
	wiring->kind = WIRING_STICK;
	wiring->vlan[DOWNLOAD] = (__u16)access;
	wiring->vlan[UPLOAD] = (__u16)internet;
	return true;
}

bool wiring_parse(const char *text, struct wiring *wiring, struct error *err)
{
	*wiring = (struct wiring){ 0 };
	if (!strncmp(text, names[WIRING_STICK], strlen(names[WIRING_STICK])))
		return parse_stick(text, wiring, err);
	for (enum wiring_kind kind = WIRING_BRIDGE; kind < WIRING_STICK; kind++) {
		if (strcmp(text, names[kind]))
			continue;
		wiring->kind = kind;
		return true;
	}
	return error_set(err, ERROR_INVALID,
			 "wiring = \"%.60s\" is not one of bridge, router, forward, stick ACCESS "
			 "INTERNET",
			 text);
}

const char *wiring_name(enum wiring_kind kind)
{
	return names[kind];
}
