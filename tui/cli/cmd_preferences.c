/* cmd_preferences.c: what a parent allows the agent for one child, shown and changed. */
#include "tui/cli/ctx.h"
#include "tui/link/documents.h"

#include <stdio.h>
#include <string.h>

/* As options say them, and as the agent does. */
static const char *const shops[][2] = {{"amazon", "AMAZON_CA"}, {"walmart", "WALMART_CA"}, {"loblaws", "LOBLAWS"},
                                       {"metro", "METRO"}, {"sobeys", "SOBEYS"}, {"costco", "COSTCO_CA"}};
static const char *const levels[][3] = {{"very-low", "VERY_LOW", "très-faible"}, {"low", "LOW", "faible"},
                                        {"medium", "MEDIUM", "moyenne"}, {"high", "HIGH", "élevée"},
                                        {"very-high", "VERY_HIGH", "très-élevée"}};

static bool yes_or_no(const char *word, bool *out) {
    *out = strcmp(word, "on") == 0 || strcmp(word, "oui") == 0 || strcmp(word, "yes") == 0;
    return *out || strcmp(word, "off") == 0 || strcmp(word, "non") == 0 || strcmp(word, "no") == 0;
}

static ns_rc add_switches(struct ns_cli *cli, struct ns_buf *fields, struct ns_err *err) {
    static const struct {
        enum ns_cli_opt_id option;
        const char *field;
    } rows[] = {{NS_OPT_AUTO, "autoReorderEnabled"}, {NS_OPT_GROWTH, "useGrowthPrediction"},
                {NS_OPT_SEASONS, "useSeasonalAdjustments"}};
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        const char *word = cli->args.value[rows[i].option];
        bool on = false;
        if (word == NULL) {
            continue;
        }
        if (!yes_or_no(word, &on)) {
            return ns_cli_bad_value(ns_cli_options[rows[i].option].name, word, err);
        }
        ns_buf_fmt(fields, ",\"%s\":%s", rows[i].field, on ? "true" : "false");
    }
    return NS_OK;
}

static ns_rc add_numbers(struct ns_cli *cli, struct ns_buf *fields, struct ns_err *err) {
    static const struct {
        enum ns_cli_opt_id option;
        const char *field;
    } rows[] = {{NS_OPT_THRESHOLD, "reorderThresholdDays"}, {NS_OPT_NOTICE, "notificationAdvanceHours"}};
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        const char *word = cli->args.value[rows[i].option];
        int64_t value = 0;
        if (word == NULL) {
            continue;
        }
        if (!ns_str_int(ns_str_of(word), -100000, 100000, &value)) {
            return ns_cli_bad_value(ns_cli_options[rows[i].option].name, word, err);
        }
        ns_buf_fmt(fields, ",\"%s\":%d", rows[i].field, (int)value);
    }
    const char *most = cli->args.value[NS_OPT_MOST];
    if (most != NULL) {
        char amount[40];
        snprintf(amount, sizeof amount, "%s", most);
        char *comma = strchr(amount, ',');
        if (comma != NULL) {
            *comma = '.';
        }
        ns_money cents;
        if (!ns_money_parse(ns_str_of(amount), &cents)) {
            return ns_cli_bad_value("most", most, err);
        }
        ns_cli_add_text(fields, "maxOrderAmountCad", amount);
    }
    return NS_OK;
}

/* ,"field":["a","b"] of words separated by commas; with a table only its words, as the names say. */
static ns_rc add_list(struct ns_cli *cli, struct ns_buf *fields, enum ns_cli_opt_id option, const char *field,
                      const char *const (*names)[2], size_t name_count, struct ns_err *err) {
    const char *word = cli->args.value[option];
    if (word == NULL) {
        return NS_OK;
    }
    struct ns_str rest = ns_str_of(word);
    ns_buf_fmt(fields, ",\"%s\":[", field);
    const char *between = "";
    while (rest.n > 0) {
        struct ns_str one = ns_str_trim(ns_str_cut(&rest, ','));
        size_t i = 0;
        while (i < name_count && !ns_str_is_nocase(one, names[i][0])) {
            i++;
        }
        if (name_count > 0 && i == name_count) {
            return ns_cli_bad_value(ns_cli_options[option].name, word, err);
        }
        ns_buf_text(fields, between);
        if (name_count > 0) {
            ns_buf_fmt(fields, "\"%s\"", names[i][1]);
        } else {
            ns_json_quote(fields, one);
        }
        between = ",";
    }
    ns_buf_char(fields, ']');
    return NS_OK;
}

static ns_rc add_days(struct ns_cli *cli, struct ns_buf *fields, struct ns_err *err) {
    const char *word = cli->args.value[NS_OPT_DELIVERY_DAYS];
    int days = 0;
    if (word == NULL) {
        return NS_OK;
    }
    if (word[0] != '\0' && !ns_cli_weekdays(word, &days)) {
        return ns_cli_bad_value("delivery-days", word, err);
    }
    ns_buf_text(fields, ",\"preferredDeliveryDays\":[");
    const char *between = "";
    for (int sunday_first = 0; sunday_first < 7; sunday_first++) {
        if ((days & 1 << (sunday_first + 6) % 7) != 0) {
            ns_buf_fmt(fields, "%s%d", between, sunday_first);
            between = ",";
        }
    }
    ns_buf_char(fields, ']');
    return NS_OK;
}

static ns_rc read_fields(struct ns_cli *cli, struct ns_buf *fields, struct ns_err *err) {
    const char *level = cli->args.value[NS_OPT_SURENESS];
    const char *instructions = cli->args.value[NS_OPT_INSTRUCTIONS];
    ns_rc rc = add_switches(cli, fields, err);
    if (rc == NS_OK) {
        rc = add_numbers(cli, fields, err);
    }
    if (rc == NS_OK) {
        rc = add_list(cli, fields, NS_OPT_SHOPS, "preferredRetailers", shops, NS_COUNT(shops), err);
    }
    if (rc == NS_OK) {
        rc = add_list(cli, fields, NS_OPT_BRANDS, "preferredBrands", NULL, 0, err);
    }
    if (rc == NS_OK) {
        rc = add_days(cli, fields, err);
    }
    if (rc == NS_OK && level != NULL) {
        size_t i = 0;
        while (i < NS_COUNT(levels) && strcmp(level, levels[i][0]) != 0 && strcmp(level, levels[i][2]) != 0) {
            i++;
        }
        if (i == NS_COUNT(levels)) {
            return ns_cli_bad_value("sureness", level, err);
        }
        ns_cli_add_text(fields, "predictionConfidenceThreshold", levels[i][1]);
    }
    if (rc == NS_OK && instructions != NULL) {
        ns_cli_add_text(fields, "deliveryInstructions", instructions);
    }
    return rc;
}

/* ---- showing ---- */

static const char *text_of(const struct ns_json *p, const char *name) {
    const char *text = ns_json_text(ns_json_get(p, name));
    return text != NULL ? text : "";
}

/* Shops by the names people give them. */
static void shop_words(struct ns_cli *cli, struct ns_buf *out, const struct ns_json *list) {
    static const char *const shown[] = {"Amazon", "Walmart", "Loblaws", "Metro", "Sobeys", "Costco"};
    for (const struct ns_json *one = ns_json_first(list); one != NULL; one = ns_json_next(one)) {
        const char *text = ns_json_text(one);
        for (size_t i = 0; text != NULL && i < NS_COUNT(shops); i++) {
            if (strcmp(text, shops[i][1]) == 0) {
                ns_buf_fmt(out, "%s%s", out->len > 0 ? ", " : "", shown[i]);
            }
        }
    }
    ns_buf_text(out, out->len > 0 ? "" : ns_msg(cli->lang, NS_MSG_cli_pref_any));
}

static const char *level_word(const struct ns_cli *cli, const char *level) {
    int i = 0;
    while (i < (int)NS_COUNT(levels) && strcmp(levels[i][1], level) != 0) {
        i++;
    }
    return ns_msg(cli->lang, ns_cli_confidence_word(i));
}

/* The texts of a list, or "any". */
static void list_words(struct ns_cli *cli, struct ns_buf *out, const struct ns_json *list) {
    for (const struct ns_json *one = ns_json_first(list); one != NULL; one = ns_json_next(one)) {
        const char *text = ns_json_text(one);
        ns_buf_text(out, out->len > 0 ? ", " : "");
        ns_cli_clean(out, text != NULL ? text : "");
    }
    ns_buf_text(out, out->len > 0 ? "" : ns_msg(cli->lang, NS_MSG_cli_pref_any));
}

static void day_words(struct ns_cli *cli, struct ns_buf *out, const struct ns_json *list) {
    for (const struct ns_json *one = ns_json_first(list); one != NULL; one = ns_json_next(one)) {
        int64_t day = ns_json_int(one, -1);
        if (day >= 0 && day < 7) {
            ns_buf_fmt(out, "%s%s", out->len > 0 ? ", " : "", ns_text_weekday(cli->lang, (int)day + 6));
        }
    }
    ns_buf_text(out, out->len > 0 ? "" : ns_msg(cli->lang, NS_MSG_cli_pref_any));
}

static void show(struct ns_cli *cli, const struct ns_app_child *child, const struct ns_json *p) {
    char threshold[16], notice[16];
    const char *yes = ns_msg(cli->lang, NS_MSG_cli_pref_yes);
    const char *no = ns_msg(cli->lang, NS_MSG_cli_pref_no);
    if (p == NULL) {
        NS_SAY(cli, NS_MSG_cli_pref_none, child->name);
        return;
    }
    struct ns_buf where = NS_BUF(400), brands = NS_BUF(4000), days = NS_BUF(200), most = NS_BUF(60);
    ns_money cents = 0;
    (void)!ns_money_parse(ns_str_of(text_of(p, "maxOrderAmountCad")), &cents);
    ns_text_money(&most, cli->lang, cents);
    shop_words(cli, &where, ns_json_get(p, "preferredRetailers"));
    list_words(cli, &brands, ns_json_get(p, "preferredBrands"));
    day_words(cli, &days, ns_json_get(p, "preferredDeliveryDays"));
    snprintf(threshold, sizeof threshold, "%d", (int)ns_json_int(ns_json_get(p, "reorderThresholdDays"), 0));
    snprintf(notice, sizeof notice, "%d", (int)ns_json_int(ns_json_get(p, "notificationAdvanceHours"), 0));
    NS_SAY(cli, NS_MSG_cli_pref_auto, child->name, ns_json_bool(ns_json_get(p, "autoReorderEnabled"), false) ? yes : no,
           threshold, most.data);
    NS_SAY(cli, NS_MSG_cli_pref_where, where.data, brands.data, days.data, notice);
    NS_SAY(cli, NS_MSG_cli_pref_forecast, ns_json_bool(ns_json_get(p, "useGrowthPrediction"), true) ? yes : no,
           ns_json_bool(ns_json_get(p, "useSeasonalAdjustments"), true) ? yes : no,
           level_word(cli, text_of(p, "predictionConfidenceThreshold")));
    if (text_of(p, "deliveryInstructions")[0] != '\0') {
        struct ns_buf clean = NS_BUF(2000);
        ns_cli_clean(&clean, text_of(p, "deliveryInstructions"));
        NS_SAY(cli, NS_MSG_cli_pref_instructions, clean.data);
        ns_buf_fini(&clean);
    }
    ns_buf_fini(&where);
    ns_buf_fini(&brands);
    ns_buf_fini(&days);
    ns_buf_fini(&most);
}

static ns_rc show_child(struct ns_cli *cli, const struct ns_app_child *child, struct ns_err *err) {
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(100);
    struct ns_json *answer = NULL;
    ns_id_format(child->id, id);
    ns_buf_fmt(&vars, "{\"child\":\"%s\"}", id);
    ns_rc rc = ns_cli_query(cli, NS_DOC_PREFERENCES, vars.data, NULL, &answer, err);
    ns_buf_fini(&vars);
    const struct ns_json *items = ns_json_path(answer, "data.getReorderPreferences.items");
    if (rc == NS_OK && cli->json) {
        ns_json_write(&cli->out, items, false);
        ns_buf_char(&cli->out, '\n');
    } else if (rc == NS_OK) {
        show(cli, child, ns_json_first(items));
    }
    ns_json_free(answer);
    return rc;
}

ns_rc ns_cli_preferences(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child list[NS_APP_CHILDREN];
    size_t count = 1;
    struct ns_buf fields = NS_BUF(8000);
    const char *word = cli->args.operand_count > 0 ? cli->args.operand[0] : NULL;
    ns_rc rc = read_fields(cli, &fields, err);
    if (rc == NS_OK) {
        rc = word != NULL ? ns_cli_child(cli, word, &list[0], err) : ns_cli_children(cli, list, &count, err);
    }
    if (rc == NS_OK && fields.len > 0 && word == NULL && count > 1) {
        rc = ns_err_say(err, NS_E_USAGE, NS_MSG_cli_too_few, "preferences", ns_msg(cli->lang, NS_MSG_cli_cmd_mark_operands), NULL);
    }
    if (rc == NS_OK && fields.len > 0) {
        char id[NS_ID_TEXT];
        struct ns_buf vars = NS_BUF(9000);
        struct ns_json *answer = NULL;
        ns_id_format(list[0].id, id);
        ns_buf_fmt(&vars, "{\"child\":\"%s\",\"input\":{%s}}", id, fields.data + 1);
        rc = ns_cli_act(cli, NS_DOC_PREFERENCES_SET, &vars, "updateReorderPreferences", &answer, err);
        if (rc == NS_OK && !cli->json) {
            show(cli, &list[0], ns_json_path(answer, "data.updateReorderPreferences.preferences"));
        }
        ns_json_free(answer);
    } else {
        for (size_t i = 0; rc == NS_OK && i < count; i++) {
            rc = show_child(cli, &list[i], err);
        }
    }
    ns_buf_fini(&fields);
    return rc;
}
