#!/usr/bin/env python3
"""The build refuses tax data with a hole in it. TAP.

refuses.py TABLE_TOOL SALES_TAX_JSON DIAPER_TAX_JSON
"""
import copy, json, pathlib, subprocess, sys, tempfile

tool, rates_path, rules_path = sys.argv[1:4]
rates, rules = (json.load(open(p)) for p in (rates_path, rules_path))
history = lambda r, p: r["jurisdictions"][p]["history"]
rows = lambda r, c, p: r["treatment"][c][p]

def change(what):
    a, b = copy.deepcopy(rates), copy.deepcopy(rules)
    what(a, b)
    return a, b

def keep(a, b): pass
def gap(a, b): history(a, "NS")[1]["to"] = "2025-03-30"
def overlap(a, b): history(a, "NS")[1]["to"] = "2025-04-01"
def closed(a, b): history(a, "ON")[-1]["to"] = "2027-01-01"
def late(a, b): history(a, "AB")[0]["from"] = "2008-01-02"
def parts(a, b): history(a, "ON")[-1]["components"][0]["provincial_ppm"] = 90000
def both(a, b): history(a, "ON")[-1]["components"].append({"tax": "PST", "rate_ppm": 80000, "base": "price"})
def not_a_day(a, b): history(a, "AB")[0]["from"] = "2008-13-01"
def rule_gap(a, b): rows(b, "diaper_disposable", "ON")[0]["to"] = "2024-12-12"
def rule_overlap(a, b): rows(b, "software_saas", "MB")[0]["to"] = "2026-01-01"
def hst_in_pst(a, b): rows(b, "baby_wipes", "BC")[0]["provincial"] = "hst_full"
def none_in_pst(a, b): rows(b, "baby_wipes", "BC")[0]["provincial"] = "none"
def before_hst(a, b): rows(b, "baby_wipes", "ON")[0]["from"] = "2010-06-30"
def stranger(a, b): rows(b, "baby_wipes", "BC")[0]["provincial"] = "perhaps"
def source(a, b): rows(b, "baby_wipes", "BC")[0]["sources"] = ["nobody"]
def no_source(a, b): rows(b, "baby_wipes", "BC")[0]["sources"] = []
def remark(a, b): rows(b, "baby_wipes", "BC")[0]["note"] = "a new remark"
def missing(a, b): del b["treatment"]["baby_wipes"]["YT"]

cases = [(keep, True)] + [(f, False) for f in (gap, overlap, closed, late, parts, both, not_a_day, rule_gap,
         rule_overlap, hst_in_pst, none_in_pst, before_hst, stranger, source, no_source, remark, missing)]
failed = 0
with tempfile.TemporaryDirectory() as d:
    for i, (what, good) in enumerate(cases, 1):
        for name, data in zip(("a", "b"), change(what)): pathlib.Path(d, name).write_text(json.dumps(data))
        run = subprocess.run([tool, pathlib.Path(d, "o.c"), pathlib.Path(d, "a"), pathlib.Path(d, "b")], capture_output=True, text=True)
        right = (run.returncode == 0) == good and (good or run.stderr.startswith("taxtables:"))
        failed += not right
        print(f"{'ok' if right else 'not ok'} {i} - {what.__name__}")
print(f"1..{len(cases)}")
sys.exit(1 if failed else 0)
