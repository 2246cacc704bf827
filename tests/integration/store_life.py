#!/usr/bin/python3
"""The life of a store from outside: migrations, backups and restores as a family would run them.
Prints TAP.

store_life.py NESTSYNC NESTSYNCD MAKE_STORE
"""
import json, os, pathlib, random, shutil, signal, subprocess, sys, tempfile, time

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

def ask(folder, document):
    status, text = run(folder, "graphql", document)
    if status != 0 or '"errors"' in text: raise SystemExit(f"{document}\n{status} {text}")
    return json.loads(text)["data"]

def stop_agent(folder):
    pid = int((folder / "agent.lock").read_text())
    try: os.kill(pid, signal.SIGTERM)
    except ProcessLookupError: return
    for _ in range(600):
        status, _ = run(folder, "store", "migrate", "--status")
        if status != 75: return
        time.sleep(0.1)

NAME, NOTE = "Zéphyrine Plantée", "planted note: rash behind the left knee"

def family(name):
    """A home with one child and a few changes, its agent stopped again."""
    folder, words = home(name)
    ask(folder, 'mutation{setUpHousehold(input:{displayName:"Robin",province:QC,language:"fr"}){success error}}')
    ask(folder, 'mutation{updateConsent(input:{consentType:CHILD_DATA,granted:true}){success error}}')
    made = ask(folder, 'mutation{createChild(input:{name:"%s",dateOfBirth:"2026-03-01",currentDiaperSize:SIZE_2,dailyUsageCount:8}){success error child{id}}}' % NAME)
    child = made["createChild"]["child"]["id"]
    for i in range(5):
        ask(folder, 'mutation{logDiaperChange(input:{childId:"%s",usageType:DIAPER_CHANGE,wasWet:true,notes:"%s"}){success error}}' % (child, NOTE))
    return folder, words, child

def copies(folder):
    return sorted(p.name for p in (folder / "backups").glob("nestsync-*.db"))

def backups():
    folder, words, child = family("backup")
    status, text = run(folder, "backup", "now")
    check(status == 0 and "verified" in text and len(copies(folder)) == 1, "backup now, beside a running agent", status, text)
    status, text = run(folder, "backup", "verify")
    check(status == 0 and "1 children, 5 changes" in text, "verify opens it and counts", status, text)
    status, text = run(folder, "backup", "list", "--json")
    check(status == 0 and json.loads(text)[0]["name"] == copies(folder)[0], "list names it", status, text)
    stick = work / "stick"; stick.mkdir()
    status, text = run(folder, "backup", "target", "add", stick)
    check(status == 0, "a folder on a disk here can be added", status, text)
    far = work / "far"; far.mkdir()
    status, text = run(folder, "backup", "target", "add", far, "--network")
    check(status == 64 and "--jurisdiction" in text, "a network folder must say its country", status, text)
    status, text = run(folder, "backup", "target", "add", far, "--network", "--jurisdiction", "US")
    check(status == 77 and "DATA_SHARING" in text, "one outside Canada is refused without a recorded consent", status, text)
    ask(folder, 'mutation{updateConsent(input:{consentType:DATA_SHARING,granted:true}){success error}}')
    status, text = run(folder, "backup", "target", "add", far, "--network", "--jurisdiction", "US")
    check(status == 0, "and taken with it", status, text)
    time.sleep(1.1)
    status, text = run(folder, "backup", "now")
    check(status == 0 and text.count("verified") == 3, "a round fills all three folders", status, text)
    ask(folder, 'mutation{updateConsent(input:{consentType:DATA_SHARING,granted:false}){success error}}')
    time.sleep(1.1)
    status, text = run(folder, "backup", "now")
    check(status == 0 and len(list(far.iterdir())) == 1 and "No copy in" in text, "after the consent is withdrawn no copy goes there", status, text)
    stop_agent(folder)
    one = folder / "backups" / copies(folder)[-1]
    check(not any(word.encode() in one.read_bytes() for word in (NAME, NOTE)), "nothing in a copy is readable")
    interrupted(folder)
    one = folder / "backups" / copies(folder)[-1]
    bytes_ = bytearray(one.read_bytes()); bytes_[16384 + 4096 * 3 + 77] ^= 1; one.write_bytes(bytes_)
    status, text = run(folder, "backup", "verify", one)
    check(status == 74 and one.name in text, "a damaged copy is named", status, text)
    status, text = run(folder, "restore", one, "--yes")
    check(status == 74, "and not restored", status, text)
    one.unlink()

def interrupted(folder):
    """kill -9 at any moment: what has a backup's name is whole, the rest is swept away."""
    seed = random.Random(3)
    bad = []
    for _ in range(8):
        one = subprocess.Popen([nestsyncd, "--home", folder, "--backup", "now"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seed.uniform(0.05, 1.2))
        one.kill(); one.wait()
        time.sleep(0.3)
    for name in copies(folder):
        status, text = run(folder, "backup", "verify", name)
        if status != 0: bad.append((name, status, text))
    check(not bad, "after kill -9 at any moment every copy that has a name is whole", *bad)
    time.sleep(1.1)
    status, text = run(folder, "backup", "now")
    left = [p.name for p in (folder / "backups").iterdir() if not p.name.startswith("nestsync-")]
    check(status == 0 and not left, "and the next round sweeps what was left", status, text, *left)

def restore():
    folder, words, child = family("restore")
    run(folder, "backup", "now")
    ask(folder, 'mutation{logDiaperChange(input:{childId:"%s",usageType:DIAPER_CHANGE,wasWet:true}){success error}}' % child)
    before = (folder / "nestsync.db").stat().st_ino
    status, text = run(folder, "restore", lang="fr_CA.UTF-8")
    check(status == 0 and "5 changements" in text and "1 changements faits depuis" in text and (folder / "nestsync.db").stat().st_ino == before,
          "restore shows both sides and changes nothing without a yes", status, text)
    status, text = run(folder, "restore", "--yes")
    check(status == 0 and len(list(folder.glob("nestsync.db.before-*"))) == 1, "with it the copy is in place and the old file aside", status, text)
    told = run(folder, "status", "--json")
    check(told[0] == 0 and NAME in told[1], "the agent starts on it", *told)
    status, text = run(folder, "audit", "verify")
    check(status == 0, "the audit chain holds, with the restore in it", status, text)
    stop_agent(folder)
    for gone in [*folder.glob("nestsync.db*"), folder / "machine.key", *folder.glob("agent*"), *folder.glob("*.sock")]: gone.unlink()
    status, text = run(folder, "restore", "--words-fd", "0", "--yes", give="baba " + words + "\n")
    check(status == 77, "wrong words restore nothing", status, text)
    status, text = run(folder, "restore", "--words-fd", "0", "--yes", "--new-machine-key", give=words + "\n")
    check(status == 0, "store and machine key destroyed: the recovery words alone bring the newest copy back", status, text)
    status, text = run(folder, "status", "--json")
    check(status == 0 and NAME in text, "and the new key file starts the agent", status, text)
    stop_agent(folder)
    status, text = run(folder, "store", "verify", folder / "nestsync.db", "--passphrase-fd", "0", give="correct horse\n")
    check(status == 0, "the passphrase still opens it", status, text)

def scheduled():
    folder, words, child = family("scheduled")
    for _ in range(900):
        if copies(folder): break
        time.sleep(0.1)
    check(len(copies(folder)) == 1, "the agent makes its daily copy by itself")
    stop_agent(folder)

for part in (migrations, backups, restore, scheduled): part()
shutil.rmtree(work)
print(f"1..{number}")
sys.exit(1 if failures else 0)
