/* import_rows.h: what the four importer targets share: read header + bytes as a whole file, and
 * hold the result to what ns_import_read promises. */
#pragma once
#include "agent/household/import/reader.h"
#include "shared/base/buf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int fuzz_import_rows(const char *header, const uint8_t *data, size_t size) {
    struct ns_buf text = NS_BUF(1 << 20);
    ns_buf_text(&text, header);
    ns_buf_add(&text, data, size);
    struct ns_arena arena = {0};
    struct ns_import_reading reading = {NS_ORDER_AUTO, NS_DATE_NONE, NS_DATE_NONE};
    struct ns_import_file file;
    struct ns_err err = {0};
    ns_rc rc = ns_import_read(ns_buf_view(&text), &reading, &arena, &file, &err);
    if (rc == NS_OK) {
        for (int i = 0; i < file.count; i++) {
            if (file.events[i].minute < 0 || file.events[i].minute > 1439 ||
                (i > 0 && file.events[i].day < file.events[i - 1].day)) {
                abort();
            }
        }
    } else if (err.msg == 0) {
        abort(); /* a refusal without words */
    }
    ns_arena_fini(&arena);
    ns_buf_fini(&text);
    return 0;
}
