#include "tests/harness/fixture.h"

struct fixture_user test_user(void) {
    return (struct fixture_user){
        .id = ns_id_from_bytes((const uint8_t[16]){1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}),
        .display_name = "Test Parent",
        .email = "test.parent@example.ca",
        .province = "ON",
        .timezone = "America/Toronto",
        .language = "en",
    };
}

struct fixture_child test_child(void) {
    return (struct fixture_child){
        .id = ns_id_from_bytes((const uint8_t[16]){2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}),
        .name = "Théo",
        .birth = ns_date_of((struct ns_civil){2026, 3, 14}),
        .size = "SIZE_3",
        .daily_usage = 8,
    };
}

const void *test_subscription(void) {
    return NULL;
}

const void *test_retailer_config(void) {
    return NULL;
}

const void *mock_stripe(void) {
    return NULL;
}

const void *canadian_test_data(void) {
    return NULL;
}
