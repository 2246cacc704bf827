#include "shared/model/enums.h"

#include "shared/base/err.h"
#include "shared/model/order.h"
#include "shared/model/plan.h"

#define NS_ENUM_NAME(prefix, name) #name,
#define NS_ENUM_DEFINE(name, prefix, list)                                                     \
    static const char *const name##_names[] = {list(NS_ENUM_NAME, prefix)};                    \
    const char *ns_##name##_name(enum ns_##name value) {                                       \
        return (size_t)value < NS_COUNT(name##_names) ? name##_names[value] : "";              \
    }                                                                                          \
    bool ns_##name##_parse(struct ns_str text, enum ns_##name *out) {                          \
        for (size_t i = 0; i < NS_COUNT(name##_names); i++) {                                  \
            if (ns_str_is(text, name##_names[i])) {                                            \
                *out = (enum ns_##name)i;                                                      \
                return true;                                                                   \
            }                                                                                  \
        }                                                                                      \
        return false;                                                                          \
    }
NS_ENUM_LIST(NS_ENUM_DEFINE)
NS_PLAN_ENUM_LIST(NS_ENUM_DEFINE)
NS_ORDER_ENUM_LIST(NS_ENUM_DEFINE)

bool ns_usage_is_change(enum ns_usage_type type) {
    return type != NS_USAGE_WIPE_USE && type != NS_USAGE_CREAM_APPLICATION;
}

enum ns_product_type ns_usage_product(enum ns_usage_type type) {
    if (type == NS_USAGE_WIPE_USE) {
        return NS_PRODUCT_WIPES;
    }
    return type == NS_USAGE_CREAM_APPLICATION ? NS_PRODUCT_DIAPER_CREAM : NS_PRODUCT_DIAPER;
}
