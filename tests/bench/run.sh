#!/bin/sh
# run.sh [NAME]: every benchmark built under tests/bench (bench-NAME), or one. Each prints its
# ratios against a peer measured in the same run and writes build/bench/NAME.json.
set -eu
ninja -C build/release >/dev/null
mkdir -p build/bench
found=0
for program in build/release/tests/bench/bench-"${1:-*}"; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    found=1
    name=${program##*/bench-}
    echo "== $name"
    "$program" "build/bench/$name.json"
done
[ "$found" = 1 ] || { echo "no benchmark is called '${1:-}'" >&2; exit 64; }
