/* Planted: signed overflow. The runner must turn red. */
#include <criterion/criterion.h>
#include <limits.h>

Test(planted, undefined_behaviour) {
    volatile int n = INT_MAX;
    n = n + 1;
    cr_assert(n != 0);
}
