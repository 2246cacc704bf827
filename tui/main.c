/* main.c: nestsync. Everything happens in tui/cli: the command line decides what is opened. */
#include "shared/base/env.h"
#include "tui/cli/ctx.h"

int main(int argc, char **argv) {
    return ns_cli_main(argc, argv, ns_env_system());
}
