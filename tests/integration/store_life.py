#!/usr/bin/python3
"""The life of a store from outside: migrations, keys, backups, restores and erasure as a family would run them.
Prints TAP.

store_life.py NESTSYNC NESTSYNCD MAKE_STORE
"""
import json, os, pathlib, random, re, shutil, signal, subprocess, sys, tempfile, time
from tap import check, tally

nestsync, nestsyncd, make_store = sys.argv[1:4]
work = pathlib.Path(tempfile.mkdtemp(prefix="ns-life-"))

def home(name):
    folder = work / name
    folder.mkdir(mode=0o700)
    made = subprocess.run([make_store, folder], capture_output=True, text=True, check=True)
    return folder, made.stdout.strip()

def run(folder, *words, give="", lang="C", fds=()):
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR")}
    done = subprocess.run([nestsync, *map(str, words)], env=dict(kept, HOME=str(work), NESTSYNC_HOME=str(folder), LANG=lang), input=give,
                          capture_output=True, text=True, timeout=120, start_new_session=True, pass_fds=fds)
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
    check(status == 0 and "1 child, 5 changes" in text, "verify opens it and counts", status, text)
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
    check(status == 0 and "5 changes" in text and "1 change fait depuis" in text and (folder / "nestsync.db").stat().st_ino == before,
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

def slots():
    folder, words = home("slots")
    store, key = folder / "nestsync.db", folder / "machine.key"
    status, text = run(folder, "store", "slots", store, "check", "words", "--words-fd", "0", give=words + "\n")
    check(status == 0, "the words on the paper can be checked", status, text)
    status, text = run(folder, "store", "slots", store, "check", "words", "--words-fd", "0", give=words.replace(words[:4], "zuzo", 1) + "\n")
    check(status == 77, "and a wrong one is noticed by its checksum", status, text)
    status, text = run(folder, "store", "slots", store, "add", "words", "--keyring", key)
    fresh = " ".join(line for line in text.split("\n") if line and all(len(w) == 4 for w in line.split()))
    check(status == 0 and len(fresh.split()) == 24, "new words are shown once", status, text)
    status, text = run(folder, "store", "verify", store, "--words-fd", "0", give=fresh + "\n")
    check(status == 0, "and open the file", status, text)
    status, text = run(folder, "store", "slots", store, "add", "machine-key", folder / "second.key", "--keyring", key)
    check(status == 0 and (folder / "second.key").stat().st_mode & 0o777 == 0o400, "a further key file is made, for its owner only", status, text)
    out, into = os.pipe(); os.write(into, b"a better passphrase\n"); os.close(into)
    status, text = run(folder, "store", "slots", store, "change", "passphrase", "--keyring", key, "--new-passphrase-fd", str(out), fds=[out])
    os.close(out)
    listed = json.loads(run(folder, "store", "slots", store, "--json")[1])
    check(status == 0 and [s["type"] for s in listed].count("passphrase") == 1, "the passphrase is changed, not doubled", status, text, listed)
    cost = next(s for s in listed if s["type"] == "passphrase")
    check(cost["memoryKib"] >= 65536 and cost["passes"] >= 3, "at no less than 64 MiB and three passes", cost)
    status, text = run(folder, "store", "verify", store, "--passphrase-fd", "0", give="correct horse\n")
    check(status == 77, "the old one opens nothing", status, text)
    status, text = run(folder, "store", "verify", store, "--passphrase-fd", "0", give="a better passphrase\n")
    check(status == 0, "the new one does", status, text)
    for slot in sorted(listed, key=lambda s: s["type"] == "passphrase"):
        status, text = run(folder, "store", "slots", store, "remove", slot["slot"], "--passphrase-fd", "0", give="a better passphrase\n")
    left = json.loads(run(folder, "store", "slots", store, "--json")[1])
    check(len(left) == 1 and status == 73 and "last key" in text, "the last way in cannot be removed", status, text, left)

def credentials():
    folder, words = home("credentials")
    given = work / "given"; given.mkdir(mode=0o700)
    (folder / "machine.key").rename(given / "nestsync.machine-key")
    plain = subprocess.run([nestsyncd, "--home", folder, "--migrate"], stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True)
    with_it = subprocess.run([nestsyncd, "--home", folder, "--migrate"], stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True,
                             env=dict(os.environ, CREDENTIALS_DIRECTORY=str(given)))
    check(plain.returncode == 77 and with_it.returncode == 0, "a machine key handed over by systemd opens the store", plain.stderr, with_it.stderr)

def nothing_shows():
    """Passphrase, words and keys: in no argument, environment, log, core limit or file of the process."""
    folder, words, child = family("shows")
    stop_agent(folder)
    key = (folder / "machine.key").read_bytes()
    (folder / "machine.key").rename(folder / "kept.key")
    secret, tell = os.pipe(); os.write(tell, b"correct horse\n"); os.close(tell)
    log = open(work / "agent.log", "wb")
    ready, say = os.pipe()
    agent = subprocess.Popen([nestsyncd, "--home", folder, "--passphrase-fd", str(secret), "--ready-fd", str(say)], pass_fds=[secret, say],
                             stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    os.close(secret); os.close(say)
    check(os.read(ready, 10) == b"ready\n", "the agent starts with a passphrase from a descriptor")
    run(folder, "backup", "now", "--words-fd", "0", give=words + "\n")
    seen = b"".join((pathlib.Path("/proc", str(agent.pid), part)).read_bytes() for part in ("cmdline", "environ", "maps"))
    limits = pathlib.Path("/proc", str(agent.pid), "limits").read_text()
    agent.terminate(); agent.wait()
    log.close()
    seen += (work / "agent.log").read_bytes()
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "kept.key": seen += path.read_bytes()
    planted = {"passphrase": b"correct horse", "first words": " ".join(words.split()[:3]).encode(), "key": key, "key in hex": key.hex().encode(), "name": NAME.encode(), "note": NOTE.encode()}
    found = [what for what, bytes_ in planted.items() if bytes_ in seen]
    check(not found, "no secret in arguments, environment, logs or any file of the home", *found)
    check(re.search(r"Max core file size\s+0\s+0\s", limits), "no core would be written", limits)

def rekey():
    folder, words, child = family("rekey")
    store = folder / "nestsync.db"
    pages = lambda: [store.read_bytes()[i:i + 4096] for i in range(16384, store.stat().st_size, 4096)]
    before = set(pages())
    status, text = run(folder, "store", "rekey")
    check(status == 0 and "epoch 2" in text and store.read_bytes()[68:76] == b"\0\0\0\2\0\0\0\0" and not before & set(pages()),
          "a new epoch while the agent runs: no page stands as it was", status, text)
    status, text = run(folder, "status", "--json")
    check(status == 0 and NAME in text, "the same agent goes on, everything is there", status, text)
    ask(folder, 'mutation{logDiaperChange(input:{childId:"%s",usageType:DIAPER_CHANGE,wasWet:true}){success error}}' % child)
    stop_agent(folder)
    new = lambda: (lambda p: (os.write(p[1], b"correct horse\n"), os.close(p[1]), p[0])[2])(os.pipe())
    seed, bad = random.Random(5), []
    for turn in range(16):
        words_given = ["--rekey"] + (["--new-keys", "--new-passphrase-fd"] if turn % 2 else [])
        fd = new()
        one = subprocess.Popen([nestsyncd, "--home", folder, *words_given, *([str(fd)] if turn % 2 else [])], pass_fds=[fd], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(fd)
        time.sleep(seed.uniform(0.05, 3.0 if turn % 2 else 1.2))
        one.kill(); one.wait()
        for how, give in ((["--keyring", folder / "machine.key"], ""), (["--passphrase-fd", "0"], "correct horse\n")):
            status, text = run(folder, "store", "verify", store, *how, give=give)
            newer = folder / "machine.key.new"
            if status == 77 and not give and newer.exists(): status, text = run(folder, "store", "verify", store, "--keyring", newer)
            if status != 0: bad.append((turn, how[0], status, text))
    status, text = run(folder, "status", "--json")
    if status != 0 or NAME not in text: bad.append((status, text))
    check(not bad, "killed at any moment the file opens, whole, by each of its keys", *bad)
    stop_agent(folder)
    fd = new()
    status, text = run(folder, "store", "rekey", "--new-keys", "--new-passphrase-fd", str(fd), fds=[fd])
    os.close(fd)
    fresh = " ".join(line for line in text.split("\n") if line and all(len(w) == 4 for w in line.split()))
    old = run(folder, "store", "verify", store, "--words-fd", "0", give=words + "\n")[0]
    check(status == 0 and old == 77 and run(folder, "store", "verify", store, "--words-fd", "0", give=fresh + "\n")[0] == 0,
          "new keys: the old words open nothing, the new ones do", status, text, old)
    left = [p.name for p in folder.iterdir() if "rekeyed" in p.name or p.name.endswith(".new")]
    check(not left, "and nothing is left beside it", *left)
    status, text = run(folder, "backup", "now")
    check(status == 0, "the new machine key works", status, text)

def image(path, key):
    """Everything that stands in a file, decrypted by the reader of its own."""
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    import store_reader
    return store_reader.Store(path, 3, key).image()

def rows(path, key, sql):
    import store_reader
    return store_reader.Store(path, 3, key).database().execute(sql).fetchall()

def erase():
    folder, words, child = family("erase")
    key = (folder / "machine.key").read_bytes()
    ask(folder, 'mutation{createChild(input:{name:"Autre Enfant",dateOfBirth:"2025-01-01",currentDiaperSize:SIZE_4,dailyUsageCount:6}){success error child{id}}}')
    stick = work / "erase-stick"; stick.mkdir()
    run(folder, "backup", "target", "add", stick)
    run(folder, "backup", "now")
    time.sleep(1.1)
    ask(folder, 'mutation{logDiaperChange(input:{childId:"%s",usageType:DIAPER_CHANGE,wasWet:true,notes:"%s"}){success error}}' % (child, NOTE))
    run(folder, "backup", "now")
    stop_agent(folder)
    run(folder, "store", "migrate", "--to", "-1"); run(folder, "store", "migrate")  # leaves copies of both layouts
    store = folder / "nestsync.db"
    carried = work / "carried.db"; shutil.copy(folder / "backups" / copies(folder)[0], carried)
    files = [store, *(folder / "backups").glob("*.db"), *stick.glob("*.db")]
    held = image(store, key)
    check(NAME.encode() not in held and NOTE.encode() not in held, "name and notes do not even stand in the decrypted store")
    opened = rows(store, key, "SELECT person_open(id, name) FROM children ORDER BY seq") + rows(store, key, "SELECT DISTINCT person_open(child_id, notes) FROM usage_logs")
    check(opened == [(NAME,), ("Autre Enfant",), (NOTE,)], "they open under the child's own key", opened)
    planted = {NAME.encode(), NOTE.encode()}
    for path in [*files, carried]:  # a step back and up again makes new keys: each file may have its own
        planted.add(rows(path, key, "SELECT name FROM children ORDER BY seq")[0][0].encode())
        if rows(path, key, "SELECT 1 FROM sqlite_schema WHERE name = 'person_keys'"):
            planted.add(rows(path, key, "SELECT k.key FROM person_keys k JOIN children c ON c.id = k.person_id ORDER BY c.seq")[0][0])
    check(len(planted) >= 4, "there are keys and sealed names to look for", len(planted))
    status, text = run(folder, "privacy", "erase", NAME)
    check(status == 77, "the machine key is not enough to erase", status, text)
    status, text = run(folder, "privacy", "erase", NAME, "--passphrase-fd", "0", give="correct horse\n")
    check(status == 0 and "Nothing was changed" in text and len(rows(store, key, "SELECT 1 FROM usage_logs")) == 6, "No is the default", status, text)
    status, text = run(folder, "privacy", "erase", "Nobody", "--yes", "--passphrase-fd", "0", give="correct horse\n")
    check(status == 66, "a child that is none is refused", status, text)
    before = int.from_bytes(store.read_bytes()[56:60], "big")
    status, text = run(folder, "privacy", "erase", "zephyrine plantee", "--yes", "--passphrase-fd", "0", give="correct horse\n")
    check(status == 0 and "Out of reach" in text and text.count("rewritten and searched") >= 4, "erase goes through store and copies and says what it cannot reach", status, text)
    check(int.from_bytes(store.read_bytes()[56:60], "big") == before + 1, "the store was written anew under a new epoch")
    left = []
    for path in files:
        if not path.exists(): continue
        held = image(path, key)
        left += [(path.name, bytes_[:20]) for bytes_ in planted if bytes_ in held]
        status, text = run(folder, "backup", "verify", path)
        if status != 0: left.append((path.name, status, text))
    check(not left, "in every file decrypted: no key, no name, no note of the child, and each file is sound", *left)
    check(rows(store, key, "SELECT person_open(id, name) FROM children WHERE deleted_at IS NULL") == [("Autre Enfant",)], "the other child is untouched")
    held = image(carried, key)
    check(any(bytes_ in held for bytes_ in planted), "a copy carried away before still holds it, as the words say")
    status, text = run(folder, "audit", "verify")
    check(status == 0, "the audit chain holds, with the erasure in it", status, text)
    status, text = run(folder, "restore", carried, "--yes")
    held = image(store, key)
    check(status == 0 and "erased before" in text and not any(bytes_ in held for bytes_ in planted), "a restore of the carried copy does not bring the child back", status, text)
    status, text = run(folder, "privacy", "erase", NAME, "--yes", "--passphrase-fd", "0", give="correct horse\n")
    check(status == 66, "a second time there is nobody to erase", status, text)
    check(run(folder, "status", "--json")[0] == 0, "an agent that ran runs again")
    stop_agent(folder)

for part in [globals()[n] for n in sys.argv[4:]] or (migrations, slots, credentials, nothing_shows, rekey, backups, restore, scheduled, erase): part()
shutil.rmtree(work)
tally()
