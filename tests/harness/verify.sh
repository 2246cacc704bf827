#!/bin/sh
# verify.sh: the long programme, beyond what every test run does. By hand; prints what it did.
#   every fuzz target for NS_FUZZ_SECONDS (120) each, the store's long torture, the benchmarks.
# verify.sh store: the store's alone. verify.sh forecast: a million random histories.
set -eu
if [ "${1:-}" = store ]; then
    exec sh tests/fault/verify.sh
fi
if [ "${1:-}" = forecast ]; then
    [ -f build/asan/build.ninja ] || ./dev test ml >/dev/null
    ninja -C build/asan tests/property-forecast >/dev/null
    NS_HISTORIES=${NS_HISTORIES:-1000000} build/asan/tests/property-forecast
    exit
fi
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
sh tests/fault/verify.sh || status=1
./dev bench || status=1
exit $status
