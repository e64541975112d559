/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/mask.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static uint32_t hash(const char *text)
{
	uint32_t value = 0x811c9dc5u;

	for (; *text; text++)
		value = (value ^ (uint8_t)*text) * 0x01000193u;
	return value;
}

json_t *mask_name(const char *name)
{
	return json_sprintf("name-%04x", hash(name) & 0xffff);
}

/* Keeps the form: 192.0.2.7 becomes x.x.x.x, so that IPv4 and IPv6 are told apart. */
static json_t *mask_address(const char *address)
{
	char text[80];
	size_t length = 0;
	bool digit = false;

	for (; *address && *address != '/' && length < sizeof(text) - 1; address++) {
		if (!isxdigit((unsigned char)*address) || !digit)
			text[length++] = isxdigit((unsigned char)*address) ? 'x' : *address;
		digit = isxdigit((unsigned char)*address);
	}
	return json_stringn(text, length);
}

static json_t *mask_list(const json_t *list, json_t *(*mask)(const char *))
{
	json_t *masked = json_array(), *item;
	size_t i;

	json_array_foreach (list, i, item)
		if (json_is_string(item))
			json_array_append_new(masked, mask(json_string_value(item)));
	return masked;
}

static void mask_field(json_t *row, const char *field, json_t *(*mask)(const char *))
{
	const json_t *value = json_object_get(row, field);

	if (json_is_string(value))
		json_object_set_new(row, field, mask(json_string_value(value)));
	else if (json_is_array(value))
		json_object_set_new(row, field, mask_list(value, mask));
}

/* "circuit 1042" stays; of "site Tower Alder", "address 192.0.2.7" and what else a capture is of, as in
 * "circuit 1042, customer 192.0.2.7", the first word does: a site's id is mostly its name. */
static json_t *mask_subject(const char *subject)
{
	bool circuit = !strncmp(subject, "circuit ", 8);
	const char *end = circuit ? strstr(subject, ", ") : strchr(subject, ' ');
	json_t *masked, *name;

	if (!end)
		return json_string(subject);
	end += circuit ? 2 : 1;
	name = mask_name(end);
	masked = json_sprintf("%.*s%s", (int)(end - subject), subject, json_string_value(name));
	json_decref(name);
	return masked;
}

static json_t *mask_ancestors(const json_t *list)
{
	json_t *masked = json_array(), *item;
	size_t i;

	json_array_foreach (list, i, item) {
		json_t *site = mask_row(item);

		mask_field(site, "id", mask_name);
		json_array_append_new(masked, site);
	}
	return masked;
}

static bool is_site(const json_t *row)
{
	const char *kind = json_string_value(json_object_get(row, "kind"));

	return kind && !strcmp(kind, "site");
}

json_t *mask_row(const json_t *row)
{
	static const char *const names[] = { "name", "site", "circuit_name", "device_name" };
	static const char *const texts[] = { "value",	 "before", "after", "reason",
					     "in_force", "hint",   "file",  "last" };
	static const char *const addresses[] = { "customer", "remote", "addresses",
						 "address",  "prefix", "mac" };
	json_t *masked = json_is_object(row) ? json_copy((json_t *)row) : json_object();
	/* The name of a value or of a queue's tin is not a customer's. */
	bool labelled = json_object_get(row, "value") || json_object_get(row, "backlog_bytes");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !labelled; i++)
		mask_field(masked, names[i], mask_name);
	if (is_site(row))
		mask_field(masked, "id", mask_name);
	mask_field(masked, "subject", mask_subject);
	if (json_object_get(row, "ancestors"))
		json_object_set_new(masked, "ancestors",
				    mask_ancestors(json_object_get(row, "ancestors")));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		mask_field(masked, texts[i], mask_name);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		mask_field(masked, addresses[i], mask_address);
	return masked;
}
