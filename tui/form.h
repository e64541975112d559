/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The edit form of a circuit's plan: what is typed, what the engine says about it, and the request
 * that would make it so. Pure: it is told of keys and replies and is asked for requests.
 */
#ifndef LQOS_TUI_FORM_H
#define LQOS_TUI_FORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/base/error.h"
#include "tui/keys.h"

enum form_field {
	FIELD_DOWNLOAD,
	FIELD_UPLOAD,
	FIELD_DOWNLOAD_MIN,
	FIELD_UPLOAD_MIN,
	FIELD_SUSPENDED,
	FORM_FIELDS,
};

struct form {
	bool open;
	char circuit[128];
	json_t *now; /* the circuit as the engine last gave it; NULL: not come yet */
	char text[FORM_FIELDS][24];
	enum form_field current;
	bool fresh; /* the current field is as it was entered: typing replaces it */
	bool wants_circuit, wants_preview, wants_apply;		    /* to be asked for */
	json_int_t circuit_request, preview_request, apply_request; /* under way */
	json_t *wish, *expected; /* values to put in once it has come, if it stands at these */
	json_t *preview;	 /* the engine's answer to what is typed; NULL: none yet */
	char trouble[480];	 /* why what is typed can't be, in words */
	char notice[480];	 /* what happened, e.g. a conflict */
};

void form_open(struct form *form, const char *circuit);
void form_close(struct form *form);

/* Fills the form with a plan once the circuit has come; says so when it no longer is as expected. */
void form_wish(struct form *form, json_t *plan, json_t *expected);

const char *form_field_label(enum form_field field);
/* The value the field has now in the engine, as text: "50M", "-". */
const char *form_now(const struct form *form, enum form_field field, char text[32]);
/* The site that allows least in the direction, with its capacity: false when none has one. */
bool form_highest(const struct form *form, enum form_field field, const char **site,
		  char capacity[32]);

/* A character typed, or an action of the form's keys. */
void form_type(struct form *form, uint32_t code);
void form_act(struct form *form, enum action action);

/* The arguments of circuit.set for what is typed; NULL with the reason in err when it can't be read
 * or nothing differs (code ERROR_NONE then). */
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
