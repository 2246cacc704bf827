#!/bin/sh
# page_cost.sh BENCH: instructions a page of 4 KiB costs, by callgrind (times are noisy, counts are not).
# Valgrind shows the program a processor without AVX-512, so the real count is lower there.
set -eu
command -v valgrind >/dev/null || { echo "instructions a page: valgrind is not installed"; exit 0; }
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$1" --page "$2" "$3" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
for what in seal open; do
    few=$(count "$1" $what 1000)
    many=$(count "$1" $what 3000)
    echo "instructions to $what a page: $(((many - few) / 2000))"
done
