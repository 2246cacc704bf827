/* Three texts with a line of dashes between: settings, history, rows asked for. Whatever is read
 * is forecast when it is small; no answer holds a number that is none. */
#include "tui/cli/offline/forecast_case.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ns_str cut_part(struct ns_str *rest) {
    static const char mark[] = "\n----\n";
    struct ns_str part = *rest;
    char *at = rest->n == 0 ? NULL : memmem(rest->p, rest->n, mark, sizeof mark - 1);
    if (at == NULL) {
        *rest = (struct ns_str){"", 0};
        return part;
    }
    part.n = (size_t)(at - rest->p);
    rest->n -= part.n + sizeof mark - 1;
    rest->p = at + sizeof mark - 1;
    return part;
}

static bool is_small(const struct offline_case *c) {
    int columns = c->model.change_count;
    for (size_t s = 0; s < c->model.season_count; s++) {
        columns += 2 * c->model.season[s].order;
    }
    for (size_t h = 0; h < c->model.holiday_count; h++) {
        columns += c->model.holiday[h].upper - c->model.holiday[h].lower;
    }
    return columns < 60 && c->history.count < 100;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct ns_str rest = {(const char *)data, size};
    struct ns_err err = {0};
    struct offline_case_texts texts = {.settings = cut_part(&rest), .history = cut_part(&rest)};
    texts.has_expected = rest.n > 0;
    texts.expected = rest;
    struct offline_case c = {.folder = "-", .err = &err};
    bool small = offline_case_read(&c, &texts) == NS_OK && is_small(&c);
    offline_case_end(&c);
    if (small) {
        struct offline_case_request request;
        struct ns_buf out = NS_BUF(16 << 20);
        ns_err_clear(&err);
        offline_case_usual(&request);
        request.folder = "-";
        if (offline_forecast_texts(&request, &texts, &out, &err) == NS_OK) {
            ns_buf_char(&out, '\0');
            if (strstr(out.data, ": nan") != NULL || strstr(out.data, ": inf") != NULL) {
                abort();
            }
        }
        ns_buf_fini(&out);
    }
    return 0;
}
