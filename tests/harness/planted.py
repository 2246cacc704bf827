#!/usr/bin/env python3
"""Proves the runner: each planted fault turns it red, the healthy control stays green. TAP.

planted.py FOLDER: where planted-leak, planted-undefined, planted-assertion, planted-orphan,
planted-healthy were built.
"""
import os, pathlib, subprocess, sys

here = pathlib.Path(__file__).parent
folder = pathlib.Path(sys.argv[1])
env = {k: v for k, v in os.environ.items() if k != "NS_TEST_RESULTS"}
expected = {"leak": "sanitizer report", "undefined": "", "assertion": "", "orphan": "left behind", "healthy": None}
failed = 0
for i, (name, reason) in enumerate(expected.items(), 1):
    run = subprocess.run([sys.executable, here / "checked.py", "criterion", folder / f"planted-{name}"], capture_output=True, text=True, env=env, timeout=60)
    red = run.returncode != 0
    good = not red if reason is None else red and reason in run.stderr
    failed += not good
    print(f"{'ok' if good else 'not ok'} {i} - {name} {'stays green' if reason is None else 'turns the run red'}")
    if not good: print(run.stdout[-500:], run.stderr[-500:], file=sys.stderr)
print(f"1..{len(expected)}")
sys.exit(1 if failed else 0)
