/* store_cli.c: the offline command as a program of its own, for store_extension.sh. */
#include "tui/cli/offline/offline.h"

int main(int argc, char **argv) {
    return argc < 2 ? 64 : ns_offline_store(NS_LANG_EN, argc - 1, argv + 1); /* argv[1]: "store" */
}
