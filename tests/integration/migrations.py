#!/usr/bin/python3
"""Every migration, with data in every table: up, one down, up again. Prints TAP.

Two rows stand in every table at every step. After one step back the older tables hold what they
held, but for what the way back names with "-- loses:"; after the way up again the schema is the
same to the letter. The newest schema is the declared one, and a change of it becomes a pair.
"""
import importlib.util, itertools, pathlib, re, shutil, sqlite3, subprocess, sys, tempfile
from tap import check, tally

root = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("migration", root / "agent/store/gen/migration.py")
tool = importlib.util.module_from_spec(spec); spec.loader.exec_module(tool)

def values(kind, row, words):
    """What a column may hold, likeliest first."""
    blob = [bytes([row]) * 16, bytes([row]) * 32]
    by_kind = {"INTEGER": [row, 1, 0, 100 + row], "REAL": [row + 0.5], "BLOB": blob, "TEXT": words + [f"text {row}", f"[{row}]", "CA"], "ANY": [row]}
    return by_kind.get(kind, [row]) + [None]

def fill(db, table):
    """Two rows that the table's own checks accept."""
    info = [(name, kind) for _, name, kind, _, _, _, hidden in db.execute(f"PRAGMA table_xinfo({table})") if not hidden]
    sql = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    if db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]: return
    for row in (1, 2):
        choices = []
        for name, kind in info:
            own = tool.column_text(sql, name) or ""
            choices.append(values(kind, row, re.findall(r"'([^']*)'", own.split("CHECK")[-1]) if "CHECK" in own else []))
        insert = f"INSERT INTO {table} ({', '.join(n for n, _ in info)}) VALUES ({', '.join('?' * len(info))})"
        try_row(db, insert, choices)

def try_row(db, insert, choices):
    """The likeliest value of every column; where that is refused, one or two columns vary."""
    first = [c[0] for c in choices]
    for varied in range(3):
        for places in itertools.combinations(range(len(choices)), varied):
            for pick in itertools.product(*[choices[p] for p in places]):
                row = list(first)
                for p, v in zip(places, pick): row[p] = v
                try: db.execute(insert, row); return True
                except sqlite3.IntegrityError: pass
    return False

def tables(db):
    return [n for k, n in tool.objects(db) if k == "table"]

def content(db, skip=()):
    out = {}
    for table in tables(db):
        names = [c for c in tool.columns(db, table) if f"{table}.{c}" not in skip]
        out[table] = sorted(map(repr, db.execute(f"SELECT {', '.join(names)} FROM {table}"))), names
    return out

def loses(script):
    return set(re.split(r",\s*", m.group(1).strip())) if (m := re.search(r"^-- loses: (.*)$", script, re.M)) else set()

def whole_way():
    db = tool.fresh()
    done = []
    for number_, name, up, down in tool.steps():
        check(len(done) + 1 == number_, f"{name} is the next number")
        before_tables = set(tables(db))
        db.executescript(up)
        done.append(up)
        for table in tables(db): fill(db, table)
        empty = [t for t in tables(db) if not db.execute(f"SELECT count(*) FROM {t}").fetchone()[0]]
        check(not empty, f"{name}: every table holds data", *empty)
        gone = loses(down)
        was, full = content(db, gone), tool.shape(db)
        db.executescript(down)
        now = content(db)
        check(set(now) == before_tables, f"{name}: back again the tables are the older ones", set(now) ^ before_tables)
        unnamed = [t for t in was if t not in now and t not in gone]
        check(not unnamed, f"{name}: tables that go are named", *unnamed)
        check(all(t not in gone for t in now), f"{name}: what is named as lost is lost", *gone)
        same = True
        for table, (rows, names) in now.items():
            kept = [n for n in was[table][1] if n in names]
            picked = sorted(map(repr, db.execute(f"SELECT {', '.join(kept)} FROM {table}")))
            same = same and len(rows) == len(was[table][0]) and (kept != was[table][1] or picked == was[table][0])
        check(same, f"{name}: no row of an older table was lost or changed")
        check(tool.shape(db) == tool.shape(tool.fresh(*done[:-1])), f"{name}: back again the schema is the older one")
        db.executescript(up)
        check(tool.shape(db) == full == tool.shape(tool.fresh(*done)), f"{name}: up again the schema is the same")
        check(not db.execute("PRAGMA integrity_check").fetchone()[0] != "ok", f"{name}: the file is sound")
        for table in tables(db): fill(db, table)
    check(tool.shape(db) == tool.shape(tool.declared()), "the newest schema is schema/tables.sql",
          *[k for k in set(tool.shape(db)) | set(tool.shape(tool.declared())) if tool.shape(db).get(k) != tool.shape(tool.declared()).get(k)])

def writing_a_pair():
    with tempfile.TemporaryDirectory() as work:
        copy = pathlib.Path(work, "tree")
        for part in ("schema/migrations", "agent/store/gen"): shutil.copytree(root / part, copy / part)
        for file in ("schema/tables.sql", "agent/store/meson.build", "dev"): shutil.copy(root / file, copy / file)
        run = lambda word: subprocess.run([copy / "agent/store/gen/migration.py", word], capture_output=True, text=True)
        none = run("nothing_new")
        check(none.returncode != 0 and "no difference" in none.stderr, "without a difference no pair is written", none.stderr)
        declared = copy / "schema/tables.sql"
        text = declared.read_text()
        text = text.replace("    expires_at INTEGER,\n    consent_version", "    expires_at INTEGER NOT NULL,\n    consent_version")
        text = text.replace("    status TEXT NOT NULL,\n    at INTEGER NOT NULL,\n", "    status TEXT NOT NULL,\n    at INTEGER NOT NULL,\n    why TEXT,\n")
        declared.write_text(text + "CREATE TABLE naps (id INTEGER PRIMARY KEY, child_id BLOB REFERENCES children (id)) STRICT;\nCREATE INDEX naps_of_child ON naps (child_id);\n")
        made = run("naps")
        check(made.returncode == 0, "a new table, a new column and a changed one become a pair", made.stderr)
        newest = len(tool.steps()) + 1
        up, down = [(copy / f"schema/migrations/{newest:04d}_naps.{w}.sql").read_text() for w in ("up", "down")]
        check("ADD COLUMN why" in up and "CREATE TABLE naps" in up and "consents_new" in up, "with the shortest way for each", up)
        check({"naps", "usage_days.why"} <= loses(down), "and the way back names what it loses", down)
        check(f"{newest:04d}_naps.up.sql" in (copy / "agent/store/meson.build").read_text(), "the build knows the two files")
        again = run("--diff")
        check("what the migrations make" in again.stdout, "after it nothing differs", again.stdout)

whole_way()
writing_a_pair()
tally()
