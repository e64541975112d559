/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Once a second everything that is shown is measured: circuits and sites, flows, unknown addresses.
 * It is done in steps of a millisecond or so, between which the loop does what else there is to do:
 * a class that is to be made does not wait for 60,000 circuits and a million flows.
 */
#ifndef LQOS_MEASURING_H
#define LQOS_MEASURING_H

struct engine;
struct measuring;

struct measuring *measuring_new(struct engine *engine);
void measuring_free(struct measuring *measuring);

#endif
