/* fixture.h: the sample people and data that tests share, under the names the first
 * documentation gives them: test_user, test_child, test_subscription, test_retailer_config,
 * mock_stripe, canadian_test_data. The last four fill as their areas land. */
#pragma once
#include "shared/base/id.h"
#include "shared/base/time.h"

struct fixture_user {
    ns_id id;
    const char *display_name;
    const char *email;
    const char *province;
    const char *timezone;
    const char *language;
};

struct fixture_child {
    ns_id id;
    const char *name;
    ns_date birth;
    const char *size; /* DiaperSizeType */
    int daily_usage;
};

struct fixture_user test_user(void);
struct fixture_child test_child(void);

/* NULL until billing, retailers and tax exist: a test that asks too early fails loudly. */
const void *test_subscription(void);
const void *test_retailer_config(void);
const void *mock_stripe(void);
const void *canadian_test_data(void);
