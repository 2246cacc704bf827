#!/bin/sh
# verify.sh: the long torture of the store: kill -9 and power cuts (through checkpoint, VACUUM, rekey and migration), a fault at every
# single call, random changes.
# NS_KILL (1,000), NS_CUTS (9,000), NS_LAYOUT (1,500) and NS_CASES (100,000) make it shorter. Prints the report; the logs stay in build/verify.
set -eu
# Rounds by the ten thousand run as the family's build does; the sanitizers watch the others.
mkdir -p build/verify
for made in asan/faults asan/diff release/kill release/power release/layout release/tamper; do
    [ -f "build/${made%/*}/build.ninja" ] || { echo "verify: ./dev build and ./dev test fault make build/release and build/asan first" >&2; exit 1; }
    ninja -C "build/${made%/*}" "tests/fault-store-${made#*/}" >build/verify/build.log 2>&1 || { tail -20 build/verify/build.log >&2; exit 1; }
done
status=0
one() { # BUILD NAME ARGUMENTS...
    build=$1; name=$2; shift 2
    from=$(date +%s)
    if "build/$build/tests/fault-store-$name" "$@" >"build/verify/$name.log" 2>&1; then said=ok; else said=FAILED; status=1; fi
    echo "== $name $*: $said in $(($(date +%s) - from)) s"
    grep -E '^#|^(not )?ok' "build/verify/$name.log" | head -20
}
one release kill "${NS_KILL:-1000}"
one release power "${NS_CUTS:-9000}"
one release layout "${NS_LAYOUT:-1500}"
one asan faults 1
one release tamper "${NS_CASES:-100000}"
one asan diff 2000
exit $status
