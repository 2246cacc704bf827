#!/bin/sh
# run.sh [NAME [OPTION...]]: every benchmark, or one of the names below. Each prints what it measured
# beside its goals where there are any; build/bench/NAME.* keeps it.
set -eu
mkdir -p build/bench
one() {
    echo "== $1"
    case $1 in
    endpoint) ninja -C build/release agent/nestsyncd tests/bench/endpoint/bare-writes tests/integration/make-store \
        agent/store/vfs/libnestsync_store.so >/dev/null
        command -v npm >/dev/null || echo 'npm is not there: the agent is timed alone' >&2
        python3 tests/bench/endpoint/endpoint.py "$PWD" "$(sh tests/interop/node.sh --peers || true)" build/bench/endpoint.json ;;
    forecast) ninja -C build/release tests/bench/forecast/bench-forecast >/dev/null &&
        build/release/tests/bench/forecast/bench-forecast build/bench/forecast.json
        sh tests/bench/forecast/compat.sh &&
        sh tests/bench/forecast/accuracy.sh ;;
    graphql) ninja -C build/release tests/bench/bench-graphql >/dev/null &&
        build/release/tests/bench/bench-graphql tests/data/documents/GetSubscriptionDashboard.graphql | tee build/bench/graphql.txt ;;
    import) ninja -C build/release tests/bench/bench-import >/dev/null &&
        build/release/tests/bench/bench-import | tee build/bench/import.json ;;
    tax) ninja -C build/release tests/bench/bench-tax >/dev/null &&
        build/release/tests/bench/bench-tax | tee build/bench/tax.json ;;
    console) python3 tests/bench/bench_console.py "$PWD/build/release/tui/nestsync" "$PWD/build/release/agent" |
        tee build/bench/console.txt && tail -1 build/bench/console.txt >build/bench/console.json ;;
    store) shift
        exec sh tests/bench/store/run.sh "$@" ;;
    *) echo "no benchmark is called '$1'; there are: console endpoint forecast graphql import tax store" >&2; exit 64 ;;
    esac
}
if [ $# -gt 0 ]; then one "$@"; else for name in console endpoint forecast graphql import tax store; do (one "$name"); done; fi
