/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/config.h"

#include <errno.h>
#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/units.h"
#include "engine/wiring.h"

enum value_kind {
	VALUE_TEXT,
	VALUE_RATE,
	VALUE_COUNT,
	VALUE_BOOL,
	VALUE_LEAF,
	VALUE_CAKE,
	VALUE_LAZY,
	VALUE_WIRING
};

struct option {
	const char *section, *key;
	enum value_kind kind;
	size_t offset;
	size_t size;	      /* VALUE_TEXT: of the target */
	uint64_t least, most; /* VALUE_RATE, VALUE_COUNT */
	const char *fallback; /* NULL: required */
};

#define FIELD(field) .offset = offsetof(struct config, field)
#define TEXT(field) FIELD(field), .kind = VALUE_TEXT, .size = sizeof(((struct config *)0)->field)
#define COUNT(field, low, high) FIELD(field), .kind = VALUE_COUNT, .least = low, .most = high

static const struct option options[] = {
	{ "interfaces", "access", TEXT(interface[DOWNLOAD]) },
	{ "interfaces", "internet", TEXT(interface[UPLOAD]) },
	{ "interfaces", "wiring", VALUE_WIRING, FIELD(wiring), .fallback = "bridge" },
	{ "interfaces", "bridge_netfilter", VALUE_BOOL, FIELD(bridge_netfilter), .fallback = "no" },
	{ "interfaces", "take_over", VALUE_BOOL, FIELD(take_over), .fallback = "no" },
	{ "link", "download", VALUE_RATE, FIELD(link_bps[DOWNLOAD]), .least = 1000000,
	  .most = 1000000000000 },
	{ "link", "upload", VALUE_RATE, FIELD(link_bps[UPLOAD]), .least = 1000000,
	  .most = 1000000000000 },
	{ "shaping", "queues", COUNT(queues, 1, QUEUES_MAX), .fallback = "auto" },
	{ "shaping", "lazy", VALUE_LAZY, FIELD(lazy), .fallback = "auto" },
	{ "shaping", "lazy_idle", COUNT(lazy_idle_s, 1, 86400), .fallback = "600" },
	{ "shaping", "rebalance", COUNT(rebalance_s, 0, 604800), .fallback = "3600" },
	{ "shaping", "leaf", VALUE_LEAF, FIELD(leaf), .fallback = "auto" },
	{ "shaping", "cake", VALUE_CAKE, FIELD(cake), .fallback = "" },
	{ "shaping", "overhead", COUNT(overhead_bytes, 0, 255), .fallback = "0" },
	{ "shaping", "mpu", COUNT(mpu_bytes, 0, 255), .fallback = "0" },
	{ "database", "circuits", TEXT(circuits_path), .fallback = "/var/lib/lqos/circuits.db" },
	{ "database", "state", TEXT(state_path), .fallback = "/var/lib/lqos/state.db" },
	{ "control", "socket", TEXT(socket_path), .fallback = "/run/lqos/control.sock" },
	{ "control", "group_read", TEXT(read_group), .fallback = "lqos" },
	{ "control", "group_admin", TEXT(admin_group), .fallback = "lqos-admin" },
	{ "capture", "directory", TEXT(capture_directory), .fallback = "/var/lib/lqos/captures" },
	{ "datapath", "pin_dir", TEXT(pin_dir), .fallback = "/sys/fs/bpf/lqos" },
	{ "datapath", "generic", VALUE_BOOL, FIELD(generic_allowed), .fallback = "no" },
	{ "datapath", "flows", COUNT(flows_max, 1024, 1 << 24), .fallback = "1048576" },
	{ "datapath", "unknown", COUNT(strangers_max, 1024, 1 << 24), .fallback = "65536" },
	{ "datapath", "prefixes", COUNT(prefixes_max, 1024, 1 << 24), .fallback = "524288" },
	{ "datapath", "slots", COUNT(slots_max, 64, 1 << 22), .fallback = "262144" },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

struct reader {
	struct config *config;
	bool seen[OPTIONS];
	struct error *err;
};

static bool set_text(const struct option *option, const char *value, char *target,
		     struct error *err)
{
	if (!*value || strlen(value) >= option->size)
		return error_set(err, ERROR_INVALID,
				 "%s = \"%.60s\" must be a text of 1 to %zu characters",
				 option->key, value, option->size - 1);
	copy_text(target, option->size, value);
	return true;
}

static bool set_rate(const struct option *option, const char *value, uint64_t *target,
		     struct error *err)
{
	char low[RATE_TEXT_SIZE], high[RATE_TEXT_SIZE];

	if (!rate_parse(value, target, err))
		return error_prefix(err, "%s", option->key);
	if (*target < option->least || *target > option->most)
		return error_set(err, ERROR_INVALID, "%s = %s is not between %s and %s",
				 option->key, value, rate_format(option->least, low),
				 rate_format(option->most, high));
	return true;
}

static bool set_count(const struct option *option, const char *value, uint32_t *target,
		      struct error *err)
{
	unsigned long long number;
	char *end;

	if (option->fallback && !strcmp(option->fallback, "auto") && !strcmp(value, "auto")) {
		*target = 0;
		return true;
	}
	errno = 0;
	number = strtoull(value, &end, 10);
	if (!*value || *end || errno || *value == '-' || number < option->least ||
	    number > option->most)
		return error_set(err, ERROR_INVALID,
				 "%s = \"%.60s\" is not a number from %llu to %llu", option->key,
				 value, (unsigned long long)option->least,
				 (unsigned long long)option->most);
	*target = (uint32_t)number;
	return true;
}

static bool set_bool(const struct option *option, const char *value, bool *target,
		     struct error *err)
{
	if (strcmp(value, "yes") && strcmp(value, "no"))
		return error_set(err, ERROR_INVALID, "%s = \"%.60s\" is neither yes nor no",
				 option->key, value);
	*target = !strcmp(value, "yes");
	return true;
}

static bool set_leaf(const struct option *option, const char *value, enum leaf_kind *target,
		     struct error *err)
{
	*target = leaf_kind_parse(value);
	if (*target == LEAF_NONE && strcmp(value, "auto"))
		return error_set(err, ERROR_INVALID,
				 "%s = \"%.60s\" is not one of auto, cake, fq_codel, pfifo",
				 option->key, value);
	return true;
}

static bool set_lazy(const struct option *option, const char *value, enum lazy_mode *target,
		     struct error *err)
{
	static const char *const modes[] = {
		[LAZY_AUTO] = "auto", [LAZY_NO] = "no", [LAZY_FULL] = "full"
	};

	for (enum lazy_mode mode = LAZY_AUTO; mode <= LAZY_FULL; mode++) {
		if (strcmp(value, modes[mode]))
			continue;
		*target = mode;
		return true;
	}
	return error_set(err, ERROR_INVALID, "%s = \"%.60s\" is not one of auto, no, full",
			 option->key, value);
}

static bool set_option(const struct option *option, const char *value, struct config *config,
		       struct error *err)
{
	void *target = (char *)config + option->offset;

	switch (option->kind) {
	case VALUE_TEXT:
		return set_text(option, value, target, err);
	case VALUE_RATE:
		return set_rate(option, value, target, err);
	case VALUE_COUNT:
		return set_count(option, value, target, err);
	case VALUE_BOOL:
		return set_bool(option, value, target, err);
	case VALUE_LEAF:
		return set_leaf(option, value, target, err);
	case VALUE_CAKE:
		return leaf_parse_cake(value, target, err) || error_prefix(err, "%s", option->key);
	case VALUE_LAZY:
		return set_lazy(option, value, target, err);
	case VALUE_WIRING:
		return wiring_parse(value, target, err);
	}
	return false;
}

/* inih's handler: 1 is "taken", 0 stops at this line. */
static int take_pair(void *user, const char *section, const char *key, const char *value)
{
	struct reader *reader = user;

	for (size_t i = 0; i < OPTIONS; i++) {
		if (strcmp(options[i].section, section) || strcmp(options[i].key, key))
			continue;
		reader->seen[i] = true;
		return set_option(&options[i], value, reader->config, reader->err);
	}
	error_set(reader->err, ERROR_INVALID,
		  "there is no key \"%.60s\" in a section [%.60s]; see lqosd.conf(5)", key,
		  section);
	return 0;
}

static bool check_interfaces(const struct config *config, const char *path, struct error *err)
{
	const char *access = config->interface[DOWNLOAD], *internet = config->interface[UPLOAD];
	bool same = !strcmp(access, internet);

	if (same && config->wiring.kind != WIRING_STICK)
		return error_set(err, ERROR_INVALID,
				 "%s: [interfaces] access and internet are both %s; they must be "
				 "two interfaces, unless wiring = stick",
				 path, internet);
	if (!same && config->wiring.kind == WIRING_STICK)
		return error_set(err, ERROR_INVALID,
				 "%s: [interfaces] access is %s and internet is %s; with wiring = "
				 "stick they must be the same interface",
				 path, access, internet);
	return true;
}

bool config_load(const char *path, struct config *config, struct error *err)
{
	struct error reason = { .code = ERROR_NONE };
	struct config result = { 0 };
	struct reader reader = { .config = &result, .err = &reason };
	int line;

	for (size_t i = 0; i < OPTIONS; i++)
		if (options[i].fallback &&
		    !set_option(&options[i], options[i].fallback, &result, err))
			return false;
	errno = 0;
	line = ini_parse(path, take_pair, &reader);
	if (line < 0)
		return error_set_errno(err, errno ? errno : EIO, "can't read %s", path);
	if (line > 0)
		return error_set(err, ERROR_INVALID, "%s, line %d: %s", path, line,
				 reason.code ? reason.text : "neither [section] nor key = value");
	for (size_t i = 0; i < OPTIONS; i++)
		if (!options[i].fallback && !reader.seen[i])
			return error_set(err, ERROR_INVALID, "%s: [%s] %s is missing", path,
					 options[i].section, options[i].key);
	if (!check_interfaces(&result, path, err))
		return false;
	*config = result;
	return true;
}
