#!/bin/sh
# A reader written from the description alone opens the fixed files and a fresh one; Debian's Python
# reads and writes through the extension. usage: reader_test.sh ROOT STORE_CLI EXTENSION. TAP.
root=$1 cli=$2 ext=$3
data=$root/tests/data/store
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
count=0 failed=0
check() {
    name=$1; shift
    count=$((count + 1))
    if "$@" >out 2>&1; then echo "ok $count - $name"; else echo "not ok $count - $name"; cat out >&2; failed=1; fi
}
asan=$(ldd "$ext" | awk '/libasan/ {print $3}')
host() { LD_PRELOAD=$asan ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0 "$@"; }
reader() { /usr/bin/python3 "$root/tests/integration/store_reader.py" "$@"; }
sql='SELECT group_concat(x, " ") FROM t'
same() { got=$(reader "$@" "$sql"); [ "$got" = "$(cat "$data/format1.txt")" ] || { echo "$got"; return 1; }; }
refused() { want=$1; shift; if reader "$@" "$sql" >said 2>&1; then cat said; return 1; fi; grep -q "$want" said || { cat said; return 1; }; }

check 'the reader opens the fixed file with its key file' same "$data/format1.db" --key "$data/format1.key"
check 'and with its words' same "$data/format1.db" --words "$(cat "$data/format1.words")"
check 'and the rows that stand in the log only' same "$data/format1-wal.db" --key "$data/format1.key"
head -c 32 /dev/urandom >other.key
check 'another key opens nothing' refused 'does not open' "$data/format1.db" --key other.key
cp "$data/format1.db" bent.db; chmod u+w bent.db
printf 'x' | dd of=bent.db bs=1 seek=$((16384 + 4096 + 9)) conv=notrunc 2>/dev/null
check 'a changed byte is noticed' refused 'page 2 is damaged' bent.db --key "$data/format1.key"

echo 'porridge for two' | "$cli" store new home.db --machine-key home.key --passphrase-fd 0 >words 2>/dev/null
cat >write.py <<PY
import sqlite3, sys
loader = sqlite3.connect(":memory:")
loader.enable_load_extension(True)
loader.load_extension("$ext")
db = sqlite3.connect("file:home.db?vfs=nest&keyring=$work/home.key", uri=True)
db.execute("PRAGMA journal_mode = WAL")
db.execute("CREATE TABLE IF NOT EXISTS t (x)")
db.executemany("INSERT INTO t VALUES (?)", [(f"row-{i}",) for i in range(2000)])
db.commit()
print(db.execute("SELECT count(*), x FROM t WHERE x = 'row-77'").fetchone())
if "die" in sys.argv:
    import os; os._exit(0)
PY
python() { [ "$(host /usr/bin/python3 write.py "$@")" = "(1, 'row-77')" ]; }
check "Debian's Python writes and reads through the extension" python
count_is() { [ "$(reader home.db --key home.key 'SELECT count(*) FROM t')" = "$1" ]; }
check 'the reader sees what it wrote' count_is 2000
sed -i 's/(1, /(2, /' write.py
again() { [ "$(host /usr/bin/python3 write.py die)" = "(2, 'row-77')" ] && [ -s home.db-wal ]; }
check 'a program that dies leaves its rows in the log' again
check 'and the reader finds them there' count_is 4000
echo "1..$count"
exit $failed
