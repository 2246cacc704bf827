/* enums.h: the enumerations of schema/schema.graphql that the household speaks of.
 *
 * Each is one list: the C names, the GraphQL names, the parser and the count come from it.
 * ns_<name>_name() never answers NULL for a value of the list; ns_<name>_parse() reads exactly
 * the GraphQL name. Threads: pure. */
#pragma once
#include "shared/base/str.h"

#include <stdbool.h>

#define NS_GENDER_LIST(X, P) X(P, BOY) X(P, GIRL) X(P, OTHER) X(P, PREFER_NOT_TO_SAY)
#define NS_PRODUCT_TYPE_LIST(X, P)                                                             \
    X(P, DIAPER) X(P, WIPES) X(P, DIAPER_CREAM) X(P, POWDER) X(P, DIAPER_BAGS)                 \
    X(P, TRAINING_PANTS) X(P, SWIMWEAR)
#define NS_USAGE_TYPE_LIST(X, P)                                                               \
    X(P, DIAPER_CHANGE) X(P, WIPE_USE) X(P, CREAM_APPLICATION) X(P, ACCIDENT_CLEANUP)          \
    X(P, PREVENTIVE_CHANGE) X(P, OVERNIGHT_CHANGE)
#define NS_USAGE_CONTEXT_LIST(X, P)                                                            \
    X(P, HOME) X(P, DAYCARE) X(P, OUTING) X(P, TRAVEL) X(P, GRANDPARENTS) X(P, OTHER)
#define NS_DAY_STATUS_LIST(X, P) X(P, OK) X(P, GAP) X(P, PARTIAL)
#define NS_CONSENT_TYPE_LIST(X, P)                                                             \
    X(P, PRIVACY_POLICY) X(P, TERMS_OF_SERVICE) X(P, MARKETING) X(P, ANALYTICS)                \
    X(P, DATA_SHARING) X(P, COOKIES) X(P, LOCATION_TRACKING) X(P, BIOMETRIC_DATA)              \
    X(P, CHILD_DATA) X(P, EMERGENCY_CONTACTS)
#define NS_CONSENT_STATUS_LIST(X, P) X(P, GRANTED) X(P, WITHDRAWN) X(P, EXPIRED) X(P, PENDING)
#define NS_USER_STATUS_LIST(X, P)                                                              \
    X(P, ACTIVE) X(P, INACTIVE) X(P, SUSPENDED) X(P, PENDING_VERIFICATION)                     \
    X(P, PENDING_DELETION)
#define NS_ROLE_LIST(X, P)                                                                     \
    X(P, FAMILY_CORE) X(P, EXTENDED_FAMILY) X(P, PROFESSIONAL) X(P, INSTITUTIONAL)
#define NS_IMPORT_FORMAT_LIST(X, P) X(P, BABY_BUDDY) X(P, HUCKLEBERRY) X(P, HATCH) X(P, PLAIN_CSV)
#define NS_IMPORT_STATE_LIST(X, P)                                                             \
    X(P, STAGED) X(P, WRITING) X(P, DONE) X(P, UNDONE) X(P, FAILED)
#define NS_ACTION_KIND_LIST(X, P) X(P, LOG) X(P, STOCK) X(P, CHILD) X(P, IMPORT)
#define NS_CHILD_MARK_LIST(X, P)                                                               \
    X(P, ILLNESS) X(P, DAYCARE) X(P, DAYCARE_CLOSED) X(P, TRAVEL) X(P, TOO_TIGHT)
#define NS_RETAILER_TYPE_LIST(X, P)                                                            \
    X(P, AMAZON_CA) X(P, WALMART_CA) X(P, LOBLAWS) X(P, METRO) X(P, SOBEYS) X(P, COSTCO_CA)    \
    X(P, WELL_CA) X(P, SHOPPERS) X(P, PHARMACY) X(P, PARTNER) X(P, OTHER)
#define NS_PREDICTION_CONFIDENCE_LIST(X, P)                                                    \
    X(P, VERY_LOW) X(P, LOW) X(P, MEDIUM) X(P, HIGH) X(P, VERY_HIGH)
/* What a person is told. States first: they are over when they no longer hold. */
#define NS_NOTICE_KIND_LIST(X, P)                                                              \
    X(P, OUT_OF_STOCK) X(P, LOW_STOCK) X(P, ORDER_NOW) X(P, EXPIRING) X(P, NO_CHANGE)          \
    X(P, BACKUP_FAILED) X(P, DEVICE_PAIRED) X(P, TRIAL_ENDS) X(P, TRIAL_ENDED) X(P, RENEWAL)   \
    X(P, PAYMENT_FAILED) X(P, GRACE_OVER) X(P, SECOND_SUBSCRIPTION) X(P, PLAN_NEWS) X(P, TEST)
#define NS_NOTICE_CHANNEL_LIST(X, P) X(P, PUSH) X(P, EMAIL) X(P, SMS) X(P, IN_APP)
#define NS_NOTICE_STATUS_LIST(X, P)                                                            \
    X(P, PENDING) X(P, SENT) X(P, DELIVERED) X(P, FAILED) X(P, CANCELLED)
#define NS_PROVINCE_LIST(X, P)                                                                 \
    X(P, AB) X(P, BC) X(P, MB) X(P, NB) X(P, NL) X(P, NS) X(P, NT) X(P, NU) X(P, ON)           \
    X(P, PE) X(P, QC) X(P, SK) X(P, YT)

/* name of the enum, prefix of its constants, list */
#define NS_ENUM_LIST(X)                                                                        \
    X(gender, NS_GENDER_, NS_GENDER_LIST)                                                      \
    X(product_type, NS_PRODUCT_, NS_PRODUCT_TYPE_LIST)                                         \
    X(usage_type, NS_USAGE_, NS_USAGE_TYPE_LIST)                                               \
    X(usage_context, NS_CONTEXT_, NS_USAGE_CONTEXT_LIST)                                       \
    X(day_status, NS_DAY_, NS_DAY_STATUS_LIST)                                                 \
    X(consent_type, NS_CONSENT_, NS_CONSENT_TYPE_LIST)                                         \
    X(consent_status, NS_CONSENT_IS_, NS_CONSENT_STATUS_LIST)                                  \
    X(user_status, NS_USER_, NS_USER_STATUS_LIST)                                              \
    X(role, NS_ROLE_, NS_ROLE_LIST)                                                            \
    X(import_format, NS_IMPORT_, NS_IMPORT_FORMAT_LIST)                                        \
    X(import_state, NS_IMPORT_IS_, NS_IMPORT_STATE_LIST)                                       \
    X(action_kind, NS_ACTION_, NS_ACTION_KIND_LIST)                                            \
    X(province, NS_PROVINCE_, NS_PROVINCE_LIST)                                                \
    X(child_mark, NS_CHILD_MARK_, NS_CHILD_MARK_LIST)                                          \
    X(notice_kind, NS_NOTICE_, NS_NOTICE_KIND_LIST)                                            \
    X(notice_channel, NS_NOTICE_BY_, NS_NOTICE_CHANNEL_LIST)                                   \
    X(notice_status, NS_NOTICE_IS_, NS_NOTICE_STATUS_LIST)                                     \
    X(retailer_type, NS_RETAILER_, NS_RETAILER_TYPE_LIST)                                      \
    X(prediction_confidence, NS_CONFIDENT_, NS_PREDICTION_CONFIDENCE_LIST)

#define NS_ENUM_CONSTANT(prefix, name) prefix##name,
#define NS_ENUM_DECLARE(name, prefix, list)                                                    \
    enum ns_##name { list(NS_ENUM_CONSTANT, prefix) prefix##COUNT };                           \
    const char *ns_##name##_name(enum ns_##name value);                                        \
    bool ns_##name##_parse(struct ns_str text, enum ns_##name *out);
NS_ENUM_LIST(NS_ENUM_DECLARE)

#define NS_NONE (-1) /* an optional enum that is not given is stored in an int as this */

/* Uses of this type are diaper changes: they take a diaper and count in the forecast. */
bool ns_usage_is_change(enum ns_usage_type type);
/* What such a use takes from the cupboard. */
enum ns_product_type ns_usage_product(enum ns_usage_type type);
