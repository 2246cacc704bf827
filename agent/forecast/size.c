#include "agent/forecast/size.h"

#include "agent/forecast/growth_data.h"
#include "agent/forecast/noise.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#define WEIGH_SD 0.02     /* of one weighing, clothes and scales */
#define FACTOR_SD 0.11    /* of ln(weight / median) among children of one age */
#define FACTOR_DRIFT 0.03 /* per square root of a year */
#define LEAVE_SD 0.06     /* how differently families choose the moment */
#define COMPLAINT_ODDS 3.0
#define COMPLAINTS_MAX 2 /* more leaks say nothing new */
#define NODES 15

double ns_size_median(enum ns_forecast_sex sex, int age_days) {
    double week = fmin(fmax(age_days, 0) / 7.0, GROWTH_WEEKS - 1.001);
    int at = (int)week;
    double part = week - at;
    double sum = 0;
    for (int girl = 0; girl < 2; girl++) {
        if (sex == NS_FORECAST_SEX_UNKNOWN || (int)sex == girl) {
            sum += growth_median_g[girl][at] * (1 - part) + growth_median_g[girl][at + 1] * part;
        }
    }
    return sex == NS_FORECAST_SEX_UNKNOWN ? sum / 2 : sum;
}

/* The row of the brand, 0 (any brand) when it is not in the chart or does not have the size. */
static size_t row_of(const char *brand, enum ns_size size) {
    for (size_t i = 1; brand != NULL && i < NS_COUNT(growth_sizes); i++) {
        if (strcasecmp(brand, growth_sizes[i].brand) == 0 &&
            (growth_sizes[i].size[size].low_g > 0 || growth_sizes[i].size[size].high_g > 0)) {
            return i;
        }
    }
    return 0;
}

int ns_size_pack(const char *brand, enum ns_size size) {
    static const int usual[NS_SIZE_COUNT] = {84, 96, 84, 78, 66, 58, 50, 44};
    int pack = growth_sizes[row_of(brand, size)].size[size].pack;
    return pack > 0 ? pack : usual[size];
}

/* Half way between the lower limit of the next size and the upper limit of this one; sizes
 * without a printed upper limit end with the overlap their smaller neighbours have. */
static bool leaving_weight(const char *brand, enum ns_size size, double *out) {
    if (size + 1 >= NS_SIZE_COUNT) {
        return false;
    }
    size_t row = row_of(brand, size);
    double next = growth_sizes[row].size[size + 1].low_g;
    if (!(next > 0)) {
        row = 0;
        next = growth_sizes[0].size[size + 1].low_g;
    }
    double upper = growth_sizes[row].size[size].high_g;
    *out = (next + (upper > 0 ? upper : next * 1.3)) / 2;
    return true;
}

struct factor {
    double mean; /* of ln(weight / median) today */
    double variance;
};

static struct factor learn_factor(const struct ns_forecast_input *input) {
    struct factor f = {0, FACTOR_SD * FACTOR_SD};
    ns_date last = NS_DATE_NONE;
    for (size_t i = 0; i < input->weighing_count; i++) {
        const struct ns_weighing *w = &input->weighings[i];
        int age = w->date - input->birth - input->days_early;
        if (w->date > input->today || w->grams <= 0 || age < -60) {
            continue;
        }
        double seen = log(w->grams / ns_size_median(input->sex, age));
        double days = last == NS_DATE_NONE ? 0 : w->date - last;
        f.variance += FACTOR_DRIFT * FACTOR_DRIFT * days / 365;
        double gain = f.variance / (f.variance + WEIGH_SD * WEIGH_SD);
        f.mean += gain * (seen - f.mean);
        f.variance *= 1 - gain;
        last = w->date;
    }
    if (last != NS_DATE_NONE) {
        f.variance += FACTOR_DRIFT * FACTOR_DRIFT * (input->today - last) / 365;
    }
    return f;
}

/* P(the family still keeps the size at weight w). */
static double keeps(double leave, double weight) {
    return 1 - ns_normal_cdf((weight - leave) / (LEAVE_SD * leave));
}

void ns_size_course(const struct ns_forecast_input *input, struct ns_size_course *out) {
    double leave = 0;
    memset(out, 0, sizeof *out);
    if (!input->size_known || !leaving_weight(input->brand, input->size, &leave)) {
        return;
    }
    out->known = true;
    struct factor f = learn_factor(input);
    int complaints = input->complaints < COMPLAINTS_MAX ? input->complaints : COMPLAINTS_MAX;
    double odds = pow(COMPLAINT_ODDS, complaints > 0 ? complaints : 0);
    double stays[NS_FORECAST_RUNOUT_DAYS + 1] = {0};
    /* Equal slices of the factor's normal: a factor under which the size would have been left
     * already counts for less by itself. */
    for (int n = 0; n < NODES; n++) {
        double z = f.mean + sqrt(f.variance) * ns_normal_quantile((n + 0.5) / NODES);
        for (int h = 0; h <= NS_FORECAST_RUNOUT_DAYS; h++) {
            int age = input->today + h - input->birth - input->days_early;
            stays[h] += keeps(leave, ns_size_median(input->sex, age) * exp(z)) / NODES;
        }
    }
    double low = 0;
    for (int h = 0; h <= NS_FORECAST_RUNOUT_DAYS; h++) {
        double left = stays[0] > 1e-6 ? 1 - stays[h] / stays[0] : 1;
        /* Long overdue by weight yet still worn: a family that likes the size. Keep some doubt. */
        left = fmin(fmax(left, 0), 0.98);
        left = odds * left / (1 - left + odds * left);
        low = fmax(low, left);
        out->chance[h] = low;
    }
}

void ns_size_fill(const struct ns_size_course *course, const struct ns_forecast_input *input,
                  struct ns_forecast *out) {
    out->has_size_change = course->known;
    out->size_change_date = NS_DATE_NONE;
    out->weighings = (int)input->weighing_count;
    if (!course->known) {
        return;
    }
    out->next_size = (enum ns_size)(input->size + 1);
    out->size_change_chance = round(course->chance[30] * 1e4) / 1e4;
    for (int h = 0; h <= NS_FORECAST_RUNOUT_DAYS; h++) {
        if (course->chance[h] >= 0.5) {
            out->size_change_date = input->today + (h > 0 ? h : 1);
            break;
        }
    }
}
