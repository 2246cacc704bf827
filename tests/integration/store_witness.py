#!/usr/bin/python3
"""Old states of a store put back, as a family would meet them: the agent says what is older than what, opens for reading
only, and goes on once somebody accepts. Prints TAP.

store_witness.py NESTSYNC NESTSYNCD MAKE_STORE
"""
import json, os, pathlib, shutil, signal, subprocess, sys, tempfile, time
from tap import check, tally

nestsync, nestsyncd, make_store = sys.argv[1:4]
work = pathlib.Path(tempfile.mkdtemp(prefix="ns-witness-"))

folder, seen = work / "home", work / "stick" / "seen"
store, key = folder / "nestsync.db", folder / "machine.key"
kept = {k: v for k, v in os.environ.items() if k in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR")}

def run(*words, lang="C"):
    done = subprocess.run([nestsync, *map(str, words)], env=dict(kept, HOME=str(work), NESTSYNC_HOME=str(folder), LANG=lang), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, start_new_session=True)
    return done.returncode, done.stdout + done.stderr

def ask(document):
    status, text = run("graphql", document)
    try: return json.loads(text[text.index("{"):text.rindex("}") + 1])
    except ValueError: return {"status": status, "text": text}

def gone(pid):
    """Ended, whether or not somebody has taken note of it yet."""
    try: return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError): return True

def stop():
    try: pid = int((folder / "agent.lock").read_text())
    except (OSError, ValueError): return
    try: os.kill(pid, signal.SIGTERM)
    except ProcessLookupError: return
    for _ in range(600): # the lock is the agent's until it has gone
        if gone(pid): return
        time.sleep(0.1)

LOG = 'mutation{logDiaperChange(input:{childId:"%s",usageType:DIAPER_CHANGE,wasWet:true}){success error}}'
HEALTH = '{systemHealth{components{name state detail}}}'

def store_line(answer):
    parts = answer.get("data", {}).get("systemHealth", {}).get("components", [])
    return next(((p["state"], p["detail"] or "") for p in parts if p["name"] == "store"), ("none", json.dumps(answer)))

def log(child):
    return ask(LOG % child)

def ok(answer):
    return ((answer.get("data") or {}).get("logDiaperChange") or {}).get("success") is True

def copy(to):
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir()
    for p in folder.glob("nestsync.db*"): shutil.copy2(p, to)

def put_back(source):
    for p in folder.glob("nestsync.db*"): p.unlink()
    for p in source.glob("nestsync.db*"): shutil.copy2(p, folder)

folder.mkdir(mode=0o700)
seen.parent.mkdir()
subprocess.run([make_store, folder], check=True, stdout=subprocess.DEVNULL)
(folder / "nestsync.conf").write_text(f"[store]\nwitness = {seen}\n")
ask('mutation{setUpHousehold(input:{displayName:"Robin",province:QC,language:"fr"}){success error}}')
ask('mutation{updateConsent(input:{consentType:CHILD_DATA,granted:true}){success error}}')
made = ask('mutation{createChild(input:{name:"Alix",dateOfBirth:"2026-03-01",currentDiaperSize:SIZE_2,dailyUsageCount:8}){success error child{id}}}')
child = made["data"]["createChild"]["child"]["id"]
check(ok(log(child)), "a change")
stop()
check(seen.stat().st_size == 96, "the witness saw the last change when the agent stopped")
copy(work / "older")
for _ in range(3): log(child)
stop()
check(store_line(ask(HEALTH))[0] == "UP", "nothing is said of a store that is the newest", ask(HEALTH))
stop()
copy(work / "newer")

put_back(work / "older")
state, detail = store_line(ask(HEALTH))
check(state == "DEGRADED" and "older than what was written here" in detail and str(seen) in detail and "store accept" in detail,
      "a whole older file set: the agent says what is older than what, and the choices", state, detail)
status, text = run("doctor")
check(status != 0 and "older than what was written here" in text and "store accept" in text, "the doctor says why, and the choices", status, text)
answer = log(child)
check(not ok(answer) and "reading only" in json.dumps(answer) and "nestsync doctor" in json.dumps(answer), "and writes nothing", answer)
status, text = run("doctor")
check(status != 0 and "older than what was written here" in text and "store accept" in text, "a refused write does not hide why", status, text)
check("data" in ask('{systemHealth{state}}') and (ask('{myChildren{edges{node{id}}}}').get("data") or {}).get("myChildren"), "but can be read", ask('{myChildren{edges{node{id}}}}'))
stop()
before = store.read_bytes()
check(before == (work / "older" / "nestsync.db").read_bytes(), "the file is as it was put there")

put_back(work / "newer")
check(store_line(ask(HEALTH))[0] == "UP" and ok(log(child)), "the right one put back again: all is well")
stop()

put_back(work / "older")
status, text = run("store", "accept", store, "--keyring", key)
check(status == 0 and "accepted" in text, "an older one that is wanted is accepted", status, text)
state, detail = store_line(ask(HEALTH))
check(state == "UP" and ok(log(child)), "and goes on", state, detail)
trail = ask('{auditTrail(first:50){edges{node{action}}}}')
check("STORE_ACCEPTED" in json.dumps(trail), "the trail tells of it", json.dumps(trail)[:300])
stop()
check(store_line(ask(HEALTH))[0] == "UP", "for good")
stop()

# A phone remembers how far the store had come.
def mark(): return ask('{storeMark{mark changes}}')["data"]["storeMark"]
def show(text): return ask('mutation{showStoreMark(mark:"%s"){success message}}' % text)["data"]["showStoreMark"]
copy_at = mark()
stop()
copy(work / "before")
check(ok(log(child)), "the day goes on")
later = mark()
check(later["changes"] > copy_at["changes"] and show(copy_at["mark"])["success"] and show(later["mark"])["success"], "what a phone saw is in the store", later)
for wrong in (later["mark"][:-1] + ("0" if later["mark"][-1] != "0" else "1"), later["mark"][2:], "", "z" * 192):
    told = show(wrong)
    check(not told["success"] and "not a mark" in told["message"], "a mark that this store did not make is refused", told)
check(ok(log(child)), "and holds nothing")
stop()
put_back(work / "before")
seen.unlink() # the other witness is not plugged in
check(show(copy_at["mark"])["success"] and ok(log(child)), "an older store without a newer witness cannot be known")
told = show(later["mark"])
check(not told["success"] and ("older" in told["message"] or "different ways" in told["message"]) and "reading only" in told["message"], "the phone knows: in plain words", told)
check(not ok(log(child)) and store_line(ask(HEALTH))[0] == "DEGRADED", "nothing is written any more, and the store's line says so")
stop()

# One page of an older state.
a, b = store.read_bytes(), (work / "older" / "nestsync.db").read_bytes()
page = next(i for i in range(4, min(len(a), len(b)) // 4096) if a[i * 4096:i * 4096 + 4096] != b[i * 4096:i * 4096 + 4096] and b[i * 4096 + 4090:i * 4096 + 4096])
store.write_bytes(a[:page * 4096] + b[page * 4096:page * 4096 + 4096] + a[page * 4096 + 4096:])
state, detail = store_line(ask(HEALTH))
check(state == "DEGRADED" and "some pages are older" in detail and str(store) in detail, "one old page among new ones", state, detail)
check(not ok(log(child)), "holds the store too")
stop()
status, text = run("store", "verify", store, "--keyring", key)
check(status != 0 and "older" in text, "store verify says the same", status, text)
store.write_bytes(a[:16384])
answer = ask(HEALTH)
check("nestsync restore" in answer.get("text", "") and "cut" in answer["text"], "a store cut to its header is told as such", answer)
status, text = run("store", "accept", store, "--keyring", key)
check(status != 0 and "nestsync restore" in text and len(store.read_bytes()) == 16384, "and cannot be accepted as an empty one", status, text)
store.write_bytes(bytes(16384) + a[16384:])
answer = ask(HEALTH)
check("nestsync restore" in answer.get("text", ""), "an overwritten header names the way back", answer)
(folder / "backups").mkdir(exist_ok=True)
copy_of = folder / "backups" / "nestsync-20260101T000000Z.db"
copy_of.write_bytes(a)
store.unlink()
for words in (("status",), ("init",), ("doctor",)):
    status, text = run(*words)
    check(status != 0 and "nestsync restore" in text and not store.exists(), "a store that is gone is not made anew: " + words[0], status, text)
copy_of.unlink()
store.write_bytes(a)
check(store_line(ask(HEALTH))[0] == "UP", "until it is right again")
stop()
shutil.rmtree(work, ignore_errors=True)
tally()
