/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person types behind "/": words joined by "&", each a piece of text to be found in one of
 * a row's texts, or a comparison such as rtt>100 or site=Alder. Parsing and matching are pure.
 */
#ifndef LQOS_FILTER_H
#define LQOS_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/error.h"

#define FILTER_TERMS_MAX 8
#define FILTER_TEXT_SIZE 128

enum filter_field {
	FILTER_ANY, /* any text of the row contains it */
	FILTER_NAME,
	FILTER_ID,
	FILTER_SITE,
	FILTER_RTT,  /* ms, p50 */
	FILTER_DOWN, /* bits a second */
	FILTER_UP,
	FILTER_DROPS,	    /* a second */
	FILTER_RETRANSMITS, /* percent */
	FILTER_SCORE,	    /* 0..100 */
	FILTER_LOAD,	    /* percent of plan or capacity, the fuller direction */
	FILTER_PLAN,	    /* download, bits a second */
};

enum filter_comparison { FILTER_CONTAINS, FILTER_EQUAL, FILTER_ABOVE, FILTER_BELOW };

struct filter_term {
	enum filter_field field;
	enum filter_comparison comparison;
	char text[FILTER_TEXT_SIZE];
	double number;
};

struct filter {
	struct filter_term terms[FILTER_TERMS_MAX];
	size_t count; /* 0: everything matches */
};

/* A row as the filter sees it. Numbers are NAN where there is no data; they match no comparison. */
struct filter_row {
	const char *name, *id, *site;
	const char *const *texts; /* further ones, such as addresses and MACs */
	size_t text_count;
	double rtt_ms, down_bps, up_bps, drops_per_s, retransmits_percent, score, load_percent,
		plan_bps;
};

bool filter_parse(const char *text, struct filter *filter, struct error *err);
bool filter_matches(const struct filter *filter, const struct filter_row *row);

#endif
