/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb unknown: addresses on the customers' side that no prefix covers, the busiest first. */
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "engine/state.h"
#include "engine/strangers.h"
#include "engine/tables.h"
#include "engine/verbs.h"
#include "engine/wire/args.h"

static uint64_t rate_of(const struct stranger_sample *sample)
{
	return sample->rate_bps[DOWNLOAD] + sample->rate_bps[UPLOAD];
}

static int compare_busy(const void *left, const void *right)
{
	const struct stranger_sample *a = *(const struct stranger_sample *const *)left;
	const struct stranger_sample *b = *(const struct stranger_sample *const *)right;

	if (rate_of(a) != rate_of(b))
		return rate_of(a) > rate_of(b) ? -1 : 1;
	if (a->info.last_seen_ns != b->info.last_seen_ns)
		return a->info.last_seen_ns > b->info.last_seen_ns ? -1 : 1;
	return memcmp(a->info.address, b->info.address, sizeof(a->info.address));
}

/* The caller frees the list, not what it points to. */
static const struct stranger_sample **sort_strangers(const struct engine *engine, size_t *count)
{
	const struct stranger_sample *samples = strangers_list(engine->strangers, count);
	const struct stranger_sample **sorted = xcalloc(*count + 1, sizeof(const void *));

	for (size_t i = 0; i < *count; i++)
		sorted[i] = &samples[i];
	qsort(sorted, *count, sizeof(const void *), compare_busy);
	return sorted;
}

static double age_s(uint64_t since_ns, uint64_t now_ns)
{
	return now_ns > since_ns ? (double)(now_ns - since_ns) / NS_PER_SECOND : 0;
}

static json_t *make_row(const struct stranger_sample *sample, uint64_t now_ns)
{
	const struct stranger_info *info = &sample->info;
	struct prefix prefix = { .length = 128 };
	char text[PREFIX_TEXT_SIZE];

	memcpy(prefix.address, info->address, sizeof(prefix.address));
	prefix_format(&prefix, text);
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:f, s:f}", "key", text, "address",
			 text, "download_bps", (json_int_t)sample->rate_bps[DOWNLOAD], "upload_bps",
			 (json_int_t)sample->rate_bps[UPLOAD], "download_bytes",
			 (json_int_t)info->bytes[DOWNLOAD], "upload_bytes",
			 (json_int_t)info->bytes[UPLOAD], "packets", (json_int_t)info->packets,
			 "age_s", age_s(info->first_seen_ns, now_ns), "idle_s",
			 age_s(info->last_seen_ns, now_ns));
}

bool verb_unknown(const struct request *request, json_t **result, struct error *err)
{
	const struct stranger_sample **sorted;
	int64_t limit = 500;
	json_t *rows;
	size_t count;

	if (!args_integer(request->args, "limit", 1, TABLE_ROWS_MAX, &limit, err))
		return false;
	rows = json_array();
	sorted = sort_strangers(request->engine, &count);
	for (size_t i = 0; i < count && i < (size_t)limit; i++)
		json_array_append_new(rows, make_row(sorted[i], clock_now_ns()));
	free(sorted);
	*result = json_pack("{s:I, s:o}", "addresses", (json_int_t)count, "rows", rows);
	return true;
}
