/* zone.h: the household's time zone: which local day and minute an instant falls on, and back.
 *
 * Zones are compiled in (schema/data/zones, from the public-domain tz database), so that an old
 * system database cannot shift a family's days by an hour. No clock, no file is read here.
 * Ownership: zones are static, never freed. Threads: pure, after a once-only first look-up. */
#pragma once
#include "shared/base/err.h"
#include "shared/base/time.h"

struct ns_zone;

/* "America/St_Johns"; also "UTC". NULL when the name is not one of ours. */
const struct ns_zone *ns_zone_find(const char *name);
/* The zone most people of a province live in ("QC" -> America/Toronto); NULL: unknown. */
const struct ns_zone *ns_zone_of_province(const char *code);
const char *ns_zone_name(const struct ns_zone *zone);
/* Walks the compiled-in zones: NULL past the last. */
const char *ns_zone_name_at(size_t index);
/* Release of the tz database behind the compiled-in files, such as "2026c". */
const char *ns_zone_version(void);

int32_t ns_zone_offset_seconds(const struct ns_zone *zone, ns_time t); /* local - UTC */
bool ns_zone_is_dst(const struct ns_zone *zone, ns_time t);
ns_date ns_zone_local_day(const struct ns_zone *zone, ns_time t);
int ns_zone_local_minute(const struct ns_zone *zone, ns_time t); /* 0..1439 of the local day */

/* The instant at which clocks show `minute` (0..1440) of `day`. When clocks go back a time
 * happens twice: the first is meant. When clocks go forward a time is skipped: the answer is as
 * many minutes after the jump as the time asked is past the gap's start (02:30 -> 03:30). */
ns_time ns_zone_instant(const struct ns_zone *zone, ns_date day, int minute);
/* First and one-past-last instant of a local day (23, 24 or 25 hours long). */
ns_time ns_zone_day_start(const struct ns_zone *zone, ns_date day);

/* The first local day of `days` from `from` on at which the two show another time; NS_DATE_NONE:
 * they agree. Looks every six hours. */
ns_date ns_zone_differs(const struct ns_zone *a, const struct ns_zone *b, ns_time from, int days);

/* A zone read from TZif bytes (RFC 8536, version 1 to 4); used by the compiled-in table and by
 * tests. The bytes must outlive the zone. free() the result. Else NS_E_DAMAGED with a note. */
ns_rc ns_zone_read(const char *name, const void *bytes, size_t n, struct ns_zone **out,
                   struct ns_err *err) NS_MUST_USE;
