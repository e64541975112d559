/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arguments of a request, checked at the edge: each getter leaves *value alone when the
 * argument is absent or null, and refuses one of the wrong type or range in words.
 */
#ifndef LQOS_WIRE_ARGS_H
#define LQOS_WIRE_ARGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/base/error.h"

bool args_text(const json_t *args, const char *name, const char **value, struct error *err);
bool args_required_text(const json_t *args, const char *name, const char **value,
			struct error *err);
bool args_bool(const json_t *args, const char *name, bool *value, struct error *err);
bool args_integer(const json_t *args, const char *name, int64_t least, int64_t most, int64_t *value,
		  struct error *err);
/* An integer of bits a second, or a text such as "50M"; *given tells whether it was there. */
bool args_rate(const json_t *args, const char *name, bool *given, uint64_t *rate_bps,
	       struct error *err);

/* Refuses an argument that is in none of the names (a NULL-terminated list), so that a misspelt
 * one is not silently ignored. "id" and "verb" are always known. */
bool args_known(const json_t *args, const char *const *names, struct error *err);

#endif
