/* Answers of the agent into state: whole ones, thin ones and spoilt ones. */
#include "tui/link/decode.h"

#include <criterion/criterion.h>
#include <string.h>

static struct ns_json *read_json(const char *text) {
    struct ns_json *root = NULL;
    cr_assert_eq(ns_json_read(ns_str_of(text), 1 << 20, &root, NULL), NS_OK, "%s", text);
    return root;
}

#define ID1 "11111111-1111-4111-8111-111111111111"
#define ID2 "22222222-2222-4222-8222-222222222222"

static const struct ns_zone *toronto(void) {
    return ns_zone_find("America/Toronto");
}

Test(decode, a_home_names_its_zone_and_an_empty_one_is_not_set_up) {
    struct ns_json *root = read_json(
        "{\"household\":{\"id\":\"" ID1 "\",\"province\":\"NL\",\"timezone\":\"America/St_Johns\","
        "\"language\":\"fr\",\"demo\":true,\"ownerName\":\"Ana\",\"today\":\"2026-03-13\"}}");
    struct ns_app_household home;
    const struct ns_zone *zone = NULL;
    char name[48];
    cr_assert(ns_decode_household(root, &home, &zone, name));
    cr_assert(home.present && home.demo);
    cr_assert_str_eq(ns_zone_name(zone), "America/St_Johns");
    cr_assert_str_eq(home.province, "NL");
    cr_assert_eq(home.today, ns_date_of((struct ns_civil){2026, 3, 13}));
    ns_json_free(root);
    root = read_json("{\"household\":null}");
    cr_assert_not(ns_decode_household(root, &home, &zone, name));
    cr_assert_not(home.present);
    cr_assert_not_null(zone);
    ns_json_free(root);
}

Test(decode, children_keep_what_is_known_and_say_none_for_the_rest) {
    struct ns_json *root = read_json(
        "{\"myChildren\":{\"edges\":[{\"node\":{\"id\":\"" ID1 "\",\"name\":\"Théo\","
        "\"dateOfBirth\":\"2024-01-02\",\"currentDiaperSize\":\"SIZE_5\",\"currentWeightKg\":12.4,"
        "\"dailyUsageCount\":5}},{\"node\":{\"id\":\"nonsense\"}},{\"node\":{\"id\":\"" ID2 "\","
        "\"name\":\"Mila\",\"dateOfBirth\":\"2026-01-02\",\"currentDiaperSize\":\"NEWBORN\","
        "\"currentWeightKg\":null,\"dailyUsageCount\":8}}]}}");
    struct ns_app_child list[4];
    cr_assert_eq(ns_decode_children(root, list, 4), 2);
    cr_assert_str_eq(list[0].name, "Théo");
    cr_assert_eq(list[0].size, 5);
    cr_assert_eq(list[0].weight_g, 12400);
    cr_assert_eq(list[1].weight_g, NS_APP_NUMBER_NONE);
    cr_assert_eq(list[1].left, NS_APP_NUMBER_NONE);
    ns_json_free(root);
    root = read_json("{\"getDashboardStats\":{\"diapersLeft\":38,\"todayChanges\":7},"
                     "\"getInventoryItems\":{\"pageInfo\":{\"totalCount\":2}},"
                     "\"getUsageLogs\":{\"edges\":[{\"node\":{\"loggedAt\":\"2026-03-13T06:15:00Z\","
                     "\"usageType\":\"WIPE_USE\",\"wasWet\":null,\"wasSoiled\":null}},"
                     "{\"node\":{\"loggedAt\":\"2026-03-13T06:14:00Z\",\"usageType\":\"DIAPER_CHANGE\","
                     "\"wasWet\":true,\"wasSoiled\":true}}]}}");
    ns_decode_child_state(root, &list[0]);
    cr_assert_eq(list[0].left, 38);
    cr_assert_eq(list[0].today_changes, 7);
    cr_assert(list[0].ever_stocked);
    cr_assert_eq(list[0].last_kind, NS_CHANGE_BOTH);
    cr_assert_neq(list[0].last_change, NS_TIME_NONE);
    ns_json_free(root);
}

Test(decode, a_prediction_turns_decimals_into_hundredths_and_instants_into_local_days) {
    struct ns_json *root = read_json(
        "{\"getConsumptionPredictions\":{\"items\":[{\"id\":\"" ID1 "\",\"createdAt\":"
        "\"2026-03-13T06:14:00Z\",\"modelKind\":\"TREND\",\"confidenceLevel\":\"HIGH\","
        "\"runoutConfidence\":\"MEDIUM\",\"currentConsumptionRate\":\"9.14\","
        "\"predictedConsumption30d\":271,\"demand30dLower\":250,\"demand30dUpper\":300,"
        "\"meanAbsoluteError\":null,\"rSquaredScore\":\"0.71\",\"intervalCoverage\":\"0.80\","
        "\"sizeChangeProbability\":\"0.64\",\"predictedNewSize\":\"Size 3\","
        "\"predictedRunoutDate\":\"2026-03-18T02:00:00Z\",\"runoutLatestDate\":null,"
        "\"stockAtPrediction\":38,\"trainingDataPoints\":60,\"trainingPeriodDays\":61,"
        "\"notes\":[\"short_history\"],\"dailyForecast\":["
        "{\"date\":\"2026-03-13\",\"expected\":\"9.1\",\"lower\":\"7.5\",\"upper\":\"11\"},"
        "{\"date\":\"bad\",\"expected\":\"1\"}]}]}}");
    struct ns_app_prediction p;
    ns_decode_prediction(root, toronto(), &p);
    cr_assert(p.present);
    cr_assert_eq(p.model, NS_MODEL_TREND);
    cr_assert_eq(p.confidence, NS_CONFIDENCE_HIGH);
    cr_assert_eq(p.rate, 914);
    cr_assert_eq(p.mae, NS_APP_NUMBER_NONE);
    cr_assert_eq(p.r_squared, 71);
    cr_assert_eq(p.coverage, 80);
    cr_assert_eq(p.new_size, 3);
    cr_assert_eq(p.runout, ns_date_of((struct ns_civil){2026, 3, 17}), "02:00 UTC is the evening before");
    cr_assert_eq(p.runout_latest, NS_DATE_NONE);
    cr_assert_eq(p.forecast_count, 1);
    cr_assert_eq(p.forecast[0].upper, 1100);
    cr_assert_str_eq(p.notes[0], "short_history");
    ns_json_free(root);
    root = read_json("{\"getConsumptionPredictions\":{\"items\":[]}}");
    ns_decode_prediction(root, toronto(), &p);
    cr_assert_not(p.present);
    ns_json_free(root);
}

Test(decode, logs_of_two_children_merge_newest_first_and_the_oldest_falls_off) {
    struct ns_app_log list[3];
    size_t count = 0;
    static const char *const answers[] = {
        "{\"getUsageLogs\":{\"edges\":["
        "{\"node\":{\"id\":\"" ID1 "\",\"usageType\":\"DIAPER_CHANGE\",\"loggedAt\":\"2026-03-13T06:00:00Z\",\"wasWet\":true}},"
        "{\"node\":{\"id\":\"" ID1 "\",\"usageType\":\"WIPE_USE\",\"loggedAt\":\"2026-03-13T05:30:00Z\"}},"
        "{\"node\":{\"id\":\"" ID1 "\",\"usageType\":\"DIAPER_CHANGE\",\"loggedAt\":\"2026-03-13T01:00:00Z\",\"wasSoiled\":true}}]}}",
        "{\"getUsageLogs\":{\"edges\":["
        "{\"node\":{\"id\":\"" ID2 "\",\"usageType\":\"OVERNIGHT_CHANGE\",\"loggedAt\":\"2026-03-13T07:00:00Z\",\"hadLeakage\":true}},"
        "{\"node\":{\"id\":\"" ID2 "\",\"usageType\":\"DIAPER_CHANGE\",\"loggedAt\":\"2026-03-13T03:00:00Z\"}}]}}"};
    for (size_t i = 0; i < NS_COUNT(answers); i++) {
        struct ns_json *root = read_json(answers[i]);
        ns_decode_logs(root, toronto(), list, &count, 3);
        ns_json_free(root);
    }
    cr_assert_eq(count, 3);
    cr_assert(list[0].leak);
    cr_assert_eq(list[0].kind, NS_CHANGE_DRY);
    cr_assert_eq(list[1].kind, NS_CHANGE_WET);
    cr_assert_eq(list[1].minute, 2 * 60);
    cr_assert(list[1].at > list[2].at);
}

Test(decode, days_keep_the_newest_when_there_are_too_many) {
    struct ns_json *root = read_json(
        "{\"usageDays\":[{\"date\":\"2026-03-10\",\"count\":9,\"wet\":5,\"soiled\":4,\"status\":\"OK\"},"
        "{\"date\":\"2026-03-11\",\"count\":0,\"wet\":0,\"soiled\":0,\"status\":\"GAP\"},"
        "{\"date\":\"2026-03-12\",\"count\":4,\"wet\":2,\"soiled\":2,\"status\":\"PARTIAL\"}]}");
    struct ns_app_day days[2];
    cr_assert_eq(ns_decode_days(root, days, 2), 2);
    cr_assert_eq(days[0].status, NS_DAY_GAP);
    cr_assert_eq(days[1].count, 4);
    cr_assert_eq(days[1].status, NS_DAY_PARTIAL);
    ns_json_free(root);
}

Test(decode, refusals_keep_the_agents_words_and_map_their_code) {
    static const struct {
        const char *answer;
        const char *mutation;
        ns_rc rc;
        const char *text;
    } rows[] = {
        {"{\"errors\":[{\"message\":\"No consent.\",\"extensions\":{\"code\":\"CONSENT_REQUIRED\"}}],\"data\":null}",
         NULL, NS_E_CONSENT, "No consent."},
        {"{\"data\":{\"undo\":{\"success\":false,\"error\":\"NOT_FOUND\",\"message\":\"Nothing to undo.\"}}}",
         "undo", NS_E_NOT_FOUND, "Nothing to undo."},
        {"{\"data\":{\"undo\":{\"success\":true}}}", "undo", NS_OK, ""},
        {"{\"data\":{}}", NULL, NS_OK, ""},
        {"[]", NULL, NS_E_INTERNAL, ""},
    };
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        struct ns_json *root = read_json(rows[i].answer);
        struct ns_err err = {0};
        cr_assert_eq(ns_decode_verdict(root, rows[i].mutation, &err), rows[i].rc, "%zu", i);
        if (rows[i].text[0] != '\0') {
            struct ns_buf text = NS_BUF(1000);
            ns_err_text(&text, NS_LANG_EN, &err);
            cr_assert_str_eq(text.data, rows[i].text);
            ns_buf_fini(&text);
        }
        ns_json_free(root);
    }
}

Test(decode, wrong_kinds_everywhere_give_empty_pieces) {
    static const char *const spoilt[] = {
        "{}", "[]", "null", "3", "{\"household\":3,\"myChildren\":[],\"usageDays\":{\"a\":1}}",
        "{\"getUsageLogs\":{\"edges\":[{\"node\":[]},3,null]},\"supportReport\":[1],"
        "\"getInventoryItems\":{\"edges\":{\"node\":1}},\"getConsumptionPredictions\":{\"items\":[3]}}"};
    for (size_t i = 0; i < NS_COUNT(spoilt); i++) {
        struct ns_json *root = read_json(spoilt[i]);
        struct ns_app_household home;
        const struct ns_zone *zone = NULL;
        char name[48];
        cr_assert_not(ns_decode_household(root, &home, &zone, name));
        static struct ns_app_child children[2];
        cr_assert_eq(ns_decode_children(root, children, 2), 0);
        ns_decode_child_state(root, &children[0]);
        static struct ns_app_prediction p;
        ns_decode_prediction(root, zone, &p);
        cr_assert_not(p.present);
        struct ns_app_day days[2];
        cr_assert_eq(ns_decode_days(root, days, 2), 0);
        struct ns_app_log logs[2];
        struct ns_app_stock stock[2];
        size_t n = 0;
        ns_decode_logs(root, zone, logs, &n, 2);
        ns_decode_stock(root, zone, stock, &n, 2);
        cr_assert_eq(n, 0);
        static struct ns_app_support support;
        ns_decode_support(root, zone, 0, &support);
        cr_assert_not(support.present);
        ns_json_free(root);
    }
}

Test(decode, texts_are_cut_between_characters) {
    char out[6];
    ns_decode_text(out, sizeof out, "abcdé");
    cr_assert_str_eq(out, "abcd");
    ns_decode_text(out, sizeof out, NULL);
    cr_assert_str_eq(out, "");
}

Test(json, depth_and_size_are_refused_before_reading) {
    char deep[400];
    memset(deep, '[', sizeof deep);
    struct ns_json *root = NULL;
    cr_assert_eq(ns_json_read((struct ns_str){deep, sizeof deep}, 1000, &root, NULL), NS_E_LIMIT);
    cr_assert_eq(ns_json_read(NS_STR("[1,2,3]"), 3, &root, NULL), NS_E_LIMIT);
    cr_assert_eq(ns_json_read(NS_STR("[1] 2"), 100, &root, NULL), NS_E_INPUT);
    cr_assert_eq(ns_json_read(NS_STR(""), 100, &root, NULL), NS_E_INPUT);
    cr_assert_null(root);
}

Test(json, quoting_survives_reading_back) {
    struct ns_buf out = NS_BUF(200);
    ns_json_quote(&out, NS_STR("a\"b\\c\n\x01é\xff"));
    cr_assert_str_eq(out.data, "\"a\\\"b\\\\c\\u000a\\u0001é\xEF\xBF\xBD\"");
    struct ns_json *root = read_json(out.data);
    cr_assert_str_eq(ns_json_text(root), "a\"b\\c\n\x01é\xEF\xBF\xBD");
    ns_json_free(root);
    ns_buf_fini(&out);
}
