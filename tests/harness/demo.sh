#!/bin/sh
# demo.sh ROOT [OPTIONS]: a fresh practice household in a temporary folder, the console on it;
# afterwards neither a process nor a file is left. Called by ./dev run.
set -eu
root=$1
shift
home=$(mktemp -d "${TMPDIR:-/tmp}/nestsync-demo.XXXXXX")

# The agent's lock names its process; wait until it has let go of the folder.
clean() {
    status=$?
    trap - EXIT INT TERM HUP
    if [ -f "$home/agent.lock" ]; then
        pid=$(tr -dc '0-9' <"$home/agent.lock")
        if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = "$(readlink -f "$root/build/bin/nestsyncd")" ]; then
            kill "$pid" 2>/dev/null || true
            tries=0
            while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
        fi
    fi
    rm -rf "$home"
    exit $status
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

"$root/build/bin/nestsync" demo --home "$home" "$@"
