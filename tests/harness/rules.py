#!/usr/bin/env python3
"""The rules of the house that a reader of source text can check. Prints TAP, names each offender.

  arrows      who may include whom (docs/decisions/0002-arrows.md)
  owners      each outside library is included by its owner folders only
  top level   the files and folders that may stand there
  calls       functions the house avoids
  sql         SQL lives under agent/store
  texts       screens show catalogue texts, not literals
  statements  every statement stands in a table that a test explains
  pairs       every migration has its way back
"""
import pathlib, re, subprocess, sys

root = pathlib.Path(__file__).resolve().parents[2]
listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root, capture_output=True, text=True)
files = listed.stdout.split("\n")[:-1] if listed.returncode == 0 else [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file() and "build" not in p.parts and ".git" not in p.parts]
files = [f for f in files if (root / f).exists()]
code = [f for f in files if re.match(r"(shared|agent|tui)/.*\.[ch]$", f)]
text = {f: (root / f).read_text(encoding="utf-8", errors="replace") for f in code}

def bare(source):
    """Source without comments and string contents; line breaks stay."""
    def blank(m):
        s = m.group(0)
        return '""' if s[0] == '"' else re.sub(r"[^\n]", " ", s)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, source, flags=re.S)

# A module may include itself, everything its row names, and what those rows name in turn.
MAY = {
    "shared/base": [], "shared/text": ["shared/base"], "shared/calendar": ["shared/base"], "shared/model": ["shared/base"],
    "shared/crypto": ["shared/base", "shared/text"], "shared/wire": ["shared/base", "shared/text", "shared/model", "shared/calendar"],
    "shared/config": ["shared/base", "shared/text", "shared/model", "shared/calendar"], "shared/tax": ["shared/base", "shared/text", "shared/model", "shared/calendar"],
}
SHARED = [m for m in MAY]
PURE_AGENT = {"agent/forecast": ["shared/base", "shared/text", "shared/calendar", "shared/model"], "agent/reorder": ["shared/base", "shared/calendar", "shared/model", "shared/tax"],
              "agent/graphql": ["shared/base", "shared/text"]}
AGENT = ["loop", "store", "household", "order", "retail", "billing", "net", "api", "events", "sync", "privacy", "health"]
LAYER = {  # inside the agent an arrow runs down this list only
    "agent/loop": 0, "agent/events": 0, "agent/store": 1, "agent/forecast": 0, "agent/graphql": 0, "agent/reorder": 0, "agent/privacy": 2, "agent/household": 3,
    "agent/order": 4, "agent/net": 4, "agent/retail": 5, "agent/billing": 5, "agent/sync": 6, "agent/health": 6, "agent/api": 7, "agent": 8,
}
TUI = {"tui/keys": 0, "tui/theme": 0, "tui/cell": 1, "tui/widget": 2, "tui/app": 1, "tui/view": 3, "tui/term": 3, "tui/link": 3, "tui/cli": 4, "tui": 5}
PURE_TUI = {"tui/app", "tui/view", "tui/cell"}

def module(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]

def closure(m):
    seen, todo = set(), list(MAY.get(m, []))
    while todo:
        x = todo.pop()
        if x not in seen: seen.add(x); todo += MAY.get(x, [])
    return seen

def allowed(path, target):
    a, b = module(path), module(target)
    if a == b: return True
    if a.startswith("shared"): return b in closure(a)
    if b.startswith("shared/"):
        return b in PURE_AGENT[a] if a in PURE_AGENT else True
    if a.startswith("agent"):
        if not b.startswith("agent"): return False
        if a in PURE_AGENT: return False
        return LAYER[a] > LAYER[b] or (LAYER[a] == LAYER[b] and a == b)
    if a.startswith("tui"):
        if path.startswith("tui/cli/offline/") and (b == "agent/forecast" or target.startswith("agent/store/vfs/")): return True
        return b.startswith("tui") and TUI[a] >= TUI[b]
    return False

offences = {k: [] for k in ("arrows", "owners", "top level", "calls", "sql", "texts", "statements", "pairs", "merges")}
OWNERS = [  # header pattern, folders that may include it
    (r"sodium.*\.h|openssl/(?!ssl|err|x509|bio).*", ["shared/crypto/"]), (r"openssl/(ssl|err|x509|bio).*", ["shared/wire/", "agent/net/", "shared/crypto/"]),
    (r"cjson/.*", ["shared/wire/", "shared/calendar/gen/", "shared/tax/gen/", "agent/forecast/gen/"]), (r"wslay/.*", ["shared/wire/"]),
    (r"event2?/.*|event\.h", ["agent/loop/", "agent/net/"]), (r"sqlite3(ext)?\.h", ["agent/store/"]), (r"gsl/.*", ["agent/forecast/"]),
    (r"curl/.*", ["agent/net/"]), (r"(ncurses|ncursesw|curses).*", ["tui/term/"]), (r"qrencode\.h", ["tui/widget/"]),
]
IMPURE = r"(sys/socket|sys/stat|unistd|fcntl|time|signal|poll|sys/random|dirent)\.h"
for f in code:
    for n, line in enumerate(text[f].split("\n"), 1):
        m = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not m: continue
        kind, target = m.groups()
        if kind == '"':
            if "/" not in target: offences["arrows"].append(f"{f}:{n}: include {target} is not written from the root")
            elif not allowed(f, target): offences["arrows"].append(f"{f}:{n}: {module(f)} may not include {target}")
        else:
            for pattern, folders in OWNERS:
                if re.fullmatch(pattern, target) and not any(f.startswith(d) for d in folders): offences["owners"].append(f"{f}:{n}: <{target}> belongs to {', '.join(folders)}")
            if (module(f) in PURE_AGENT or module(f) in PURE_TUI or module(f) in ("shared/calendar", "shared/tax")) and "/gen/" not in f and re.fullmatch(IMPURE, target): offences["arrows"].append(f"{f}:{n}: {module(f)} is pure and may not include <{target}>")

TOP = {"meson.build", "LICENSE", "README.md", "dev", "shared", "agent", "tui", "schema", "tests", "docs"}
for name in sorted({f.split("/")[0] for f in files}):
    if name not in TOP and not name.startswith("."): offences["top level"].append(name)

BANNED = r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atof|localtime|gmtime|rand|system|popen)\s*\("
for f in code:
    for n, line in enumerate(bare(text[f]).split("\n"), 1):
        m = re.search(BANNED, line)
        if m: offences["calls"].append(f"{f}:{n}: {m.group(1)}")
for f in code:
    if f.startswith("agent/store/"): continue
    for n, line in enumerate(text[f].split("\n"), 1):
        if re.search(r'"\s*(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE|PRAGMA\s)', line): offences["sql"].append(f"{f}:{n}: {line.strip()[:80]}")
# In a view, a literal with two letters in a row that is handed to a drawing call would escape translation.
for f in code:
    if not re.match(r"tui/(view|widget)/", f): continue
    for n, line in enumerate(text[f].split("\n"), 1):
        if not re.search(r"\bns_(cell|draw|text|label)\w*\s*\(", line): continue
        words = [re.sub(r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)", "", m) for m in re.findall(r'"((?:\\.|[^"\\])*)"', line)]
        if any(re.search(r"[A-Za-zéàè]{3,}", re.sub(r"%[-+0-9.*]*(ll|z|h)?[a-zA-Z]", "", w)) for w in words): offences["texts"].append(f"{f}:{n}: {line.strip()[:90]}")
for f in code:
    if not f.startswith("agent/"): continue
    for n, line in enumerate(text[f].split("\n"), 1):
        m = re.search(r"ns_query_start\(\s*&?\w+(?:->\w+)?\s*,[^,]+,\s*([^;]*)", line)
        if m and not m.group(1).startswith("queries[") and "const char *sql" not in line: offences["statements"].append(f"{f}:{n}: {line.strip()[:90]}")
        if "sqlite3_prepare" in line and f != "agent/store/db.c": offences["statements"].append(f"{f}:{n}: only db.c prepares")
for f in files:
    m = re.match(r"schema/migrations/(\d{4}_\w+)\.(up|down)\.sql$", f)
    if m and f"schema/migrations/{m.group(1)}.{'down' if m.group(2) == 'up' else 'up'}.sql" not in files: offences["pairs"].append(f)

# Half a merge, also in texts that no compiler reads.
for f in files:
    if not re.search(r"\.(c|h|md|msg|py|sh|sql|build|graphql|mjs|[1-9])$", f): continue
    for n, line in enumerate((root / f).read_text(encoding="utf-8", errors="replace").split("\n"), 1):
        if re.match(r"(<{7}|>{7}) ", line): offences["merges"].append(f"{f}:{n}")

bad = 0
for i, (rule, rows) in enumerate(offences.items(), 1):
    print(f"{'not ok' if rows else 'ok'} {i} - {rule}")
    for row in rows: print(f"# {row}", file=sys.stderr); bad += 1
print(f"1..{len(offences)}")
sys.exit(1 if bad else 0)
