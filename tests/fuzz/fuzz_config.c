/* The settings reader over any bytes; a file it takes must be taken again as it writes it. */
#include "shared/base/buf.h"
#include "shared/config/settings.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct ns_settings s;
    struct ns_err err = {0};
    ns_settings_defaults(&s, ns_agent_settings, ns_agent_setting_count);
    struct ns_str text = {(const char *)data, size};
    if (ns_settings_read(&s, "nestsync.conf", text, &err) == NS_OK) {
        struct ns_buf out = NS_BUF(10000);
        ns_settings_write(&s, &out);
        struct ns_settings again;
        ns_settings_defaults(&again, ns_agent_settings, ns_agent_setting_count);
        if (ns_settings_read(&again, "again", ns_buf_view(&out), &err) != NS_OK) {
            abort();
        }
        ns_buf_fini(&out);
    }
    return 0;
}
