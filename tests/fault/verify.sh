#!/bin/sh
# verify.sh: the long torture of the store: kill -9, power cuts, a fault at every single call, random changes.
# NS_KILL (1,000), NS_CUTS (9,000) and NS_CASES (100,000) make it shorter. Prints the report; the logs stay in build/verify.
set -eu
[ -f build/asan/build.ninja ] || { echo "verify: run ./dev test fault once, it makes build/asan" >&2; exit 1; }
mkdir -p build/verify
ninja -C build/asan tests/fault-store-kill tests/fault-store-power tests/fault-store-faults tests/fault-store-tamper \
    tests/fault-store-diff >build/verify/build.log 2>&1 || { tail -20 build/verify/build.log >&2; exit 1; }
status=0
one() { # NAME ARGUMENTS...
    name=$1; shift
    from=$(date +%s)
    if "build/asan/tests/fault-store-$name" "$@" >"build/verify/$name.log" 2>&1; then said=ok; else said=FAILED; status=1; fi
    echo "== $name $*: $said in $(($(date +%s) - from)) s"
    grep -E '^#|^(not )?ok' "build/verify/$name.log" | head -20
}
one kill "${NS_KILL:-1000}"
one power "${NS_CUTS:-9000}"
one faults 1
one tamper "${NS_CASES:-100000}"
one diff 2000
exit $status
