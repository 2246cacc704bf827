/* Planted: memory is lost. The runner must turn red. */
#include <criterion/criterion.h>
#include <stdlib.h>

Test(planted, leak) {
    char *volatile lost = malloc(64);
    cr_assert_not_null(lost);
    lost = NULL;
}
