/* household.c: the fixture goes through the reducer's events, as real data does. */
#include "tests/golden/household.h"

#include <stdio.h>
#include <string.h>

static ns_id id_of(uint8_t kind, uint8_t n) {
    uint8_t bytes[16] = {kind, n};
    return ns_id_from_bytes(bytes);
}

static void feed(struct ns_app_state *state, const struct ns_app_data *data) {
    struct ns_cmds cmds = {0};
    const struct ns_event event = {.kind = NS_EVENT_DATA, .data = data};
    ns_app_step(state, &event, &cmds);
}

void golden_key(struct ns_app_state *state, uint32_t key) {
    struct ns_cmds cmds = {0};
    const struct ns_event event = {.kind = NS_EVENT_KEY, .key = key};
    ns_app_step(state, &event, &cmds);
}

void golden_empty(struct ns_app_state *state, int rows, int cols, enum ns_lang lang, bool ascii) {
    const struct ns_app_setup setup = {
        .lang = lang,
        .caps = {.unicode = !ascii, .braille = !ascii, .mouse = true, .colours = 256},
        .first_run = true,
        .seed = {1, 2},
        .rows = rows,
        .cols = cols};
    ns_app_init(state, &setup);
    ns_date today = ns_date_of((struct ns_civil){2026, 3, 13});
    struct ns_cmds cmds = {0};
    const struct ns_event tick = {.kind = NS_EVENT_TICK,
                                  .now = today * NS_DAY + 6 * NS_HOUR + 14 * NS_MINUTE,
                                  .utc_offset_s = -4 * 3600};
    ns_app_step(state, &tick, &cmds);
}

static void children(struct ns_app_state *state) {
    static struct ns_app_child two[2];
    memset(two, 0, sizeof two);
    two[0] = (struct ns_app_child){.id = id_of(1, 0), .name = "Mila", .birth = state->today - 131, .size = 2,
                                   .weight_g = 7100, .expected = 8, .left = 38, .ever_stocked = true, .today_changes = 1,
                                   .last_change = state->now - 154 * NS_MINUTE, .last_kind = NS_CHANGE_BOTH};
    two[1] = (struct ns_app_child){.id = id_of(1, 1), .name = "Th\u00e9o", .birth = state->today - 800, .size = 5,
                                   .weight_g = 12400, .expected = 5, .left = 10, .ever_stocked = true, .today_changes = 0,
                                   .last_change = state->now - 400 * NS_MINUTE, .last_kind = NS_CHANGE_WET};
    feed(state, &(struct ns_app_data){.load = NS_LOAD_CHILDREN, .children = two, .count = 2});
}

static void days(struct ns_app_state *state, int child, int base) {
    struct ns_app_day list[60];
    uint32_t x = 12345U + (uint32_t)child;
    for (int i = 0; i < 60; i++) {
        x = x * 1103515245U + 12345U;
        list[i] = (struct ns_app_day){.date = state->today - 59 + i,
                                      .count = (int16_t)(base + (int)(x >> 16) % 5 - 2 +
                                                         (ns_date_weekday(state->today - 59 + i) >= 5)),
                                      .status = NS_DAY_OK};
    }
    list[50] = (struct ns_app_day){.date = state->today - 9, .status = NS_DAY_GAP};
    list[59].count = (int16_t)(child == 0);
    list[59].status = NS_DAY_PARTIAL;
    feed(state, &(struct ns_app_data){.load = NS_LOAD_DAYS, .days = list, .count = 60, .child = id_of(1, (uint8_t)child)});
}

/* Sentences as the agent writes them. */
static void answers(struct ns_app_state *state) {
    static const struct {
        enum ns_app_question question;
        const char *text[2];
    } lines[] = {
        {NS_ASK_WHY, {"About 9.1 diapers a day this week, learned from 58 whole days.",
                      "Environ 9,1 couches par jour cette semaine, d\u2019apr\u00e8s 58 jours complets."}},
        {NS_ASK_WHY, {"Size 3 is likely from Sun 13 Dec on; 64 % within 30 days.",
                      "La taille 3 devrait convenir \u00e0 partir du dim. 13 d\u00e9c.; 64\u00a0% de chances d\u2019ici 30 jours."}},
        {NS_ASK_SUPPLIES, {"Wipes: 144 left, 8.0 a day. Should last until Sun 13 Dec; 8 chances in 10 between Sat 12 Dec and "
                           "Mon 14 Dec. Order by Mon 7 Dec.",
                           "Lingettes : 144 en r\u00e9serve, 8,0 par jour. Devrait durer jusqu\u2019au dim. 13 d\u00e9c.; 8 chances sur 10 "
                           "entre le sam. 12 d\u00e9c. et le lun. 14 d\u00e9c. Commandez d\u2019ici le lun. 7 d\u00e9c."}},
        {NS_ASK_SICK, {"The next 30 days would take 6 more, 274 in all.",
                       "Il en faudrait 6 de plus pour les 30 prochains jours, 274 en tout."}},
        {NS_ASK_TRAVEL, {"The cupboard would last until Sat 5 Dec instead of Sat 28 Nov.",
                         "La r\u00e9serve durerait jusqu\u2019au sam. 5 d\u00e9c. au lieu du sam. 28 nov."}},
        {NS_ASK_SECOND, {"The second child would need about 296 newborn diapers in the first 30 days (228 to 365).",
                         "Le second enfant aurait besoin d\u2019environ 296 couches de naissance les 30 premiers jours (228 \u00e0 365)."}},
    };
    struct ns_app_answers a = {0};
    for (size_t i = 0; i < NS_COUNT(lines); i++) {
        a.line[a.count].question = (uint8_t)lines[i].question;
        snprintf(a.line[a.count++].text, NS_APP_ANSWER, "%s", lines[i].text[state->lang == NS_LANG_FR]);
    }
    feed(state, &(struct ns_app_data){.load = NS_LOAD_ANSWERS, .answers = &a, .child = id_of(1, 0)});
}

static void predictions(struct ns_app_state *state) {
    struct ns_app_prediction p = {.present = true, .created = state->now, .model = NS_MODEL_TREND,
                                  .confidence = NS_CONFIDENCE_HIGH, .runout_confidence = NS_CONFIDENCE_HIGH,
                                  .rate = 910, .demand30 = 268, .demand30_lower = 241, .demand30_upper = 297,
                                  .mae = 82, .r_squared = 34, .coverage = 80, .size_change = 64, .new_size = 3,
                                  .size_change_on = state->today + 20, .runout = state->today + 4,
                                  .runout_earliest = state->today + 2, .runout_latest = state->today + 6,
                                  .reorder_by = state->today + 1, .stock = 38, .training_days = 59,
                                  .training_points = 58, .forecast_count = 30, .packs = 3, .pack_pieces = 84};
    for (int i = 0; i < 30; i++) {
        p.forecast[i] = (struct ns_app_forecast_day){state->today + i, 910 - 2 * i, 790 - 8 * i, 1040 + 6 * i};
    }
    feed(state, &(struct ns_app_data){.load = NS_LOAD_PREDICTION, .prediction = &p, .child = id_of(1, 0)});
    p.model = NS_MODEL_FLAT;
    p.runout_confidence = NS_CONFIDENCE_MEDIUM;
    p.rate = 520;
    p.demand30 = 154;
    p.demand30_lower = 133;
    p.demand30_upper = 178;
    p.mae = NS_APP_NUMBER_NONE;
    p.coverage = NS_APP_NUMBER_NONE;
    p.size_change = 8;
    p.runout = state->today + 2;
    p.runout_earliest = state->today + 1;
    p.runout_latest = state->today + 3;
    p.reorder_by = state->today;
    p.stock = 10;
    p.packs = NS_APP_NUMBER_NONE;
    p.alert = true;
    for (int i = 0; i < 30; i++) {
        p.forecast[i] = (struct ns_app_forecast_day){state->today + i, 520, 400, 650};
    }
    feed(state, &(struct ns_app_data){.load = NS_LOAD_PREDICTION, .prediction = &p, .child = id_of(1, 1)});
    answers(state);
}

static void logs(struct ns_app_state *state) {
    static const struct {
        int back;
        uint8_t child;
        uint8_t kind;
        bool leak;
        const char *by;
    } list[] = {{154, 0, NS_CHANGE_BOTH, false, ""},      {400, 1, NS_CHANGE_WET, false, "Sam"},
                {429, 0, NS_CHANGE_DIRTY, true, ""},      {524, 0, NS_CHANGE_WET, false, "Sam"},
                {664, 0, NS_CHANGE_WET, false, "garderie"}, {701, 1, NS_CHANGE_BOTH, true, ""},
                {803, 0, NS_CHANGE_DRY, false, ""},       {920, 1, NS_CHANGE_WET, false, ""},
                {1010, 0, NS_CHANGE_BOTH, false, "Sam"},  {1133, 0, NS_CHANGE_WET, false, ""},
                {1260, 1, NS_CHANGE_DIRTY, false, ""},    {1320, 0, NS_CHANGE_WET, false, ""},
                {1500, 0, NS_CHANGE_WET, false, ""},      {1611, 1, NS_CHANGE_WET, false, "Sam"},
                {1700, 0, NS_CHANGE_DIRTY, false, ""},    {1822, 0, NS_CHANGE_BOTH, false, ""}};
    static struct ns_app_log rows[NS_COUNT(list)];
    memset(rows, 0, sizeof rows);
    for (size_t i = 0; i < NS_COUNT(list); i++) {
        int64_t local = state->minute - list[i].back;
        rows[i].id = id_of(2, (uint8_t)i);
        rows[i].child = id_of(1, list[i].child);
        rows[i].at = state->now - list[i].back * NS_MINUTE;
        rows[i].day = state->today + (ns_date)(local < -1440 ? -2 : local < 0 ? -1 : 0);
        rows[i].minute = (int16_t)((local + 2880) % 1440);
        rows[i].gap = -1;
        rows[i].kind = list[i].kind;
        rows[i].leak = list[i].leak;
        rows[i].quantity = 1;
        snprintf(rows[i].by, sizeof rows[i].by, "%s", list[i].by);
    }
    feed(state, &(struct ns_app_data){.load = NS_LOAD_LOGS, .logs = rows, .count = NS_COUNT(list)});
}

static void stock(struct ns_app_state *state) {
    static struct ns_app_stock lots[5];
    memset(lots, 0, sizeof lots);
    static const struct {
        uint8_t child;
        uint8_t product;
        const char *brand;
        const char *name;
        const char *where;
        const char *size;
        int total;
        int left;
        bool opened;
        bool expired;
    } list[5] = {{1, 0, "SoftNest", "day", "Nursery", "SIZE_5", 120, 10, true, false},
                 {0, 0, "SoftNest", "day", "Nursery", "SIZE_2", 186, 38, true, false},
                 {0, 0, "CloudDry", "overnight, extra long name", "Closet upstairs", "SIZE_3", 68, 68, false, false},
                 {0, 1, "\u304a\u3057\u308a\u3075\u304d", "", "Closet", "", 192, 120, true, false},
                 {0, 0, "OldBrand", "", "Car", "NEWBORN", 12, 6, true, true}};
    for (int i = 0; i < 5; i++) {
        lots[i] = (struct ns_app_stock){.id = id_of(3, (uint8_t)i), .child = id_of(1, list[i].child), .product = list[i].product,
                                        .total = list[i].total, .remaining = list[i].left, .opened = list[i].opened,
                                        .expired = list[i].expired, .expiry = NS_DATE_NONE};
        snprintf(lots[i].brand, sizeof lots[i].brand, "%s", list[i].brand);
        snprintf(lots[i].name, sizeof lots[i].name, "%s", list[i].name);
        snprintf(lots[i].where, sizeof lots[i].where, "%s", list[i].where);
        snprintf(lots[i].size, sizeof lots[i].size, "%s", list[i].size);
    }
    feed(state, &(struct ns_app_data){.load = NS_LOAD_STOCK, .stock = lots, .count = 5});
}

static void support(struct ns_app_state *state) {
    struct ns_app_support s = {.present = true, .read_at = state->now, .version = "0.1.0", .uptime_s = 12 * 86400 + 7200,
                               .store_bytes = 14 << 20, .schema_version = 4,
                               .last_verified = state->now - 23 * NS_HOUR, .children = 2, .usage_count = 1204,
                               .audit_count = 3918, .audit_intact = true, .predictions_fresh = 2, .forecast_ms = 41,
                               .connections = 2, .problem_count = 2};
    s.problems[0].day = state->today;
    s.problems[0].minute = 62;
    snprintf(s.problems[0].level, sizeof s.problems[0].level, "warn");
    snprintf(s.problems[0].part, sizeof s.problems[0].part, "forecast");
    snprintf(s.problems[0].text, sizeof s.problems[0].text, "too few days for an error measure (1 child)");
    s.problems[1].day = state->today - 12;
    s.problems[1].minute = 1380;
    snprintf(s.problems[1].level, sizeof s.problems[1].level, "error");
    snprintf(s.problems[1].part, sizeof s.problems[1].part, "store");
    snprintf(s.problems[1].text, sizeof s.problems[1].text, "snapshot not written: no space left on device");
    feed(state, &(struct ns_app_data){.load = NS_LOAD_SUPPORT, .support = &s});
}

static void phones(struct ns_app_state *state) {
    static struct ns_app_network n;
    memset(&n, 0, sizeof n);
    n = (struct ns_app_network){.present = true, .listening = true, .interface = "wlan0", .address = "192.168.1.20",
                                .port = 8443, .choice_count = 1, .choice = {"wlan0"}, .device_count = 3};
    const char *may[] = {"Everything: it is the home\u2019s own computer.",
                         "Reads and logs. On the home\u2019s computer only: money, pairing, export, erasing."};
    const char *names[] = {"console", "Ada\u2019s phone", "T\u00e9l\u00e9phone de Sam"};
    for (int i = 0; i < 3; i++) {
        struct ns_app_device *d = &n.device[i];
        d->id = id_of(9, (uint8_t)i);
        snprintf(d->name, sizeof d->name, "%s", names[i]);
        snprintf(d->may, sizeof d->may, "%s", may[i > 0]);
        d->current = i == 0;
        d->connected = i < 2;
        d->seen = state->now - i * NS_DAY;
        d->seen_day = state->today - i;
        d->seen_minute = 600;
    }
    feed(state, &(struct ns_app_data){.load = NS_LOAD_DEVICES, .network = &n});
}

static ns_money *taxes(ns_money tax[NS_APP_TAXES], ns_money gst, ns_money hst, ns_money pst, ns_money qst) {
    tax[0] = gst;
    tax[1] = hst;
    tax[2] = pst;
    tax[3] = qst;
    return tax;
}

/* Premium in Quebec, paid twice and once after a retry; the words as the agent writes them. */
static void plan(struct ns_app_state *state) {
    static struct ns_app_plan p;
    bool french = state->lang == NS_LANG_FR;
    static const struct {
        const char *id;
        const char *name[2];
        const char *what[2];
        ns_money price;
    } tiers[] = {{"standard_monthly", {"Basic", "De base"}, {"New forecasts and reorder suggestions. 1 child.", "Nouvelles pr\u00e9visions et suggestions d\u2019achat. 1 enfant."}, 1999},
                 {"premium_monthly", {"Premium", "Premium"}, {"Price comparison and alerts, and more analysis. Up to 3 children.", "Comparaison et alertes de prix, analyses pouss\u00e9es. Jusqu\u2019\u00e0 3 enfants."}, 2999},
                 {"family_monthly", {"Family", "Famille"}, {"Everything, with priority support. Up to 10 children.", "Tout, avec soutien prioritaire. Jusqu\u2019\u00e0 10 enfants."}, 3499}};
    static const char *const lost[][2] = {{"New forecasts", "Nouvelles pr\u00e9visions"}, {"Reorder suggestions", "Suggestions d\u2019achat"},
                                          {"Price comparison", "Comparaison des prix"}};
    memset(&p, 0, sizeof p);
    p = (struct ns_app_plan){.present = true, .standing = NS_STANDING_PAID, .until = state->today + 19, .page_minute = -1,
                             .next_day = state->today + 19, .id = "premium_monthly", .name = "Premium", .price = 2999,
                             .province = "QC", .brand = "visa", .last4 = "4242", .access_until = state->today + 19,
                             .lost_count = 3, .tier_count = 3, .bill_count = 3};
    for (int i = 0; i < 3; i++) {
        snprintf(p.tier[i].id, sizeof p.tier[i].id, "%s", tiers[i].id);
        snprintf(p.tier[i].name, sizeof p.tier[i].name, "%s", tiers[i].name[french]);
        snprintf(p.tier[i].what, sizeof p.tier[i].what, "%s", tiers[i].what[french]);
        p.tier[i].price = tiers[i].price;
        snprintf(p.lost[i], sizeof p.lost[i], "%s", lost[i][french]);
        struct ns_app_bill *b = &p.bill[i];
        *b = (struct ns_app_bill){.id = id_of(10, (uint8_t)i), .day = state->today - 12 - 30 * i, .from = state->today - 12 - 30 * i,
                                  .until = state->today + 18 - 30 * i, .state = i == 1 ? NS_BILL_FAILED : NS_BILL_PAID,
                                  .province = "QC", .subtotal = 2999, .total = 3448, .refund = NS_APP_MONEY_NONE};
        taxes(b->tax, 150, NS_APP_MONEY_NONE, NS_APP_MONEY_NONE, 299);
        snprintf(b->number, sizeof b->number, "NS-000%d", 3 - i);
        snprintf(b->what, sizeof b->what, "%s", french ? "Forfait Premium, renouvel\u00e9" : "Premium plan, renewed");
        snprintf(b->url, sizeof b->url, "https://invoice.stripe.com/i/in_000%d", 3 - i);
    }
    feed(state, &(struct ns_app_data){.load = NS_LOAD_PLAN, .plan = &p});
}

static void answer_plan(struct ns_app_state *state, const struct ns_app_plan_answer *answer, const uint32_t *keys, size_t count) {
    struct ns_cmds cmds = {0};
    struct ns_app_done done = {.ok = true, .plan = *answer};
    for (size_t i = 0; i < count; i++) {
        const struct ns_event press = {.kind = NS_EVENT_KEY, .key = keys[i]};
        ns_app_step(state, &press, &cmds);
    }
    for (size_t i = 0; i < cmds.count; i++) {
        done.key = cmds.list[i].kind >= NS_CMD_PLAN_COST && cmds.list[i].kind <= NS_CMD_PLAN_CARD ? cmds.list[i].key : done.key;
    }
    const struct ns_event event = {.kind = NS_EVENT_DONE, .done = &done};
    ns_app_step(state, &event, &cmds);
}

void golden_plan_cost(struct ns_app_state *state) {
    static const uint32_t keys[] = {'7', 'c', 'j', NS_KEY_ENTER};
    struct ns_app_plan_answer answer = {.costs = true, .subtotal = 317, .due = 365};
    taxes(answer.tax, 16, NS_APP_MONEY_NONE, NS_APP_MONEY_NONE, 32);
    answer_plan(state, &answer, keys, NS_COUNT(keys));
}

void golden_plan_page(struct ns_app_state *state) {
    static const uint32_t keys[] = {'7', 'o'};
    const struct ns_app_plan_answer answer = {
        .url = "https://billing.stripe.com/p/session/test_YWNjdF8xTm9TZWNyZXRIZXJlLF9RMk5vVG9rZW5IZXJlRWl0aGVyMDEyMzQ1Njc4OQ0100abcdef"};
    answer_plan(state, &answer, keys, NS_COUNT(keys));
}

void golden_pairing(struct ns_app_state *state) {
    struct ns_cmds cmds = {0};
    struct ns_event event = {.kind = NS_EVENT_KEY, .key = 'p'};
    ns_app_step(state, &event, &cmds);
    struct ns_app_done done = {.ok = true, .pairing = {"48291357", state->now + 252 * NS_SECOND}};
    for (size_t i = 0; i < cmds.count; i++) {
        done.key = cmds.list[i].kind == NS_CMD_PAIR ? cmds.list[i].key : done.key;
    }
    event = (struct ns_event){.kind = NS_EVENT_DONE, .done = &done};
    ns_app_step(state, &event, &cmds);
}

void golden_household(struct ns_app_state *state, int rows, int cols, enum ns_lang lang, bool ascii) {
    golden_empty(state, rows, cols, lang, ascii);
    struct ns_app_household home = {.present = true, .province = "QC", .today = state->today};
    feed(state, &(struct ns_app_data){.load = NS_LOAD_HOUSEHOLD, .household = &home});
    children(state);
    days(state, 0, 9);
    days(state, 1, 5);
    predictions(state);
    logs(state);
    stock(state);
    support(state);
    phones(state);
    plan(state);
    struct ns_cmds cmds = {0};
    const struct ns_event live = {.kind = NS_EVENT_CONNECTION, .link = NS_LINK_LIVE};
    ns_app_step(state, &live, &cmds);
}

/* Two with their history, the others with what the agent tells of every child. */
void golden_family(struct ns_app_state *state, int count, int rows, int cols, enum ns_lang lang, bool ascii) {
    static const char *const names[NS_APP_CHILDREN] = {"Mila", "Th\u00e9o", "L\u00e9a", "Noah", "Zo\u00e9", "Anjali",
                                                      "Olivier", "Maya", "F\u00e9lix", "Iris"};
    static struct ns_app_child list[NS_APP_CHILDREN];
    golden_household(state, rows, cols, lang, ascii);
    memset(list, 0, sizeof list);
    for (int i = 0; i < count; i++) {
        if (i < 2) {
            list[i] = state->children[i];
            continue;
        }
        list[i] = (struct ns_app_child){.id = id_of(1, (uint8_t)i), .birth = state->today - 90 * i, .size = (int8_t)(i % 7),
                                        .expected = 6, .left = 14 * i, .ever_stocked = true,
                                        .last_change = state->now - i * NS_HOUR, .last_kind = NS_CHANGE_WET};
        snprintf(list[i].name, sizeof list[i].name, "%s", names[i]);
    }
    feed(state, &(struct ns_app_data){.load = NS_LOAD_CHILDREN, .children = list, .count = (size_t)count});
}
