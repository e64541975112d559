/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from outside as a JSON string. */
#ifndef LQOS_WIRE_TEXT_H
#define LQOS_WIRE_TEXT_H

#include <jansson.h>

/* A new reference; null for NULL. Bytes that are not UTF-8 become U+FFFD each, so that one odd
 * name in a database never costs a whole reply. */
json_t *wire_text(const char *text);

#endif
