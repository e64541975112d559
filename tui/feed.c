/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/feed.h"

#include <string.h>

void feed_release(struct feed *feed)
{
	json_decref(feed->arguments);
	json_decref(feed->sent);
	*feed = (struct feed){ 0 };
}

void feed_forget(struct feed *feed)
{
	json_decref(feed->sent);
	feed->sent = NULL;
	feed->sent_verb = NULL;
	feed->number = 0;
	feed->request = 0;
}

void feed_want(struct feed *feed, const char *verb, json_t *arguments_take)
{
	json_decref(feed->arguments);
	feed->verb = verb;
	feed->arguments = arguments_take;
}

static bool is_as_sent(const struct feed *feed)
{
	return feed->verb == feed->sent_verb && json_equal(feed->arguments, feed->sent);
}

static void end(struct feed *feed, struct client *client)
{
	if (feed->number)
		client_request(client, "unsubscribe",
			       json_pack("{s:I}", "subscription", feed->number));
	feed_forget(feed);
}

void feed_sync(struct feed *feed, struct client *client, int interval_ms)
{
	json_t *request;

	if (!client_is_connected(client) || feed->request)
		return;
	if (feed->sent_verb && feed->sent_verb != feed->verb)
		end(feed, client);
	if (!feed->verb || is_as_sent(feed))
		return;
	request = json_pack("{s:s, s:i, s:O}", "to", feed->verb, "interval_ms", interval_ms, "args",
			    feed->arguments);
	if (feed->number)
		json_object_set_new(request, "replace", json_integer(feed->number));
	feed->request = client_request(client, "subscribe", request);
	if (!feed->request)
		return;
	json_decref(feed->sent);
	feed->sent = json_incref(feed->arguments);
	feed->sent_verb = feed->verb;
}

bool feed_reply(struct feed *feed, const json_t *message, const char **refusal)
{
	const json_t *id = json_object_get(message, "id");

	if (!feed->request || !json_is_integer(id) || json_integer_value(id) != feed->request)
		return false;
	feed->request = 0;
	*refusal = NULL;
	if (json_is_true(json_object_get(message, "ok"))) {
		feed->number = json_integer_value(
			json_object_get(json_object_get(message, "result"), "subscription"));
		return true;
	}
	*refusal = json_string_value(json_object_get(json_object_get(message, "error"), "message"));
	if (!*refusal)
		*refusal = "the engine refused without saying why";
	return true;
}

bool feed_is_update(const struct feed *feed, const json_t *message, bool *current)
{
	const char *event = json_string_value(json_object_get(message, "event"));
	const json_t *number = json_object_get(message, "subscription");

	if (!event || strcmp(event, "update") != 0 || !feed->number || !json_is_integer(number) ||
	    json_integer_value(number) != feed->number)
		return false;
	*current = !feed->request && is_as_sent(feed);
	return true;
}
