/* csv.c: one record at a time. */
#include "agent/household/import/csv.h"

#include <string.h>

/* A note longer than this is taken for a quote somebody forgot to close. */
#define QUOTED_MOST 4096

void csv_start(struct csv *csv, struct ns_str text, char separator, struct ns_arena *arena) {
    *csv = (struct csv){.rest = text, .separator = separator, .next_line = 1, .arena = arena};
}

static void add(struct csv *csv, struct ns_str field) {
    if (csv->count < CSV_FIELDS) {
        csv->field[csv->count++] = field;
    }
}

/* A closed quoted field between p and end, doubled quotes made single. */
static struct ns_str unquote(struct csv *csv, const char *p, const char *end, bool doubled) {
    if (!doubled) {
        return (struct ns_str){p, (size_t)(end - p)};
    }
    char *copy = ns_arena_alloc(csv->arena, (size_t)(end - p) + 1);
    size_t n = 0;
    for (; p < end; p++) {
        copy[n++] = *p;
        if (*p == '"') {
            p++; /* the second of the pair */
        }
    }
    return (struct ns_str){copy, n};
}

/* Reads one field and what ends it. Returns the place behind; *more tells whether a separator
 * ended it. An unclosed quote ends at the end of its line, so that one bad line does not
 * swallow the file. */
static const char *quoted(struct csv *csv, const char *p, const char *stop) {
    const char *begin = p + 1;
    bool doubled = false;
    const char *reach = stop - begin > QUOTED_MOST ? begin + QUOTED_MOST : stop;
    for (const char *q = begin; q < reach; q++) {
        if (*q == '"' && q + 1 < stop && q[1] == '"') {
            doubled = true;
            q++;
        } else if (*q == '"') {
            add(csv, unquote(csv, begin, q, doubled));
            return q + 1;
        }
    }
    csv->broken = true;
    const char *line_end = memchr(begin, '\n', (size_t)(stop - begin));
    const char *end = line_end == NULL ? stop : line_end;
    add(csv, (struct ns_str){begin, (size_t)(end - begin)});
    return end;
}

static const char *bare(struct csv *csv, const char *p, const char *stop) {
    const char *q = p;
    while (q < stop && *q != csv->separator && *q != '\n' && *q != '\r') {
        q++;
    }
    add(csv, (struct ns_str){p, (size_t)(q - p)});
    return q;
}

static int lines_in(const char *p, const char *end) {
    int n = 0;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        n++;
        p++;
    }
    return n;
}

bool csv_next(struct csv *csv) {
    if (csv->rest.n == 0) {
        return false;
    }
    const char *start = csv->rest.p;
    const char *stop = start + csv->rest.n;
    const char *p = start;
    csv->count = 0;
    csv->broken = false;
    csv->line = csv->next_line;
    for (;;) {
        p = p < stop && *p == '"' ? quoted(csv, p, stop) : bare(csv, p, stop);
        if (p < stop && *p != csv->separator && *p != '\n' && *p != '\r') {
            csv->broken = true; /* text behind a closing quote */
            while (p < stop && *p != csv->separator && *p != '\n' && *p != '\r') {
                p++;
            }
        }
        if (p >= stop || *p != csv->separator) {
            break;
        }
        p++;
    }
    if (p < stop && *p == '\r') {
        p++;
    }
    if (p < stop && *p == '\n') {
        p++;
    }
    csv->next_line += lines_in(start, p);
    if (p > start && p[-1] == '\r') {
        csv->next_line++; /* old Mac line ends */
    }
    csv->rest = (struct ns_str){p, (size_t)(stop - p)};
    return true;
}
