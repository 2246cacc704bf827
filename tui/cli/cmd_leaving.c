/* cmd_leaving.c: privacy: what may leave the home, where to, under whose law, and what did. */
#include "tui/cli/ctx.h"

#include <stdio.h>
#include <string.h>

#define DOCUMENT                                                                               \
    "{ egressReport { canadaOnly destinations { id purpose jurisdiction address inUse consent stops calls { method path fields } } " \
    "journal { at destination jurisdiction method path fields bytes sha256 outcome } } }"

static const char *text(const struct ns_json *object, const char *name) {
    const char *found = ns_json_text(ns_json_get(object, name));
    return found == NULL ? "" : found;
}

/* Every field of every request once, in the order of the table. */
static void fields(struct ns_cli *cli, const struct ns_json *place) {
    const char *seen[200];
    size_t n = 0;
    ns_buf_text(&cli->out, "  ");
    ns_buf_text(&cli->out, ns_msg(cli->lang, NS_MSG_leaving_fields));
    for (const struct ns_json *c = ns_json_first(ns_json_get(place, "calls")); c != NULL; c = ns_json_next(c)) {
        for (const struct ns_json *f = ns_json_first(ns_json_get(c, "fields")); f != NULL; f = ns_json_next(f)) {
            bool known = n == NS_COUNT(seen);
            for (size_t i = 0; i < n && !known; i++) {
                known = strcmp(seen[i], ns_json_text(f)) == 0;
            }
            if (!known) {
                ns_buf_text(&cli->out, n > 0 ? ", " : " ");
                ns_buf_text(&cli->out, seen[n++] = ns_json_text(f));
            }
        }
    }
    ns_buf_char(&cli->out, '\n');
}

static void say_place(struct ns_cli *cli, const struct ns_json *place, const struct ns_json *journal) {
    const char *consent = text(place, "consent");
    bool used = ns_json_bool(ns_json_get(place, "inUse"), false);
    int64_t sent = 0, refused = 0;
    char last[48] = "", counts[2][24];
    for (const struct ns_json *l = ns_json_first(journal); l != NULL; l = ns_json_next(l)) {
        bool mine = strcmp(text(l, "destination"), text(place, "id")) == 0;
        bool left = mine && strcmp(text(l, "outcome"), "ALLOWED") == 0;
        ns_time at;
        if (left && sent == 0 && ns_time_parse(ns_str_of(text(l, "at")), &at)) {
            ns_cli_clock(cli, last, at);
        }
        sent += left;
        refused += mine && !left;
    }
    snprintf(counts[0], sizeof counts[0], "%lld", (long long)sent);
    snprintf(counts[1], sizeof counts[1], "%lld", (long long)refused);
    NS_SAY(cli, NS_MSG_leaving_place, text(place, "id"), text(place, "jurisdiction"), text(place, "purpose"), text(place, "address"));
    ns_buf_text(&cli->out, "  ");
    if (text(place, "stops")[0] != '\0') {
        NS_SAY(cli, NS_MSG_leaving_held, text(place, "stops"));
    } else {
        ns_cli_line(cli, used ? NS_MSG_leaving_used : NS_MSG_leaving_unused);
    }
    ns_buf_text(&cli->out, "  ");
    ns_cli_line(cli, strcmp(consent, "purchase") == 0  ? NS_MSG_leaving_purchase
                     : strcmp(consent, "sharing") == 0 ? NS_MSG_leaving_sharing
                                                       : NS_MSG_leaving_no_consent);
    fields(cli, place);
    ns_buf_text(&cli->out, "  ");
    if (sent + refused == 0) {
        ns_cli_line(cli, NS_MSG_leaving_never);
    } else {
        NS_SAY(cli, NS_MSG_leaving_counts, counts[0], counts[1], last[0] == '\0' ? "\u2014" : last);
    }
}

ns_rc ns_cli_leaving(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_home(cli, err);
    if (rc == NS_OK) {
        rc = ns_cli_query(cli, DOCUMENT, NULL, NULL, &answer, err);
    }
    const struct ns_json *report = ns_json_path(answer, "data.egressReport");
    if (rc == NS_OK && cli->json) {
        ns_json_write(&cli->out, report, false);
        ns_buf_char(&cli->out, '\n');
    } else if (rc == NS_OK) {
        ns_cli_line(cli, NS_MSG_leaving_home);
        if (ns_json_bool(ns_json_get(report, "canadaOnly"), false)) {
            ns_cli_line(cli, NS_MSG_leaving_canada);
        }
        for (const struct ns_json *d = ns_json_first(ns_json_get(report, "destinations")); d != NULL; d = ns_json_next(d)) {
            say_place(cli, d, ns_json_get(report, "journal"));
        }
    }
    ns_json_free(answer);
    return rc;
}
