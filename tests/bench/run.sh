#!/bin/sh
# run.sh [NAME]: every benchmark, or one: forecast, graphql, import, tax. Each prints what it measured
# beside its goals where there are any; build/bench/NAME.* keeps it.
set -eu
mkdir -p build/bench
one() {
    echo "== $1"
    case $1 in
    forecast) ninja -C build/release tests/bench/forecast/bench-forecast >/dev/null &&
        build/release/tests/bench/forecast/bench-forecast build/bench/forecast.json ;;
    graphql) ninja -C build/release tests/bench/bench-graphql >/dev/null &&
        build/release/tests/bench/bench-graphql tests/data/documents/GetSubscriptionDashboard.graphql | tee build/bench/graphql.txt ;;
    import) ninja -C build/release tests/bench/bench-import >/dev/null &&
        build/release/tests/bench/bench-import | tee build/bench/import.json ;;
    tax) ninja -C build/release tests/bench/bench-tax >/dev/null &&
        build/release/tests/bench/bench-tax | tee build/bench/tax.json ;;
    *) echo "no benchmark is called '$1'; there are: forecast graphql import tax" >&2; exit 64 ;;
    esac
}
if [ $# -gt 0 ]; then one "$1"; else for name in forecast graphql import tax; do one "$name"; done; fi
