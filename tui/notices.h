/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What wants to be seen: alerts of the engine's, a link that is down, a table of the data path that is
 * nearly full. Each is told until it was seen, and again when it had gone meanwhile. Pure.
 */
#ifndef LQOS_TUI_NOTICES_H
#define LQOS_TUI_NOTICES_H

#include <jansson.h>
#include <stdbool.h>

struct notices {
	char text[400];	   /* to be shown until Esc; "": nothing */
	char masked[400];  /* the same for where names are masked */
	bool drawn;	   /* it is on the screen: whoever draws it says so */
	bool begun;	   /* a status has come */
	double pid;	   /* of the engine it came from; 0: not known */
	double alert_seen; /* number of the last alert that was seen */
	unsigned int seen; /* conditions that were, a bit each */
	unsigned int held; /* those that held when the last status came */
};

/* Looks for what there is to tell in the engine's status. */
void notices_take(struct notices *notices, const json_t *status);
/* What is shown was seen; the next is shown, if there is one. */
void notices_see(struct notices *notices, const json_t *status);

/* Whether it holds 90 % of what fits; false for the one of strangers, which replaces its oldest. */
bool notices_is_full(const json_t *status, const char *table);

#endif
