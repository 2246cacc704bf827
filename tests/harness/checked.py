#!/usr/bin/env python3
"""Run one test program and believe nothing but evidence.

checked.py criterion|plain PROGRAM [ARG...]

Criterion says "passed" for a test whose child leaked or printed a sanitizer report, and for one
that left a process behind. So: sanitizer reports go to files whose presence fails the run, the
TAP lines are counted by us, a non-zero exit fails, and processes left in the group fail (and
are ended). When NS_TEST_RESULTS names a folder, the counts are written there for `./dev test`.
"""
import ctypes, os, pathlib, re, signal, subprocess, sys, tempfile, time

kind, program, args = sys.argv[1], sys.argv[2], sys.argv[3:]
name = pathlib.Path(program).name
work = tempfile.TemporaryDirectory(prefix="ns-test-")
log = pathlib.Path(work.name, "san")
env = dict(os.environ)
common = f"log_path={log}:abort_on_error=0"
env["ASAN_OPTIONS"] = f"{common}:detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1"
env["UBSAN_OPTIONS"] = f"{common}:print_stacktrace=1"
env["LSAN_OPTIONS"] = common
env["TMPDIR"] = work.name
env.setdefault("G_SLICE", "always-malloc")
command = [program] + args + (["--tap", "--jobs=1"] if kind == "criterion" else [])
# Whatever outlives the program is handed to us, whichever session or group it moved to
# (PR_SET_CHILD_SUBREAPER = 36), and so it shows.
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
run = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
out, errors = run.communicate()
text = out.decode("utf-8", "replace")
noise = errors.decode("utf-8", "replace")
sys.stdout.write(text)
sys.stderr.write(noise)

passed, failed, faults = 0, 0, []
for line in text.splitlines():
    if re.match(r"ok\b", line):
        if re.search(r"#\s*skip", line, re.I): faults.append("skipped: " + line)
        passed += 1
    elif re.match(r"not ok\b", line):
        failed += 1
if run.returncode and not failed: faults.append(f"exit status {run.returncode}")
for report in sorted(pathlib.Path(work.name).glob("san.*")):
    faults.append(f"sanitizer report {report.name}"); sys.stderr.write(report.read_text(errors="replace"))
if passed + failed == 0: faults.append("no test ran")

def descendants():
    parent = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try: fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError: continue
            if fields[0] != "Z": parent[int(entry.name)] = int(fields[1])
    known, found = {os.getpid()}, []
    while True:
        more = [p for p, q in parent.items() if q in known and p not in known]
        if not more: return found
        known.update(more); found += more

left = descendants()
if left: time.sleep(0.5); left = descendants()
if left:
    faults.append(f"{len(left)} process(es) left behind")
    for pid in left:
        try: os.kill(pid, signal.SIGKILL)
        except ProcessLookupError: pass
for fault in faults: print(f"checked: {name}: {fault}", file=sys.stderr)
failed += len(faults)
results = os.environ.get("NS_TEST_RESULTS")
if results: pathlib.Path(results, f"{name}-{os.getpid()}").write_text(f"{passed} {failed} {name}\n")
sys.exit(1 if failed else 0)
