#include "agent/forecast/curve.h"

#include "agent/forecast/curve_data.h"
#include "agent/forecast/forecast.h"
#include "shared/calendar/holiday.h"

#include <math.h>

double ns_curve_use(int born, int corrected) {
    static const double first_days[] = CURVE_FIRST_DAYS;
    double age = corrected > 0 ? corrected : 0;
    double use = CURVE_BASE + CURVE_SLOW * exp(-age / CURVE_SLOW_DAYS) +
                 CURVE_FAST * exp(-age / CURVE_FAST_DAYS);
    return born >= 0 && born < 3 ? use * first_days[born] : use;
}

double ns_curve_speed(int corrected) {
    double age = corrected > 0 ? corrected : 0;
    double slow = CURVE_SLOW * exp(-age / CURVE_SLOW_DAYS);
    double fast = CURVE_FAST * exp(-age / CURVE_FAST_DAYS);
    return (slow * age / CURVE_SLOW_DAYS + fast * age / CURVE_FAST_DAYS) /
           (CURVE_BASE + slow + fast);
}

struct ns_season ns_curve_season(const char *province, ns_date day) {
    struct ns_season season = {0};
    struct ns_civil c = ns_date_civil(day);
    if ((c.month == 12 && c.day >= 20) || (c.month == 1 && c.day <= 3)) {
        season.break_add += SEASONAL_YEAR_END;
    }
    if (c.month == 7 || c.month == 8) {
        season.summer_add += SEASONAL_SUMMER;
    }
    if (ns_holiday_statutory(province, day)) {
        season.break_add += SEASONAL_HOLIDAY;
    }
    return season;
}

double ns_use_of_age(int age_days) {
    return ns_curve_use(age_days, age_days);
}

double ns_growth_factor(int age_days) {
    return ns_curve_use(age_days, age_days) / ns_curve_use(365, 365);
}

double ns_seasonal_factor(const char *province, ns_date day) {
    struct ns_season season = ns_curve_season(province, day);
    return 1 + season.break_add + season.summer_add;
}
