/* decode.c: JSON answers into state. */
#include "tui/link/decode.h"
#include "shared/model/size.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void ns_decode_text(char *out, size_t cap, const char *text) {
    size_t n = text != NULL ? strlen(text) : 0;
    if (n >= cap) {
        n = cap - 1;
        while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80) {
            n--;
        }
    }
    if (n > 0) {
        memcpy(out, text, n);
    }
    out[n] = '\0';
}

static void text_of(const struct ns_json *object, const char *name, char *out, size_t cap) {
    ns_decode_text(out, cap, ns_json_text(ns_json_get(object, name)));
}

static ns_id id_of(const struct ns_json *object, const char *name) {
    ns_id id = {{0}};
    const char *text = ns_json_text(ns_json_get(object, name));
    if (text == NULL || !ns_id_parse(ns_str_of(text), &id)) {
        return (ns_id){{0}};
    }
    return id;
}

static int32_t int_of(const struct ns_json *object, const char *name, int32_t otherwise) {
    int64_t v = ns_json_int(ns_json_get(object, name), otherwise);
    return v < INT32_MIN || v > INT32_MAX ? otherwise : (int32_t)v;
}

/* A number or decimal string times `scale`, rounded; NONE when absent. */
static int32_t scaled_of(const struct ns_json *object, const char *name, double scale) {
    double v = 0;
    if (!ns_json_number(ns_json_get(object, name), &v) || fabs(v * scale) > 2e9) {
        return NS_APP_NUMBER_NONE;
    }
    return (int32_t)lround(v * scale);
}

static int32_t scaled_or_zero(const struct ns_json *object, const char *name, double scale) {
    int32_t v = scaled_of(object, name, scale);
    return v == NS_APP_NUMBER_NONE ? 0 : v;
}

static ns_date date_of(const struct ns_json *object, const char *name) {
    ns_date day = NS_DATE_NONE;
    const char *text = ns_json_text(ns_json_get(object, name));
    if (text == NULL || !ns_date_parse(ns_str_of(text), &day)) {
        return NS_DATE_NONE;
    }
    return day;
}

static ns_time time_of(const struct ns_json *object, const char *name) {
    ns_time t = NS_TIME_NONE;
    const char *text = ns_json_text(ns_json_get(object, name));
    if (text == NULL || !ns_time_parse(ns_str_of(text), &t)) {
        return NS_TIME_NONE;
    }
    return t;
}

static ns_date local_day_of(const struct ns_json *object, const char *name,
                            const struct ns_zone *zone) {
    ns_time t = time_of(object, name);
    return t == NS_TIME_NONE ? NS_DATE_NONE : ns_zone_local_day(zone, t);
}

/* Place of the word in a list of words, `otherwise` when it is none of them. */
static int word_of(const struct ns_json *object, const char *name, const char *const *words,
                   size_t n, int otherwise) {
    const char *text = ns_json_text(ns_json_get(object, name));
    for (size_t i = 0; text != NULL && i < n; i++) {
        if (strcmp(text, words[i]) == 0) {
            return (int)i;
        }
    }
    return otherwise;
}

static int8_t size_of(const struct ns_json *object, const char *name) {
    enum ns_size size;
    const char *text = ns_json_text(ns_json_get(object, name));
    return text != NULL && ns_size_parse(ns_str_of(text), &size) ? (int8_t)size : -1;
}

static int16_t small(int32_t v) {
    return v < 0 ? 0 : v > INT16_MAX ? INT16_MAX : (int16_t)v;
}

bool ns_decode_household(const struct ns_json *data, struct ns_app_household *out,
                         const struct ns_zone **zone, char timezone[48]) {
    const struct ns_json *home = ns_json_get(data, "household");
    *out = (struct ns_app_household){.today = NS_DATE_NONE};
    text_of(home, "timezone", timezone, 48);
    text_of(home, "province", out->province, sizeof out->province);
    *zone = ns_zone_find(timezone);
    if (*zone == NULL) {
        *zone = ns_zone_of_province(out->province);
    }
    if (*zone == NULL) {
        *zone = ns_zone_find("America/Toronto");
    }
    if (!ns_json_is_object(home)) {
        return false;
    }
    out->present = true;
    out->demo = ns_json_bool(ns_json_get(home, "demo"), false);
    text_of(home, "ownerName", out->owner, sizeof out->owner);
    out->today = date_of(home, "today");
    return true;
}

/* The nodes of data.<field>.edges, one after another. */
static const struct ns_json *first_edge(const struct ns_json *data, const char *field) {
    return ns_json_first(ns_json_get(ns_json_get(data, field), "edges"));
}

size_t ns_decode_children(const struct ns_json *data, struct ns_app_child *out, size_t most) {
    size_t count = 0;
    for (const struct ns_json *e = first_edge(data, "myChildren"); e != NULL && count < most;
         e = ns_json_next(e)) {
        const struct ns_json *node = ns_json_get(e, "node");
        struct ns_app_child *c = &out[count];
        memset(c, 0, sizeof *c);
        c->id = id_of(node, "id");
        if (ns_id_is_zero(c->id)) {
            continue;
        }
        text_of(node, "name", c->name, sizeof c->name);
        c->birth = date_of(node, "dateOfBirth");
        int8_t size = size_of(node, "currentDiaperSize");
        c->size = size < 0 ? 0 : size;
        c->weight_g = scaled_of(node, "currentWeightKg", 1000);
        c->expected = int_of(node, "dailyUsageCount", 0);
        c->left = NS_APP_NUMBER_NONE;
        c->last_change = NS_TIME_NONE;
        count++;
    }
    return count;
}

static uint8_t kind_of(const struct ns_json *log) {
    bool wet = ns_json_bool(ns_json_get(log, "wasWet"), false);
    bool soiled = ns_json_bool(ns_json_get(log, "wasSoiled"), false);
    return (uint8_t)(wet ? (soiled ? NS_CHANGE_BOTH : NS_CHANGE_WET)
                         : (soiled ? NS_CHANGE_DIRTY : NS_CHANGE_DRY));
}

static bool is_change(const struct ns_json *log) {
    static const char *const changes[] = {"DIAPER_CHANGE", "OVERNIGHT_CHANGE",
                                          "ACCIDENT_CLEANUP", "PREVENTIVE_CHANGE"};
    return word_of(log, "usageType", changes, NS_COUNT(changes), -1) >= 0;
}

void ns_decode_child_state(const struct ns_json *data, struct ns_app_child *child) {
    const struct ns_json *stats = ns_json_get(data, "getDashboardStats");
    child->left = int_of(stats, "diapersLeft", NS_APP_NUMBER_NONE);
    child->today_changes = int_of(stats, "todayChanges", 0);
    child->ever_stocked =
        ns_json_int(ns_json_path(data, "getInventoryItems.pageInfo.totalCount"), 0) > 0;
    const struct ns_json *edge = first_edge(data, "getUsageLogs");
    while (edge != NULL && !is_change(ns_json_get(edge, "node"))) { /* wipes and cream are logged too */
        edge = ns_json_next(edge);
    }
    const struct ns_json *last = ns_json_get(edge, "node");
    child->last_change = time_of(last, "loggedAt");
    child->last_kind = kind_of(last);
}

static void forecast_days(const struct ns_json *list, struct ns_app_prediction *out) {
    for (const struct ns_json *d = ns_json_first(list);
         d != NULL && out->forecast_count < NS_APP_FORECAST; d = ns_json_next(d)) {
        struct ns_app_forecast_day *day = &out->forecast[out->forecast_count];
        day->date = date_of(d, "date");
        if (day->date == NS_DATE_NONE) {
            continue;
        }
        day->expected = scaled_or_zero(d, "expected", 100);
        day->lower = scaled_or_zero(d, "lower", 100);
        day->upper = scaled_or_zero(d, "upper", 100);
        out->forecast_count++;
    }
}

void ns_decode_prediction(const struct ns_json *data, const struct ns_zone *zone,
                          struct ns_app_prediction *out) {
    static const char *const models[] = {"COLD_START", "FLAT", "TREND", "YEARLY"};
    static const char *const levels[] = {"VERY_LOW", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"};
    memset(out, 0, sizeof *out);
    const struct ns_json *p = ns_json_first(ns_json_path(data, "getConsumptionPredictions.items"));
    if (p == NULL) {
        p = ns_json_get(data, "predictionUpdates");
    }
    if (!ns_json_is_object(p)) {
        return;
    }
    out->present = true;
    out->created = time_of(p, "createdAt");
    out->model = (enum ns_app_model)word_of(p, "modelKind", models, NS_COUNT(models), 0);
    out->confidence =
        (enum ns_app_confidence)word_of(p, "confidenceLevel", levels, NS_COUNT(levels), 0);
    out->runout_confidence =
        (enum ns_app_confidence)word_of(p, "runoutConfidence", levels, NS_COUNT(levels), 0);
    out->rate = scaled_or_zero(p, "currentConsumptionRate", 100);
    out->demand30 = int_of(p, "predictedConsumption30d", 0);
    out->demand30_lower = int_of(p, "demand30dLower", 0);
    out->demand30_upper = int_of(p, "demand30dUpper", 0);
    out->mae = scaled_of(p, "meanAbsoluteError", 100);
    out->r_squared = scaled_of(p, "rSquaredScore", 100);
    out->coverage = scaled_of(p, "intervalCoverage", 100);
    out->size_change = scaled_of(p, "sizeChangeProbability", 100);
    out->new_size = size_of(p, "predictedNewSize");
    out->size_change_on = local_day_of(p, "sizeChangeEstimatedDate", zone);
    out->runout = local_day_of(p, "predictedRunoutDate", zone);
    out->runout_earliest = local_day_of(p, "runoutEarliestDate", zone);
    out->runout_latest = local_day_of(p, "runoutLatestDate", zone);
    out->reorder_by = local_day_of(p, "recommendedReorderDate", zone);
    out->stock = int_of(p, "stockAtPrediction", 0);
    out->training_days = int_of(p, "trainingPeriodDays", 0);
    out->training_points = int_of(p, "trainingDataPoints", 0);
    out->alert = ns_json_bool(ns_json_get(p, "alert"), false);
    out->packs = int_of(p, "packsToBuy", NS_APP_NUMBER_NONE);
    out->pack_pieces = int_of(p, "packPieces", 0);
    forecast_days(ns_json_get(p, "dailyForecast"), out);
    for (const struct ns_json *n = ns_json_first(ns_json_get(p, "notes"));
         n != NULL && out->note_count < NS_APP_NOTES; n = ns_json_next(n)) {
        ns_decode_text(out->notes[out->note_count++], sizeof out->notes[0], ns_json_text(n));
    }
}

size_t ns_decode_days(const struct ns_json *data, struct ns_app_day *out, size_t most) {
    static const char *const status[] = {"OK", "GAP", "PARTIAL"};
    const struct ns_json *list = ns_json_get(data, "usageDays");
    size_t all = ns_json_count(list);
    size_t skip = all > most ? all - most : 0; /* the newest are kept */
    size_t count = 0;
    for (const struct ns_json *d = ns_json_first(list); d != NULL; d = ns_json_next(d)) {
        if (skip > 0) {
            skip--;
            continue;
        }
        struct ns_app_day *day = &out[count];
        day->date = date_of(d, "date");
        if (day->date == NS_DATE_NONE) {
            continue;
        }
        day->count = small(int_of(d, "count", 0));
        day->wet = small(int_of(d, "wet", 0));
        day->soiled = small(int_of(d, "soiled", 0));
        day->status = (uint8_t)word_of(d, "status", status, NS_COUNT(status), NS_DAY_GAP);
        count++;
    }
    return count;
}

/* Insert by time, newest first; the oldest falls off a full list. */
static void insert_log(struct ns_app_log *list, size_t *count, size_t most,
                       const struct ns_app_log *log) {
    size_t at = *count;
    while (at > 0 && list[at - 1].at < log->at) {
        at--;
    }
    if (at >= most) {
        return;
    }
    size_t keep = *count < most ? *count : most - 1;
    memmove(&list[at + 1], &list[at], (keep - at) * sizeof *list);
    list[at] = *log;
    *count = keep + 1;
}

void ns_decode_logs(const struct ns_json *data, const struct ns_zone *zone,
                    struct ns_app_log *out, size_t *count, size_t most) {
    for (const struct ns_json *e = first_edge(data, "getUsageLogs"); e != NULL;
         e = ns_json_next(e)) {
        const struct ns_json *node = ns_json_get(e, "node");
        struct ns_app_log log = {.id = id_of(node, "id"),
                                 .child = id_of(node, "childId"),
                                 .at = time_of(node, "loggedAt"),
                                 .kind = kind_of(node),
                                 .state = NS_LOG_SAVED};
        if (log.at == NS_TIME_NONE || !is_change(node)) {
            continue;
        }
        log.leak = ns_json_bool(ns_json_get(node, "hadLeakage"), false);
        log.day = ns_zone_local_day(zone, log.at);
        log.minute = (int16_t)ns_zone_local_minute(zone, log.at);
        int32_t gap = int_of(node, "timeSinceLastChange", -1);
        log.gap = gap < 0 ? -1 : small(gap);
        int32_t quantity = int_of(node, "quantityUsed", 1);
        log.quantity = quantity < 0 || quantity > 255 ? 1 : (uint8_t)quantity;
        text_of(node, "caregiverName", log.by, sizeof log.by);
        insert_log(out, count, most, &log);
    }
}

void ns_decode_stock(const struct ns_json *data, const struct ns_zone *zone,
                     struct ns_app_stock *out, size_t *count, size_t most) {
    static const char *const products[] = {"DIAPER", "WIPES", "DIAPER_CREAM", "POWDER",
                                           "DIAPER_BAGS", "TRAINING_PANTS", "SWIMWEAR"};
    for (const struct ns_json *e = first_edge(data, "getInventoryItems");
         e != NULL && *count < most; e = ns_json_next(e)) {
        const struct ns_json *node = ns_json_get(e, "node");
        struct ns_app_stock *s = &out[*count];
        memset(s, 0, sizeof *s);
        s->id = id_of(node, "id");
        if (ns_id_is_zero(s->id)) {
            continue;
        }
        s->child = id_of(node, "childId");
        s->product = (uint8_t)word_of(node, "productType", products, NS_COUNT(products), 0);
        text_of(node, "brand", s->brand, sizeof s->brand);
        text_of(node, "productName", s->name, sizeof s->name);
        text_of(node, "storageLocation", s->where, sizeof s->where);
        text_of(node, "size", s->size, sizeof s->size);
        s->total = int_of(node, "quantityTotal", 0);
        s->remaining = int_of(node, "quantityRemaining", 0);
        s->reserved = int_of(node, "quantityReserved", 0);
        s->opened = ns_json_bool(ns_json_get(node, "isOpened"), false);
        s->expired = ns_json_bool(ns_json_get(node, "isExpired"), false);
        s->expiry = local_day_of(node, "expiryDate", zone);
        (*count)++;
    }
}

static enum ns_app_health health_of(const struct ns_json *object, const char *name) {
    static const char *const states[] = {"UP", "DEGRADED", "DOWN", "UNCONFIGURED"};
    return (enum ns_app_health)word_of(object, name, states, NS_COUNT(states),
                                       NS_HEALTH_UNCONFIGURED);
}

static void support_problems(const struct ns_json *list, const struct ns_zone *zone,
                             struct ns_app_support *out) {
    for (const struct ns_json *p = ns_json_first(list);
         p != NULL && out->problem_count < NS_APP_PROBLEMS; p = ns_json_next(p)) {
        size_t i = out->problem_count++;
        ns_time at = time_of(p, "at");
        out->problems[i].at = at;
        out->problems[i].day = at == NS_TIME_NONE ? NS_DATE_NONE : ns_zone_local_day(zone, at);
        out->problems[i].minute =
            (int16_t)(at == NS_TIME_NONE ? 0 : ns_zone_local_minute(zone, at));
        text_of(p, "level", out->problems[i].level, sizeof out->problems[i].level);
        text_of(p, "part", out->problems[i].part, sizeof out->problems[i].part);
        text_of(p, "text", out->problems[i].text, sizeof out->problems[i].text);
    }
}

void ns_decode_support(const struct ns_json *data, const struct ns_zone *zone, ns_time now,
                       struct ns_app_support *out) {
    const struct ns_json *r = ns_json_get(data, "supportReport");
    memset(out, 0, sizeof *out);
    out->last_verified = NS_TIME_NONE;
    out->forecast_ms = NS_APP_NUMBER_NONE;
    if (!ns_json_is_object(r)) {
        return;
    }
    out->present = true;
    out->read_at = now;
    text_of(r, "version", out->version, sizeof out->version);
    out->uptime_s = ns_json_int(ns_json_get(r, "uptimeSeconds"), 0);
    out->agent = health_of(ns_json_get(data, "systemHealth"), "state");
    out->store = health_of(r, "storeState");
    out->store_bytes = ns_json_int(ns_json_get(r, "storeBytes"), 0);
    out->schema_version = int_of(r, "schemaVersion", 0);
    out->last_verified = time_of(r, "lastVerifiedAt");
    out->children = int_of(r, "childCount", 0);
    out->usage_count = ns_json_int(ns_json_get(r, "usageCount"), 0);
    out->audit_count = ns_json_int(ns_json_get(r, "auditCount"), 0);
    out->audit_intact = ns_json_bool(ns_json_get(r, "auditIntact"), false);
    out->predictions_fresh = int_of(r, "predictionsFresh", 0);
    out->forecast_ms = int_of(r, "lastForecastMs", NS_APP_NUMBER_NONE);
    out->connections = int_of(r, "connections", 0);
    support_problems(ns_json_get(r, "problems"), zone, out);
    for (const struct ns_json *c = ns_json_first(ns_json_path(data, "systemHealth.components"));
         c != NULL && out->part_count < NS_APP_PARTS; c = ns_json_next(c)) {
        size_t i = out->part_count++;
        text_of(c, "name", out->parts[i].name, sizeof out->parts[i].name);
        out->parts[i].state = health_of(c, "state");
    }
}

static void decode_device(const struct ns_json *d, const struct ns_zone *zone, struct ns_app_device *out) {
    memset(out, 0, sizeof *out);
    out->id = id_of(d, "id");
    text_of(d, "name", out->name, sizeof out->name);
    text_of(d, "mayDo", out->may, sizeof out->may);
    out->current = ns_json_bool(ns_json_get(d, "current"), false);
    out->connected = ns_json_bool(ns_json_get(d, "connected"), false);
    out->seen = time_of(d, "lastSeenAt");
    out->seen_day = out->seen == NS_TIME_NONE ? NS_DATE_NONE : ns_zone_local_day(zone, out->seen);
    out->seen_minute = (int16_t)(out->seen == NS_TIME_NONE ? -1 : ns_zone_local_minute(zone, out->seen));
}

void ns_decode_network(const struct ns_json *data, const struct ns_zone *zone, struct ns_app_network *out) {
    const struct ns_json *n = ns_json_get(data, "homeNetwork");
    memset(out, 0, sizeof *out);
    out->present = ns_json_is_object(n);
    out->fixed = ns_json_bool(ns_json_get(n, "fixed"), false);
    out->listening = ns_json_bool(ns_json_get(n, "listening"), false);
    out->port = int_of(n, "port", 0);
    text_of(n, "interface", out->interface, sizeof out->interface);
    text_of(n, "problem", out->problem, sizeof out->problem);
    const char *address = ns_json_text(ns_json_first(ns_json_get(n, "addresses")));
    if (address != NULL && strchr(address, ':') == NULL) {
        ns_decode_text(out->address, sizeof out->address, address);
    } else if (address != NULL) {
        char bare[46];
        ns_decode_text(bare, sizeof bare, address);
        snprintf(out->address, sizeof out->address, "[%s]", bare);
    }
    for (const struct ns_json *c = ns_json_first(ns_json_get(n, "choices"));
         c != NULL && out->choice_count < NS_APP_NETWORKS; c = ns_json_next(c)) {
        ns_decode_text(out->choice[out->choice_count++], sizeof out->choice[0], ns_json_text(c));
    }
    for (const struct ns_json *d = ns_json_first(ns_json_get(data, "pairedDevices"));
         d != NULL && out->device_count < NS_APP_DEVICES; d = ns_json_next(d)) {
        decode_device(d, zone, &out->device[out->device_count++]);
    }
}

void ns_decode_pairing(const struct ns_json *window, struct ns_app_pairing *out) {
    memset(out, 0, sizeof *out);
    text_of(window, "code", out->code, sizeof out->code);
    out->closes = time_of(window, "closesAt");
}

static ns_rc rc_of_code(const char *code) {
    static const struct {
        const char *code;
        ns_rc rc;
    } table[] = {{"PERMISSION_DENIED", NS_E_DENIED}, {"UNAUTHENTICATED", NS_E_DENIED},
                 {"CONSENT_REQUIRED", NS_E_CONSENT}, {"NOT_SET_UP", NS_E_NOT_SET_UP},
                 {"NOT_FOUND", NS_E_NOT_FOUND},      {"CONFLICT", NS_E_CONFLICT},
                 {"RATE_LIMITED", NS_E_BUSY},        {"TIMEOUT", NS_E_TIMEOUT},
                 {"QUERY_TOO_COMPLEX", NS_E_LIMIT},  {"INTERNAL", NS_E_INTERNAL}};
    for (size_t i = 0; code != NULL && i < NS_COUNT(table); i++) {
        if (strcmp(code, table[i].code) == 0) {
            return table[i].rc;
        }
    }
    return NS_E_INPUT;
}

/* The agent's text is longer than one argument may be: up to three make one message. */
static ns_rc agent_said(struct ns_err *err, ns_rc rc, const char *text) {
    char part[NS_ERR_ARGS][160] = {{0}};
    const char *p = text != NULL ? text : "";
    for (size_t i = 0; i < NS_ERR_ARGS && *p != '\0'; i++) {
        ns_decode_text(part[i], sizeof part[i], p);
        p += strlen(part[i]);
    }
    return ns_err_say(err, rc, NS_MSG_cli_agent_said, part[0], part[1], part[2]);
}

ns_rc ns_decode_verdict(const struct ns_json *answer, const char *mutation, struct ns_err *err) {
    const struct ns_json *first = ns_json_first(ns_json_get(answer, "errors"));
    if (first != NULL) {
        const char *code = ns_json_text(ns_json_path(first, "extensions.code"));
        return agent_said(err, rc_of_code(code), ns_json_text(ns_json_get(first, "message")));
    }
    const struct ns_json *data = ns_json_get(answer, "data");
    if (!ns_json_is_object(data)) {
        return ns_err_note(err, NS_E_INTERNAL, "an answer without data");
    }
    if (mutation == NULL) {
        return NS_OK;
    }
    const struct ns_json *result = ns_json_get(data, mutation);
    if (ns_json_bool(ns_json_get(result, "success"), false)) {
        return NS_OK;
    }
    const char *code = ns_json_text(ns_json_get(result, "error"));
    const char *text = ns_json_text(ns_json_get(result, "message"));
    return agent_said(err, rc_of_code(code), text != NULL ? text : code);
}

static void add_answer(struct ns_app_answers *out, enum ns_app_question question, const struct ns_json *text) {
    if (out->count < NS_APP_ANSWERS && ns_json_text(text) != NULL) {
        out->line[out->count].question = (uint8_t)question;
        ns_decode_text(out->line[out->count++].text, NS_APP_ANSWER, ns_json_text(text));
    }
}

void ns_decode_answers(const struct ns_json *data, struct ns_app_answers *out) {
    static const char *const names[] = {"", "sick", "closed", "travel", "second"};
    memset(out, 0, sizeof *out);
    const struct ns_json *p = ns_json_first(ns_json_path(data, "getConsumptionPredictions.items"));
    const struct ns_json *list = ns_json_get(p, "explanation");
    for (const struct ns_json *one = ns_json_first(list); one != NULL; one = ns_json_next(one)) {
        if (out->count < NS_APP_ANSWERS - 11) { /* leave room for what follows */
            add_answer(out, NS_ASK_WHY, one);
        }
    }
    add_answer(out, NS_ASK_WHY, ns_json_path(data, "forecastReview.summary"));
    list = ns_json_get(data, "supplyOutlook");
    for (const struct ns_json *one = ns_json_first(list); one != NULL; one = ns_json_next(one)) {
        add_answer(out, NS_ASK_SUPPLIES, ns_json_get(one, "summary"));
    }
    for (int q = NS_ASK_SICK; q <= NS_ASK_SECOND; q++) {
        list = ns_json_get(ns_json_get(data, names[q]), "summary");
        size_t n = ns_json_count(list);
        size_t i = 0;
        for (const struct ns_json *one = ns_json_first(list); one != NULL; one = ns_json_next(one), i++) {
            if (q != NS_ASK_SECOND || i + 1 == n) { /* of the second child its own need alone */
                add_answer(out, (enum ns_app_question)q, one);
            }
        }
    }
}
