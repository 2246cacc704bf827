/* width.h: how many columns a character takes, by our own table.
 *
 * The C library of Debian 12 knows Unicode 14 only and other terminals differ again; one table
 * makes layout the same everywhere (width_table.h, made by gen/width.py). Threads: pure. */
#pragma once
#include "shared/base/str.h"

#include <stdint.h>

int ns_width_of(uint32_t cp); /* 0 combining or invisible, 1, or 2 */
int ns_width_text(struct ns_str text); /* columns of the text as cleaned for a screen */
