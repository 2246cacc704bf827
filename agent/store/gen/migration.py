#!/usr/bin/python3
"""The way from the newest migration to the declared schema (schema/tables.sql), as a pair of files.

migration.py NAME     writes schema/migrations/NNNN_NAME.{up,down}.sql and lists them for the build
migration.py --diff   prints the two ways and writes nothing

Tables and columns that only one side knows, indexes and triggers are done by themselves. A table
whose columns changed otherwise is rebuilt and its common columns are copied. What a step loses is
named on a line "-- loses: table, table.column", which the tests of the migrations read. Both ways
are tried on empty files before anything is written.
"""
import pathlib, re, sqlite3, sys

root = pathlib.Path(__file__).resolve().parents[3]
folder = root / "schema/migrations"

def functions(db):
    """What agent/store/person.c gives to SQL, as far as a schema needs it."""
    db.create_function("person_key", 0, lambda: bytes(32))
    db.create_function("person_seal", 2, lambda who, text: text)
    db.create_function("person_open", 2, lambda who, text: text)
    return db

def steps():
    """[(number, name, up, down)] in order."""
    found = sorted(folder.glob("*.up.sql"))
    return [(int(p.name[:4]), p.name[:-7], p.read_text(), (folder / (p.name[:-7] + ".down.sql")).read_text()) for p in found]

def fresh(*scripts):
    db = functions(sqlite3.connect(":memory:"))
    db.execute("PRAGMA foreign_keys = OFF")
    for script in scripts: db.executescript(script)
    return db

def head():
    return fresh(*[up for _, _, up, _ in steps()])

def declared():
    return fresh((root / "schema/tables.sql").read_text())

def plain(sql):
    """A statement without comments, quotes around names, or a choice of blanks."""
    sql = re.sub(r"--[^\n]*", " ", sql)
    sql = re.sub(r'^(CREATE TABLE )"(\w+)"', r"\1\2", sql)
    return re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"\s+", " ", sql)).strip()

def objects(db):
    """{(type, name): statement as written}"""
    rows = db.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    return {(kind, name): sql for kind, name, sql in rows if name != "schema_migrations"}

def shape(db):
    return {key: plain(sql) for key, sql in objects(db).items()}

def columns(db, table):
    return [row[1] for row in db.execute(f"PRAGMA table_xinfo({table})")]

def column_text(sql, name):
    """One column's own definition out of CREATE TABLE."""
    body, depth, parts, at = plain(sql), 0, [], 0
    start = body.index("(") + 1
    at = start
    for i in range(start, len(body)):
        if body[i] == "(": depth += 1
        if body[i] == ")": depth -= 1
        if depth < 0 or (body[i] == "," and depth == 0):
            parts.append(body[at:i]); at = i + 1
            if depth < 0: break
    return next((p for p in parts if p.split(" ")[0] == name), None)

def parents_first(db, names):
    """Tables in the order in which they can be made."""
    needs = {n: {r[2] for r in db.execute(f"PRAGMA foreign_key_list({n})")} & set(names) - {n} for n in names}
    out = []
    while len(out) < len(names):
        ready = [n for n in names if n not in out and needs[n] <= set(out)]
        out += ready or [n for n in names if n not in out]
    return out

def by_alter(a, b, table):
    """ALTER TABLE lines that lead there, or None when only a rebuild does; and what they lose."""
    old, new = columns(a, table), columns(b, table)
    drop = [c for c in old if c not in new]
    add = [c for c in new if c not in old]
    lines = [f"ALTER TABLE {table} DROP COLUMN {c};" for c in drop]
    lines += [f"ALTER TABLE {table} ADD COLUMN {column_text(objects(b)[('table', table)], c)};" for c in add]
    trial = fresh(objects(a)[("table", table)] + ";")
    try:
        for line in lines: trial.execute(line)
    except sqlite3.Error:
        return None
    if shape(trial)[("table", table)] != shape(b)[("table", table)]: return None
    return lines, [f"{table}.{c}" for c in drop]

def rebuild(a, b, table):
    common = ", ".join(c for c in columns(a, table) if c in columns(b, table))
    made = re.sub(rf'^CREATE TABLE "?{table}"?', f"CREATE TABLE {table}_new", objects(b)[("table", table)])
    return [f"{made};", f"INSERT INTO {table}_new ({common}) SELECT {common} FROM {table};", f"DROP TABLE {table};",
            f"ALTER TABLE {table}_new RENAME TO {table};"], [f"{table}.{c}" for c in columns(a, table) if c not in columns(b, table)]

def way(a, b):
    """Statements from schema a to schema b, and what is lost on the way."""
    have, want = objects(a), objects(b)
    same = {k for k in have if k in want and plain(have[k]) == plain(want[k])}
    drops, changes, lost, rebuilt = [], [], [], set()
    for name in [n for k, n in want if k == "table" and (k, n) in have and (k, n) not in same]:
        altered = by_alter(a, b, name)
        if altered is None: rebuilt.add(name)
        lines, gone = altered or rebuild(a, b, name)
        changes += lines; lost += gone
    tables = [n for k, n in have if k == "table" and (k, n) not in want]
    owner = {(k, n): t for k, n, t in a.execute("SELECT type, name, tbl_name FROM sqlite_schema")}
    away = [k for k in have if k[0] != "table" and k not in same and owner[k] not in tables]
    drops += [f"DROP {k.upper()} {n};" for k, n in away]
    new = [n for k, n in want if k == "table" and (k, n) not in have]
    makes = [want[("table", n)] + ";" for n in parents_first(b, new)]
    drop_tables = [f"DROP TABLE {n};" for n in reversed(parents_first(a, tables))]
    target = {(k, n): t for k, n, t in b.execute("SELECT type, name, tbl_name FROM sqlite_schema")}
    side = [sql + ";" for k, sql in want.items() if k[0] != "table" and (k not in same or target[k] in rebuilt)]
    return drops + makes + changes + drop_tables + side, lost + tables

def script(lines, lost, head_line):
    loses = f"-- loses: {', '.join(lost)}\n" if lost else ""
    return head_line + loses + "\n".join(lines) + "\n"

def pair(title):
    a, b = head(), declared()
    up, down = way(a, b), way(b, a)
    texts = script(*up, f"-- {title}\n"), script(*down, "")
    ups = [s[2] for s in steps()]
    if up[0]:
        if shape(fresh(*ups, texts[0])) != shape(b): raise SystemExit("migration: the way up does not lead to schema/tables.sql: write it by hand")
        if shape(fresh(*ups, *texts)) != shape(a): raise SystemExit("migration: the way down does not lead back: write it by hand")
    return up[0], texts

def main(word):
    changes, (up, down) = pair(word.replace("_", " ").capitalize() + ".")
    if word == "--diff":
        print(up if changes else "schema/tables.sql is what the migrations make.")
        if changes: print("-- and back\n" + down)
        return 0
    if not re.fullmatch(r"[a-z][a-z0-9_]*", word): raise SystemExit("migration: a name is small letters, digits and _")
    if not changes: raise SystemExit("migration: change schema/tables.sql first; there is no difference to write down")
    number = steps()[-1][0] + 1
    for way_name, text in (("up", up), ("down", down)):
        (folder / f"{number:04d}_{word}.{way_name}.sql").write_text(text)
    build = root / "agent/store/meson.build"
    last = steps()[-2][1]
    line = f"    '../../schema/migrations/{last}.up.sql', '../../schema/migrations/{last}.down.sql',\n"
    text = build.read_text()
    if line not in text: raise SystemExit(f"migration: list the two files in {build} by hand")
    build.write_text(text.replace(line, line + line.replace(last, f"{number:04d}_{word}")))
    print(f"written: schema/migrations/{number:04d}_{word}.up.sql and .down.sql; read them before you commit")
    return 0

if __name__ == "__main__":
    if len(sys.argv) != 2: raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1]))
