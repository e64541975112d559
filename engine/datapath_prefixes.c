/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prefix table: whose an address is. XDP makes a probe for each length that there is, so how
 * many there are of each is counted here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "engine/base/memory.h"
#include "engine/datapath_private.h"

/* --- epochs ----------------------------------------------------------------------------------- */

static void bump_word(struct datapath *datapath, uint32_t scope, uint32_t epoch)
{
	__atomic_store_n(&datapath->epochs->word[scope], epoch, __ATOMIC_SEQ_CST);
}

#define WORDS_AT_ONCE 4096
#define PAUSE_US 1000
#define ODD 0x9e3779b1u

/*
 * I2: only the words of the networks that the prefix covers, whose numbers differ from each other
 * as the networks' do: in the last bits. Very many are bumped in 16 steps, neighbours in different
 * ones, so that not everything has to be looked up again at once.
 */
static uint32_t bump_prefix(struct datapath *datapath, const struct prefix *prefix)
{
	uint8_t scope_bits = prefix_is_ipv4(prefix) ? LQOS_SCOPE_BITS_IPV4 : LQOS_SCOPE_BITS_IPV6;
	uint32_t first = scope_of(prefix->address), words = 1;
	uint32_t epoch = datapath_next_epoch(datapath);

	for (uint8_t length = prefix->length; length < scope_bits && words < LQOS_SCOPES; length++)
		words *= 2;
	for (uint32_t i = 0; i < words; i++) {
		if (i && i % WORDS_AT_ONCE == 0)
			usleep(PAUSE_US);
		bump_word(datapath, first ^ (i * ODD) % words, epoch);
	}
	return epoch;
}

/* --- the table -------------------------------------------------------------------------------- */

#define PREFIXES_AT_ONCE 512

static struct prefix_key key_of(const struct prefix *prefix)
{
	struct prefix_key key = { .length = prefix->length };

	memcpy(key.address, prefix->address, sizeof(key.address));
	return key;
}

static uint32_t *length_of(struct datapath *datapath, const struct prefix_key *key)
{
	struct prefix prefix = { .length = (uint8_t)key->length };
	unsigned int cut = 128 - key->length;

	memcpy(prefix.address, key->address, sizeof(prefix.address));
	return prefix_is_ipv4(&prefix) ? &datapath->lengths_ipv4[cut]
				       : &datapath->lengths_ipv6[cut];
}

/* Where XDP sees which lengths there are. A reader of another length is not disturbed: a word is
 * stored at once. */
static void publish_lengths(struct datapath *datapath)
{
	uint64_t words[4] = { 0 };
	struct epochs *epochs = datapath->epochs;

	for (unsigned int cut = 0; cut <= 32; cut++)
		words[0] |= (uint64_t)(datapath->lengths_ipv4[cut] != 0) << cut;
	for (unsigned int cut = 0; cut <= 128; cut++)
		words[1 + cut / 64] |= (uint64_t)(datapath->lengths_ipv6[cut] != 0) << cut % 64;
	__atomic_store_n(&epochs->lengths_ipv4, words[0], __ATOMIC_SEQ_CST);
	for (int i = 0; i < 3; i++)
		__atomic_store_n(&epochs->lengths_ipv6[i], words[1 + i], __ATOMIC_SEQ_CST);
}

static void change_length(struct datapath *datapath, const struct prefix_key *key, int by)
{
	uint32_t *count = length_of(datapath, key);

	*count += (uint32_t)by;
	if (*count <= 1)
		publish_lengths(datapath);
}

bool datapath_set_prefix(struct datapath *datapath, const struct prefix *prefix, uint32_t slot,
			 uint32_t *epoch, struct error *err)
{
	struct prefix_key key = key_of(prefix);
	char text[PREFIX_TEXT_SIZE];
	int map = datapath->map[MAP_PREFIXES];

	if (bpf_map_update_elem(map, &key, &slot, BPF_NOEXIST) == 0)
		change_length(datapath, &key, 1);
	else if (errno == E2BIG)
		return error_set(err, ERROR_INVALID,
				 "no room for the prefix %s: all %u of [datapath] prefixes are in "
				 "use",
				 prefix_format(prefix, text), datapath->entries[MAP_PREFIXES]);
	else if (errno != EEXIST || bpf_map_update_elem(map, &key, &slot, BPF_EXIST))
		return error_set_errno(err, errno, "can't set the prefix %s",
				       prefix_format(prefix, text));
	*epoch = bump_prefix(datapath, prefix);
	return true;
}

/* The first so many of them, with one call; the number. It is 0 where the kernel takes no lists. */
static uint32_t add_list(struct datapath *datapath, const struct shape_prefix *prefixes,
			 uint32_t count, uint32_t *epoch)
{
	struct prefix_key keys[PREFIXES_AT_ONCE];
	uint32_t slots[PREFIXES_AT_ONCE], added = count;

	for (uint32_t i = 0; i < count; i++) {
		keys[i] = key_of(&prefixes[i].prefix);
		slots[i] = prefixes[i].slot;
	}
	if (bpf_map_update_batch(datapath->map[MAP_PREFIXES], keys, slots, &added, NULL) &&
	    added == count) /* it did not come to the list, else this is where it stopped */
		added = 0;
	for (uint32_t i = 0; i < added; i++) {
		change_length(datapath, &keys[i], 1);
		*epoch = bump_prefix(datapath, &prefixes[i].prefix);
	}
	return added;
}

bool datapath_add_prefixes(struct datapath *datapath, const struct shape_prefix *prefixes,
			   size_t count, size_t *added, uint32_t *epoch, struct error *err)
{
	for (*added = 0; *added < count;) {
		size_t left = count - *added;
		uint32_t now = left < PREFIXES_AT_ONCE ? (uint32_t)left : PREFIXES_AT_ONCE;
		uint32_t done = add_list(datapath, prefixes + *added, now, epoch);

		*added += done;
		if (done == now)
			continue;
		if (!datapath_set_prefix(datapath, &prefixes[*added].prefix, prefixes[*added].slot,
					 epoch, err))
			return false;
		++*added;
	}
	return true;
}

bool datapath_remove_prefix(struct datapath *datapath, const struct prefix *prefix, uint32_t *epoch,
			    struct error *err)
{
	struct prefix_key key = key_of(prefix);
	char text[PREFIX_TEXT_SIZE];

	if (bpf_map_delete_elem(datapath->map[MAP_PREFIXES], &key) == 0)
		change_length(datapath, &key, -1);
	else if (errno != ENOENT)
		return error_set_errno(err, errno, "can't remove the prefix %s",
				       prefix_format(prefix, text));
	*epoch = bump_prefix(datapath, prefix);
	return true;
}

bool datapath_read_prefixes(int map, uint32_t entries, struct prefix_key **keys, uint32_t **slots,
			    uint32_t *count, struct error *err)
{
	LIBBPF_OPTS(bpf_map_batch_opts, options);
	/* A hash's position is a number, a trie's a key. */
	struct prefix_key in, out, *position = NULL;
	uint32_t read = 0;
	int result = 0;

	*keys = xcalloc(entries, sizeof(**keys));
	*slots = xcalloc(entries, sizeof(**slots));
	while (!result && read < entries) {
		*count = entries - read;
		result = bpf_map_lookup_batch(map, position, &out, *keys + read, *slots + read,
					      count, &options);
		if (result && errno != ENOENT)
			break;
		read += *count;
		in = out;
		position = &in;
	}
	*count = read;
	if (!result || errno == ENOENT)
		return true;
	error_set_errno(err, errno, "can't read the prefix table");
	free(*keys);
	free(*slots);
	return false;
}

bool datapath_count_prefixes(struct datapath *datapath, struct error *err)
{
	struct prefix_key *keys;
	uint32_t *slots, count;

	if (!datapath_read_prefixes(datapath->map[MAP_PREFIXES], datapath->entries[MAP_PREFIXES],
				    &keys, &slots, &count, err))
		return false;
	for (uint32_t i = 0; i < count; i++)
		++*length_of(datapath, &keys[i]);
	publish_lengths(datapath);
	free(keys);
	free(slots);
	return true;
}
