/* cmd_prices.c: products and prices: what the home knows, a price told, shops compared. */
#include "shared/calendar/holiday.h"
#include "shared/model/size.h"
#include "tui/cli/bills.h"

#include <stdio.h>
#include <string.h>

#define FOUND                                                                                  \
    "{success products{id productId shop retailerType brand name diaperSize packCount priceCad pricePerUnit seenAt source " \
    "productUrl}totalCount message}"
#define SEARCH                                                                                 \
    "query Search($q:String,$size:String,$brand:String){searchProducts(searchQuery:$q,diaperSize:$size,brand:$brand," \
    "maxResults:50)" FOUND "}"
#define ADD                                                                                    \
    "mutation AddPrice($input:AddPriceInput!){addPrice(input:$input){success message error product{id brand name size packCount}" \
    "offer{shop priceCad}}}"
#define HISTORY "query History($p:ID!){priceHistory(productId:$p){seenAt shop fromPacks priceCad source}}"
#define OFFER                                                                                  \
    "{name price{amount finalAmount taxes{total}bulkDiscounts{quantity discountPercentage savings{amount}}}deliveryCharge " \
    "pieceMilliCents retailerType taxReason missing stale source seenAt link product{brand name}}"
#define COMPARE                                                                                \
    "query Compare($p:ID!,$n:Int,$province:CanadianProvince){getRetailerComparison(productId:$p,quantity:$n," \
    "province:$province){province wholeCount product{brand name size packCount}retailers" OFFER "alternatives" OFFER "}}"
#define SCAN "query Scan($b:String!){productByBarcode(barcode:$b){id brand name size packCount}}"
#define STOCK                                                                                  \
    "mutation Stock($b:String!,$c:ID!,$n:Int){stockByBarcode(barcode:$b,childId:$c,packs:$n){success message error " \
    "inventoryItem{quantityTotal}}}"

static struct ns_shown money(struct ns_cli *cli, const struct ns_json *value) {
    ns_money cents = 0;
    struct ns_shown none = {{0}};
    const char *decimal = ns_json_text(value);
    bool known = decimal != NULL ? ns_money_parse(ns_str_of(decimal), &cents) : ns_bill_money(value, &cents);
    if (!known) {
        snprintf(none.s, sizeof none.s, "%s", ns_msg(cli->lang, NS_MSG_shop_unknown));
        return none;
    }
    return ns_bill_amount(cli, cents);
}

/* A text of the answer in a buffer that no terminal obeys. */
static const char *clean(char out[200], const struct ns_json *object, const char *name) {
    struct ns_buf b = NS_BUF(4000);
    ns_cli_clean(&b, ns_bill_text(object, name));
    snprintf(out, 200, "%s", b.data == NULL ? "" : b.data);
    ns_buf_fini(&b);
    return out;
}

static ns_rc ask(struct ns_cli *cli, const char *document, struct ns_buf *vars, const char *mutation,
                 struct ns_json **answer, struct ns_err *err) {
    ns_rc rc = vars->failed ? ns_err_note(err, NS_E_LIMIT, "the words are too long")
                            : ns_cli_query(cli, document, vars->data, mutation, answer, err);
    ns_buf_fini(vars);
    return rc;
}

static ns_rc search(struct ns_cli *cli, const char *words, struct ns_json **answer, struct ns_err *err) {
    struct ns_buf vars = NS_BUF(4000);
    ns_buf_char(&vars, '{');
    ns_cli_json_text(&vars, "q", words == NULL ? "" : words);
    ns_cli_add_text(&vars, "size", cli->args.value[NS_OPT_SIZE]);
    ns_cli_add_text(&vars, "brand", cli->args.value[NS_OPT_BRAND]);
    ns_buf_char(&vars, '}');
    return ask(cli, SEARCH, &vars, NULL, answer, err);
}

/* "Huggies Little Movers": the brand once, though most names begin with it. */
static const char *named(char out[400], const struct ns_json *p) {
    char brand[200], name[200];
    size_t n = strlen(clean(brand, p, "brand"));
    bool begins = ns_str_is_nocase((struct ns_str){clean(name, p, "name"), n <= strlen(name) ? n : 0}, brand);
    snprintf(out, 400, "%s%s%s", begins ? "" : brand, begins || n == 0 ? "" : " ", name);
    return out;
}

/* "Huggies Little Movers (size 4, 124 pieces)": of that what is known. */
static const char *described(struct ns_cli *cli, char out[500], const struct ns_json *p, const char *size_name) {
    char word[32], number[24], name[400];
    enum ns_size size;
    struct ns_buf whole = NS_BUF(1000);
    struct ns_buf text = NS_BUF(400);
    int64_t pieces = ns_json_int(ns_json_get(p, "packCount"), 0);
    if (ns_size_parse(ns_str_of(ns_bill_text(p, size_name)), &size)) {
        if (size == NS_SIZE_NEWBORN) {
            ns_buf_text(&text, ns_msg(cli->lang, NS_MSG_size_newborn));
        } else {
            NS_MSG_TO(&text, cli->lang, NS_MSG_size_n, ns_cli_size_word(cli, (int)size, word));
        }
    }
    if (pieces > 0) {
        snprintf(number, sizeof number, "%d", (int)pieces);
        ns_buf_text(&text, text.len > 0 ? ", " : "");
        NS_MSG_TO(&text, cli->lang, ns_msg_plural(cli->lang, pieces, NS_MSG_shop_pieces_one, NS_MSG_shop_pieces_other), number);
    }
    named(name, p);
    if (text.len > 0) {
        NS_MSG_TO(&whole, cli->lang, NS_MSG_shop_product, name, text.data);
    } else {
        ns_buf_text(&whole, name);
    }
    snprintf(out, 500, "%s", whole.data == NULL ? "" : whole.data);
    ns_buf_fini(&text);
    ns_buf_fini(&whole);
    return out;
}

static void put_price_line(struct ns_cli *cli, const struct ns_json *p, bool with_name) {
    char name[400], shop[200];
    struct ns_shown day = ns_bill_day(cli, ns_json_get(p, "seenAt")), price = money(cli, ns_json_get(p, "priceCad"));
    if (with_name) {
        NS_SAY(cli, NS_MSG_shop_line, day.s, price.s, named(name, p), clean(shop, p, "shop"));
    } else {
        ns_buf_text(&cli->out, "    ");
        NS_SAY(cli, NS_MSG_shop_line_short, day.s, price.s, clean(shop, p, "shop"));
    }
}

/* products: each product once, its prices below it; prices: a line for each. */
ns_rc ns_cli_prices(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = search(cli, cli->args.operand_count > 0 ? cli->args.operand[0] : NULL, &answer, err);
    const struct ns_json *found = ns_json_path(answer, "data.searchProducts");
    if (rc == NS_OK && cli->json) {
        ns_bill_put_json(cli, found);
    } else if (rc == NS_OK) {
        bool products = cli->args.command->id == NS_CLI_PRODUCTS;
        const char *before = "";
        for (const struct ns_json *p = ns_json_first(ns_json_get(found, "products")); p != NULL; p = ns_json_next(p)) {
            char whole[500];
            if (products && strcmp(before, ns_bill_text(p, "productId")) != 0) {
                before = ns_bill_text(p, "productId");
                ns_buf_fmt(&cli->out, "%s\n", described(cli, whole, p, "diaperSize"));
            }
            put_price_line(cli, p, !products);
        }
        ns_buf_text(&cli->out, ns_bill_text(found, "message"));
        ns_buf_char(&cli->out, '\n');
    }
    ns_json_free(answer);
    return rc;
}

/* ---- prices add ---- */

static const char *shop_type(const char *word) {
    static const struct {
        const char *word;
        const char *type;
    } shops[] = {{"amazon", "AMAZON_CA"}, {"walmart", "WALMART_CA"}, {"loblaws", "LOBLAWS"}, {"metro", "METRO"},
                 {"sobeys", "SOBEYS"},    {"costco", "COSTCO_CA"},   {"well.ca", "WELL_CA"}, {"shoppers", "SHOPPERS"}};
    for (size_t i = 0; i < NS_COUNT(shops); i++) {
        if (ns_str_is_nocase(ns_str_of(word), shops[i].word)) {
            return shops[i].type;
        }
    }
    return NULL;
}

static ns_rc add_number(struct ns_cli *cli, struct ns_buf *vars, enum ns_cli_opt_id option, const char *name,
                        int64_t most, struct ns_err *err) {
    int64_t n = 0;
    const char *word = cli->args.value[option];
    if (word == NULL) {
        return NS_OK;
    }
    if (!ns_str_int(ns_str_of(word), 1, most, &n)) {
        return ns_cli_bad_value(ns_cli_options[option].name, word, err);
    }
    ns_buf_fmt(vars, ",\"%s\":%d", name, (int)n);
    return NS_OK;
}

/* "44.99", "44,99", "$44.99" or "44,99 $"; NULL: not told. */
static ns_rc add_dollars(struct ns_buf *vars, const char *name, const char *word, struct ns_err *err) {
    char plain[40], text[NS_MONEY_TEXT];
    size_t n = 0;
    ns_money cents = 0;
    for (size_t i = 0; word != NULL && word[i] != '\0' && n + 1 < sizeof plain; i++) {
        if (word[i] != '$' && word[i] != ' ') {
            plain[n++] = word[i] == ',' ? '.' : word[i];
        }
    }
    plain[n] = '\0';
    if (word == NULL) {
        return NS_OK;
    }
    if (!ns_money_parse(ns_str_of(plain), &cents) || cents < 0) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_shop_bad_price, NULL, NULL, NULL);
    }
    ns_money_format(cents, text);
    ns_cli_add_text(vars, name, text);
    return NS_OK;
}

static ns_rc price_vars(struct ns_cli *cli, struct ns_buf *vars, struct ns_err *err) {
    const char *const *value = cli->args.value;
    const char *title = cli->args.operand[2];
    const char *type = shop_type(cli->args.operand[0]);
    char brand[100];
    ns_date day = NS_DATE_NONE;
    snprintf(brand, sizeof brand, "%.*s", (int)strcspn(title, " "), title);
    ns_buf_fmt(vars, "{\"input\":{\"retailerType\":\"%s\"", type == NULL ? "OTHER" : type);
    ns_cli_add_text(vars, "shop", type == NULL ? cli->args.operand[0] : NULL);
    ns_cli_add_text(vars, "title", title);
    ns_cli_add_text(vars, "brand", value[NS_OPT_BRAND] != NULL ? value[NS_OPT_BRAND] : brand);
    ns_cli_add_text(vars, "barcode", value[NS_OPT_BARCODE]);
    ns_cli_add_text(vars, "diaperSize", value[NS_OPT_SIZE]);
    ns_cli_add_text(vars, "source", cli->args.given[NS_OPT_RECEIPT] ? "RECEIPT" : NULL);
    ns_cli_add_text(vars, "url", value[NS_OPT_LINK]);
    ns_rc rc = add_dollars(vars, "priceCad", cli->args.operand[1], err);
    if (rc == NS_OK) {
        rc = add_dollars(vars, "deliveryCad", value[NS_OPT_DELIVERY], err);
    }
    if (rc == NS_OK) {
        rc = add_dollars(vars, "freeDeliveryFromCad", value[NS_OPT_FREE_FROM], err);
    }
    if (rc == NS_OK) {
        rc = add_number(cli, vars, NS_OPT_PACKS, "fromPacks", 1000, err);
    }
    if (rc == NS_OK) {
        rc = add_number(cli, vars, NS_OPT_PIECES, "packCount", 10000, err);
    }
    if (rc == NS_OK && value[NS_OPT_ON] != NULL) {
        if (!ns_date_parse(ns_str_of(value[NS_OPT_ON]), &day)) {
            return ns_cli_bad_value("on", value[NS_OPT_ON], err);
        }
        ns_buf_char(vars, ',');
        ns_cli_json_time(vars, "seenAt", (ns_time)day * NS_DAY + 12 * NS_HOUR);
    }
    ns_buf_text(vars, "}}");
    return rc;
}

ns_rc ns_cli_price_add(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    struct ns_buf vars = NS_BUF(8000);
    ns_rc rc = price_vars(cli, &vars, err);
    if (rc != NS_OK) {
        ns_buf_fini(&vars);
        return rc;
    }
    rc = ns_cli_act(cli, ADD, &vars, "addPrice", &answer, err);
    const struct ns_json *made = ns_json_path(answer, "data.addPrice");
    if (rc == NS_OK && !cli->json) {
        char shop[200], whole[500];
        const struct ns_json *offer = ns_json_get(made, "offer"), *p = ns_json_get(made, "product");
        NS_SAY(cli, NS_MSG_shop_price_kept, money(cli, ns_json_get(offer, "priceCad")).s, clean(shop, offer, "shop"),
               described(cli, whole, p, "size"));
        if (ns_json_int(ns_json_get(p, "packCount"), 0) == 0) {
            ns_cli_line(cli, NS_MSG_shop_tell_pieces);
        }
    }
    ns_json_free(answer);
    return rc;
}

/* ---- one product ---- */

/* Of several: their names, as many as a line holds. */
static void list_names(struct ns_json *answer, char out[150]) {
    const char *before = "";
    size_t n = 0;
    out[0] = '\0';
    for (const struct ns_json *p = ns_json_first(ns_json_path(answer, "data.searchProducts.products")); p != NULL;
         p = ns_json_next(p)) {
        char name[400];
        if (strcmp(before, ns_bill_text(p, "productId")) == 0 || n + strlen(named(name, p)) + 3 > 150) {
            continue;
        }
        before = ns_bill_text(p, "productId");
        n += (size_t)snprintf(out + n, 150 - n, "%s%s", n > 0 ? "; " : "", name);
    }
}

/* The product the words mean: the only one that fits, or the one of that very name. */
static ns_rc product(struct ns_cli *cli, const char *words, char out[NS_ID_TEXT], struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = search(cli, words, &answer, err);
    const struct ns_json *first = ns_json_first(ns_json_path(answer, "data.searchProducts.products"));
    if (rc == NS_OK && first == NULL) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_shop_nothing_known, NULL, NULL, NULL);
    }
    bool one = true;
    for (const struct ns_json *p = rc == NS_OK ? first : NULL; p != NULL; p = ns_json_next(p)) {
        char name[400], bare[200];
        bool same = strcmp(out, ns_bill_text(p, "productId")) == 0;
        one = one && (out[0] == '\0' || same);
        snprintf(out, NS_ID_TEXT, "%s", ns_bill_text(p, "productId"));
        if (ns_str_is_nocase(ns_str_of(words), named(name, p)) || ns_str_is_nocase(ns_str_of(words), clean(bare, p, "name"))) {
            one = true;
            break;
        }
    }
    if (rc == NS_OK && !one) {
        char names[150];
        list_names(answer, names);
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_shop_which, names, NULL, NULL);
    }
    ns_json_free(answer);
    return rc;
}

ns_rc ns_cli_price_history(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    char id[NS_ID_TEXT] = "";
    struct ns_buf vars = NS_BUF(200);
    ns_rc rc = product(cli, cli->args.operand[0], id, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_buf_fmt(&vars, "{\"p\":\"%s\"}", id);
    rc = ask(cli, HISTORY, &vars, NULL, &answer, err);
    const struct ns_json *list = ns_json_path(answer, "data.priceHistory");
    if (rc == NS_OK && cli->json) {
        ns_bill_put_json(cli, list);
    }
    for (const struct ns_json *p = cli->json ? NULL : ns_json_first(list); rc == NS_OK && p != NULL; p = ns_json_next(p)) {
        char shop[200], packs[24];
        int from = (int)ns_json_int(ns_json_get(p, "fromPacks"), 1);
        snprintf(packs, sizeof packs, "%d", from);
        NS_SAY(cli, from > 1 ? NS_MSG_shop_line_lot : NS_MSG_shop_line_short, ns_bill_day(cli, ns_json_get(p, "seenAt")).s,
               money(cli, ns_json_get(p, "priceCad")).s, clean(shop, p, "shop"), packs);
    }
    ns_json_free(answer);
    return rc;
}

/* ---- prices compare ---- */

static void indented(struct ns_cli *cli, const char *text) {
    struct ns_str rest = ns_str_of(text);
    while (rest.n > 0) {
        struct ns_str line = ns_str_cut(&rest, '\n');
        ns_buf_text(&cli->out, "    ");
        ns_buf_str(&cli->out, line);
        ns_buf_char(&cli->out, '\n');
    }
}

static struct ns_shown piece(struct ns_cli *cli, const struct ns_json *value) {
    struct ns_shown out = {{0}};
    int64_t milli = ns_json_int(value, 0);
    if (milli <= 0) {
        snprintf(out.s, sizeof out.s, "%s", ns_msg(cli->lang, NS_MSG_shop_unknown));
    } else { /* tenths of a cent */
        int64_t tenths = (milli + 50) / 100;
        snprintf(out.s, sizeof out.s, cli->lang == NS_LANG_FR ? "%d,%d ¢" : "%d.%d¢", (int)(tenths / 10), (int)(tenths % 10));
    }
    return out;
}

static void put_offer(struct ns_cli *cli, const struct ns_json *o) {
    char shop[200], text[200];
    const struct ns_json *price = ns_json_get(o, "price");
    NS_SAY(cli, NS_MSG_shop_compare_line, clean(shop, o, "name"), piece(cli, ns_json_get(o, "pieceMilliCents")).s,
           money(cli, ns_json_get(price, "finalAmount")).s, money(cli, ns_json_get(price, "amount")).s,
           money(cli, ns_json_get(o, "deliveryCharge")).s, money(cli, ns_json_path(price, "taxes.total")).s);
    indented(cli, ns_bill_text(o, "taxReason"));
    indented(cli, ns_bill_text(o, "missing"));
    if (ns_json_bool(ns_json_get(o, "stale"), false)) {
        indented(cli, ns_msg(cli->lang, NS_MSG_shop_stale));
    }
    for (const struct ns_json *b = ns_json_first(ns_json_get(price, "bulkDiscounts")); b != NULL; b = ns_json_next(b)) {
        char packs[24], percent[24];
        double share = 0;
        (void)ns_json_number(ns_json_get(b, "discountPercentage"), &share);
        snprintf(packs, sizeof packs, "%d", (int)ns_json_int(ns_json_get(b, "quantity"), 0));
        snprintf(percent, sizeof percent, "%.0f", share);
        ns_buf_text(&cli->out, "    ");
        NS_SAY(cli, NS_MSG_shop_compare_bulk, packs, percent, money(cli, ns_json_path(b, "savings.amount")).s);
    }
    if (!ns_json_is_null(ns_json_get(o, "link"))) {
        ns_buf_text(&cli->out, "    ");
        NS_SAY(cli, NS_MSG_shop_compare_link, clean(text, o, "link"));
    }
}

static void put_shops(struct ns_cli *cli, const struct ns_json *c, const char *packs) {
    char name[400];
    bool single = strcmp(packs, "1") == 0;
    NS_SAY(cli, single ? NS_MSG_shop_compare_title_one : NS_MSG_shop_compare_title_other, named(name, ns_json_get(c, "product")),
           ns_province_title(ns_bill_text(c, "province"), cli->lang == NS_LANG_FR), packs);
    for (const struct ns_json *o = ns_json_first(ns_json_get(c, "retailers")); o != NULL; o = ns_json_next(o)) {
        put_offer(cli, o);
    }
}

bool ns_bill_best_shop(struct ns_cli *cli, const char *words, int64_t packs, char retailer[24], char name[400]) {
    struct ns_json *answer = NULL;
    struct ns_err quiet = {0};
    struct ns_buf vars = NS_BUF(200);
    char id[NS_ID_TEXT] = "", number[24];
    if (product(cli, words, id, &quiet) != NS_OK) {
        return false; /* no price, or not one product: the words stand as they are */
    }
    snprintf(number, sizeof number, "%d", (int)packs);
    ns_buf_fmt(&vars, "{\"p\":\"%s\",\"n\":%s}", id, number);
    ns_rc rc = ask(cli, COMPARE, &vars, NULL, &answer, &quiet);
    const struct ns_json *c = ns_json_path(answer, "data.getRetailerComparison");
    bool whole = rc == NS_OK && ns_json_int(ns_json_get(c, "wholeCount"), 0) > 0;
    if (whole) {
        snprintf(retailer, 24, "%s", ns_bill_text(ns_json_first(ns_json_get(c, "retailers")), "retailerType"));
        named(name, ns_json_get(c, "product"));
    }
    if (whole && !cli->json) {
        put_shops(cli, c, number);
    }
    ns_json_free(answer);
    return whole;
}

ns_rc ns_cli_price_compare(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    char id[NS_ID_TEXT] = "", name[400];
    const char *packs = cli->args.value[NS_OPT_PACKS] != NULL ? cli->args.value[NS_OPT_PACKS] : "1";
    struct ns_buf vars = NS_BUF(400);
    ns_rc rc = product(cli, cli->args.operand[0], id, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_buf_fmt(&vars, "{\"p\":\"%s\"", id);
    rc = add_number(cli, &vars, NS_OPT_PACKS, "n", 1000, err);
    ns_cli_add_text(&vars, "province", cli->args.value[NS_OPT_PROVINCE]);
    ns_buf_char(&vars, '}');
    if (rc != NS_OK) {
        ns_buf_fini(&vars);
        return rc;
    }
    rc = ask(cli, COMPARE, &vars, NULL, &answer, err);
    const struct ns_json *c = ns_json_path(answer, "data.getRetailerComparison");
    if (rc == NS_OK && cli->json) {
        ns_bill_put_json(cli, c);
    } else if (rc == NS_OK) {
        put_shops(cli, c, packs);
        const struct ns_json *other = ns_json_first(ns_json_get(c, "alternatives"));
        if (other != NULL) {
            ns_cli_line(cli, NS_MSG_shop_otherwise);
        }
        for (; other != NULL; other = ns_json_next(other)) {
            ns_buf_fmt(&cli->out, "%s\n", named(name, ns_json_get(other, "product")));
            put_offer(cli, other);
        }
    }
    ns_json_free(answer);
    return rc;
}

/* ---- products scan ---- */

static ns_rc stock(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child child;
    struct ns_json *answer = NULL;
    char id[NS_ID_TEXT], count[24];
    struct ns_buf vars = NS_BUF(400);
    ns_rc rc = ns_cli_child(cli, cli->args.operand[1], &child, err);
    ns_id_format(child.id, id);
    ns_buf_char(&vars, '{');
    ns_cli_json_text(&vars, "b", cli->args.operand[0]);
    ns_cli_add_text(&vars, "c", id);
    if (rc == NS_OK) {
        rc = add_number(cli, &vars, NS_OPT_PACKS, "n", 1000, err);
    }
    ns_buf_char(&vars, '}');
    if (rc != NS_OK) {
        ns_buf_fini(&vars);
        return rc;
    }
    rc = ns_cli_act(cli, STOCK, &vars, "stockByBarcode", &answer, err);
    if (rc == NS_OK && !cli->json) {
        snprintf(count, sizeof count, "%d",
                 (int)ns_json_int(ns_json_path(answer, "data.stockByBarcode.inventoryItem.quantityTotal"), 0));
        NS_SAY(cli, NS_MSG_shop_stocked, count, child.name);
    }
    ns_json_free(answer);
    return rc;
}

ns_rc ns_cli_scan(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    struct ns_buf vars = NS_BUF(400);
    if (cli->args.operand_count > 1) {
        return stock(cli, err);
    }
    ns_buf_char(&vars, '{');
    ns_cli_json_text(&vars, "b", cli->args.operand[0]);
    ns_buf_char(&vars, '}');
    ns_rc rc = ask(cli, SCAN, &vars, NULL, &answer, err);
    const struct ns_json *p = ns_json_path(answer, "data.productByBarcode");
    if (rc == NS_OK && ns_json_is_null(p)) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_shop_barcode_unknown, cli->args.operand[0], NULL, NULL);
    } else if (rc == NS_OK && cli->json) {
        ns_bill_put_json(cli, p);
    } else if (rc == NS_OK) {
        char whole[500];
        ns_buf_fmt(&cli->out, "%s\n", described(cli, whole, p, "size"));
    }
    ns_json_free(answer);
    return rc;
}
