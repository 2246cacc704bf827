#!/bin/sh
# run.sh TARGET SECONDS: build one fuzz target for libFuzzer (clang) and run it from its seeds.
# New finds go to build/fuzz/TARGET; a crash is kept there and makes the command fail.
set -eu
target=$1
seconds=$2
[ -f "tests/fuzz/fuzz_$target.c" ] || {
    echo "no fuzz target is called '$target'; there are:" >&2
    ls tests/fuzz | sed -n 's/^fuzz_\(.*\)\.c$/  \1/p' >&2
    exit 64
}
if [ ! -f build/fuzz-build/build.ninja ]; then
    mkdir -p build
    CC=clang meson setup build/fuzz-build -Dbuildtype=debug -Doptimization=1 -Db_lundef=false \
        -Db_sanitize=address,undefined -Dc_args=-fsanitize=fuzzer-no-link >build/fuzz-build.log 2>&1 || { cat build/fuzz-build.log >&2; exit 1; }
fi
ninja -C build/fuzz-build "tests/libfuzzer-$target" >build/fuzz-build.log 2>&1 || { tail -30 build/fuzz-build.log >&2; exit 1; }
mkdir -p "build/fuzz/$target"
exec "build/fuzz-build/tests/libfuzzer-$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
    -artifact_prefix="build/fuzz/$target/" -print_final_stats=1 "build/fuzz/$target" "tests/fuzz/corpus/$target"
