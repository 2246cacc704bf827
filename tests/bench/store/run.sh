#!/bin/sh
# run.sh [--pairs N] [--only WORDS] [--speedtest1 FILE.c]: the store beside plain SQLite and SQLCipher.
# The real speedtest1 is compiled and run in pairs where a user has its source: --speedtest1 FILE.c.
set -eu
speedtest=
pairs=9
i=$#
while [ "$i" -gt 0 ]; do
    case $1 in
    --speedtest1) speedtest=$2; shift 2; i=$((i - 2)) ;;
    --pairs) pairs=$2; set -- "$@" "$1" "$2"; shift 2; i=$((i - 2)) ;;
    *) set -- "$@" "$1"; shift; i=$((i - 1)) ;;
    esac
done
# SQLCipher is only a yardstick: without it its column stays empty.
if ! dpkg-query -W -f='${Status}' libsqlcipher0 2>/dev/null | grep -q 'ok installed'; then
    as_root=; [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends libsqlcipher0 >/dev/null 2>&1 ||
        echo "SQLCipher could not be installed; its column stays empty" >&2
fi
ninja -C build/release tests/bench/store/bench-store agent/store/vfs/libnestsync_store.so >/dev/null
bench=build/release/tests/bench/store/bench-store
"$bench" "$@" --disk build/bench build/bench/store.json
sh tests/bench/store/page_cost.sh "$bench" | tee build/bench/store-instructions.txt
[ -n "$speedtest" ] || exit 0

# speedtest1 opens its file by name: preload.c brings the store's VFS in, and the name asks for it.
made=build/bench/speedtest1
cc -O2 -DSQLITE_OMIT_LOAD_EXTENSION=0 "$speedtest" -o "$made" -lsqlite3 -ldl
cc -O2 -shared -fPIC tests/bench/store/preload.c -o build/bench/preload.so -lsqlite3
folder=$(mktemp -d /dev/shm/ns-bench-XXXXXX)
trap 'rm -rf "$folder"' EXIT
build/release/tests/bench/store/bench-store --make "$folder/nest.db" "$folder/key"
elapsed() { # COMMAND... : milliseconds of one run
    from=$(date +%s%N)
    "$@" >build/bench/speedtest1.txt 2>&1 || { cat build/bench/speedtest1.txt >&2; return 1; }
    echo $((($(date +%s%N) - from) / 1000000))
}
for mode in wal delete; do
    n=0; : >"$folder/ratios"
    while [ "$n" -lt "$pairs" ]; do
        rm -f "$folder"/plain.db*
        build/release/tests/bench/store/bench-store --make "$folder/nest.db" "$folder/key"
        plain=$(elapsed "$made" --journal "$mode" --size 100 "$folder/plain.db")
        nest=$(elapsed env LD_PRELOAD="$PWD/build/bench/preload.so" NEST_EXTENSION="$PWD/build/release/agent/store/vfs/libnestsync_store.so" \
            "$made" --journal "$mode" --size 100 "file:$folder/nest.db?vfs=nest&keyring=$folder/key")
        echo "$((nest * 1000 / plain)) $plain $nest" >>"$folder/ratios"
        n=$((n + 1))
    done
    sort -n "$folder/ratios" | awk -v mode="$mode" '{r[NR] = $0} END {split(r[int((NR + 1) / 2)], m, " ");
        printf "speedtest1 %s: median ratio %.3f of %d pairs (plain %d ms, nest %d ms there), goal 1.10\n", mode, m[1] / 1000, NR, m[2], m[3]}' |
        tee -a build/bench/store-speedtest1.txt
done
