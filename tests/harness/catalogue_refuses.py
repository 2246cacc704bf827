#!/usr/bin/env python3
"""The catalogue build refuses what would leave a reader without words. TAP.

catalogue_refuses.py CATALOGUE_TOOL
"""
import pathlib, subprocess, sys, tempfile

tool = sys.argv[1]
cases = [
    ("a complete message is taken", "[a]\nen = Hello {0}\nfr = Bonjour {0}\n", True),
    ("French is missing", "[a]\nen = Hello\n", False),
    ("English is missing", "[a]\nfr = Bonjour\n", False),
    ("French is empty", "[a]\nen = Hello\nfr =\n", False),
    ("arguments differ", "[a]\nen = Hello {0}\nfr = Bonjour\n", False),
    ("the same key twice", "[a]\nen = x\nfr = y\n[a]\nen = x\nfr = y\n", False),
    ("a plural without its other half", "[n_one]\nen = x\nfr = y\n", False),
    ("a stray brace", "[a]\nen = {name}\nfr = {name}\n", False),
    ("a line that is nothing", "[a]\nen = x\nfr = y\nhello\n", False),
]
failed = 0
with tempfile.TemporaryDirectory() as d:
    for i, (what, text, good) in enumerate(cases, 1):
        source = pathlib.Path(d, "t.msg"); source.write_text(text)
        out = [pathlib.Path(d, "o.h"), pathlib.Path(d, "o.c")]
        run = subprocess.run([tool, *out, source], capture_output=True, text=True)
        right = (run.returncode == 0) == good and (good or "t.msg:" in run.stderr)
        failed += not right
        print(f"{'ok' if right else 'not ok'} {i} - {what}")
print(f"1..{len(cases)}")
sys.exit(1 if failed else 0)
