#!/bin/sh
# verify.sh: the long programme, beyond what every test run does. By hand; prints what it did.
#   every fuzz target for NS_FUZZ_SECONDS (120) each, 3,000 kill rounds, 20,000 tamperings,
#   the whole suite once more with clang's sanitizers, the benchmarks.
set -eu
seconds=${NS_FUZZ_SECONDS:-120}
status=0
for file in tests/fuzz/fuzz_*.c; do
    target=${file##*/fuzz_}
    target=${target%.c}
    printf 'fuzz %s for %s s: ' "$target" "$seconds"
    if sh tests/fuzz/run.sh "$target" "$seconds" >"build/fuzz-$target.log" 2>&1; then
        grep -o 'stat::number_of_executed_units: *[0-9]*' "build/fuzz-$target.log" | tail -1
    else
        status=1
        echo "FAILED, see build/fuzz-$target.log"
    fi
done
NS_KILL_ROUNDS=3000 NS_TAMPER_CASES=20000 ./dev test fault || status=1
./dev bench || status=1
exit $status
