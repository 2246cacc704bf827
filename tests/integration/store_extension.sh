#!/bin/sh
# The offline command makes a file; the stock sqlite3 program and Tcl read and write it through the
# extension; damage is named. usage: store_extension.sh STORE_CLI EXTENSION. Prints TAP.
cli=$1 ext=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
count=0 failed=0
check() { # name, then a command that must succeed
    name=$1; shift
    count=$((count + 1))
    if "$@" >out 2>&1; then echo "ok $count - $name"; else echo "not ok $count - $name"; cat out >&2; failed=1; fi
}
# A sanitised extension needs its runtime in the host from the start; the stock host may leak.
asan=$(ldd "$ext" | awk '/libasan/ {print $3}')
host() { LD_PRELOAD=$asan ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0 "$@"; }
uri="file:home.db?vfs=nest&keyring=$work/machine.key"
printf '.load %s\n.open %s\n' "$ext" "$uri" >open.sql
sql() { { cat open.sql; cat; } | host sqlite3 -batch; }
gives() { # wanted text, SQL
    printf '%s\n' "$2" | sql >got 2>&1
    [ "$(cat got)" = "$1" ] || { cat got; return 1; }
}
status_is() { want=$1; shift; "$@"; got=$?; [ "$got" = "$want" ] || { echo "exit $got, not $want"; return 1; }; }
verify() { "$cli" store verify home.db --keyring machine.key "$@"; }

make() { printf 'porridge for two\n' | "$cli" store new home.db --machine-key machine.key --passphrase-fd 0 >"$1"; }
check 'new makes a file and shows 24 words' make words
check 'the words are 24' test "$(wc -w <words)" = 24
check 'the key file is for its owner only' test "$(stat -c %a machine.key)" = 400
check 'new leaves an existing file alone' status_is 73 make other
check 'the sqlite3 program writes through the extension' gives wal 'PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES("planted-row");'
check 'and reads it again' gives planted-row 'SELECT x FROM t;'
check 'nothing of it is readable' sh -c '! grep -q planted-row home.db'
check 'vacuum into a copy works' gives '' "VACUUM INTO 'copy.db';"
words_open() { "$cli" store verify copy.db --words-fd 0 <words; }
check 'the copy opens with the words alone' words_open
check 'verify finds the file sound' verify
check 'the passphrase opens it too' sh -c "echo 'porridge for two' | $cli store verify home.db --passphrase-fd 0"
wrong() { echo 'porridge for three' | "$cli" store verify home.db --passphrase-fd 0; }
check 'a wrong passphrase is refused' status_is 77 wrong
three() { "$cli" store slots home.db --json | grep -o '"type":"[a-z]*"' | tr '\n' ' ' | grep -q 'passphrase.*recovery.*machine'; }
check 'slots lists the three ways in' three
check 'a way in can be removed' "$cli" store slots home.db remove 1 --keyring machine.key
check 'and opens no more' status_is 77 sh -c "echo 'porridge for two' | $cli store verify home.db --passphrase-fd 0"
no_key() { printf '.load %s\n.open file:home.db?vfs=nest&keyring=nowhere.key\nSELECT x FROM t;\n' "$ext" | host sqlite3 -batch 2>&1 | grep -q planted-row; }
check 'without the key the program shows nothing' status_is 1 no_key
cat >read.tcl <<TCL
package require sqlite3
sqlite3 m :memory:
m enable_load_extension 1
m eval "SELECT load_extension('$ext')"
sqlite3 db {$uri} -uri 1
puts [db onecolumn {SELECT x FROM t}]
TCL
tcl() { [ "$(host tclsh read.tcl)" = planted-row ]; }
check 'Tcl reads it too' tcl
cut() { cp home.db cut.db; truncate -s -4096 cut.db; "$cli" store verify cut.db --keyring machine.key >found; status=$?; cat found; [ "$status" = 74 ] && grep -q 'was cut' found; }
check 'verify names a file cut between two pages' cut
printf '\001' | dd of=home.db bs=1 seek=$((16384 + 4096 + 100)) conv=notrunc 2>/dev/null
named() { verify >found; status=$?; cat found; [ "$status" = 74 ] && grep -q 'page 2' found; }
check 'verify names a damaged page' named
json() { verify --json >found; status=$?; cat found; [ "$status" = 74 ] && grep -q '"kind":"page","place":2' found; }
check 'and says so in JSON' json
check 'a missing file is told' status_is 66 "$cli" store verify nothing.db --keyring machine.key
check 'a foreign file is told' status_is 65 sh -c "echo hello >plain.txt; $cli store slots plain.txt"
echo "1..$count"
exit $failed
