/* Planted: a failed assertion. The runner must turn red. */
#include <criterion/criterion.h>

Test(planted, failed_assertion) {
    volatile int n = 1;
    cr_assert_eq(n, 2);
}
