/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/model/leaf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RTT_LEAST_US 100
#define RTT_MOST_US 10000000
#define WORD_LONGEST 24

static const char *const kind_names[] = {
	[LEAF_NONE] = "",
	[LEAF_CAKE] = "cake",
	[LEAF_FQ_CODEL] = "fq_codel",
	[LEAF_PFIFO] = "pfifo",
};

#define MODE(field) offsetof(struct cake_modes, field)

static const struct cake_word {
	const char *word;
	size_t offset; /* of the mode in struct cake_modes */
	uint8_t value; /* the kernel's */
} cake_words[] = {
	{ "besteffort", MODE(diffserv), DIFFSERV_BESTEFFORT },
	{ "precedence", MODE(diffserv), DIFFSERV_PRECEDENCE },
	{ "diffserv3", MODE(diffserv), DIFFSERV_3 },
	{ "diffserv4", MODE(diffserv), DIFFSERV_4 },
	{ "diffserv8", MODE(diffserv), DIFFSERV_8 },
	{ "flowblind", MODE(flow_mode), FLOW_BLIND },
	{ "srchost", MODE(flow_mode), FLOW_SRC_HOST },
	{ "dsthost", MODE(flow_mode), FLOW_DST_HOST },
	{ "hosts", MODE(flow_mode), FLOW_HOSTS },
	{ "flows", MODE(flow_mode), FLOW_FLOWS },
	{ "dual-srchost", MODE(flow_mode), FLOW_DUAL_SRC_HOST },
	{ "dual-dsthost", MODE(flow_mode), FLOW_DUAL_DST_HOST },
	{ "triple-isolate", MODE(flow_mode), FLOW_TRIPLE_ISOLATE },
	{ "nonat", MODE(nat), 0 },
	{ "nat", MODE(nat), 1 },
	{ "nowash", MODE(wash), 0 },
	{ "wash", MODE(wash), 1 },
	{ "no-ack-filter", MODE(ack_filter), ACK_FILTER_OFF },
	{ "ack-filter", MODE(ack_filter), ACK_FILTER_ON },
	{ "ack-filter-aggressive", MODE(ack_filter), ACK_FILTER_AGGRESSIVE },
};
#define CAKE_WORDS (sizeof(cake_words) / sizeof(cake_words[0]))

const char *leaf_kind_name(enum leaf_kind kind)
{
	return kind_names[kind];
}

enum leaf_kind leaf_kind_parse(const char *name)
{
	for (enum leaf_kind kind = LEAF_CAKE; kind <= LEAF_PFIFO; kind++)
		if (!strcmp(name, kind_names[kind]))
			return kind;
	return LEAF_NONE;
}

/* The next word of a text; false at its end. A word that is too long for any is cut. */
static bool next_word(const char **text, char word[WORD_LONGEST])
{
	size_t length;

	*text += strspn(*text, " \t");
	length = strcspn(*text, " \t");
	snprintf(word, WORD_LONGEST, "%.*s", (int)length, *text);
	*text += length;
	return length > 0;
}

/* "50ms", "800us" or "1s". */
static bool parse_rtt(const char *word, uint32_t *rtt_us, struct error *err)
{
	char *unit;
	double value = strtod(word, &unit);
	double scale = !strcmp(unit, "us")   ? 1
		       : !strcmp(unit, "ms") ? 1e3
		       : !strcmp(unit, "s")  ? 1e6
					     : 0;

	if (unit == word || !(value * scale >= RTT_LEAST_US && value * scale <= RTT_MOST_US))
		return error_set(err, ERROR_INVALID,
				 "rtt \"%s\" is not a time from 100us to 10s, as in rtt 50ms",
				 word);
	*rtt_us = (uint32_t)(value * scale);
	return true;
}

bool leaf_parse_cake(const char *text, struct leaf *leaf, struct error *err)
{
	char word[WORD_LONGEST];

	while (next_word(&text, word)) {
		size_t i = 0;

		if (!strcmp(word, "rtt")) {
			next_word(&text, word);
			if (!parse_rtt(word, &leaf->rtt_us, err))
				return false;
			continue;
		}
		while (i < CAKE_WORDS && strcmp(word, cake_words[i].word))
			i++;
		if (i == CAKE_WORDS)
			return error_set(err, ERROR_INVALID,
					 "cake has no option \"%s\"; see lqosd.conf(5)", word);
		((uint8_t *)&leaf->cake)[cake_words[i].offset] = (uint8_t)(cake_words[i].value + 1);
	}
	return true;
}

bool leaf_parse(const char *text, struct leaf *leaf, struct error *err)
{
	struct leaf parsed = { .kind = LEAF_NONE };
	char word[WORD_LONGEST];

	if (next_word(&text, word)) {
		parsed.kind = leaf_kind_parse(word);
		if (parsed.kind == LEAF_NONE)
			return error_set(err, ERROR_INVALID,
					 "its leaf \"%s\" is not cake, fq_codel or pfifo", word);
		if (parsed.kind == LEAF_CAKE && !leaf_parse_cake(text, &parsed, err))
			return false;
		if (parsed.kind != LEAF_CAKE && next_word(&text, word))
			return error_set(err, ERROR_INVALID, "%s has no option \"%s\"",
					 leaf_kind_name(parsed.kind), word);
	}
	*leaf = parsed;
	return true;
}

struct cake_modes cake_modes_over(struct cake_modes first, struct cake_modes second)
{
	uint8_t *modes = (uint8_t *)&first;
	const uint8_t *other = (const uint8_t *)&second;

	for (size_t i = 0; i < sizeof(first); i++)
		modes[i] = modes[i] ? modes[i] : other[i];
	return first;
}

struct cake_modes cake_modes_standard(void)
{
	return (struct cake_modes){ .diffserv = DIFFSERV_4 + 1,
				    .flow_mode = FLOW_TRIPLE_ISOLATE + 1,
				    .nat = 1,
				    .wash = 1,
				    .ack_filter = ACK_FILTER_OFF + 1 };
}

static const char *word_for(size_t offset, uint8_t mode)
{
	for (size_t i = 0; i < CAKE_WORDS; i++)
		if (cake_words[i].offset == offset && cake_words[i].value + 1 == mode)
			return cake_words[i].word;
	return "?";
}

const char *cake_modes_format_change(struct cake_modes before, struct cake_modes after,
				     char text[CAKE_MODES_TEXT_SIZE])
{
	const uint8_t *is = (const uint8_t *)&before, *shall = (const uint8_t *)&after;
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(before) && used < CAKE_MODES_TEXT_SIZE; i++)
		if (is[i] != shall[i])
			used += (size_t)snprintf(text + used, CAKE_MODES_TEXT_SIZE - used,
						 "%s%s -> %s", used ? ", " : "", word_for(i, is[i]),
						 word_for(i, shall[i]));
	return text;
}
