/* holidays: the days of a province that move deliveries and use. */
#include "shared/calendar/holiday.h"

#include "shared/base/arena.h"
#include "shared/text/message.h"
#include "tui/cli/offline/json.h"
#include "tui/cli/offline/offline.h"
#include "tui/cli/offline/say.h"

#include <stdio.h>
#include <string.h>

#define SPAN_MAX 36600 /* a century */

struct request {
    const char *province;
    ns_date from;
    ns_date to;
    bool json;
};

static bool parse_option(const char *name, const char *value, struct request *out) {
    if (strcmp(name, "--province") == 0) {
        out->province = value;
        return ns_province_known(value);
    }
    if (strcmp(name, "--from") == 0) {
        return ns_date_parse(ns_str_of(value), &out->from);
    }
    return strcmp(name, "--to") == 0 && ns_date_parse(ns_str_of(value), &out->to);
}

static ns_rc parse_request(int argc, char **argv, struct request *out, struct ns_err *err) {
    *out = (struct request){.from = NS_DATE_NONE, .to = NS_DATE_NONE};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            out->json = true;
        } else if (i + 1 >= argc || !parse_option(argv[i], argv[i + 1], out)) {
            return ns_err_say(err, NS_E_USAGE, NS_MSG_holidays_usage, argv[i], NULL, NULL);
        } else {
            i++;
        }
    }
    if (out->province == NULL || out->from == NS_DATE_NONE || out->to == NS_DATE_NONE ||
        out->to < out->from || out->to - out->from > SPAN_MAX) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_holidays_usage, "--province, --from, --to",
                          NULL, NULL);
    }
    return NS_OK;
}

static void put_json(struct ns_buf *out, const struct ns_holiday *days, size_t count) {
    ns_buf_text(out, "[");
    for (size_t i = 0; i < count; i++) {
        ns_buf_text(out, i > 0 ? ",\n {" : "{");
        offline_put_date(out, "date", days[i].date);
        ns_buf_text(out, ", ");
        offline_put_text(out, "id", days[i].id);
        ns_buf_text(out, ", ");
        offline_put_text(out, "name_en", days[i].name_en);
        ns_buf_text(out, ", ");
        offline_put_text(out, "name_fr", days[i].name_fr);
        ns_buf_text(out, ", ");
        offline_put_text(out, "kind", ns_holiday_kind_name(days[i].kind));
        ns_buf_fmt(out, ", \"observed\": %s, ", days[i].observed ? "true" : "false");
        offline_put_text(out, "why", days[i].why);
        ns_buf_text(out, "}");
    }
    ns_buf_text(out, "]\n");
}

static void put_plain(struct ns_buf *out, enum ns_lang lang, const struct ns_holiday *days,
                      size_t count) {
    for (size_t i = 0; i < count; i++) {
        char date[NS_DATE_TEXT];
        ns_date_format(days[i].date, date);
        ns_buf_fmt(out, "%s  %s\n", date,
                   lang == NS_LANG_FR ? days[i].name_fr : days[i].name_en);
    }
}

int ns_offline_holidays(enum ns_lang lang, int argc, char **argv) {
    struct ns_err err = {0};
    struct ns_arena arena = {0};
    struct ns_buf out = NS_BUF(16u << 20);
    struct request request;
    ns_rc rc = parse_request(argc, argv, &request, &err);
    if (rc == NS_OK) {
        size_t count = ns_holidays(request.province, request.from, request.to, NULL, 0);
        struct ns_holiday *days = NS_NEW_N(&arena, struct ns_holiday, count);
        (void)ns_holidays(request.province, request.from, request.to, days, count);
        if (request.json) {
            put_json(&out, days, count);
        } else {
            put_plain(&out, lang, days, count);
        }
        (void)fwrite(out.data, 1, out.len, stdout);
    } else {
        offline_complain(lang, &err);
    }
    ns_buf_fini(&out);
    ns_arena_fini(&arena);
    return ns_rc_exit_status(rc);
}
