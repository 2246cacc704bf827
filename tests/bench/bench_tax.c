/* bench_tax: nanoseconds a tax line, over every province, class and day of the data. */
#include "shared/tax/tax.h"

#include <stdio.h>
#include <time.h>

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(void) {
    enum { LINES = 5000000 };
    uint32_t state = 1;
    ns_money sum = 0;
    int known = 0;
    double began = now_ns();
    for (int i = 0; i < LINES; i++) {
        state = state * 1664525u + 1013904223u;
        struct ns_tax_query q = {.province = (enum ns_province)((state >> 8) % NS_PROVINCE_COUNT),
                                 .class = (enum ns_tax_class)((state >> 13) % NS_TAX_CLASS_COUNT),
                                 .day = 13879 + (ns_date)((state >> 10) % 7300),
                                 .handed_on = NS_DATE_NONE,
                                 .subtotal = (state >> 4) % 100000};
        struct ns_tax_answer a;
        known += ns_tax_line(&q, &a);
        sum += a.total;
    }
    double took = now_ns() - began;
    printf("{\"lines\": %d, \"known\": %d, \"ns_per_line\": %.1f, \"goal_ns\": 1000, \"sum_cents\": %lld}\n",
           LINES, known, took / LINES, (long long)sum);
    return 0;
}
