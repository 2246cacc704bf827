/* The API in one process: operations text in, answers out, over a store in a temporary folder.
 * A plain program, since writer and pool are threads. Documents of the contract run verbatim. */
#include "agent/api/api.h"
#include "agent/api/operations.h"
#include "agent/store/migrate.h"
#include "shared/base/log.h"
#include "tests/harness/venv.h"

#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int number;
static int failures;

static bool check(bool good, const char *what, const char *shown) {
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++number, what);
    if (!good) {
        fprintf(stderr, "# %s\n", shown == NULL ? "nothing" : shown);
        failures++;
    }
    return good;
}

struct home {
    struct ns_loop *loop;
    struct ns_events *events;
    struct ns_health *health;
    struct ns_executor *writer;
    struct ns_executor *pool;
    struct ns_db *write_db;
    struct ns_db *read_db;
    struct ns_api *api;
    struct ns_operations *operations;
};

struct answer {
    struct home *home;
    struct ns_buf text;
    int next;
    enum ns_op_event last;
    bool over;
    int wanted; /* stop the loop after this many NEXT */
};

static void must(ns_rc rc, const char *what, const struct ns_err *err) {
    if (rc != NS_OK) {
        printf("not ok %d - %s: %s %s\n", ++number, what, ns_rc_key(rc), err->note);
        exit(1);
    }
}

static void heard(void *arg, enum ns_op_event event, struct ns_str payload) {
    struct answer *a = arg;
    a->last = event;
    if (payload.n > 0) {
        ns_buf_clear(&a->text);
        ns_buf_str(&a->text, payload);
    }
    a->next += event == NS_OP_NEXT;
    a->over |= event != NS_OP_NEXT;
    if (a->over || (a->wanted > 0 && a->next >= a->wanted)) {
        ns_loop_stop(a->home->loop);
    }
}

static struct ns_op *start(struct home *home, struct answer *a, const char *query,
                           const char *variables) {
    static const enum ns_lang lang = NS_LANG_EN;
    struct ns_buf body = NS_BUF(9 << 20);
    ns_buf_text(&body, "{\"query\":\"");
    for (const char *p = query; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\') {
            ns_buf_char(&body, '\\');
        }
        ns_buf_char(&body, *p == '\n' ? ' ' : *p);
    }
    ns_buf_fmt(&body, "\",\"variables\":%s}", variables == NULL ? "{}" : variables);
    struct ns_op_request request = {.body = ns_buf_view(&body),
                                    .allowed = NS_OP_QUERY | NS_OP_MUTATION | NS_OP_SUBSCRIPTION,
                                    .caller = {.who.auth = NS_AUTH_LOCAL, .lang = lang, .may_introspect = true}};
    *a = (struct answer){.home = home, .text = NS_BUF(8 << 20), .wanted = a->wanted};
    struct ns_op *op = home->operations->start(home->operations->self, &request, heard, a);
    ns_buf_fini(&body);
    return op;
}

/* Runs one operation to its end; the text lives until the next call. */
static const char *ask(struct home *home, const char *query, const char *variables) {
    static struct answer a;
    ns_buf_fini(&a.text);
    a.wanted = 0;
    (void)start(home, &a, query, variables);
    while (!a.over) {
        ns_loop_run(home->loop); /* another answer may have stopped it */
    }
    return a.text.data == NULL ? "" : a.text.data;
}

static bool has(const char *text, const char *part) {
    return text != NULL && strstr(text, part) != NULL;
}

static void expect(struct home *home, const char *what, const char *query, const char *variables,
                   const char *part) {
    const char *text = ask(home, query, variables);
    check(has(text, part), what, text);
}

/* The value after "key":" in text, as an identifier. */
static void take(const char *text, const char *key, char out[NS_ID_TEXT]) {
    char mark[64];
    snprintf(mark, sizeof mark, "\"%s\":\"", key);
    const char *at = strstr(text, mark);
    out[0] = '\0';
    if (at != NULL && strlen(at + strlen(mark)) >= 36) {
        memcpy(out, at + strlen(mark), 36);
        out[36] = '\0';
    }
}

static const char *vars(const char *format, ...) {
    static char text[16384];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return text;
}

/* What one caller may ask in a minute, of the home opened next. */
static int64_t requests = 100000;
static int64_t mutations = 100000;

static void open_home(struct home *h, const char *path, const struct ns_env *env) {
    struct ns_err err = {0};
    struct ns_db_options options = {0};
    must(ns_loop_new(&h->loop, &err), "loop", &err);
    must(ns_executor_new(h->loop, "writer", 1, 256, &h->writer, &err), "writer", &err);
    must(ns_executor_new(h->loop, "pool", 2, 64, &h->pool, &err), "pool", &err);
    must(ns_db_open(path, &options, &h->write_db, &err), "store", &err);
    struct ns_migrate_options migrate = {.now = ns_env_now(env)};
    must(ns_migrate_up(h->write_db, &migrate, &err), "migrate", &err);
    options.read_only = true;
    must(ns_db_open(path, &options, &h->read_db, &err), "reader", &err);
    h->events = ns_events_new();
    h->health = ns_health_new(env, "/tmp");
    struct ns_api_setup setup = {.env = env, .loop = h->loop, .events = h->events,
                                 .health = h->health, .writer = h->writer, .pool = h->pool,
                                 .write_db = h->write_db, .read_db = h->read_db,
                                 .nightly_hour = 3, .forecast_every = 10,
                                 .requests_per_minute = requests,
                                 .mutations_per_minute = mutations};
    must(ns_api_new(&setup, &h->api, &err), "api", &err);
    h->operations = ns_api_operations(h->api);
}

static void close_home(struct home *h) {
    ns_api_close(h->api);
    ns_executor_free(h->pool);
    ns_executor_free(h->writer);
    ns_api_free(h->api);
    ns_health_free(h->health);
    ns_events_free(h->events);
    ns_db_close(h->read_db);
    ns_db_close(h->write_db);
    ns_loop_free(h->loop);
}

static char child[NS_ID_TEXT];
static const char *store_path;

static void first_evening(struct home *h) {
    expect(h, "an empty home says so", "{ household { id } me { id } }", NULL,
           "{\"data\":{\"household\":null,\"me\":null}}");
    expect(h, "the home is set up",
           "mutation($i: SetUpHouseholdInput!) { setUpHousehold(input: $i) { success error user { "
           "displayName province } } }",
           "{\"i\":{\"displayName\":\"Test Parent\",\"province\":\"QC\",\"language\":\"fr\"}}",
           "\"success\":true");
    expect(h, "a second owner is refused",
           "mutation { setUpHousehold(input: {displayName: \"B\", province: ON}) { success error } }",
           NULL, "\"success\":false");
    const char *text = ask(h,
                           "mutation { createChild(input: {name: \"Mila\", dateOfBirth: "
                           "\"2026-07-01\", currentDiaperSize: SIZE_2}) { success error child { id "
                           "name ageInDays } } }",
                           NULL);
    check(has(text, "\"success\":true") && has(text, "\"name\":\"Mila\""), "a child is made", text);
    take(text, "id", child);
    expect(h, "an impossible birth date is refused as input",
           "mutation { createChild(input: {name: \"X\", dateOfBirth: \"2026-02-30\", "
           "currentDiaperSize: SIZE_2}) { success } }",
           NULL, "\"errors\"");
    expect(h, "a birth date too far ahead is refused with words",
           "mutation { createChild(input: {name: \"X\", dateOfBirth: \"2029-02-20\", "
           "currentDiaperSize: SIZE_2}) { success error } }",
           NULL, "\"success\":false,\"error\":\"");
    expect(h, "children are listed by pages",
           "{ myChildren(first: 1) { edges { cursor node { name currentDiaperSize province } } "
           "pageInfo { hasNextPage totalCount } } }",
           NULL,
           "{\"data\":{\"myChildren\":{\"edges\":[{\"cursor\":\"c0\",\"node\":{\"name\":\"Mila\","
           "\"currentDiaperSize\":\"SIZE_2\",\"province\":\"QC\"}}],\"pageInfo\":{\"hasNextPage\":"
           "false,\"totalCount\":1}}}}");
}

#define LOG_DOC                                                                                \
    "mutation($i: LogDiaperChangeInput!) { logDiaperChange(input: $i) { success error message " \
    "actionId usageLog { id timeSinceLastChange inventoryItemId } updatedInventoryItems { "    \
    "quantityRemaining } } }"

static void changes(struct home *h) {
    expect(h, "without consent logging is refused with the reason", LOG_DOC,
           vars("{\"i\":{\"childId\":\"%s\",\"wasWet\":true}}", child), "\"success\":false");
    expect(h, "consent is given",
           "mutation { updateConsent(input: {consentType: CHILD_DATA, granted: true}) { success } }",
           NULL, "{\"data\":{\"updateConsent\":{\"success\":true}}}");
    const char *text = ask(h, LOG_DOC, vars("{\"i\":{\"childId\":\"%s\",\"wasWet\":true}}", child));
    check(has(text, "\"success\":true") && has(text, "\"inventoryItemId\":null"),
          "an empty cupboard does not stop a log", text);
    expect(h, "stock is put on the shelf",
           "mutation($c: ID!) { setInitialInventory(childId: $c, inventoryItems: [{diaperSize: "
           "SIZE_2, brand: \"SoftNest\", quantity: 40}]) { success error } }",
           vars("{\"c\":\"%s\"}", child), "\"success\":true");
    const char *keyed = "{\"i\":{\"childId\":\"%s\",\"wasSoiled\":true,\"clientKey\":"
                        "\"11111111-1111-4111-8111-111111111111\"}}";
    text = ask(h, LOG_DOC, vars(keyed, child));
    check(has(text, "\"quantityRemaining\":39"), "a change takes one diaper", text);
    char action[NS_ID_TEXT];
    take(text, "actionId", action);
    text = ask(h, LOG_DOC, vars(keyed, child));
    check(has(text, "\"success\":true"), "the same key again is answered", text);
    expect(h, "and took nothing more",
           "query($c: ID!) { getDashboardStats(childId: $c) { diapersLeft todayChanges currentSize } }",
           vars("{\"c\":\"%s\"}", child),
           "{\"diapersLeft\":39,\"todayChanges\":2,\"currentSize\":\"Size 2\"}");
    expect(h, "undo puts it back", "mutation($a: ID) { undo(actionId: $a) { success kind error } }",
           vars("{\"a\":\"%s\"}", action), "\"success\":true,\"kind\":\"LOG\"");
    expect(h, "as the numbers show",
           "query($c: ID!) { getDashboardStats(childId: $c) { diapersLeft todayChanges } }",
           vars("{\"c\":\"%s\"}", child), "{\"diapersLeft\":40,\"todayChanges\":1}");
    expect(h, "an unknown child is refused", LOG_DOC,
           "{\"i\":{\"childId\":\"99999999-9999-4999-8999-999999999999\"}}", "\"success\":false");
    expect(h, "something that is no identifier is bad input",
           "{ getDashboardStats(childId: \"7\") { diapersLeft } }", NULL, "\"BAD_USER_INPUT\"");
    expect(h, "the log is listed newest first",
           "query($c: ID!) { getUsageLogs(childId: $c) { edges { node { wasWet } } pageInfo { "
           "totalCount } } }",
           vars("{\"c\":\"%s\"}", child), "\"totalCount\":1");
    expect(h, "items are listed",
           "query($c: ID!) { getInventoryItems(childId: $c, limit: 500) { edges { node { brand "
           "quantityAvailable usagePercentage isExpired daysUntilExpiry } } } }",
           vars("{\"c\":\"%s\"}", child),
           "{\"brand\":\"SoftNest\",\"quantityAvailable\":40,\"usagePercentage\":0,\"isExpired\":"
           "false,\"daysUntilExpiry\":null}");
}

/* A line that was wrong: corrected, taken out, and all of it taken back. */
static void corrections(struct home *h) {
    static const char fix[] =
        "mutation($l: ID!, $i: CorrectDiaperChangeInput!) { correctDiaperChange(logId: $l, input: $i) { "
        "success message error actionId usageLog { wasWet wasSoiled loggedAt } } }";
    static const char out[] = "mutation($l: ID!) { removeDiaperChange(logId: $l) { success message actionId usageLog { id } } }";
    static const char undo[] = "mutation { undo { success message } }";
    static const char left[] = "query($c: ID!) { getDashboardStats(childId: $c) { diapersLeft todayChanges } }";
    char line[NS_ID_TEXT], child_vars[80];
    snprintf(child_vars, sizeof child_vars, "{\"c\":\"%s\"}", child);
    const char *text = ask(h, LOG_DOC, vars("{\"i\":{\"childId\":\"%s\",\"wasWet\":true}}", child));
    take(strstr(text, "usageLog"), "id", line);
    expect(h, "a line is corrected", fix,
           vars("{\"l\":\"%s\",\"i\":{\"wasSoiled\":true,\"loggedAt\":\"2026-11-23T07:00:00Z\"}}", line),
           "\"message\":\"Corrected.\",\"error\":null,\"actionId\":\"");
    expect(h, "its day with it", left, child_vars, "{\"diapersLeft\":39,\"todayChanges\":1}");
    expect(h, "nothing given is refused with what can be", fix, vars("{\"l\":\"%s\",\"i\":{}}", line),
           "\"success\":false,\"message\":\"Say what to correct");
    expect(h, "it is taken out", out, vars("{\"l\":\"%s\"}", line), "\"usageLog\":null");
    expect(h, "and its piece lies on the shelf", left, child_vars, "{\"diapersLeft\":40,\"todayChanges\":1}");
    expect(h, "once", out, vars("{\"l\":\"%s\"}", line), "\"success\":false");
    expect(h, "undo brings it back", undo, NULL, "\"message\":\"The log stands as it did before.\"");
    expect(h, "then undo corrects it back", undo, NULL, "\"success\":true");
    expect(h, "to today", left, child_vars, "{\"diapersLeft\":39,\"todayChanges\":2}");
    expect(h, "then it was never logged", undo, NULL, "\"message\":\"The change was taken back.\"");
    expect(h, "what is no identifier is bad input", out, "{\"l\":\"x\"}", "\"BAD_USER_INPUT\"");
}

/* 30 days of 6 changes ending the day before 2026-11-24. */
static const char *csv(void) {
    static char text[32768];
    size_t n = (size_t)snprintf(text, sizeof text, "date,time,type\\n");
    for (int day = 0; day < 30; day++) {
        ns_date date = ns_date_of((struct ns_civil){2026, 10, 25}) + day;
        char shown[NS_DATE_TEXT];
        ns_date_format(date, shown);
        for (int i = 0; i < 6; i++) {
            n += (size_t)snprintf(text + n, sizeof text - n, "%s,%02d:1%d,%s\\n", shown, 6 + 3 * i,
                                  day % 10, i % 3 == 0 ? "dirty" : "wet");
        }
    }
    return text;
}

static void imports_and_forecast(struct home *h) {
    const char *document = "mutation($i: StageImportInput!) { stageImport(input: $i) { success error "
                           "job { id format changes days duplicates refusedLines dayOrder } } }";
    struct ns_buf v = NS_BUF(1 << 20);
    ns_buf_fmt(&v, "{\"i\":{\"childId\":\"%s\",\"fileName\":\"log.csv\",\"content\":\"%s\"}}", child, csv());
    const char *text = ask(h, document, v.data);
    check(has(text, "\"changes\":180") && has(text, "\"format\":\"PLAIN_CSV\""), "a file is staged", text);
    char id[NS_ID_TEXT];
    take(text, "id", id);
    struct answer progress = {.wanted = 1};
    struct answer forecasts = {.wanted = 1};
    struct ns_op *s1 = start(h, &progress, "subscription($i: ID!) { importUpdates(importId: $i) { state written } }",
                             vars("{\"i\":\"%s\"}", id));
    struct ns_op *s2 = start(h, &forecasts,
                             "subscription { predictionUpdates { childId currentConsumptionRate "
                             "dailyForecast { expected } } }",
                             NULL);
    check(s1 != NULL && s2 != NULL, "subscriptions stand", progress.text.data);
    expect(h, "the import is written",
           "mutation($i: ID!) { commitImport(importId: $i) { success error job { total } } }",
           vars("{\"i\":\"%s\"}", id), "\"success\":true");
    while (forecasts.next == 0 || !has(progress.text.data, "DONE")) {
        ns_loop_run(h->loop);
    }
    check(has(progress.text.data, "\"state\":\"DONE\",\"written\":180"), "its end is told", progress.text.data);
    check(has(forecasts.text.data, "\"expected\":\""), "a forecast follows by itself", forecasts.text.data);
    h->operations->cancel(h->operations->self, s1);
    h->operations->cancel(h->operations->self, s2);
    ns_buf_fini(&progress.text);
    ns_buf_fini(&forecasts.text);
    text = ask(h, document, v.data);
    check(has(text, "\"duplicates\":180"), "the same file again brings nothing new", text);
    ns_buf_fini(&v);
    text = ask(h,
               "mutation($c: ID!) { triggerPredictionUpdate(childId: $c) { success message prediction { "
               "currentConsumptionRate predictedRunoutDate runoutConfidence confidenceLevel "
               "trainingDataPoints modelKind notes featureImportance } } }",
               vars("{\"c\":\"%s\"}", child));
    check(has(text, "\"success\":true") && has(text, "\"currentConsumptionRate\":\"") &&
              has(text, "\"predictedRunoutDate\":\"2026-"),
          "a forecast on demand knows when 40 diapers run out", text);
    expect(h, "days are counted",
           "query($c: ID!) { usageDays(childId: $c, daysBack: 3) { date count status } }",
           vars("{\"c\":\"%s\"}", child), "{\"date\":\"2026-11-23\",\"count\":6,\"status\":\"OK\"}");
}

static void family_and_outlook(struct home *h) {
    char id[NS_ID_TEXT];
    char prediction[NS_ID_TEXT];
    expect(h, "a weight is kept",
           "mutation($c: ID!) { recordMeasurement(input: {childId: $c, weightKg: 6.9, measuredOn: "
           "\"2026-11-20\"}) { success error } }", vars("{\"c\":\"%s\"}", child), "\"success\":true");
    expect(h, "a weight of nobody is refused with its range",
           "mutation($c: ID!) { recordMeasurement(input: {childId: $c, weightKg: 90}) { success error } }",
           vars("{\"c\":\"%s\"}", child), "\"success\":false,\"error\":\"");
    expect(h, "and listed", "query($c: ID!) { measurements(childId: $c) { measuredOn weightKg heightCm } }",
           vars("{\"c\":\"%s\"}", child),
           "[{\"measuredOn\":\"2026-11-20\",\"weightKg\":6.9,\"heightCm\":null}]");
    const char *text = ask(h, "mutation($c: ID!) { addChildMark(input: {childId: $c, kind: DAYCARE, weekdays: 21}) "
                              "{ success error mark { id kind firstDay lastDay weekdays } } }",
                           vars("{\"c\":\"%s\"}", child));
    check(has(text, "\"kind\":\"DAYCARE\",\"firstDay\":\"2026-11-24\",\"lastDay\":null,\"weekdays\":21"),
          "daycare goes on without an end", text);
    take(text, "id", id);
    expect(h, "travel needs days in order",
           "mutation($c: ID!) { addChildMark(input: {childId: $c, kind: TRAVEL, firstDay: \"2026-12-10\", "
           "lastDay: \"2026-12-01\"}) { success } }", vars("{\"c\":\"%s\"}", child), "\"success\":false");
    expect(h, "delivery times are set",
           "mutation { setDeliveryTimes(input: {earlyDays: 1, usualDays: 2, lateDays: 4}) { success } }", NULL,
           "\"success\":true");
    expect(h, "and read", "{ deliveryTimes { earlyDays usualDays lateDays } }", NULL,
           "{\"earlyDays\":1,\"usualDays\":2,\"lateDays\":4}");
    expect(h, "born early is told", "mutation($c: ID!) { setBornEarly(childId: $c, days: 21) { success } }",
           vars("{\"c\":\"%s\"}", child), "\"success\":true");
    text = ask(h, "mutation($c: ID!) { triggerPredictionUpdate(childId: $c) { success recommendations prediction { id "
                  "sizeChangeProbability predictedNewSize sizeChangeFromWeight packsToBuy packPieces alert "
                  "explanation seed dataHash settings } } }", vars("{\"c\":\"%s\"}", child));
    check(has(text, "\"predictedNewSize\":\"Size 3\",\"sizeChangeFromWeight\":true") &&
              has(text, "\"sizeChangeProbability\":\"0.") && has(text, "\"alert\":false") &&
              has(text, "\"seed\":0,\"dataHash\":\""),
          "size, packs and where it came from", text);
    check(has(text, "weights you logged"), "in plain words", text);
    check(has(text, "\"recommendations\":[\"Order "), "and what to do about it", text);
    take(text, "id", prediction);
    expect(h, "a replay gives the same bits",
           "query($p: ID!) { predictionReplay(predictionId: $p) { same sameData sameModel } }",
           vars("{\"p\":\"%s\"}", prediction), "{\"same\":true,\"sameData\":true,\"sameModel\":true}");
    expect(h, "an unknown prediction has none",
           "{ predictionReplay(predictionId: \"99999999-9999-4999-8999-999999999999\") { same } }", NULL, "\"errors\"");
    expect(h, "a week ill takes more",
           "query($c: ID!) { forecastScenario(childId: $c, input: {sickDays: 7, secondChildBorn: "
           "\"2026-12-24\"}) { summary newcomer { demand30d } } }", vars("{\"c\":\"%s\"}", child), "more, ");
    const char *what_if = "query($c: ID!) { forecastScenario(childId: $c, input: {sickDays: 3}) { summary } }";
    struct answer gone = {0};
    struct ns_op *op = start(h, &gone, what_if, vars("{\"c\":\"%s\"}", child));
    check(op != NULL && !gone.over, "the loop does not wait for the model", NULL);
    h->operations->cancel(h->operations->self, op);
    expect(h, "two questions of one query are answered in their order",
           "query($c: ID!) { a: forecastScenario(childId: $c, input: {travelDays: 3}) { summary } "
           "b: householdOutlook { size } c: child(childId: $c) { id } }",
           vars("{\"c\":\"%s\"}", child), "],\"c\":{\"id\"");
    check(gone.next == 0 && !gone.over, "who has gone is told nothing", NULL);
    expect(h, "half a span is refused",
           "query($c: ID!) { forecastScenario(childId: $c, input: {travelFrom: \"2026-12-24\"}) { summary } }",
           vars("{\"c\":\"%s\"}", child), "BAD_USER_INPUT");
    expect(h, "how right a forecast of two weeks ago was",
           "query($c: ID!) { forecastReview(childId: $c, days: 14) { firstDay lastDay days used } }",
           vars("{\"c\":\"%s\"}", child),
           "{\"firstDay\":\"2026-11-10\",\"lastDay\":\"2026-11-23\",\"days\":14,\"used\":84}");
    expect(h, "the shelf of one size", "{ householdOutlook { size stock childIds outlook { demand30d runoutDate } } }",
           NULL, "{\"size\":\"Size 2\",\"stock\":40,\"childIds\":[\"");
    expect(h, "wipes are stocked",
           "mutation($c: ID!) { createInventoryItem(input: {childId: $c, productType: WIPES, brand: \"\", size: \"-\", "
           "quantityTotal: 60, purchaseDate: \"2026-11-04T12:00:00Z\"}) { success actionId } }", vars("{\"c\":\"%s\"}", child),
           "\"success\":true");
    expect(h, "counted, they tell how long they last",
           "query($c: ID!) { supplyOutlook(childId: $c) { left perDay fromLogs summary } }", vars("{\"c\":\"%s\"}", child),
           "{\"left\":60,\"perDay\":null,\"fromLogs\":false,\"summary\":\"Wipes: 60 left. How");
    expect(h, "and go again", "mutation { undo { success } }", NULL, "\"success\":true");
    expect(h, "no supplies are stocked", "query($c: ID!) { supplyOutlook(childId: $c) { left } }",
           vars("{\"c\":\"%s\"}", child), "\"supplyOutlook\":[]");
    expect(h, "how the forecasts do is counted, and no alarm stands",
           "{ systemMetrics { predictions { meanAbsoluteError confidence { level count } } alerts { name } "
           "subscriptions { monthlyRecurringRevenueCad } orders { successRate } retailers { requests } } }",
           NULL, "\"alerts\":[],\"subscriptions\":{");
    expect(h, "a mark goes again", "mutation($m: ID!) { removeChildMark(markId: $m) { success } }",
           vars("{\"m\":\"%s\"}", id), "\"success\":true");
    expect(h, "and is gone", "query($c: ID!) { childMarks(childId: $c) { id } }",
           vars("{\"c\":\"%s\"}", child), "\"childMarks\":[]");
}

/* Every field of the inputs goes in and comes back. */
static void preferences(struct home *h) {
    expect(h, "nobody has preferences yet", "{ getReorderPreferences { items { id } totalCount } }", NULL,
           "{\"items\":[],\"totalCount\":0}");
    expect(h, "preferences are made with the defaults of the schema",
           "mutation($c: ID!) { createReorderPreferences(input: {childId: $c}) { success message preferences { "
           "childId autoReorderEnabled reorderThresholdDays maxOrderAmountCad preferredRetailers preferredBrands "
           "sizePreferences preferredDeliveryDays deliveryInstructions emergencyContactOnDelivery "
           "notifyBeforeOrder notifyOrderPlaced notifyDeliveryUpdates notificationAdvanceHours "
           "useGrowthPrediction useSeasonalAdjustments predictionConfidenceThreshold } } }",
           vars("{\"c\":\"%s\"}", child),
           "\"autoReorderEnabled\":false,\"reorderThresholdDays\":7,\"maxOrderAmountCad\":\"150.00\","
           "\"preferredRetailers\":[],\"preferredBrands\":[],\"sizePreferences\":{},\"preferredDeliveryDays\":[],"
           "\"deliveryInstructions\":null,\"emergencyContactOnDelivery\":false,\"notifyBeforeOrder\":true,"
           "\"notifyOrderPlaced\":true,\"notifyDeliveryUpdates\":true,\"notificationAdvanceHours\":24,"
           "\"useGrowthPrediction\":true,\"useSeasonalAdjustments\":true,"
           "\"predictionConfidenceThreshold\":\"MEDIUM\"");
    expect(h, "a second time they are there already",
           "mutation($c: ID!) { createReorderPreferences(input: {childId: $c}) { success message preferences { id } } }",
           vars("{\"c\":\"%s\"}", child), "\"success\":false,\"message\":\"");
    expect(h, "all of them can be changed",
           "mutation($c: ID!) { updateReorderPreferences(childId: $c, input: {autoReorderEnabled: true, "
           "reorderThresholdDays: 10, maxOrderAmountCad: \"99.95\", preferredRetailers: [WALMART_CA, AMAZON_CA], "
           "preferredBrands: [\"Maple\"], sizePreferences: {next: [\"SIZE_4\"], most: 2.50}, "
           "preferredDeliveryDays: [6, 0], deliveryInstructions: \"Side door\", emergencyContactOnDelivery: true, "
           "notifyBeforeOrder: false, notifyOrderPlaced: false, notifyDeliveryUpdates: false, "
           "notificationAdvanceHours: 48, useGrowthPrediction: false, useSeasonalAdjustments: false, "
           "predictionConfidenceThreshold: VERY_HIGH}) { success message } }",
           vars("{\"c\":\"%s\"}", child), "\"success\":true");
    expect(h, "and are read back", "query($c: ID!) { getReorderPreferences(childId: $c) { items { "
           "autoReorderEnabled reorderThresholdDays maxOrderAmountCad preferredRetailers preferredBrands "
           "sizePreferences preferredDeliveryDays deliveryInstructions emergencyContactOnDelivery "
           "notifyBeforeOrder notifyOrderPlaced notifyDeliveryUpdates notificationAdvanceHours "
           "useGrowthPrediction useSeasonalAdjustments predictionConfidenceThreshold } totalCount } }",
           vars("{\"c\":\"%s\"}", child),
           "\"autoReorderEnabled\":true,\"reorderThresholdDays\":10,\"maxOrderAmountCad\":\"99.95\","
           "\"preferredRetailers\":[\"WALMART_CA\",\"AMAZON_CA\"],\"preferredBrands\":[\"Maple\"],"
           "\"sizePreferences\":{\"next\":[\"SIZE_4\"],\"most\":2.50},\"preferredDeliveryDays\":[0,6],"
           "\"deliveryInstructions\":\"Side door\",\"emergencyContactOnDelivery\":true,"
           "\"notifyBeforeOrder\":false,\"notifyOrderPlaced\":false,\"notifyDeliveryUpdates\":false,"
           "\"notificationAdvanceHours\":48,\"useGrowthPrediction\":false,\"useSeasonalAdjustments\":false,"
           "\"predictionConfidenceThreshold\":\"VERY_HIGH\"");
    expect(h, "one field changes alone, null takes a text away",
           "mutation($c: ID!) { updateReorderPreferences(childId: $c, input: {useGrowthPrediction: true, "
           "deliveryInstructions: null}) { preferences { reorderThresholdDays useGrowthPrediction "
           "deliveryInstructions } } }", vars("{\"c\":\"%s\"}", child),
           "{\"reorderThresholdDays\":10,\"useGrowthPrediction\":true,\"deliveryInstructions\":null}");
    expect(h, "half a cent is no amount",
           "mutation($c: ID!) { updateReorderPreferences(childId: $c, input: {maxOrderAmountCad: \"1.005\"}) "
           "{ success message } }", vars("{\"c\":\"%s\"}", child), "\"success\":false,\"message\":\"The most");
    expect(h, "a list is no object of sizes",
           "mutation($c: ID!) { updateReorderPreferences(childId: $c, input: {sizePreferences: [1]}) "
           "{ success message } }", vars("{\"c\":\"%s\"}", child), "\"success\":false,\"message\":\"Size");
    expect(h, "the dashboard shows them", "{ getSubscriptionDashboard { activePreferences { maxOrderAmountCad } } }",
           NULL, "\"activePreferences\":[{\"maxOrderAmountCad\":\"99.95\"}]");
    expect(h, "a forecast tells what it left out",
           "mutation($c: ID!) { triggerPredictionUpdate(childId: $c) { prediction { seasonalAdjustmentFactor settings } } }",
           vars("{\"c\":\"%s\"}", child), "\"useSeasonalAdjustments\":false");
}

/* Products, prices, comparison: through the API alone. */
static void shopping(struct home *h) {
    char product[NS_ID_TEXT];
    expect(h, "nothing is made up where no price is known",
           "{ searchProducts(searchQuery: \"huggies\") { success products { id } totalCount fromCache message } }", NULL,
           "{\"success\":true,\"products\":[],\"totalCount\":0,\"fromCache\":true,\"message\":\"No price");
    const char *text = ask(h, "mutation { addPrice(input: {barcode: \"036000291452\", brand: \"Huggies\", title: "
           "\"Huggies Little Snugglers Diapers Size 2, 132 Count\", retailerType: WALMART_CA, priceCad: \"39.97\", "
           "regularPriceCad: \"44.97\", deliveryCad: \"9.97\", freeDeliveryFromCad: \"35.00\", deliveryDays: 3, retailerSku: "
           "\"6000123\"}) { success error product { id gtin packCount } offer { shippingCostCad } } }", NULL);
    check(has(text, "\"success\":true,\"error\":null") && has(text, "\"gtin\":\"00036000291452\",\"packCount\":132"),
          "a price from a shelf is kept with what its title says", text);
    take(text, "id", product);
    expect(h, "the documented search", "query SearchProducts($retailerType: RetailerTypeEnum!, $searchQuery: String!, "
           "$diaperSize: String, $maxResults: Int = 10) { searchProducts(retailerType: $retailerType, searchQuery: $searchQuery, "
           "diaperSize: $diaperSize, maxResults: $maxResults) { success products { retailerProductId name brand priceCad "
           "pricePerUnit availability estimatedDeliveryDays } } }",
           "{\"retailerType\":\"WALMART_CA\",\"searchQuery\":\"huggies size 2 diapers\",\"diaperSize\":\"Size 2\",\"maxResults\":10}",
           "{\"success\":true,\"products\":[{\"retailerProductId\":\"6000123\",\"name\":\"Huggies Little Snugglers Diapers "
           "Size 2, 132 Count\",\"brand\":\"Huggies\",\"priceCad\":\"39.97\",\"pricePerUnit\":\"0.3028\",\"availability\":true,"
           "\"estimatedDeliveryDays\":3}]}");
    expect(h, "another shop has none", "{ searchProducts(retailerType: AMAZON_CA, searchQuery: \"huggies\") { totalCount } }",
           NULL, "\"totalCount\":0");
    expect(h, "a scan names the product", "{ productByBarcode(barcode: \"0 36000 29145 2\") { brand size } }", NULL,
           "{\"brand\":\"Huggies\",\"size\":\"Size 2\"}");
    expect(h, "a stranger is null", "{ productByBarcode(barcode: \"4006381333931\") { id } }", NULL, "\"productByBarcode\":null");
    expect(h, "a misread one is an error", "{ productByBarcode(barcode: \"036000291453\") { id } }", NULL, "BAD_USER_INPUT");
    expect(h, "a scanned pack is on the shelf",
           "mutation($c: ID!) { stockByBarcode(barcode: \"036000291452\", childId: $c, packs: 2) { success inventoryItem { brand "
           "size quantityTotal } } }", vars("{\"c\":\"%s\"}", child),
           "\"success\":true,\"inventoryItem\":{\"brand\":\"Huggies\",\"size\":\"SIZE_2\",\"quantityTotal\":264}");
    (void)ask(h, "mutation($p: ID!) { addPrice(input: {productId: $p, retailerType: PHARMACY, shop: \"Jean Coutu\", "
           "priceCad: \"34.99\", deliveryCad: \"0\"}) { success } }", vars("{\"p\":\"%s\"}", product));
    (void)ask(h, "mutation($p: ID!) { addPrice(input: {productId: $p, retailerType: PHARMACY, shop: \"Jean Coutu\", "
           "priceCad: \"31.49\", fromPacks: 2, deliveryCad: \"0\", source: RECEIPT}) { success } }", vars("{\"p\":\"%s\"}", product));
    expect(h, "the comparison lands each offer at the door, with the tax and why",
           "query($p: ID!) { getRetailerComparison(productId: $p, province: ON) { wholeCount province retailers { name price { amount taxes { gst "
           "hst total } finalAmount bulkDiscounts { quantity discountPercentage savings { amount } } } deliveryCharge "
           "pieceMilliCents missing stale source link } priceComparison { lowestPrice { amount } priceSpread { max } } } }",
           vars("{\"p\":\"%s\"}", product),
           "{\"wholeCount\":2,\"province\":\"ON\",\"retailers\":[{\"name\":\"Jean Coutu\",\"price\":{\"amount\":34.99,\"taxes\":{"
           "\"gst\":0.00,\"hst\":1.75,\"total\":1.75},\"finalAmount\":36.74,\"bulkDiscounts\":[{\"quantity\":2,"
           "\"discountPercentage\":10,\"savings\":{\"amount\":7.00}}]},\"deliveryCharge\":0.00,\"pieceMilliCents\":27833,"
           "\"missing\":null,\"stale\":false,\"source\":\"MANUAL\",\"link\":null},{\"name\":\"Walmart Canada\"");
    expect(h, "another province, another tax, another reason",
           "query($p: ID!) { getRetailerComparison(productId: $p, province: PE) { retailers { taxReason } } }",
           vars("{\"p\":\"%s\"}", product), "HST");
    expect(h, "every price seen is kept", "query($p: ID!) { priceHistory(productId: $p) { shop fromPacks priceCad source } }",
           vars("{\"p\":\"%s\"}", product), "{\"shop\":\"Jean Coutu\",\"fromPacks\":2,\"priceCad\":\"31.49\",\"source\":\"RECEIPT\"}");
    const char *kept = ask(h, "mutation { createRetailerConfig(input: {retailerType: AMAZON_CA, clientId: \"AKIDEXAMPLE\", "
           "clientSecret: \"never-to-be-seen\", partnerTag: \"home-20\", rateLimitPerHour: 900}) { success message config { id "
           "retailerType retailerName isActive apiEndpoint rateLimitPerHour totalSuccessfulOrders consecutiveFailures "
           "averageResponseTimeMs supportsDirectOrders partnerTag } } }", NULL);
    check(has(kept, "\"retailerName\":\"Amazon.ca\",\"isActive\":true,\"apiEndpoint\":\"https://creatorsapi.amazon\","
              "\"rateLimitPerHour\":900,\"totalSuccessfulOrders\":0,\"consecutiveFailures\":0,\"averageResponseTimeMs\":null,"
              "\"supportsDirectOrders\":false,\"partnerTag\":\"home-20\""), "an account with a shop is kept", kept);
    char config[NS_ID_TEXT];
    bool plain = true;
    struct ns_err search_err = {0};
    take(kept, "id", config);
    must(ns_db_search(h->read_db, NS_STR("never-to-be-seen"), &plain, &search_err), "search", &search_err);
    check(!plain, "its secret is sealed", NULL);
    expect(h, "a second one is refused", "mutation { createRetailerConfig(input: {retailerType: AMAZON_CA, clientId: \"a\", "
           "clientSecret: \"b\"}) { success message config { id } } }", NULL, "\"success\":false,\"message\":\"Amazon.ca is connected");
    expect(h, "a plain line to a stranger is refused", "mutation($c: ID!) { updateRetailerConfig(configId: $c, input: {apiEndpoint: "
           "\"http://creatorsapi.amazon\"}) { success message } }", vars("{\"c\":\"%s\"}", config), "\"success\":false");
    expect(h, "one field changes alone", "mutation($c: ID!) { updateRetailerConfig(configId: $c, input: {isActive: false}) { success "
           "config { isActive rateLimitPerHour partnerTag } } }", vars("{\"c\":\"%s\"}", config),
           "{\"isActive\":false,\"rateLimitPerHour\":900,\"partnerTag\":\"home-20\"}");
    expect(h, "and it goes", "mutation($c: ID!) { deleteRetailerConfig(configId: $c) { success } }", vars("{\"c\":\"%s\"}", config),
           "\"success\":true");
    expect(h, "half a cent is no price", "mutation($p: ID!) { addPrice(input: {productId: $p, retailerType: METRO, priceCad: "
           "\"1.005\"}) { success error } }", vars("{\"p\":\"%s\"}", product), "\"success\":false,\"error\":\"A price is an amount");
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static void wait_at_the_gate(struct ns_job *job) {
    (void)job;
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
}
static void passed(struct ns_job *job) {
    free(job);
}

static bool block_writer(struct home *h) {
    struct ns_job *job = ns_xcalloc(1, sizeof *job);
    *job = (struct ns_job){.run = wait_at_the_gate, .done = passed};
    bool taken = ns_executor_submit(h->writer, job) == NS_OK;
    if (!taken) {
        free(job);
    }
    return taken;
}

/* A full queue is told on the spot, once, and harms nobody. */
static void too_much_waits(struct home *h) {
    const char *wish = "mutation($c: ID!) { triggerPredictionUpdate(childId: $c) { success message } }";
    expect(h, "a forecast that runs already is awaited", wish, vars("{\"c\":\"%s\"}", child), "\"success\":true");
    pthread_mutex_lock(&gate);
    check(block_writer(h), "one job holds the writer", NULL);
    while (ns_executor_waiting(h->writer) > 0) { /* until the writer stands at the gate */
        sched_yield();
    }
    while (block_writer(h)) {
    }
    struct answer told = {0};
    start(h, &told, wish, vars("{\"c\":\"%s\"}", child));
    check(told.over && has(told.text.data, "\"success\":false,\"message\":\""),
          "with too much waiting a forecast is refused at once", told.text.data);
    ns_buf_fini(&told.text);
    pthread_mutex_unlock(&gate);
    while (ns_executor_waiting(h->writer) > 0) {
        sched_yield();
    }
    expect(h, "and made when there is room again", wish, vars("{\"c\":\"%s\"}", child), "\"success\":true");
}

/* Both views of the plan, while it is a trial and nobody sells. */
static void plans(struct home *h) {
    expect(h, "the plans on offer",
           "{ availablePlans { currentTier recommendedPlan { id } plans { id tier price limits { childProfiles } } } }", NULL,
           "{\"id\":\"premium_monthly\",\"tier\":\"PREMIUM\",\"price\":29.99,\"limits\":{\"childProfiles\":3}}");
    expect(h, "the trial in the app's words",
           "{ mySubscription { status tier isOnTrial stripeSubscriptionId province amount } myTrialProgress { isActive "
           "daysRemaining convertedToPaid } }", NULL,
           "{\"status\":\"TRIALING\",\"tier\":\"FAMILY\",\"isOnTrial\":true,\"stripeSubscriptionId\":null,\"province\":\"QC\","
           "\"amount\":34.99},\"myTrialProgress\":{\"isActive\":true,\"daysRemaining\":14,\"convertedToPaid\":false}");
    expect(h, "the status word the app compares",
           "{ getSubscriptionStatus { status currentPlan { id price { amount canadianTaxes { gst pst hst total } } } "
           "nextBillingDate usage { lifetime { totalOrders } } availableUpgrades { planId } } }", NULL,
           "{\"status\":\"premium\",\"currentPlan\":{\"id\":\"family_monthly\",\"price\":{\"amount\":34.99,\"canadianTaxes\":"
           "{\"gst\":1.75,\"pst\":3.49,\"hst\":0.00,\"total\":5.24}}},\"nextBillingDate\":null");
    expect(h, "a feature of the trial", "{ checkFeatureAccess(featureId: \"smart_reorder_suggestions\") { hasAccess accessSource } }",
           NULL, "{\"hasAccess\":true,\"accessSource\":\"TRIAL\"}");
    expect(h, "an unknown feature is not granted", "{ checkFeatureAccess(featureId: \"x\") { hasAccess tierRequired } }", NULL,
           "{\"hasAccess\":false,\"tierRequired\":\"PREMIUM\"}");
    expect(h, "a trial comes once",
           "mutation { startTrial(input: {tier: PREMIUM, province: ON}) { success error trialProgress { id } } }", NULL,
           "\"success\":false,\"error\":\"This home has had its trial; it comes once.\"");
    expect(h, "its use is counted",
           "mutation { trackTrialEvent(input: {eventType: FEATURE_USED, featureUsed: \"automation\"}) { success } }", NULL,
           "\"success\":true");
    expect(h, "a move changes the rates",
           "mutation { updateBillingProvince(province: ON) { success newProvince newTaxRate subscription { province } } }", NULL,
           "{\"success\":true,\"newProvince\":\"ON\",\"newTaxRate\":0.13,\"subscription\":{\"province\":\"ON\"}}");
    expect(h, "where nobody sells, the answer says so and nothing changes",
           "mutation { createSubscription(input: {tier: BASIC, stripePaymentMethodId: \"pm_1\", billingAddress: {}, "
           "provinceCode: \"ON\"}) { success clientSecret message subscription { id } } }", NULL,
           "\"success\":false,\"clientSecret\":null,\"message\":\"No payment service is set up here.");
    expect(h, "a province is never assumed",
           "mutation { createSubscription(input: {tier: BASIC, stripePaymentMethodId: \"pm_1\", billingAddress: {}, "
           "provinceCode: \"XX\"}) { success message } }", NULL, "it is never guessed");
    expect(h, "no bills were made up", "{ myBillingHistory { records { id } totalRecords hasMore } myPaymentMethods { id } }", NULL,
           "{\"records\":[],\"totalRecords\":0,\"hasMore\":false},\"myPaymentMethods\":[]");
    expect(h, "what stopping means", "{ cancellationPreview { canCancel refundEligible message } }", NULL,
           "{\"canCancel\":true,\"refundEligible\":false,\"message\":\"Everything you logged stays");
    expect(h, "a trial is stopped by a word", "mutation { cancelSubscription { success subscription { status activeUntil } } }", NULL,
           "{\"success\":true,\"subscription\":{\"status\":\"family\",\"activeUntil\":\"2026-");
    expect(h, "every edge has its line",
           "{ auditTrail(first: 5, entity: \"subscription\") { edges { node { action } } } }", NULL, "\"PROVINCE_CHANGED\"");
}

static const char *documented(struct ns_buf *document, const char *name) {
    char path[512];
    snprintf(path, sizeof path, NS_TEST_SOURCE_ROOT "/tests/data/documents/%s.graphql", name);
    ns_buf_clear(document);
    must(ns_env_system()->read_file(NULL, path, document, NULL), "document", &(struct ns_err){0});
    return document->data;
}

/* Orders over the API: the documentation's document, both forms of products, and the whole way. */
static void orders(struct home *h) {
    struct ns_buf document = NS_BUF(10000);
    char id[NS_ID_TEXT];
    const char *create = documented(&document, "CreateManualOrder");
    const char *wish = "{\"input\":{\"retailerType\":\"WALMART_CA\",\"childId\":\"%s\",\"products\":"
                      "[{\"retailerProductId\":\"6000\",\"name\":\"Maple Size 4, 62 Count\",\"quantity\":2,"
                      "\"price\":\"31.97\"}],\"deliveryAddress\":{\"type\":\"default\"},\"paymentMethodId\":\"default\"}}";
    expect(h, "no order yet", "{ getOrderHistory { id } getReorderAnalytics { totalOrders averageDeliveryDays } }", NULL,
           "{\"getOrderHistory\":[],\"getReorderAnalytics\":{\"totalOrders\":0,\"averageDeliveryDays\":null}}");
    expect(h, "nothing asked for is no order", create,
           vars("{\"input\":{\"retailerType\":\"AMAZON_CA\",\"childId\":\"%s\",\"products\":[],"
                "\"deliveryAddress\":{},\"paymentMethodId\":\"default\"}}", child),
           "{\"data\":{\"createManualOrder\":{\"success\":false,\"transaction\":null,\"message\":\"Products are");
    expect(h, "an address without a city is none", create,
           vars("{\"input\":{\"retailerType\":\"AMAZON_CA\",\"childId\":\"%s\",\"products\":[{\"productId\":\"x\","
                "\"quantity\":1}],\"deliveryAddress\":{\"postalCode\":\"H2X 1Y4\"},\"paymentMethodId\":\"d\"}}", child),
           "\"code\":\"BAD_USER_INPUT\"");
    expect(h, "the documentation's order, verbatim", create, vars(wish, child),
           "\"status\":\"PENDING\",\"totalAmountCad\":\"0.00\",\"trackingNumber\":null},\"message\":\"NEST-");
    expect(h, "asked for twice is one order", create, vars(wish, child), "was asked for already. Nothing is bought twice.");
    take(ask(h, "{ getOrderHistory(limit: 1) { id } }", NULL), "id", id);
    expect(h, "it names its shop's page and what is agreed to",
           "query($o: ID!) { order(orderId: $o) { stage retailerType orderType totalItems checkoutUrl priceKnown "
           "agreedAmountCad affiliateDisclosure stocked lines { size piecesPerPack packs productType } } }",
           vars("{\"o\":\"%s\"}", id),
           "{\"stage\":\"APPROVED\",\"retailerType\":\"WALMART_CA\",\"orderType\":\"manual\",\"totalItems\":2,"
           "\"checkoutUrl\":\"https://www.walmart.ca/search?q=Maple%20Size%204%2C%2062%20Count\",\"priceKnown\":false,"
           "\"agreedAmountCad\":\"63.94\",\"affiliateDisclosure\":null,\"stocked\":false,"
           "\"lines\":[{\"size\":\"SIZE_4\",\"piecesPerPack\":62,\"packs\":2,\"productType\":\"DIAPER\"}]}");
    expect(h, "the yes is taken back", "mutation($o: ID!) { stopOrder(orderId: $o) { success transaction { stage status } } }",
           vars("{\"o\":\"%s\"}", id), "{\"success\":true,\"transaction\":{\"stage\":\"PROPOSED\",\"status\":\"PENDING\"}}");
    expect(h, "and given again", "mutation($o: ID!) { approveOrder(orderId: $o) { success } }", vars("{\"o\":\"%s\"}", id),
           "{\"approveOrder\":{\"success\":true}}");
    expect(h, "two parents say yes at once", "mutation($o: ID!) { approveOrder(orderId: $o) { success } }",
           vars("{\"o\":\"%s\"}", id), "{\"approveOrder\":{\"success\":true}}");
    expect(h, "pending is no outcome", "mutation($o: ID!) { recordOrderOutcome(orderId: $o, input: {status: PENDING}) { success } }",
           vars("{\"o\":\"%s\"}", id), "\"code\":\"BAD_USER_INPUT\"");
    expect(h, "a person bought it", "mutation($o: ID!) { recordOrderOutcome(orderId: $o, input: {status: CONFIRMED, "
           "paidAmountCad: \"70.12\", retailerOrderId: \"W-1\"}) { success transaction { status retailerOrderId } } }",
           vars("{\"o\":\"%s\"}", id), "{\"status\":\"CONFIRMED\",\"retailerOrderId\":\"W-1\"}");
    expect(h, "it came, and is on the shelf", "mutation($o: ID!) { recordOrderOutcome(orderId: $o, input: {status: DELIVERED}) "
           "{ success message transaction { stocked } } }", vars("{\"o\":\"%s\"}", id), "124 pieces are on the shelf");
    expect(h, "told again it changes nothing", "mutation($o: ID!) { recordOrderOutcome(orderId: $o, input: {status: DELIVERED}) "
           "{ success message } }", vars("{\"o\":\"%s\"}", id), "{\"success\":true,\"message\":\"NEST-");
    expect(h, "the shelf has it once", "query($c: ID!) { getInventoryItems(childId: $c, limit: 100) { edges { node { quantityTotal } } } }",
           vars("{\"c\":\"%s\"}", child), "{\"quantityTotal\":124}");
    expect(h, "it can be rated", "mutation($o: ID!) { rateOrder(orderId: $o, score: 5, note: \"ok\") { transaction { score scoreNote } } }",
           vars("{\"o\":\"%s\"}", id), "{\"score\":5,\"scoreNote\":\"ok\"}");
    expect(h, "its steps with the true status before each", "query($o: ID!) { getOrderStatusUpdates(transactionId: $o, first: 2) "
           "{ items { previousStatus newStatus updateSource } totalCount hasNextPage } }", vars("{\"o\":\"%s\"}", id),
           "{\"items\":[{\"previousStatus\":null,\"newStatus\":\"PENDING\",\"updateSource\":\"user\"},"
           "{\"previousStatus\":\"PENDING\",\"newStatus\":\"PENDING\",\"updateSource\":\"user\"}],\"totalCount\":6,"
           "\"hasNextPage\":true}");
    expect(h, "the sums are of what was paid", "{ getReorderAnalytics { totalOrders totalAmountCad averageOrderValueCad "
           "successfulOrders topRetailers predictionAccuracy } getSubscriptionDashboard { recentOrders { status } "
           "analytics { totalOrders } } }", NULL,
           "{\"totalOrders\":1,\"totalAmountCad\":\"70.12\",\"averageOrderValueCad\":\"70.12\",\"successfulOrders\":1,"
           "\"topRetailers\":[\"Walmart Canada\"],\"predictionAccuracy\":null},\"getSubscriptionDashboard\":{\"recentOrders\":"
           "[{\"status\":\"DELIVERED\"}],\"analytics\":{\"totalOrders\":1}}");
    expect(h, "limits are kept", "mutation { setSpendingLimits(perOrderCad: \"20\") { success limits { perOrderCad perMonthCad "
           "spentThisMonthCad } } }", NULL, "{\"perOrderCad\":\"20.00\",\"perMonthCad\":null,\"spentThisMonthCad\":\"70.12\"}");
    expect(h, "and hold", create, vars(wish, child), "the limit is $20.00 an order");
    expect(h, "unless taken away", "mutation { setSpendingLimits { success limits { perOrderCad } } }", NULL,
           "{\"perOrderCad\":null}");
    expect(h, "the app's single product", "mutation($c: ID!) { createManualOrder(input: {retailerType: METRO, childId: $c, "
           "products: {name: \"Wipes\", category: \"wipes\", quantity: 1, notes: \"\"}, deliveryAddress: {type: \"default\", "
           "instructions: \"Side door\"}, paymentMethodId: \"default\"}) { success transaction { checkoutUrl lines { productType } } } }",
           vars("{\"c\":\"%s\"}", child), "{\"checkoutUrl\":\"https://www.metro.ca/en/search?filter=Wipes\",\"lines\":[{\"productType\":\"WIPES\"}]}");
    expect(h, "and it can be called off", "mutation($o: ID!) { cancelOrder(orderId: $o, reason: \"no\") { success message } }",
           vars("{\"o\":\"%s\"}", id), "\"success\":false");
    ns_buf_fini(&document);
}

/* Notices by the contract: the defaults of the first moment, wishes, a notice from a real happening. */
static void notices(struct home *h) {
    const char *history = "{ getNotificationHistory(limit: 5) { edges { node { notificationType priority channel "
                          "deliveryStatus title message openedAt errorCode } cursor } pageInfo { totalCount } } }";
    const char *update = "mutation($i: UpdateNotificationPreferencesInput!) { updateNotificationPreferences(input: $i) { "
                         "success error preferences { quietHoursEnabled quietHoursStart quietHoursEnd stockAlertThreshold "
                         "marketingEnabled dailyNotificationLimit notificationConsentGranted } } }";
    expect(h, "notice preferences exist from the first moment",
           "{ getNotificationPreferences { notificationsEnabled criticalNotifications pushNotifications smsNotifications "
           "quietHoursEnabled quietHoursStart stockAlertThreshold changeReminderIntervalHours expiryWarningDays "
           "marketingEnabled dailyNotificationLimit deviceTokens { platform } userTimezone updatedAt } }", NULL,
           "{\"notificationsEnabled\":true,\"criticalNotifications\":true,\"pushNotifications\":true,\"smsNotifications\":false,"
           "\"quietHoursEnabled\":false,\"quietHoursStart\":null,\"stockAlertThreshold\":3,\"changeReminderIntervalHours\":4,"
           "\"expiryWarningDays\":7,\"marketingEnabled\":false,\"dailyNotificationLimit\":10,\"deviceTokens\":[],"
           "\"userTimezone\":\"America/Toronto\",\"updatedAt\":null}");
    expect(h, "wishes are kept", update,
           "{\"i\":{\"quietHoursEnabled\":true,\"quietHoursStart\":\"2:00\",\"quietHoursEnd\":\"02:01\",\"stockAlertThreshold\":30}}",
           "{\"success\":true,\"error\":null,\"preferences\":{\"quietHoursEnabled\":true,\"quietHoursStart\":\"02:00\","
           "\"quietHoursEnd\":\"02:01\",\"stockAlertThreshold\":30,\"marketingEnabled\":false,\"dailyNotificationLimit\":10,"
           "\"notificationConsentGranted\":false}}");
    expect(h, "what is out of bounds is refused whole", update, "{\"i\":{\"dailyNotificationLimit\":51,\"marketingEnabled\":true}}",
           "{\"success\":false,\"error\":\"51 is out of range: from 1 to 50.\",\"preferences\":null}");
    expect(h, "a phone's token is kept, and that nobody can push to it is said",
           "mutation { registerDeviceToken(input: { deviceToken: \"abc\", platform: \"ios\" }) { success message "
           "preferences { deviceTokens { deviceToken platform } } } }", NULL,
           "{\"success\":true,\"message\":\"The agent has no such service: notices come in the app and over its connections.\","
           "\"preferences\":{\"deviceTokens\":[{\"deviceToken\":\"abc\",\"platform\":\"ios\"}]}}");
    expect(h, "a trial notice arrives",
           "mutation { testNotification(message: \"Bonjour\") { success testSent deliveryLog { channel deliveryStatus message } } }",
           NULL, "{\"success\":true,\"testSent\":true,\"deliveryLog\":{\"channel\":\"IN_APP\",\"deliveryStatus\":\"DELIVERED\","
                 "\"message\":\"Bonjour\"}}");
    const char *text = ask(h, history, NULL);
    check(has(text, "\"channel\":\"PUSH\",\"deliveryStatus\":\"FAILED\"") && has(text, "\"errorCode\":\"NO_SUCH_SERVICE\""),
          "the push that nobody sends is written down as failed", text);
    check(has(text, "\"channel\":\"IN_APP\",\"deliveryStatus\":\"DELIVERED\",\"title\":\"A notice to try it out\""),
          "and the notice as delivered", text);
    expect(h, "nobody else's notice is marked",
           "mutation { markNotificationRead(notificationId: \"00000000-0000-4000-8000-000000000009\", action: \"opened\") "
           "{ success error } }", NULL, "{\"success\":false,\"error\":\"There is no such notice.\"}");
    char id[40] = "";
    text = ask(h, "{ getNotificationHistory(notificationType: SYSTEM_UPDATE) { edges { node { id channel } } } }", NULL);
    const char *at = strstr(text, "{\"id\":\"");
    snprintf(id, sizeof id, "%.36s", at == NULL ? "" : at + 7);
    expect(h, "what is no action is refused", "mutation($i: ID!) { markNotificationRead(notificationId: $i, action: \"eaten\") { success error } }",
           vars("{\"i\":\"%s\"}", id), "eaten is not something that happens to a notice");
    expect(h, "a notice is marked as read", "mutation($i: ID!) { markNotificationRead(notificationId: $i, action: \"opened\") { success } }",
           vars("{\"i\":\"%s\"}", id), "{\"success\":true}");
    text = ask(h, "{ getNotificationHistory(notificationType: SYSTEM_UPDATE) { edges { node { openedAt } } } }", NULL);
    check(has(text, "\"openedAt\":\"20"), "and is seen so", text);
}

/* Parts that are not there: the documentation's documents run as they stand and are told what is
 * missing; nothing is made up. */
static void not_set_up(struct home *h) {
    struct ns_buf document = NS_BUF(10000);
    expect(h, "an empty page", "{ getRetailerConfigurations { totalCount items { id } } }", NULL,
           "{\"totalCount\":0,\"items\":[]}");
    expect(h, "null", "{ getRetailerComparison(productId: \"x\") { __typename } }", NULL,
           "\"getRetailerComparison\":null");
    expect(h, "the documentation's search, verbatim", documented(&document, "SearchProducts"),
           "{\"retailerType\":\"AMAZON_CA\",\"searchQuery\":\"diapers\"}",
           "\"searchProducts\":{\"success\":true,\"products\":[]}");
    expect(h, "the documentation's subscription, verbatim", documented(&document, "CreateSubscription"),
           "{\"input\":{\"tier\":\"BASIC\",\"stripePaymentMethodId\":\"pm_1\",\"billingAddress\":{},"
           "\"provinceCode\":\"ON\"}}",
           "{\"success\":false,\"subscription\":null,\"clientSecret\":null,\"message\":\"No payment service");
    expect(h, "the documentation's order updates of somebody else are refused",
           documented(&document, "OrderStatusUpdates"), "{\"userId\":\"00000000-0000-4000-8000-000000000009\"}",
           "{\"errors\":[{\"message\":");
    expect(h, "a family that is not shared", "{ myFamilies { __typename } }", NULL, "\"myFamilies\":{");
    ns_buf_fini(&document);
}

static void contract(struct home *h) {
    struct ns_buf document = NS_BUF(10000);
    const char *path = NS_TEST_SOURCE_ROOT "/tests/data/documents/GetSubscriptionDashboard.graphql";
    must(ns_env_system()->read_file(NULL, path, &document, NULL), "document", &(struct ns_err){0});
    const char *text = ask(h, document.data, NULL);
    check(has(text, "\"tier\":\"FAMILY\",\"billingAmountCad\":\"34.99\",\"totalTaxRate\":\"0.14975\",\"isActive\":true},"
                    "\"recentPredictions\":[{"),
          "the documentation's dashboard, verbatim: the trial that began by itself", text);
    check(has(text, "\"status\":\"DELIVERED\",\"totalAmountCad\":\"0.00\"}],\"analytics\":{\"totalOrders\":2,"
                    "\"totalAmountCad\":\"70.12\",\"averageOrderValueCad\":\"70.12\",\"monthlySavingsCad\":\"0.00\"}"),
          "its orders, and no saving that nobody measured", text);
    ns_buf_fini(&document);
    expect(h, "the tax of an amount is read from its text",
           "{ calculateTax(amount: 29.99, province: QC, on: \"2026-11-22\") { subtotal taxBreakdown { gst pst hst qst } "
           "taxType combinedRate totalTax totalAmount currency effectiveFrom } }",
           NULL, "{\"subtotal\":29.99,\"taxBreakdown\":{\"gst\":1.50,\"pst\":null,\"hst\":null,\"qst\":2.99},"
                 "\"taxType\":\"GST_QST\",\"combinedRate\":0.14975,\"totalTax\":4.49,\"totalAmount\":34.48,"
                 "\"currency\":\"CAD\",\"effectiveFrom\":\"2013-01-01\"}");
    expect(h, "a day before the rates is refused, not guessed",
           "{ calculateTax(amount: 1, province: QC, on: \"2007-12-31\") { totalTax } }", NULL, "\"BAD_USER_INPUT\"");
    expect(h, "no exponent, no negative amount",
           "{ calculateTax(amount: -1.0, province: ON) { totalTax } }", NULL, "\"BAD_USER_INPUT\"");
    expect(h, "the rates of a day",
           "{ taxRates(on: \"2025-03-31\") { province provinceName taxType gstRate pstRate hstRate qstRate combinedRate } }",
           NULL, "{\"province\":\"NS\",\"provinceName\":\"Nova Scotia\",\"taxType\":\"HST\",\"gstRate\":null,"
                 "\"pstRate\":null,\"hstRate\":0.15,\"qstRate\":null,\"combinedRate\":0.15}");
    not_set_up(h);
    notices(h);
    too_much_waits(h);
    plans(h);
    expect(h, "every change left its line",
           "{ auditTrail(first: 3, entity: \"usage_log\") { edges { node { action actorName digest } } "
           "pageInfo { totalCount } } }",
           NULL, "\"actorName\":\"Test Parent\"");
    expect(h, "consents are told",
           "{ myConsents { edges { node { consentType status } } } }", NULL,
           "{\"consentType\":\"CHILD_DATA\",\"status\":\"GRANTED\"}");
    expect(h, "health is told", "{ systemHealth { state components { name state } } }", NULL,
           "\"name\":\"store\",\"state\":\"UP\"");
    text = ask(h, "{ supportReport { childCount usageCount auditIntact problems { text } storeState } }", NULL);
    check(has(text, "\"childCount\":1,\"usageCount\":181,\"auditIntact\":true") && !has(text, "Mila"),
          "support sees counts and no name", text);
    expect(h, "a malformed document is refused", "{ household { id }", NULL, "GRAPHQL_PARSE_FAILED");
    expect(h, "an unknown field is refused", "{ household { nope } }", NULL, "GRAPHQL_VALIDATION_FAILED");
}

/* ---- a subscriber that reads slowly ---- */

struct slow {
    struct ns_buf heard; /* payloads, one a line */
    int next;
    bool room;
    enum ns_op_event last;
};

static bool slow_room(void *arg) {
    return ((struct slow *)arg)->room;
}

static void slow_heard(void *arg, enum ns_op_event event, struct ns_str payload) {
    struct slow *slow = arg;
    slow->last = event;
    slow->next += event == NS_OP_NEXT;
    ns_buf_str(&slow->heard, payload);
    ns_buf_char(&slow->heard, '\n');
}

static struct ns_op *slow_start(struct home *h, struct slow *slow) {
    const struct ns_op_request request = {
        .body = NS_STR("{\"query\":\"subscription { householdChanges { kind sequence } }\"}"),
        .allowed = NS_OP_SUBSCRIPTION,
        .caller = {.who.auth = NS_AUTH_LOCAL},
        .room = slow_room};
    *slow = (struct slow){.heard = NS_BUF(1 << 20), .room = true};
    return h->operations->start(h->operations->self, &request, slow_heard, slow);
}

static void publish(struct home *h, enum ns_event_kind kind, uint8_t entity) {
    ns_events_publish(h->events, (struct ns_event){.kind = kind, .entity = {{entity}}});
}

static void slow_subscriber(struct home *h) {
    struct slow slow;
    struct slow brisk;
    struct ns_op *op = slow_start(h, &slow);
    struct ns_op *other = slow_start(h, &brisk);
    slow.room = false;
    for (uint8_t i = 0; i < 100; i++) {
        publish(h, NS_EVENT_IMPORT, 1); /* a hundred steps of one import */
        publish(h, NS_EVENT_INVENTORY, i % 3);
    }
    check(brisk.next == 200, "one that reads hears everything at once", brisk.heard.data);
    check(slow.next == 0, "one that does not is spared the making of events", slow.heard.data);
    slow.room = true;
    publish(h, NS_EVENT_CHILD, 9);
    check(slow.next == 0, "a later event does not overtake those that wait", slow.heard.data);
    while (h->operations->resume(h->operations->self, op)) {
    }
    const char *at[5];
    static const char *const order[] = {"INVENTORY", "INVENTORY", "IMPORT", "INVENTORY", "CHILD"};
    bool in_order = slow.next == 5;
    const char *from = slow.heard.data;
    for (size_t i = 0; i < 5 && in_order; i++) {
        at[i] = strstr(from, order[i]);
        in_order = at[i] != NULL;
        from = in_order ? strchr(at[i], '\n') : from;
    }
    check(in_order, "with room again it hears the newest state of each thing, in order",
          slow.heard.data);
    slow.room = false;
    for (int i = 0; i < 65; i++) {
        publish(h, NS_EVENT_USAGE, (uint8_t)i);
    }
    check(slow.last == NS_OP_SLOW && slow.next == 5, "too many different things end it",
          slow.heard.data);
    check(brisk.next == 200 + 1 + 65, "and nobody else notices", NULL);
    h->operations->cancel(h->operations->self, other);
    ns_buf_fini(&slow.heard);
    ns_buf_fini(&brisk.heard);
}

/* Somebody on the network without a token. */
static const char *ask_as(struct home *home, struct answer *a, const struct ns_caller *who,
                          const char *query) {
    struct ns_op_request request = {.body = ns_str_of(query),
                                    .allowed = NS_OP_QUERY | NS_OP_MUTATION | NS_OP_SUBSCRIPTION,
                                    .caller = {.who = *who}};
    ns_buf_fini(&a->text);
    *a = (struct answer){.home = home, .text = NS_BUF(1 << 16)};
    (void)home->operations->start(home->operations->self, &request, heard, a);
    while (!a->over) {
        ns_loop_run(home->loop);
    }
    return a->text.data;
}

static const char *ask_as_stranger(struct home *home, struct answer *a, const char *query) {
    return ask_as(home, a, &(struct ns_caller){0}, query);
}

/* A phone that was away sends its queue, then again, then in another order. */
static void offline(struct home *h) {
    enum { QUEUE = 6 };
    static char first[QUEUE][2000];
    char cursor[64] = "", variables[600];
    struct ns_buf before = NS_BUF(1 << 16);
    const char *log = "mutation($c: ID!, $at: DateTime!, $id: String!) { logDiaperChange(input: {childId: $c, "
                      "usageType: DIAPER_CHANGE, loggedAt: $at}, clientMutationId: $id) { success message "
                      "usageLog { id loggedAt } updatedInventoryItems { quantityRemaining } } }";
    const char *count = "{ getUsageLogs(childId: \"%s\", daysBack: 30) { pageInfo { totalCount } } }";
    char counting[200];
    take(ask(h, "{ myChildren { edges { node { id } } } }", NULL), "id", child);
    const char *text = ask(h, "{ changesSince { changes { kind } cursor hasMore reset } }", NULL);
    const char *at = strstr(text, "\"cursor\":\"");
    check(at != NULL && has(text, "\"changes\":[]") && has(text, "\"reset\":false"), "a cursor of now", text);
    sscanf(at == NULL ? "" : at, "\"cursor\":\"%60[^\"]", cursor);
    snprintf(counting, sizeof counting, count, child);
    for (int round = 0; round < 3; round++) {
        bool same = true;
        for (int n = 0; n < QUEUE; n++) {
            int i = round == 2 ? (n * 5 + 3) % QUEUE : n; /* the last time out of order */
            snprintf(variables, sizeof variables,
                     "{\"c\":\"%s\",\"at\":\"2026-11-2%dT0%d:00:00Z\",\"id\":\"phone-7-%d\"}", child,
                     i % 3, i, i);
            text = ask(h, log, variables);
            if (round == 0) {
                same = same && has(text, "\"success\":true");
                snprintf(first[i], sizeof first[i], "%s", text);
            } else {
                same = same && strcmp(first[i], text) == 0;
            }
        }
        check(same, round == 0 ? "changes of days ago are taken" : "the same ids give the same answers", text);
        if (round == 0) {
            ns_buf_text(&before, ask(h, counting, NULL));
        }
    }
    text = ask(h, counting, NULL);
    check(strcmp(text, before.data) == 0, "and nothing happens twice", text);
    snprintf(variables, sizeof variables, "{\"c\":\"%s\",\"at\":\"2026-11-20T09:00:00Z\",\"id\":\"phone-7-0\"}", child);
    expect(h, "another change under a used id is refused", log, variables, "{\"success\":false,\"message\":\"Another change");
    expect(h, "an id has a size",
           "mutation { undo(clientMutationId: \"\") { success } }", NULL, "\"BAD_USER_INPUT\"");
    text = ask(h, "query($c: String) { changesSince(cursor: $c, first: 4) { changes { kind entity entityId } hasMore reset } }",
               vars("{\"c\":\"%s\"}", cursor));
    check(has(text, "{\"kind\":\"USAGE\",\"entity\":\"usage_log\",\"entityId\":\"") && has(text, "\"hasMore\":true,\"reset\":false"),
          "another phone learns what changed", text);
    expect(h, "to its end", "query($c: String) { changesSince(cursor: $c) { changes { kind } hasMore } }",
           vars("{\"c\":\"%s\"}", cursor), "{\"changes\":[{\"kind\":\"USAGE\"},{\"kind\":\"USAGE\"},{\"kind\":\"USAGE\"},{\"kind\":"
                                           "\"USAGE\"},{\"kind\":\"USAGE\"},{\"kind\":\"USAGE\"}],\"hasMore\":false}");
    expect(h, "a cursor of another store asks to read all", "{ changesSince(cursor: \"a3.00000000\") { changes { kind } reset } }",
           NULL, "{\"changes\":[],\"reset\":true}");
    expect(h, "what is no cursor is refused", "{ changesSince(cursor: \"c1\") { cursor } }", NULL, "\"BAD_USER_INPUT\"");
    ns_buf_fini(&before);
}

/* What each role may ask; the schema's annotations decide, nothing else. */
static void roles(struct home *h) {
    static const struct {
        const char *document;
        bool may[5]; /* core by phone, core with passphrase, extended, professional, institution */
    } rows[] = {
        {"{\"query\":\"{ myChildren { edges { node { name } } } }\"}", {1, 1, 1, 1, 1}},
        {"{\"query\":\"{ householdOutlook { size } }\"}", {1, 1, 1, 1, 0}},
        {"{\"query\":\"{ myChildren { edges { node { name allergiesNotes } } } }\"}", {1, 1, 1, 0, 0}},
        {"{\"query\":\"{ systemMetrics { __typename } }\"}", {1, 1, 1, 0, 0}},
        {"{\"query\":\"{ getOrderHistory { id } }\"}", {1, 1, 0, 0, 0}},
        {"{\"query\":\"{ auditTrail { pageInfo { totalCount } } }\"}", {1, 1, 0, 0, 0}},
        {"{\"query\":\"mutation { setBornEarly(childId: \\\"00000000-0000-4000-8000-000000000001\\\", days: 1) "
         "{ success } }\"}", {1, 1, 0, 0, 0}},
        {"{\"query\":\"mutation { exportUserData(input: {}) { success } }\"}", {0, 1, 0, 0, 0}},
        {"{\"query\":\"mutation { deleteRetailerConfig(configId: \\\"x\\\") { success } }\"}", {0, 1, 0, 0, 0}},
    };
    static const enum ns_role role_of[5] = {NS_ROLE_FAMILY_CORE, NS_ROLE_FAMILY_CORE, NS_ROLE_EXTENDED_FAMILY,
                                            NS_ROLE_PROFESSIONAL, NS_ROLE_INSTITUTIONAL};
    struct answer a = {0};
    char me[NS_ID_TEXT];
    struct ns_caller who = {.auth = NS_AUTH_BEARER};
    take(ask(h, "{ me { id } }", NULL), "id", me);
    check(ns_id_parse(ns_str_of(me), &who.actor.user), "the owner has an id", me);
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        bool right = true;
        for (size_t r = 0; r < NS_COUNT(role_of); r++) {
            who.actor.role = role_of[r];
            who.stepped_up = r == 1;
            const char *text = ask_as(h, &a, &who, rows[i].document);
            bool denied = has(text, "\"PERMISSION_DENIED\"");
            right = right && denied != rows[i].may[r];
        }
        check(right, rows[i].document, a.text.data);
    }
    who.actor.role = NS_ROLE_PROFESSIONAL;
    const char *text = ask_as(h, &a, &who, "{\"query\":\"subscription { subscriptionBillingEvents { __typename } }\"}");
    check(a.last == NS_OP_REFUSED && has(text, "\"PERMISSION_DENIED\""), "no bills over a socket either", text);
    who.actor.role = NS_ROLE_FAMILY_CORE;
    char unknown[512], known_one[512];
    const char *form = "{\"query\":\"subscription { orderStatusUpdates(userId: \\\"%s\\\") { orderId } }\"}";
    snprintf(known_one, sizeof known_one, form, me);
    snprintf(unknown, sizeof unknown, form, "00000000-0000-4000-8000-000000000009");
    text = ask_as(h, &a, &who, unknown);
    check(a.last == NS_OP_REFUSED && has(text, "\"PERMISSION_DENIED\"") && !has(text, "000000000009"),
          "somebody else's orders are refused without a hint", text);
    struct ns_op_request own = {.body = ns_str_of(known_one), .allowed = NS_OP_SUBSCRIPTION, .caller = {.who = who}};
    ns_buf_fini(&a.text);
    a = (struct answer){.home = h, .text = NS_BUF(1 << 16)};
    struct ns_op *listening = h->operations->start(h->operations->self, &own, heard, &a);
    check(listening != NULL && !a.over, "one's own are listened to", a.text.data);
    if (listening != NULL) {
        h->operations->cancel(h->operations->self, listening);
    }
    ns_buf_fini(&a.text);
}

/* What a family takes along, and what it has forgotten. */
static void privacy(struct home *h) {
    static const char take_along[] = "mutation($i: ExportUserDataInput!) { exportUserData(input: $i) { success error "
                                     "exportUrl exportData exportSizeBytes expiresAt } }";
    const char *text = ask(h, take_along, "{\"i\":{}}");
    check(has(text, "\"success\":true") && has(text, "\\\"name\\\":\\\"Mila\\\"") && has(text, "\"exportUrl\":null"),
          "everything goes along, names opened", text);
    text = ask(h, take_along, vars("{\"i\":{\"format\":\"csv\",\"childId\":\"%s\"}}", child));
    check(has(text, "\"exportData\":\"date,time,type,notes,"), "the log of a child as a sheet", text);
    expect(h, "other forms are bad input", take_along, "{\"i\":{\"format\":\"xml\"}}", "\"BAD_USER_INPUT\"");
    expect(h, "an unknown child is refused", take_along,
           "{\"i\":{\"childId\":\"99999999-9999-4999-8999-999999999999\"}}", "\"success\":false");
}

static const char *take_child(struct home *h, const char *id, const char *words, const char *how) {
    return ask(h, "mutation($c: ID!, $i: DeleteChildInput!) { deleteChild(childId: $c, input: $i) { success error deletedChildId "
                  "actionId auditInfo { deletionType itemsDeletedSummary retentionPeriodDays } } }",
               vars("{\"c\":\"%s\",\"i\":{\"confirmationText\":\"%s\",\"deletionType\":\"%s\"}}", id, words, how));
}

static void removals(struct home *h, struct venv *venv) {
    static const char undo[] = "mutation { undo { success message } }";
    static const char packs[] = "query($c: ID!) { getInventoryItems(childId: $c) { edges { node { id brand size } } } }";
    static const char take_pack[] = "mutation($p: ID!, $w: String!) { deleteInventoryItem(inventoryItemId: $p, input: "
                                    "{confirmationText: $w}) { success error message deletedItemId actionId } }";
    char pack[NS_ID_TEXT], second[NS_ID_TEXT], child_vars[80];
    const char *text = ask(h, "mutation { createChild(input: {name: \"Zoé\", dateOfBirth: \"2026-05-01\", currentDiaperSize: "
                              "SIZE_2}) { success child { id } } }", NULL);
    take(text, "id", second);
    snprintf(child_vars, sizeof child_vars, "{\"c\":\"%s\"}", second);
    text = ask(h, "mutation($c: ID!) { createInventoryItem(input: {childId: $c, productType: DIAPER, brand: \"SoftNest\", "
                  "size: \"Size 2\", quantityTotal: 30, purchaseDate: \"2026-11-20T12:00:00Z\"}) { success error inventoryItem "
                  "{ id size } } }", child_vars);
    take(strstr(text, "inventoryItem"), "id", pack);
    check(pack[0] != '\0', "a pack of its own", text);
    expect(h, "a pack is not removed by other words", take_pack, vars("{\"p\":\"%s\",\"w\":\"DELETE SoftNest\"}", pack),
           "\"success\":false,\"error\":\"To make sure: type “DELETE SoftNest ");
    text = ask(h, packs, child_vars);
    char size[32] = "", words[80];
    (void)sscanf(strstr(text, "\"size\":\"") == NULL ? "" : strstr(text, "\"size\":\""), "\"size\":\"%31[^\"]", size);
    snprintf(words, sizeof words, " DELETE SoftNest %s ", size);
    expect(h, "it is removed by its own", take_pack, vars("{\"p\":\"%s\",\"w\":\"%s\"}", pack, words), "\"success\":true");
    expect(h, "and stands nowhere", packs, child_vars, "{\"edges\":[]}");
    expect(h, "not twice", take_pack, vars("{\"p\":\"%s\",\"w\":\"%s\"}", pack, words), "\"success\":false");
    expect(h, "undo puts it back", undo, NULL, "\"message\":\"The pack is in the cupboard again.\"");
    expect(h, "as it was", packs, child_vars, pack);
    check(has(take_child(h, second, "DELETE Zoe", "SOFT_DELETE"), "\"success\":false"), "a child by its exact name only", NULL);
    text = take_child(h, second, "DELETE Zoé", "SOFT_DELETE");
    check(has(text, "\"success\":true") && has(text, "\"retentionPeriodDays\":30") && has(text, "Changes: 0, packs: 1,"),
          "a child is out of sight", text);
    text = ask(h, "{ myChildren { edges { node { name } } } }", NULL);
    check(!has(text, "Zoé"), "in every list", text);
    expect(h, "undo brings it back", undo, NULL, "\"message\":\"The child is back");
    expect(h, "with its pack", packs, child_vars, pack);
    (void)take_child(h, second, "DELETE Zoé", "SOFT_DELETE");
    static const char with_deleted[] = "mutation { exportUserData(input: {includeDeleted: true}) { exportData } }";
    expect(h, "for thirty days it can be taken along", with_deleted, NULL, "Zoé");
    venv_advance(venv, (int64_t)31 * 24 * 3600 * 1000000);
    close_home(h);
    open_home(h, store_path, &venv->env);
    (void)ask(h, undo, NULL); /* the writer has come past it */
    text = ask(h, with_deleted, NULL);
    check(!has(text, "Zoé") && has(text, second), "then it is forgotten, but for its id", text);
    expect(h, "and the trail says so", "{ auditTrail(first: 5) { edges { node { action } } } }", NULL, "\"CHILD_ERASED\"");
    text = take_child(h, child, "DELETE Mila", "HARD_DELETE");
    check(has(text, "\"success\":true") && has(text, "\"actionId\":null") && has(text, "\"HARD_DELETE\""),
          "a child is forgotten at once", text);
    text = ask(h, with_deleted, NULL);
    check(!has(text, "Mila"), "and its name stands nowhere", text);
}

static void strangers(struct home *h) {
    static const char *const closed[] = {
        "{\"query\":\"{ myChildren { edges { node { name } } } }\"}",
        "{\"query\":\"{ __typename household { id } }\"}",
        "{\"query\":\"{ ...f } fragment f on Query { a: me { id } b: usageDays(childId: \\\"x\\\", daysBack: 3) { __typename } }\"}",
        "{\"query\":\"mutation { undo { success } }\"}",
        "{\"query\":\"subscription { householdChanges { __typename } }\"}",
    };
    struct answer a = {0};
    for (size_t i = 0; i < NS_COUNT(closed); i++) {
        const char *text = ask_as_stranger(h, &a, closed[i]);
        check(a.last == NS_OP_REFUSED && has(text, "\"Authentication required\"") &&
                  has(text, "\"UNAUTHENTICATED\"") && !has(text, "\"data\""),
              "a stranger is asked who it is", text);
    }
    const char *text = ask_as_stranger(h, &a, "{\"query\":\"{ __typename me { id } apiInfo }\"}");
    check(has(text, "\"__typename\":\"Query\",\"me\":null"),
          "and may ask whether the agent is there", text);
    text = ask_as_stranger(h, &a, "{\"query\":\"{ __schema { queryType { name } } }\"}");
    check(a.last == NS_OP_REFUSED, "but not what it can do", text);
    ns_buf_fini(&a.text);
}

static void too_often(struct home *h, struct venv *venv) {
    const char *change = "mutation { undo { success } }";
    (void)ask(h, change, NULL);
    (void)ask(h, change, NULL);
    expect(h, "the third change in a minute is refused", change, NULL, "\"RATE_LIMITED\"");
    expect(h, "reading goes on", "{ __typename }", NULL, "{\"data\":");
    expect(h, "as far as it may", "{ __typename }", NULL, "{\"data\":");
    expect(h, "the sixth request is refused", "{ __typename }", NULL, "\"RATE_LIMITED\"");
    const struct ns_op_caller caller = {0};
    struct ns_allowance left = h->operations->allowance(h->operations->self, &caller);
    check(left.limit == 5 && left.remaining == 0 && left.reset_s == 60, "the headers would say so",
          NULL);
    venv_advance(venv, 12 * 1000000);
    expect(h, "a fifth of a minute brings one back", "{ __typename }", NULL, "{\"data\":");
    expect(h, "and not two", "{ __typename }", NULL, "\"RATE_LIMITED\"");
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    ns_log_set_level(NS_LOG_ERROR);
    ns_time now;
    (void)ns_time_parse(NS_STR("2026-11-24T18:00:00Z"), &now);
    struct venv venv;
    venv_init(&venv, now, 42);
    char path[512];
    snprintf(path, sizeof path, "%s/api-%ld.db", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp",
             (long)getpid());
    struct home home = {0};
    store_path = path;
    open_home(&home, path, &venv.env);
    first_evening(&home);
    changes(&home);
    corrections(&home);
    imports_and_forecast(&home);
    family_and_outlook(&home);
    preferences(&home);
    shopping(&home);
    orders(&home);
    contract(&home);
    privacy(&home);
    slow_subscriber(&home);
    strangers(&home);
    roles(&home);
    offline(&home);
    removals(&home, &venv);
    close_home(&home);
    requests = 5;
    mutations = 2;
    open_home(&home, path, &venv.env);
    too_often(&home, &venv);
    close_home(&home);
    venv_fini(&venv);
    static const char *const beside[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < NS_COUNT(beside); i++) {
        char gone[520];
        snprintf(gone, sizeof gone, "%s%s", path, beside[i]);
        (void)unlink(gone);
    }
    printf("1..%d\n", number);
    return failures == 0 ? 0 : 1;
}
