#include "tests/bench/forecast/homes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ns_date date_of(const char *text) {
    ns_date out = NS_DATE_NONE;
    return ns_date_parse((struct ns_str){text, strlen(text) < 10 ? 0 : 10}, &out) ? out
                                                                                : NS_DATE_NONE;
}

static bool read_daily(FILE *f, struct home *out) {
    char line[400];
    while (fgets(line, sizeof line, f) != NULL && out->days < HOME_DAYS_MAX) {
        struct ns_str rest = ns_str_of(line);
        struct ns_str cell[9] = {{0}};
        for (int c = 0; c < 9; c++) {
            cell[c] = ns_str_cut(&rest, ',');
        }
        struct ns_use_day *day = &out->day[out->days];
        day->date = date_of(line);
        bool ok = ns_str_is(cell[2], "ok") && cell[1].n > 0;
        day->status = ok ? NS_USE_OK
                      : ns_str_is(cell[2], "partial") ? NS_USE_PARTIAL : NS_USE_MISSING;
        day->count = ok ? (int)strtol(cell[1].p, NULL, 10) : 0;
        if (cell[8].p == NULL || day->date == NS_DATE_NONE) {
            return false;
        }
        out->birth = out->days == 0 ? day->date - (int)strtol(cell[3].p, NULL, 10) : out->birth;
        out->truth[out->days++] = strtod(cell[8].p, NULL);
    }
    return out->days > 0;
}

static bool read_events(FILE *f, struct home *out) {
    char line[400];
    while (fgets(line, sizeof line, f) != NULL) {
        ns_date date = date_of(line);
        out->birth = out->days == 0 ? date : out->birth;
        int at = date - out->birth;
        if (date == NS_DATE_NONE || at < 0 || at >= HOME_DAYS_MAX) {
            return false;
        }
        for (; out->days <= at; out->days++) {
            out->day[out->days] = (struct ns_use_day){out->birth + out->days, 0, NS_USE_OK};
        }
        out->day[at].count++;
    }
    if (out->days > 0) {
        out->day[0].status = out->day[out->days - 1].status = NS_USE_PARTIAL;
    }
    return out->days > 0;
}

bool home_read(const char *path, struct home *out) {
    char line[400] = "";
    const char *base = strrchr(path, '/');
    FILE *f = fopen(path, "r");
    memset(out, 0, sizeof *out);
    (void)snprintf(out->name, sizeof out->name, "%s", base != NULL ? base + 1 : path);
    out->name[strcspn(out->name, "_.")] = '\0';
    if (f == NULL || fgets(line, sizeof line, f) == NULL) {
        return false;
    }
    out->real = strncmp(line, "date,time", 9) == 0;
    bool read = out->real ? read_events(f, out) : read_daily(f, out);
    fclose(f);
    return read;
}

bool home_ok(const struct home *home, int day) {
    return home->day[day].status == NS_USE_OK;
}

double home_dispersion(const struct home *home) {
    double sum = 0;
    int n = 0;
    for (int i = 0; i < home->days; i++) {
        if (home->truth[i] > 0 && home_ok(home, i)) {
            double off = home->day[i].count - home->truth[i];
            sum += off * off / home->truth[i];
            n++;
        }
    }
    return n > 0 ? sum / n : 0;
}
