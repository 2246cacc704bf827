/* Planted: a process is left behind. The runner must turn red and end it. */
#include <criterion/criterion.h>
#include <unistd.h>

Test(planted, orphan) {
    pid_t pid = fork();
    if (pid == 0) {
        close(STDOUT_FILENO);
        close(STDERR_FILENO);
        sleep(30);
        _exit(0);
    }
    cr_assert_gt(pid, 0);
}
