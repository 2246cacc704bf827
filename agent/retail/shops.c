#include "agent/retail/shops.h"

#include <string.h>

unsigned ns_shop_can(enum ns_retailer_type shop) {
    const struct ns_shop *s = &ns_shops[shop];
    return s->host[0] != '\0' ? NS_SHOP_LINK : 0;
}

static void encode(struct ns_buf *out, const char *text) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (const char *p = text; *p != '\0'; p++) {
        if (strchr(plain, *p) != NULL) {
            ns_buf_char(out, *p);
        } else {
            ns_buf_fmt(out, "%%%02X", (unsigned)(unsigned char)*p);
        }
    }
}

bool ns_shop_link(enum ns_retailer_type shop, const char *sku, const char *words, const char *tag,
                  struct ns_buf *out) {
    const struct ns_shop *s = &ns_shops[shop];
    bool by_number = sku != NULL && sku[0] != '\0' && s->product_page[0] != '\0';
    const char *page = by_number ? s->product_page : s->search_page;
    const char *fill = by_number ? sku : words;
    if (page[0] == '\0' || fill == NULL || fill[0] == '\0') {
        return false;
    }
    const char *open = strchr(page, '{');
    const char *close = strchr(open, '}');
    ns_buf_str(out, (struct ns_str){page, (size_t)(open - page)});
    encode(out, fill);
    ns_buf_text(out, close + 1);
    if (tag != NULL && tag[0] != '\0' && s->tag_name[0] != '\0') {
        ns_buf_fmt(out, "%c%s=", strchr(page, '?') != NULL ? '&' : '?', s->tag_name);
        encode(out, tag);
    }
    return !out->failed;
}

static bool ends_with(struct ns_str host, const char *name) {
    size_t n = strlen(name);
    return host.n == n ? strncmp(host.p, name, n) == 0
                       : host.n > n && host.p[host.n - n - 1] == '.' && strncmp(host.p + host.n - n, name, n) == 0;
}

bool ns_shop_url_ok(enum ns_retailer_type shop, struct ns_str url) {
    const char *own = ns_shops[shop].host;
    if (url.n > 500 || !ns_str_starts(url, "https://")) {
        return false;
    }
    for (size_t i = 0; i < url.n; i++) {
        unsigned char c = (unsigned char)url.p[i];
        if (c <= ' ' || c >= 0x7f || strchr("\"'<>\\^`{|}", (int)c) != NULL) {
            return false;
        }
    }
    struct ns_str rest = {url.p + 8, url.n - 8};
    struct ns_str host = {rest.p, 0};
    while (host.n < rest.n && strchr("/?#", rest.p[host.n]) == NULL) {
        host.n++;
    }
    if (host.n < 4 || memchr(host.p, '@', host.n) != NULL || memchr(host.p, ':', host.n) != NULL ||
        memchr(host.p, '.', host.n) == NULL) {
        return false;
    }
    return own[0] == '\0' || ends_with(host, strncmp(own, "www.", 4) == 0 ? own + 4 : own);
}
