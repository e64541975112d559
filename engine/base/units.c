/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/base/units.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	char letter;
	uint64_t factor;
} multiples[] = {
	{ 'T', 1000000000000ULL }, { 'G', 1000000000ULL }, { 'M', 1000000ULL }, { 'k', 1000ULL }
};
#define MULTIPLES (sizeof(multiples) / sizeof(multiples[0]))

static uint64_t factor_of(char letter)
{
	for (size_t i = 0; i < MULTIPLES; i++)
		if (tolower((unsigned char)letter) == tolower((unsigned char)multiples[i].letter))
			return multiples[i].factor;
	return 0;
}

static bool is_bit_word(const char *text)
{
	static const char *const words[] = { "", "bit", "bits", "bps", "bit/s" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(text, words[i]))
			return true;
	return false;
}

bool rate_parse(const char *text, uint64_t *rate_bps, struct error *err)
{
	const char *start = text;
	uint64_t factor = 1;
	double value;
	char *end;

	while (isspace((unsigned char)*start))
		start++;
	if (!isdigit((unsigned char)*start) && *start != '.')
		goto refuse;
	if (start[0] == '0' && (start[1] == 'x' || start[1] == 'X'))
		goto refuse;
	value = strtod(start, &end);
	while (isspace((unsigned char)*end))
		end++;
	if (factor_of(*end))
		factor = factor_of(*end++);
	if (!is_bit_word(end) || !isfinite(value) || value * (double)factor > 1e15)
		goto refuse;
	*rate_bps = (uint64_t)llround(value * (double)factor);
	return true;
refuse:
	return error_set(
		err, ERROR_INVALID,
		"\"%.40s\" is not a rate; write a number with k, M, G or T, such as 50M or "
		"1.5G",
		text);
}

const char *rate_format(uint64_t rate_bps, char text[RATE_TEXT_SIZE])
{
	for (size_t i = 0; i < MULTIPLES; i++) {
		double value = (double)rate_bps / (double)multiples[i].factor;

		if (value < 0.9995)
			continue;
		snprintf(text, RATE_TEXT_SIZE, "%.*f%c",
			 value < 9.995	 ? 2
			 : value < 99.95 ? 1
					 : 0,
			 value, multiples[i].letter);
		return text;
	}
	snprintf(text, RATE_TEXT_SIZE, "%" PRIu64, rate_bps);
	return text;
}

const char *rate_format_exact(uint64_t rate_bps, char text[RATE_TEXT_SIZE + 16])
{
	for (size_t i = 0; i < MULTIPLES; i++) {
		uint64_t whole = rate_bps / multiples[i].factor;
		uint64_t rest = rate_bps % multiples[i].factor;
		int digits = 0;

		for (uint64_t f = multiples[i].factor; f > 1; f /= 10)
			digits++;
		if (!whole || rest * 1000 % multiples[i].factor)
			continue;
		snprintf(text, RATE_TEXT_SIZE + 16, "%" PRIu64 ".%0*" PRIu64, whole, digits, rest);
		for (char *end = text + strlen(text) - 1; *end == '0' || *end == '.'; end--) {
			bool point = *end == '.';

			*end = '\0';
			if (point)
				break;
		}
		snprintf(text + strlen(text), 2, "%c", multiples[i].letter);
		return text;
	}
	snprintf(text, RATE_TEXT_SIZE + 16, "%" PRIu64, rate_bps);
	return text;
}
