/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form over a screen: what is to be changed, what is typed, what the engine says about it, and
 * the request that would make it so. Pure: it is told of keys and replies and is asked for requests.
 */
#ifndef LQOS_TUI_FORM_H
#define LQOS_TUI_FORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/base/error.h"
#include "engine/model/network.h"
#include "tui/keys.h"

enum form_kind {
	FORM_PLAN,	 /* a circuit's plan */
	FORM_PLANS,	 /* the plans of all circuits that are marked */
	FORM_CIRCUIT,	 /* a circuit's name, place and comment */
	FORM_SITE,	 /* a site's name, place and capacity */
	FORM_DEVICE,	 /* a device with its prefixes */
	FORM_ADD,	 /* a new circuit */
	FORM_ADD_DEVICE, /* a new device of a circuit */
	FORM_DELETE,
	FORM_DELETE_SITE,
	FORM_DELETE_DEVICE,
	FORM_UNDO, /* a whole revision, its number is the id */
	FORM_KINDS,
};

/* The fields of a plan, which FORM_PLAN and FORM_PLANS begin with. */
enum plan_field {
	FIELD_DOWNLOAD,
	FIELD_UPLOAD,
	FIELD_DOWNLOAD_MIN,
	FIELD_UPLOAD_MIN,
	FIELD_SUSPENDED,
	FIELD_FOR,
};

enum field_type {
	TYPE_RATE,
	TYPE_FLAG,
	TYPE_TEXT,
	TYPE_SITE, /* a name or an id; "-" for none */
	TYPE_DURATION,
	TYPE_PREFIXES, /* separated by blanks */
};

struct form_field {
	const char *label, *name, *capacity; /* capacity: what above it limits the field; or NULL */
	enum field_type type;
	const char *hint;
};

#define FORM_FIELDS_MAX 7
#define FORM_TEXT_SIZE NODE_ID_SIZE

struct form {
	bool open;
	enum form_kind kind;
	char id[NODE_ID_SIZE];	    /* of what is changed; "" when it is new or many */
	char circuit[NODE_ID_SIZE]; /* whose device it is */
	json_t *targets;	    /* ids of many circuits */
	json_t *now;		    /* as the engine last gave it; NULL: not come yet */
	char text[FORM_FIELDS_MAX][FORM_TEXT_SIZE];
	int current;
	bool fresh;	/* the current field is as it was entered: typing replaces it */
	bool asking;	/* whether it is really meant */
	bool confirmed; /* it is */
	bool wants_circuit, wants_preview, wants_apply;		    /* to be asked for */
	json_int_t circuit_request, preview_request, apply_request; /* under way */
	json_t *wish, *expected; /* values to put in once it has come, if it stands at these */
	json_t *preview;	 /* the engine's answer to what is typed; NULL: none yet */
	char trouble[480];	 /* why what is typed can't be, in words */
	char notice[480];	 /* what happened, e.g. a conflict */
	bool notice_is_engines;	 /* in its words, which have names in them */
};

/* id: of the circuit, site or device; FORM_ADD: "", `below` is the site to begin with; devices:
 * `below` is their circuit. */
void form_open(struct form *form, enum form_kind kind, const char *id, const char *below);
/* For the circuits of these ids, the keys of an object. */
void form_open_many(struct form *form, const json_t *marked);
void form_close(struct form *form);
/* Puts a text into the field of this name. */
void form_begin_with(struct form *form, const char *field, const char *text);

/* Fills the form with a plan once the circuit has come; says so when it no longer is as expected. */
void form_wish(struct form *form, json_t *plan, json_t *expected);

const struct form_field *form_fields(const struct form *form, int *count);
/* "Edit circuit 1042 Miller"; masked: a site's id is, which is all there is before the rest came. */
void form_title(const struct form *form, bool masked, char *text, size_t size);
/* The value the field has now in the engine, as text: "50M", "-". */
const char *form_now(const struct form *form, int field, char text[FORM_TEXT_SIZE]);
/* The site that allows least in the direction, with its capacity: false when none has one. */
bool form_highest(const struct form *form, int field, const char **site, char capacity[32]);
/* Whether the plan is more than that. */
bool form_is_limited(const struct form *form, int field);

/* Whether what is now is still to come, so that nothing can be typed yet. */
bool form_is_awaited(const struct form *form);
/* Says what happened in words of ours. */
void form_note(struct form *form, const char *words);
/* It is not to come any more, for this reason: until the form is closed it takes nothing. */
void form_give_up(struct form *form, const char *why);
/* A character typed, or an action of the form's keys. */
void form_type(struct form *form, uint32_t code);
void form_act(struct form *form, enum action action);

/* What to ask before it is applied; false when it needs no question. */
bool form_question(const struct form *form, char *text, size_t size);

/* The verb that tells what is now, NULL if none is needed, and its arguments. */
const char *form_subject(const struct form *form, json_t **arguments);
/* The verb that changes it. */
const char *form_verb(const struct form *form);
/* Its arguments for what is typed; NULL with the reason in err when it can't be read or nothing
 * differs (code ERROR_NONE then). */
json_t *form_request(const struct form *form, bool dry_run, struct error *err);

/* The replies: result, or the refusal's code and words. */
void form_take_circuit(struct form *form, const json_t *result, const char *refusal);
void form_take_preview(struct form *form, const json_t *result, const char *code,
		       const char *words);
/* True when it was applied: the form is then closed. */
bool form_take_apply(struct form *form, const json_t *result, const char *code, const char *words);
/* The connection went; what was under way has no answer. */
void form_lost(struct form *form);

#endif
