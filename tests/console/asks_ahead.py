#!/usr/bin/env python3
"""What a family asks of the forecast on the command line, of a practice household: what if, why,
one shelf for all, the first documentation's forecast beside ours, the same bits again. Prints TAP.

asks_ahead.py NESTSYNC NESTSYNCD-FOLDER
"""
import datetime, json, os, re, subprocess, sys
from terminal import check, finish, stop_agent, work

nestsync, folder = sys.argv[1], sys.argv[2]
environment = dict(os.environ, LC_ALL="C.UTF-8", PATH=f"{folder}:{os.environ['PATH']}")
home = work / "ahead"
home.mkdir()

def predict(*words):
    run = subprocess.run([nestsync, "predict", *words, "--home", str(home)], capture_output=True, text=True, env=environment)
    return run.returncode, run.stdout + run.stderr

def ahead(days):
    return (datetime.date.today() + datetime.timedelta(days)).isoformat()

def what_if():
    away, closed, second = f"{ahead(3)}..{ahead(12)}", f"{ahead(2)}..{ahead(9)}", ahead(40)
    for changes, part in ((f"travel={away}", "30 days"), (f"closed={closed}", "30 days"), ("sick=3", "30 days"),
                          (f"second={second}", "second child"), (f"sick=3,travel={away},second={second}", "second child"),
                          (f"voyage={away},fermee={closed},malade=2", "30 days"), (f"travel={ahead(4)}", "30 days")):
        status, text = predict("mila", "--what-if", changes)
        check(status == 0 and part in text, f"what if {re.sub('[0-9-]{10}', 'DAY', changes)}", text)
    for changes in ("", "sick=0", "sick", "travel=..", f"travel={ahead(5)}..soon", "moon=1"):
        status, text = predict("mila", "--what-if", changes)
        check(status != 0 and text.strip() != "", f"what if “{re.sub('[0-9-]{10}', 'DAY', changes)}” is refused", text)

def why_and_again():
    status, text = predict("mila", "--explain")
    found = re.search(r"--replay ([0-9a-f-]{36})", text)
    check(status == 0 and found is not None, "why, in words, and how to make it again", text)
    status, again = predict("--replay", found.group(1) if found else "none")
    check(status == 0 and re.search(r"same to the last bit: [0-9a-f]{64}", again), "made again, it is the same to the last bit", again)
    status, french = predict("mila", "--explain", "--lang", "fr")
    check(status == 0 and "couches par jour" in french, "why, in French", french)

def documented():
    status, text = predict("mila", "--as-documented")
    days = re.findall(r": -?[\d,.]+ \(.*\); ours ([\d.]+) \(", text)
    check(status == 0 and len(days) == 30, "30 days of the documentation's forecast, ours beside each", text)
    check(all(0 < float(day) <= 20 for day in days), "ours stays where diapers are", text)
    check("Warning" in text, "half a year of log with a yearly pattern is warned of", text)

made = subprocess.run([nestsync, "demo", "--home", str(home)], capture_output=True, text=True, env=environment)
check(made.returncode == 0, "a practice household is there", made.stdout + made.stderr)
what_if()
why_and_again()
documented()
status, shelves = predict("--household")
check(status == 0 and "Mila" in shelves and "Théo" in shelves, "every shelf of the household", shelves)
stop_agent(home)
finish()
