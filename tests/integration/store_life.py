#!/usr/bin/python3
"""The life of a store from outside: migrations as a family would run them. Prints TAP.

store_life.py NESTSYNC NESTSYNCD MAKE_STORE
"""
import os, pathlib, shutil, subprocess, sys, tempfile

nestsync, nestsyncd, make_store = sys.argv[1:4]
work = pathlib.Path(tempfile.mkdtemp(prefix="ns-life-"))
number, failures = 0, 0

def check(good, what, *facts):
    global number, failures
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        failures += 1
        for fact in facts: print(f"# {fact}", flush=True)

def home(name):
    folder = work / name
    folder.mkdir(mode=0o700)
    made = subprocess.run([make_store, folder], capture_output=True, text=True, check=True)
    return folder, made.stdout.strip()

def run(folder, *words, give="", lang="C"):
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR")}
    done = subprocess.run([nestsync, *map(str, words)], env=dict(kept, HOME=str(work), NESTSYNC_HOME=str(folder), LANG=lang), input=give,
                          capture_output=True, text=True, timeout=120, start_new_session=True)
    return done.returncode, done.stdout + done.stderr

def migrations():
    folder, words = home("migrate")
    store = folder / "nestsync.db"
    status, text = run(folder, "store", "migrate")
    check(status == 0 and "from 0 to" in text, "store migrate brings a new store to the newest schema", status, text)
    status, text = run(folder, "store", "migrate", "--status", lang="fr_CA.UTF-8")
    check(status == 0 and "* 0001_household" in text and "Schéma" in text, "--status lists every step, in French too", status, text)
    head = text.count("* ")
    status, text = run(folder, "store", "migrate", "--to", "-1", "--dry-run")
    check(status == 0 and f"{head} to {head - 1}" in text and "nothing was changed" in text, "--dry-run only tries", status, text)
    status, text = run(folder, "store", "migrate", store, "--to", "-1", "--keyring", folder / "machine.key")
    check(status == 0 and f"{head} to {head - 1}" in text, "one step back, on a file named with its key", status, text)
    check(len(list((folder / "backups").glob("pre-*.db"))) == 1, "with a copy of the file before it")
    status, text = run(folder, "store", "migrate", "--to", "head", "--passphrase-fd", "0", give="correct horse\n")
    check(status == 0, "and up to the head again", status, text)
    status, text = run(folder, "store", "migrate", "--to", "0001")
    check(status == 0 and f"{head} to 1" in text, "and down to a number", status, text)
    status, text = run(folder, "store", "migrate", "--to", "77")
    check(status == 64 and "77" in text, "a number that is none is refused", status, text)
    status, text = run(folder, "store", "migrate", "--sideways")
    check(status == 64 and "--sideways" in text, "and so is a word that means nothing", status, text)
    status, text = run(folder, "store", "verify", store, "--keyring", folder / "machine.key")
    check(status == 0, "the file is sound after all of it", status, text)

migrations()
shutil.rmtree(work)
print(f"1..{number}")
sys.exit(1 if failures else 0)
