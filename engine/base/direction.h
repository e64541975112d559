/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two directions of an access network and the two interfaces of the box. Arrays of
 * DIRECTIONS elements are indexed by enum direction everywhere.
 *
 * Download is shaped where it leaves: on the access-side interface. Upload leaves by the
 * internet-side interface. So the queue tree of a direction lives on one interface, and the
 * direction names the interface too.
 */
#ifndef LQOS_BASE_DIRECTION_H
#define LQOS_BASE_DIRECTION_H

enum direction {
	DOWNLOAD, /* towards the customer; leaves by the access side */
	UPLOAD,	  /* from the customer; leaves by the internet side */
	DIRECTIONS,
};

#endif
