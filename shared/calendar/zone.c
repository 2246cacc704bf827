#include "shared/calendar/zone.h"

#include "shared/base/arena.h"
#include "shared/calendar/tables.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A rule such as EST5EDT,M3.2.0,M11.1.0 for the time after the last listed change. */
struct dst_rule {
    int month;
    int week;    /* 1..5, 5 = last */
    int weekday; /* 0 = Sunday, as POSIX counts */
    int32_t seconds; /* local time of the change */
};

struct ns_zone {
    const char *name;
    const unsigned char *times;   /* count * 8 bytes, big endian */
    const unsigned char *indexes; /* count */
    const unsigned char *types;   /* type_count * 6 bytes */
    size_t count;
    size_t type_count;
    int32_t std_offset; /* after the last change */
    int32_t dst_offset;
    bool has_dst;
    struct dst_rule starts;
    struct dst_rule ends;
};

static int64_t read_be(const unsigned char *p, int n) {
    uint64_t v = (p[0] & 0x80u) != 0 ? UINT64_MAX : 0;
    for (int i = 0; i < n; i++) {
        v = (v << 8) | p[i];
    }
    return (int64_t)v;
}

/* --- the footer: a POSIX TZ string ------------------------------------------------------ */

static bool skip_name(struct ns_str *s) {
    size_t i = 0;
    if (s->n > 0 && s->p[0] == '<') {
        while (i < s->n && s->p[i] != '>') {
            i++;
        }
        i++;
    } else {
        while (i < s->n && ((s->p[i] | 0x20) >= 'a' && (s->p[i] | 0x20) <= 'z')) {
            i++;
        }
    }
    if (i < 3 || i > s->n) {
        return false;
    }
    s->p += i;
    s->n -= i;
    return true;
}

static bool take_number(struct ns_str *s, int *out) {
    int v = 0;
    size_t i = 0;
    while (i < s->n && i < 3 && s->p[i] >= '0' && s->p[i] <= '9') {
        v = v * 10 + (s->p[i] - '0');
        i++;
    }
    s->p += i;
    s->n -= i;
    *out = v;
    return i > 0;
}

static bool take_char(struct ns_str *s, char c) {
    if (s->n == 0 || s->p[0] != c) {
        return false;
    }
    s->p++;
    s->n--;
    return true;
}

static bool take_clock(struct ns_str *s, int32_t *out) { /* [+-]h[h][:mm[:ss]] */
    int sign = take_char(s, '-') ? -1 : 1;
    int part[3] = {0, 0, 0};
    if (sign == 1) {
        (void)take_char(s, '+');
    }
    if (!take_number(s, &part[0])) {
        return false;
    }
    for (int i = 1; i < 3 && take_char(s, ':'); i++) {
        if (!take_number(s, &part[i])) {
            return false;
        }
    }
    *out = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
    return part[0] <= 167 && part[1] < 60 && part[2] < 60;
}

static bool take_rule(struct ns_str *s, struct dst_rule *out) { /* ,Mm.w.d[/time] */
    if (!take_char(s, ',') || !take_char(s, 'M') || !take_number(s, &out->month) ||
        !take_char(s, '.') || !take_number(s, &out->week) || !take_char(s, '.') ||
        !take_number(s, &out->weekday)) {
        return false;
    }
    out->seconds = 7200;
    if (take_char(s, '/') && !take_clock(s, &out->seconds)) {
        return false;
    }
    return out->month >= 1 && out->month <= 12 && out->week >= 1 && out->week <= 5 &&
           out->weekday <= 6;
}

static bool read_footer(struct ns_zone *zone, struct ns_str s) {
    int32_t west;
    if (!skip_name(&s) || !take_clock(&s, &west)) {
        return false;
    }
    zone->std_offset = -west;
    zone->dst_offset = zone->std_offset + 3600;
    if (s.n == 0) {
        return true;
    }
    zone->has_dst = true;
    if (!skip_name(&s)) {
        return false;
    }
    if (s.n > 0 && s.p[0] != ',') {
        if (!take_clock(&s, &west)) {
            return false;
        }
        zone->dst_offset = -west;
    }
    return take_rule(&s, &zone->starts) && take_rule(&s, &zone->ends) && s.n == 0;
}

/* --- the body --------------------------------------------------------------------------- */

struct tzif_counts {
    size_t isut;
    size_t isstd;
    size_t leap;
    size_t time;
    size_t type;
    size_t chars;
};

static bool read_counts(const unsigned char *p, size_t n, struct tzif_counts *c) {
    if (n < 44 || memcmp(p, "TZif", 4) != 0) {
        return false;
    }
    size_t *const fields[] = {&c->isut, &c->isstd, &c->leap, &c->time, &c->type, &c->chars};
    for (size_t i = 0; i < NS_COUNT(fields); i++) {
        int64_t v = read_be(p + 20 + 4 * i, 4);
        if (v < 0 || v > 100000) {
            return false;
        }
        *fields[i] = (size_t)v;
    }
    return c->type >= 1 && c->type <= 256;
}

static size_t body_size(const struct tzif_counts *c, size_t time_bytes) {
    return c->time * (time_bytes + 1) + c->type * 6 + c->chars + c->leap * (time_bytes + 4) +
           c->isstd + c->isut;
}

static bool body_sound(const struct ns_zone *zone) {
    for (size_t i = 0; i < zone->count; i++) {
        int64_t t = read_be(zone->times + 8 * i, 8);
        if (zone->indexes[i] >= zone->type_count || t < -((int64_t)1 << 40) ||
            t > ((int64_t)1 << 40) || (i > 0 && t <= read_be(zone->times + 8 * (i - 1), 8))) {
            return false;
        }
    }
    for (size_t i = 0; i < zone->type_count; i++) {
        int64_t offset = read_be(zone->types + 6 * i, 4);
        if (offset < -93600 || offset > 93600) {
            return false;
        }
    }
    return true;
}

static bool parse(struct ns_zone *zone, const unsigned char *p, size_t n) {
    struct tzif_counts c;
    if (!read_counts(p, n, &c) || p[4] < '2') {
        return false; /* version 1 has only 32-bit times and no footer */
    }
    size_t skip = 44 + body_size(&c, 4);
    if (skip > n || !read_counts(p + skip, n - skip, &c)) {
        return false;
    }
    p += skip + 44;
    n -= skip + 44;
    size_t size = body_size(&c, 8);
    if (size + 2 > n || p[size] != '\n' || p[n - 1] != '\n') {
        return false;
    }
    zone->count = c.time;
    zone->type_count = c.type;
    zone->times = p;
    zone->indexes = p + 8 * c.time;
    zone->types = zone->indexes + c.time;
    struct ns_str footer = {(const char *)p + size + 1, n - size - 2};
    return body_sound(zone) && read_footer(zone, footer);
}

ns_rc ns_zone_read(const char *name, const void *bytes, size_t n, struct ns_zone **out,
                   struct ns_err *err) {
    struct ns_zone *zone = ns_xcalloc(1, sizeof *zone);
    zone->name = name;
    *out = NULL;
    if (!parse(zone, bytes, n)) {
        free(zone);
        return ns_err_note(err, NS_E_DAMAGED, "time zone file is not sound");
    }
    *out = zone;
    return NS_OK;
}

/* --- look-up ---------------------------------------------------------------------------- */

static const unsigned char utc_types[6];
static const struct ns_zone utc = {.name = "UTC", .types = utc_types, .type_count = 1};
#define ZONE_MAX 64
static struct ns_zone table[ZONE_MAX];
static size_t table_count;
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void fill_table(void) {
    for (size_t i = 0; i < ns_zone_file_count && i < ZONE_MAX; i++) {
        const struct ns_zone_file *file = &ns_zone_files[i];
        struct ns_zone *zone = &table[table_count];
        zone->name = file->name;
        if (parse(zone, file->bytes, file->n)) { /* a test proves that every one is read */
            table_count++;
        }
    }
}

const struct ns_zone *ns_zone_find(const char *name) {
    pthread_once(&table_once, fill_table);
    if (name == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < table_count; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return strcmp(name, "UTC") == 0 ? &utc : NULL;
}

const struct ns_zone *ns_zone_of_province(const char *code) {
    for (size_t i = 0; code != NULL && i < ns_province_count; i++) {
        if (strcmp(ns_province_rows[i].code, code) == 0) {
            return ns_zone_find(ns_province_rows[i].zone);
        }
    }
    return NULL;
}

const char *ns_zone_name(const struct ns_zone *zone) {
    return zone->name;
}

const char *ns_zone_name_at(size_t index) {
    return index < ns_zone_file_count ? ns_zone_files[index].name : NULL;
}

const char *ns_zone_version(void) {
    return ns_zone_release;
}

/* --- offsets ---------------------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

static int64_t rule_local(const struct dst_rule *rule, int year) {
    ns_date first = ns_date_of((struct ns_civil){year, rule->month, 1});
    int weekday = (rule->weekday + 6) % 7; /* Monday first */
    int day = (weekday - ns_date_weekday(first) + 7) % 7 + 7 * (rule->week - 1);
    if (day >= ns_month_days(year, rule->month)) {
        day -= 7;
    }
    return (int64_t)(first + day) * 86400 + rule->seconds;
}

static bool rule_dst(const struct ns_zone *zone, int64_t seconds) {
    if (!zone->has_dst) {
        return false;
    }
    int year = ns_date_civil((ns_date)floor_div(seconds + zone->std_offset, 86400)).year;
    int64_t starts = rule_local(&zone->starts, year) - zone->std_offset;
    int64_t ends = rule_local(&zone->ends, year) - zone->dst_offset;
    if (starts < ends) {
        return seconds >= starts && seconds < ends;
    }
    return seconds >= starts || seconds < ends;
}

static int32_t offset_at(const struct ns_zone *zone, int64_t seconds, bool *dst) {
    size_t low = 0;
    size_t high = zone->count; /* the first change after `seconds` */
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (read_be(zone->times + 8 * mid, 8) <= seconds) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    if (low == zone->count) {
        *dst = rule_dst(zone, seconds);
        return *dst ? zone->dst_offset : zone->std_offset;
    }
    const unsigned char *type = zone->types + 6 * (low == 0 ? 0u : zone->indexes[low - 1]);
    *dst = type[4] != 0;
    return (int32_t)read_be(type, 4);
}

int32_t ns_zone_offset_seconds(const struct ns_zone *zone, ns_time t) {
    bool dst;
    return offset_at(zone, floor_div(t, NS_SECOND), &dst);
}

bool ns_zone_is_dst(const struct ns_zone *zone, ns_time t) {
    bool dst;
    (void)offset_at(zone, floor_div(t, NS_SECOND), &dst);
    return dst;
}

static int64_t local_seconds(const struct ns_zone *zone, ns_time t) {
    return floor_div(t, NS_SECOND) + ns_zone_offset_seconds(zone, t);
}

ns_date ns_zone_local_day(const struct ns_zone *zone, ns_time t) {
    return (ns_date)floor_div(local_seconds(zone, t), 86400);
}

int ns_zone_local_minute(const struct ns_zone *zone, ns_time t) {
    int64_t seconds = local_seconds(zone, t);
    return (int)((seconds - floor_div(seconds, 86400) * 86400) / 60);
}

ns_time ns_zone_instant(const struct ns_zone *zone, ns_date day, int minute) {
    bool dst;
    int64_t local = (int64_t)day * 86400 + (int64_t)minute * 60;
    /* The offsets well before and well after cover any single change in between. */
    int32_t before = offset_at(zone, local - 86400 - zone->std_offset, &dst);
    int32_t after = offset_at(zone, local + 86400 - zone->std_offset, &dst);
    int64_t early = local - before;
    int64_t late = local - after;
    int64_t answer = early; /* a skipped time keeps the old offset: it lands past the jump */
    if (offset_at(zone, early, &dst) != before && offset_at(zone, late, &dst) == after) {
        answer = late;
    }
    return answer * NS_SECOND;
}

ns_time ns_zone_day_start(const struct ns_zone *zone, ns_date day) {
    return ns_zone_instant(zone, day, 0);
}

ns_date ns_zone_differs(const struct ns_zone *a, const struct ns_zone *b, ns_time from, int days) {
    for (int i = 0; i < 4 * days; i++) {
        ns_time t = from + i * (6 * NS_HOUR);
        if (ns_zone_offset_seconds(a, t) != ns_zone_offset_seconds(b, t)) {
            return ns_zone_local_day(a, t);
        }
    }
    return NS_DATE_NONE;
}
