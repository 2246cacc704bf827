#!/usr/bin/env python3
"""What a family may ask of its own data: to take it along, to have it forgotten. On a practice
household, with the agent running. Prints TAP.

privacy.py NESTSYNC NESTSYNCD
"""
import csv, json, os, pathlib, re, shutil, signal, subprocess, sys, tempfile, time
from tap import check, tally

nestsync, nestsyncd = sys.argv[1:3]
work = pathlib.Path(tempfile.mkdtemp(prefix="ns-privacy-"))
home = work / "home"
home.mkdir(mode=0o700)
kept = {k: v for k, v in os.environ.items() if k in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR")}
path = ":".join((str(pathlib.Path(nestsync).parent), str(pathlib.Path(nestsyncd).parent), os.environ["PATH"]))

def run(*words, lang="C"):
    env = dict(kept, HOME=str(work), NESTSYNC_HOME=str(home), LANG=lang, PATH=path)
    done = subprocess.run([nestsync, *words], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr

def ask(document, **variables):
    status, text = run("graphql", document, "--variables", json.dumps(variables))
    if status != 0: raise SystemExit(f"{document}\n{status} {text}")
    return json.loads(text)["data"]

def integers(value):
    if isinstance(value, dict): value = value.values()
    if isinstance(value, (dict, list)) or type(value).__name__ == "dict_values":
        for v in value: yield from integers(v)
    elif isinstance(value, int): yield value

def export():
    out = work / "taken"
    status, text = run("export", str(out))
    check(status == 0 and "not encrypted" in text, "an export is written and said to be readable", text)
    modes = {f.name: f.stat().st_mode & 0o777 for f in out.iterdir()}
    check(set(modes.values()) == {0o600} and out.stat().st_mode & 0o777 == 0o700, "only its owner can read it", modes)
    everything = json.loads((out / "everything.json").read_text())
    tables = everything["tables"]
    logs, children = tables["usage_logs"], tables["children"]
    check(everything["format"] == "nestsync-export-1" and len(logs) > 500, "with every change of years", len(logs))
    check(all(re.fullmatch(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", l["logged_at"]) and re.fullmatch(r"\d{4}-\d\d-\d\d", l["local_day"])
              for l in logs), "instants and days are written as such", logs[0])
    check(max(integers(tables), default=0) < 10**12, "and no instant is left a bare number", max(integers(tables)))
    names = {e["node"]["name"] for e in ask("{ myChildren { edges { node { name } } } }")["myChildren"]["edges"]}
    check({c["name"] for c in children} == names, "names are opened", children)
    check(not re.search(r'"~[0-9a-f]{80,}"', json.dumps(tables)), "nothing sealed is left closed")
    for keyed in ("person_keys", "secrets", "sessions", "pairing"):
        check(keyed not in tables, f"{keyed} stays", list(tables))
    status, again = run("export", str(out))
    check(status != 0 and "everything.json" in again, "a folder that holds one is left alone", again)
    sheets = sorted(f for f in out.iterdir() if f.suffix == ".csv")
    check(len(sheets) == len(children), "a sheet for each child", modes)
    rows = list(csv.DictReader(sheets[0].open()))
    child = next(c for c in children if sheets[0].name.endswith(c["name"] + ".csv"))
    own = [l for l in logs if l["child_id"] == child["id"]]
    check(len(rows) == len(own) and {r["id"] for r in rows} == {l["id"] for l in own}, "with its whole log", len(rows), len(own))
    return child, sheets[0], rows

def comes_in_again(sheet, rows):
    made = ask('mutation { createChild(input: {name: "Second", dateOfBirth: "%s", currentDiaperSize: SIZE_2}) { success error child { id } } }'
               % min(r["date"] for r in rows))["createChild"]
    job = ask("mutation($i: StageImportInput!) { stageImport(input: $i) { success error job { changes refusedLines } } }",
              i={"childId": made["child"]["id"], "fileName": sheet.name, "content": sheet.read_text()})["stageImport"]
    changes = [r for r in rows if r["type"] not in ("wipes", "cream")]
    check(job["success"] and job["job"] == {"changes": len(changes), "refusedLines": len(rows) - len(changes)},
          "the sheet comes in again, all of it", job, len(changes))

def out_of_sight():
    status, text = run("children", "remove", "Second")
    check(status == 0 and "Nothing was removed" in text, "nobody said yes: nothing is removed", status, text)
    status, text = run("children", "remove", "Second", "--yes")
    check(status == 0 and "Second" not in run("children")[1], "a child goes out of sight", text)
    status, text = run("undo", lang="fr_CA.UTF-8")
    check(status == 0 and "de retour" in text and "Second" in run("children")[1], "and comes back", text)
    before = run("stock")[1]
    status, text = run("stock", "remove", "1", "--yes")
    check(status == 0 and len(run("stock")[1].splitlines()) == len(before.splitlines()) - 1, "a pack goes out of the cupboard", text)
    check(run("undo")[0] == 0 and run("stock")[1] == before, "and comes back", text)

def keys_in(store):
    reader = pathlib.Path(__file__).resolve().parent / "store_reader.py"
    done = subprocess.run(["/usr/bin/python3", reader, store, "--key", home / "machine.key", "SELECT hex(person_id) FROM person_keys"],
                          capture_output=True, text=True)
    return done.stdout + done.stderr

def forgotten(child):
    status, text = run("backup", "now")
    copies = sorted((home / "backups").glob("nestsync-*.db"))
    key = child["id"].replace("-", "").upper()
    check(status == 0 and any(key in keys_in(c) for c in copies), "a copy holds the child's key", text)
    done = ask("mutation($c: ID!, $w: String!) { deleteChild(childId: $c, input: {deletionType: HARD_DELETE, confirmationText: $w}) "
               "{ success message auditInfo { itemsDeletedSummary } } }", c=child["id"], w="DELETE " + child["name"])["deleteChild"]
    check(done["success"] and "Out of reach" in done["message"], "it is forgotten, and told what cannot be reached", done)
    for _ in range(300):
        copies = sorted((home / "backups").glob("nestsync-*.db"))
        if not any(key in keys_in(c) for c in copies): break
        time.sleep(.1)
    check(copies and not any(key in keys_in(c) for c in copies), "no copy within reach holds the key any more", copies)
    check(all("error" not in keys_in(c).lower() for c in copies), "and each of them opens", [keys_in(c) for c in copies])
    check(run("audit", "verify")[0] == 0, "the trail is whole")

try:
    status, text = run("demo", "--home", str(home))
    check(status == 0, "a practice household is there", text)
    child, sheet, rows = export()
    comes_in_again(sheet, rows)
    trail = ask('{ auditTrail(first: 20) { edges { node { action detail } } } }')["auditTrail"]["edges"]
    check(any(e["node"]["action"] == "DATA_EXPORTED" for e in trail), "the trail says that data was taken along", trail)
    out_of_sight()
    forgotten(child)
finally:
    lock = home / "agent.lock"
    pid = int(lock.read_text()) if lock.exists() and lock.read_text().strip() else 0
    if pid and os.readlink(f"/proc/{pid}/exe") == os.path.realpath(nestsyncd):
        os.kill(pid, signal.SIGTERM)
        for _ in range(200):
            if not os.path.exists(f"/proc/{pid}"): break
            time.sleep(.05)
    shutil.rmtree(work)
tally()
