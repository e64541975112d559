/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/subscribe.h"

#include "engine/base/clock.h"
#include "engine/control.h"
#include "engine/wire/args.h"
#include "engine/wire/text.h"

#define INTERVAL_LEAST_MS 250
#define INTERVAL_MOST_MS 60000

static struct subscription *find(struct subscriptions *subscriptions, int64_t number)
{
	for (int i = 0; i < SUBSCRIPTIONS_MAX; i++)
		if (subscriptions->list[i].number == number)
			return &subscriptions->list[i];
	return NULL;
}

static void clear(struct subscription *subscription)
{
	json_decref(subscription->args);
	*subscription = (struct subscription){ 0 };
}

unsigned int subscriptions_count(const struct subscriptions *subscriptions)
{
	unsigned int count = 0;

	for (int i = 0; i < SUBSCRIPTIONS_MAX; i++)
		count += subscriptions->list[i].number != 0;
	return count;
}

void subscriptions_release(struct subscriptions *subscriptions)
{
	for (int i = 0; i < SUBSCRIPTIONS_MAX; i++)
		clear(&subscriptions->list[i]);
}

/* Where a new subscription goes: a free place, or the one that is replaced. */
static bool find_place(struct subscriptions *subscriptions, const json_t *args,
		       struct subscription **place, struct error *err)
{
	int64_t replace = 0;

	if (!args_integer(args, "replace", 1, INT64_MAX, &replace, err))
		return false;
	*place = find(subscriptions, replace);
	if (*place)
		return true;
	if (replace)
		return error_set(err, ERROR_MISSING, "there is no subscription %lld",
				 (long long)replace);
	return error_set(err, ERROR_INVALID, "a connection takes at most %d subscriptions",
			 SUBSCRIPTIONS_MAX);
}

static bool read_subscription(const struct request *request, struct subscription *wanted,
			      struct error *err)
{
	const json_t *args = json_object_get(request->args, "args");
	int64_t interval_ms = 1000;
	const char *to = NULL;

	if (!args_required_text(request->args, "to", &to, err) ||
	    !args_integer(request->args, "interval_ms", INTERVAL_LEAST_MS, INTERVAL_MOST_MS,
			  &interval_ms, err))
		return false;
	wanted->verb = verb_find(to);
	if (!wanted->verb || !wanted->verb->subscribable)
		return error_set(
			err, ERROR_INVALID,
			"can't subscribe to \"%.40s\"; take status, tree, circuits, circuit, "
			"flows, devices, rtt, history, queues, unknown, why, journal or problems",
			to);
	if (args && !json_is_object(args))
		return error_set(err, ERROR_INVALID, "\"args\" must be an object");
	wanted->interval_ms = (uint32_t)interval_ms;
	wanted->args = args ? json_deep_copy(args) : json_object();
	return true;
}

/* The arguments are tried at once, so that a wrong one is refused here and not at every tick. */
static bool try_verb(const struct request *request, const struct subscription *wanted,
		     struct error *err)
{
	struct request attempt = *request;
	json_t *result = NULL;
	bool ok;

	attempt.args = wanted->args;
	ok = verb_run(wanted->verb, &attempt, &result, err);
	json_decref(result);
	return ok;
}

bool verb_subscribe(const struct request *request, json_t **result, struct error *err)
{
	struct subscriptions *subscriptions = client_subscriptions(request->client);
	struct subscription wanted = { 0 }, *place;

	if (!find_place(subscriptions, request->args, &place, err) ||
	    !read_subscription(request, &wanted, err))
		return false;
	if (!try_verb(request, &wanted, err)) {
		json_decref(wanted.args);
		return false;
	}
	wanted.number = place->number ? place->number : ++subscriptions->last_number;
	clear(place);
	*place = wanted;
	*result = json_pack("{s:I}", "subscription", (json_int_t)place->number);
	return true;
}

bool verb_unsubscribe(const struct request *request, json_t **result, struct error *err)
{
	struct subscription *subscription;
	int64_t number = 0;

	if (!args_integer(request->args, "subscription", 1, INT64_MAX, &number, err))
		return false;
	if (!number)
		return error_set(err, ERROR_INVALID, "\"subscription\" is missing");
	subscription = find(client_subscriptions(request->client), number);
	if (!subscription)
		return error_set(err, ERROR_MISSING, "there is no subscription %lld",
				 (long long)number);
	clear(subscription);
	*result = json_object();
	return true;
}

static void push(struct subscription *subscription, const struct request *request)
{
	struct request repeated = *request;
	json_t *message = json_pack("{s:s, s:I}", "event", "update", "subscription",
				    (json_int_t)subscription->number);
	json_t *result = NULL;
	struct error err;

	repeated.args = subscription->args;
	if (verb_run(subscription->verb, &repeated, &result, &err))
		json_object_set_new(message, "result", result);
	else
		json_object_set_new(message, "error",
				    json_pack("{s:s, s:o}", "code", error_code_name(err.code),
					      "message", wire_text(err.text)));
	client_send(request->client, message);
}

void subscriptions_push(struct subscriptions *subscriptions, const struct request *request,
			uint64_t now_ns)
{
	bool idle = client_is_idle(request->client);

	for (int i = 0; i < SUBSCRIPTIONS_MAX; i++) {
		struct subscription *subscription = &subscriptions->list[i];

		if (!subscription->number || now_ns < subscription->due_ns)
			continue;
		subscription->due_ns = now_ns + subscription->interval_ms * NS_PER_MS;
		if (idle)
			push(subscription, request);
	}
}
