#!/bin/sh
# run.sh SCRIPT NESTSYNCD MAKE_STORE: one script of this folder with the right Node. Prints TAP.
here=$(dirname "$0")
script=$1
shift
if ! node=$("$here/node.sh"); then
    echo 'not ok 1 - Node is not there'
    exit 1
fi
if [ ! -d "$here/node_modules" ]; then
    echo 'not ok 1 - the npm packages are not there; ./dev test interop fetches them'
    exit 1
fi
exec "$node" "$here/$script" "$@"
