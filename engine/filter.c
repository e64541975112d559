/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/filter.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/units.h"

static const struct {
	const char *name;
	enum filter_field field;
	bool numeric;
} fields[] = {
	{ "name", FILTER_NAME, false },	 { "id", FILTER_ID, false },
	{ "site", FILTER_SITE, false },	 { "rtt", FILTER_RTT, true },
	{ "down", FILTER_DOWN, true },	 { "up", FILTER_UP, true },
	{ "drops", FILTER_DROPS, true }, { "retr", FILTER_RETRANSMITS, true },
	{ "qoo", FILTER_SCORE, true },	 { "load", FILTER_LOAD, true },
	{ "plan", FILTER_PLAN, true },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static void trim(char *text)
{
	size_t length = strlen(text), lead = strspn(text, " \t");

	memmove(text, text + lead, length - lead + 1);
	for (length -= lead; length && isspace((unsigned char)text[length - 1]); length--)
		text[length - 1] = '\0';
}

static bool parse_number(const char *text, double *number, struct error *err)
{
	uint64_t rate_bps;
	char *end;

	*number = strtod(text, &end);
	if (end != text && !*end && isfinite(*number))
		return true;
	if (!rate_parse(text, &rate_bps, NULL))
		return error_set(err, ERROR_INVALID,
				 "\"%s\" in the filter is not a number such as 100 or 10M", text);
	*number = (double)rate_bps;
	return true;
}

static bool parse_comparison(struct filter_term *term, char *operator, struct error * err)
{
	char sign = *operator;
	char *value = operator+ 1;

	*operator= '\0';
	trim(term->text);
	trim(value);
	for (size_t i = 0; i < FIELDS; i++) {
		if (strcasecmp(fields[i].name, term->text))
			continue;
		if (!fields[i].numeric && sign != '=')
			return error_set(err, ERROR_INVALID, "%s in a filter takes =, not %c",
					 fields[i].name, sign);
		term->field = fields[i].field;
		term->comparison = sign == '>'	       ? FILTER_ABOVE
				   : sign == '<'       ? FILTER_BELOW
				   : fields[i].numeric ? FILTER_EQUAL
						       : FILTER_CONTAINS;
		memmove(term->text, value, strlen(value) + 1);
		return !fields[i].numeric || parse_number(term->text, &term->number, err);
	}
	return error_set(err, ERROR_INVALID,
			 "a filter can't compare \"%s\"; it knows name, id, site, rtt, down, up, "
			 "drops, retr, qoo, load and plan",
			 term->text);
}

static bool parse_term(const char *text, size_t length, struct filter_term *term, struct error *err)
{
	char *operator;

	if (length >= sizeof(term->text))
		return error_set(err, ERROR_INVALID,
				 "a word of the filter is longer than %zu characters",
				 sizeof(term->text) - 1);
	snprintf(term->text, sizeof(term->text), "%.*s", (int)length, text);
	trim(term->text);
	operator= strpbrk(term->text, "<>=");
	return operator? parse_comparison(term, operator, err) : true;
}

bool filter_parse(const char *text, struct filter *filter, struct error *err)
{
	*filter = (struct filter){ 0 };
	while (*text) {
		size_t length = strcspn(text, "&");
		struct filter_term term = { .field = FILTER_ANY };

		if (filter->count == FILTER_TERMS_MAX)
			return error_set(err, ERROR_INVALID, "a filter takes at most %d words",
					 FILTER_TERMS_MAX);
		if (!parse_term(text, length, &term, err))
			return false;
		if (*term.text)
			filter->terms[filter->count++] = term;
		text += length;
		text += *text == '&';
	}
	return true;
}

static bool contains(const char *text, const char *piece)
{
	return text && strcasestr(text, piece);
}

static bool any_contains(const struct filter_row *row, const char *piece)
{
	if (contains(row->name, piece) || contains(row->id, piece) || contains(row->site, piece))
		return true;
	for (size_t i = 0; i < row->text_count; i++)
		if (contains(row->texts[i], piece))
			return true;
	return false;
}

static bool compare(const struct filter_term *term, double value)
{
	switch (term->comparison) {
	case FILTER_ABOVE:
		return value > term->number;
	case FILTER_BELOW:
		return value < term->number;
	default:
		return value == term->number;
	}
}

static bool term_matches(const struct filter_term *term, const struct filter_row *row)
{
	switch (term->field) {
	case FILTER_ANY:
		return any_contains(row, term->text);
	case FILTER_NAME:
		return contains(row->name, term->text);
	case FILTER_ID:
		return row->id && !strcasecmp(row->id, term->text);
	case FILTER_SITE:
		return contains(row->site, term->text);
	case FILTER_RTT:
		return compare(term, row->rtt_ms);
	case FILTER_DOWN:
		return compare(term, row->down_bps);
	case FILTER_UP:
		return compare(term, row->up_bps);
	case FILTER_DROPS:
		return compare(term, row->drops_per_s);
	case FILTER_RETRANSMITS:
		return compare(term, row->retransmits_percent);
	case FILTER_SCORE:
		return compare(term, row->score);
	case FILTER_LOAD:
		return compare(term, row->load_percent);
	case FILTER_PLAN:
		return compare(term, row->plan_bps);
	}
	return false;
}

bool filter_matches(const struct filter *filter, const struct filter_row *row)
{
	for (size_t i = 0; i < filter->count; i++)
		if (!term_matches(&filter->terms[i], row))
			return false;
	return true;
}
