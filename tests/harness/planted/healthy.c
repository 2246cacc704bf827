/* The control: nothing is wrong here, so the runner must stay green. */
#include <criterion/criterion.h>

Test(planted, healthy) {
    volatile int n = 2;
    cr_assert_eq(n, 2);
}
