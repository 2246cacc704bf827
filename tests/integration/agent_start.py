#!/usr/bin/env python3
"""The agent as a process: every way to start, to be refused and to end. Prints TAP.

agent_start.py NESTSYNCD MAKE_STORE MOST_MS
"""
import http.client, json, os, pathlib, pty, select, shutil, signal, socket, stat, subprocess, sys, tempfile, termios, time
from tap import check, tally, over_socket

agent, make_store, most_ms = sys.argv[1], sys.argv[2], float(sys.argv[3])
work = tempfile.mkdtemp(prefix="ns-start-")

def home(name, machine=False):
    folder = pathlib.Path(work, name)
    folder.mkdir(mode=0o700)
    made = subprocess.run([make_store, str(folder)], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    if not machine: (folder / "machine.key").unlink()
    return folder, made.stdout.strip()

def environment(lang="C"):
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR")}
    return dict(kept, LANG=lang, HOME=work)

def pipe_with(text):
    out, into = os.pipe()
    os.write(into, text.encode())
    os.close(into)
    return out

def refusal(folder, *options, secret=None, option="--passphrase-fd", lang="C"):
    """Run an agent that should not start; its exit status and what it said."""
    fds = []
    if secret is not None:
        fds.append(pipe_with(secret))
        options += (option, str(fds[0]))
    run = subprocess.run([agent, "--home", str(folder), *options], env=environment(lang), pass_fds=fds, stdin=subprocess.DEVNULL,
                         capture_output=True, text=True, timeout=60, start_new_session=True)
    for fd in fds: os.close(fd)
    return run.returncode, run.stderr + run.stdout

class Running:
    def __init__(self, folder, secret=None, option="--passphrase-fd", extra_env=None):
        self.folder, fds, options = folder, [], []
        if secret is not None:
            fds.append(pipe_with(secret))
            options = [option, str(fds[0])]
        ready, tell = os.pipe()
        fds.append(tell)
        begun = time.monotonic()
        self.process = subprocess.Popen([agent, "--home", str(folder), "--ready-fd", str(tell), *options], env=dict(environment(), **(extra_env or {})),
                                        pass_fds=fds, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        for fd in fds: os.close(fd)
        self.said = b""
        while True:
            some = os.read(ready, 64)
            if not some: break
            self.said += some
        self.ms = (time.monotonic() - begun) * 1000
        os.close(ready)
        self.ready = self.said == b"ready\n"
    def ask(self, method="GET", path="/healthz", body=None, headers=None):
        return over_socket(self.folder, method, path, body, headers, 20)
    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None: self.process.send_signal(how)
        self.log = self.process.communicate(timeout=60)[0]
        return self.process.returncode

def starting():
    empty = pathlib.Path(work, "empty"); empty.mkdir()
    status, text = refusal(empty)
    check(status == 69 and "nestsync init" in text and str(empty) in text, "without a household it says how to make one", status, text)
    check(list(empty.iterdir()) == [], "and leaves nothing behind", list(empty.iterdir()))
    folder, words = home("one")
    status, text = refusal(folder, secret="wrong battery\n")
    check(status == 77 and str(folder) in text and "--words-fd" in text, "a wrong passphrase is refused with 77", status, text)
    status, text = refusal(folder, secret="wrong battery\n", lang="fr_CA.UTF-8")
    check(status == 77 and "phrase de passe" in text, "and in French for whom French is", status, text)
    status, text = refusal(folder)
    check(status == 77 and "--passphrase-fd" in text, "locked, with no key, passphrase or terminal", status, text)
    status, text = refusal(folder, secret="not the words\n", option="--words-fd")
    check(status == 77, "wrong recovery words are refused with 77", status, text)
    run = Running(folder, "correct horse\n")
    check(run.ready, "the passphrase opens it, and ready is told once", run.said)
    check(run.stop() == 0, "SIGTERM ends it with 0", run.log)
    run = Running(folder, words + "\n", "--words-fd")
    check(run.ready and run.stop(signal.SIGINT) == 0, "the recovery words open it, SIGINT ends it with 0", run.log if hasattr(run, "log") else run.said)

def machine_key():
    folder, words = home("machine", machine=True)
    Running(folder).stop()  # the first start makes the tables
    fastest = 1e9
    for _ in range(5):
        run = Running(folder)
        fastest = min(fastest, run.ms if run.ready else 1e9)
        run.stop()
    check(fastest <= most_ms, f"a machine key starts it unattended within {most_ms:.0f} ms", f"{fastest:.1f} ms", run.log)
    print(f"# fastest start {fastest:.1f} ms")
    key = folder / "machine.key"
    key.chmod(0o600); key.write_bytes(bytes(32)); key.chmod(0o400)
    status, text = refusal(folder)
    check(status == 77 and str(key) in text, "a key file that does not fit is named", status, text)
    run = Running(folder, "correct horse\n")
    check(run.ready, "and the passphrase opens it all the same", run.said)
    run.stop()

def one_agent():
    folder, words = home("two", machine=True)
    run = Running(folder)
    status, text = refusal(folder)
    check(status == 75 and str(run.process.pid) in text, "a second agent is refused with 75 and told whose process", status, text)
    check(run.ask()[0] == 200, "and the first is not disturbed", run.ask())
    endpoint = os.stat(folder / "endpoint.sock")
    check(stat.S_IMODE(endpoint.st_mode) == 0o600, "the endpoint is for its owner alone", oct(endpoint.st_mode))
    modes = {p.name: oct(stat.S_IMODE(p.stat().st_mode)) for p in folder.iterdir() if p.is_file() and p.stat().st_mode & 0o077}
    check(modes == {}, "so is every file of the home", modes)
    limits = pathlib.Path(f"/proc/{run.process.pid}/limits").read_text()
    core = [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core")]
    check(core == [["0", "0"]], "no core dump can be written", core)
    run.process.kill(); run.process.communicate()
    check((folder / "endpoint.sock").exists(), "a killed agent leaves its socket behind")
    run = Running(folder)
    check(run.ready and run.ask()[0] == 200, "the next one starts over it", run.said)
    run.stop()
    check(not (folder / "endpoint.sock").exists(), "a proper end removes the socket")
    check(not (folder / "nestsync.db-wal").exists(), "and leaves one file, nothing beside it", sorted(p.name for p in folder.iterdir()))

def damage():
    folder, words = home("damaged", machine=True)
    run = Running(folder); run.stop()
    store = folder / "nestsync.db"
    sound = store.read_bytes()
    def bend(start, end):
        broken = bytearray(sound)
        for i in range(start, min(end, len(broken))): broken[i] ^= 0x5A
        return broken
    store.write_bytes(bend(0, 4096))
    run = Running(folder)
    check(run.ready and run.stop() == 0 and "header" in run.log, "with one of its two headers damaged it opens, and says so in the log", run.said)
    for what, start, end in (("both headers", 0, 16384), ("the first pages", 4096, 16384)):
        broken = bend(start, end)
        store.write_bytes(broken)
        status, text = refusal(folder)
        check(status == 74 and str(store) in text and "nestsync restore" in text, f"damage of {what} is refused with 74 and a way out", status, text)
        check(store.read_bytes() == bytes(broken), "and the file is left as it was")
    store.write_bytes(b"no store at all\n")
    status, text = refusal(folder)
    check(status == 74, "a file of another kind is refused", status, text)
    store.write_bytes(sound)
    run = Running(folder)
    check(run.ready, "the sound file opens again", run.said)
    run.stop()

def folder_not_writable():
    place = pathlib.Path(tempfile.mkdtemp(prefix="ns-ro-", dir="/tmp"))
    try:
        folder, words = home("readonly", machine=True)
        moved = place / "home"
        shutil.move(str(folder), moved)
        program = place / "nestsyncd"
        shutil.copy2(agent, program)
        options = {}
        if os.geteuid() == 0:
            for p in (place, moved, *moved.iterdir()): os.chown(p, 65534, 65534)
            options = dict(user=65534, group=65534, extra_groups=[])
        moved.chmod(0o500); place.chmod(0o755); program.chmod(0o755)
        run = subprocess.run([str(program), "--home", str(moved)], env=dict(environment(), ASAN_OPTIONS="detect_leaks=0"), cwd="/", capture_output=True, text=True,
                             timeout=60, start_new_session=True, **options)
        text = run.stderr
        check(run.returncode == 73 and str(moved) in text and "--home" in text, "a folder that cannot be written is refused with 73 and the remedy", run.returncode, text)
    finally:
        shutil.rmtree(place, ignore_errors=True)

def settings():
    folder, words = home("settings", machine=True)
    conf = folder / "nestsync.conf"
    status, text = refusal(folder, "--check-config")
    check(status == 0 and str(conf) in text, "no settings file is fine", status, text)
    conf.write_text("[log]\nlevel = warn\n")
    status, text = refusal(folder, "--check-config")
    check(status == 0 and "good" in text, "good settings are called good", status, text)
    conf.write_text("[log]\nlevel = warn\n[forecast]\nnightly_hour = 24\n")
    for options in (("--check-config",), ()):
        status, text = refusal(folder, *options)
        check(status == 78 and f"{conf}:4" in text, "a bad value is refused with 78, file and line", status, text)
    for line in ("connections = 3", "connections = 4097", "connections = off", "requests_per_minute = 0", "requests_per_minute = 59",
                 "requests_per_minute = 1000001", "mutations_per_minute = off", "mutations_per_minute = -1", "no_such_limit = 1"):
        conf.write_text(f"[limits]\n{line}\n")
        status, text = refusal(folder)
        check(status == 78 and f"{conf}:2" in text, f"beyond the bounds: {line}", status, text)
    conf.write_text("[limits]\nrequests_per_minute = 60\n")
    run = Running(folder)
    statuses = [run.ask("POST", "/graphql", '{"query":"{ __typename }"}', {"Content-Type": "application/json"})[0] for _ in range(120)]
    check(statuses[:60] == [200] * 60 and 429 in statuses, "more requests than the settings allow are told 429", statuses)
    run.stop()
    conf.write_text("[limits]\nconnections = 4\n")
    run = Running(folder)
    links = []
    for _ in range(4):
        links.append(socket.socket(socket.AF_UNIX)); links[-1].connect(str(folder / "endpoint.sock"))
    status, body = run.ask()
    check(status == 503, "more connections than the settings allow are told 503", status, body)
    for link in links: link.close()
    for _ in range(100):
        status, body = run.ask()
        if status == 200: break
        time.sleep(0.05)
    check(status == 200, "and served once there is room", status, body)
    run.stop()

def words_of_the_command_line():
    folder, words = home("words", machine=True)
    status, text = refusal(folder, "--nonsense")
    check(status == 64 and "--nonsense" in text, "an unknown option is refused with 64", status, text)
    status, text = refusal(folder, "--version")
    check(status == 0 and text.startswith("nestsyncd "), "the version is told", status, text)
    status, text = refusal(folder, "--help", "--lang", "fr")
    check(status == 0 and "Utilisation" in text, "help in French", status, text)
    deep = pathlib.Path(work, "d" * 100); deep.mkdir()
    status, text = refusal(deep)
    check(status == 78 and "107" in text, "a socket path that is too long is refused with the remedy", status, text)

def migration():
    folder, words = home("migrate", machine=True)
    status, text = refusal(folder, "--migrate")
    check(status == 0, "--migrate makes the tables", status, text)
    status, text = refusal(folder, "--migrate", "--status")
    check(status == 0 and text.strip() != "", "--migrate --status tells where it stands", status, text)
    run = Running(folder)
    status, text = refusal(folder, "--migrate", "--to", "-1")
    check(status == 75, "no migration while an agent runs", status, text)
    run.stop()

def endpoint():
    folder, words = home("endpoint", machine=True)
    place = str(folder / "notify")
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); notify.bind(place); notify.settimeout(20)
    run = Running(folder, extra_env={"NOTIFY_SOCKET": place})
    check(notify.recv(100) == b"READY=1", "the supervisor hears READY=1")
    status, body = run.ask()
    check(status == 200, "/healthz answers", status, body)
    status, body = run.ask("POST", "/graphql", '{"query":"{healthCheck systemHealth{state components{name state}}}"}', {"Content-Type": "application/json"})
    check(status == 200 and '"data"' in body and '"errors"' not in body, "GraphQL answers over the socket", status, body)
    code = run.stop()
    check(notify.recv(100) == b"STOPPING=1" and code == 0, "the supervisor hears STOPPING=1", code, run.log)
    notify.close()

def graphql(run, query):
    return run.ask("POST", "/graphql", json.dumps({"query": query}), {"Content-Type": "application/json"})

def drain():
    folder, words = home("drain", machine=True)
    run = Running(folder)
    set_up = 'mutation{setUpHousehold(input:{displayName:"Alex Tremblay",province:QC}){success error}}'
    status, body = graphql(run, set_up)
    check(status == 200 and '"success":true' in body, "a household is set up", status, body)
    answered, broken = 0, []
    for round in range(5):  # a request and the signal race: whatever comes is whole
        link = socket.socket(socket.AF_UNIX); link.settimeout(20); link.connect(str(folder / "endpoint.sock"))
        text = json.dumps({"query": "{myChildren(first:5){edges{node{id}}} household{ownerName}}"})
        link.sendall(f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
        if round % 2: select.select([link], [], [], 20)
        run.process.send_signal(signal.SIGTERM)
        got = b""
        try:
            while some := link.recv(65536): got += some
        except ConnectionResetError: pass
        link.close()
        if got:
            head, _, body = got.partition(b"\r\n\r\n")
            length = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            if length == [len(body)] and b"Alex Tremblay" in body: answered += 1
            else: broken.append(got)
        code = run.stop()
        if code != 0: broken.append(run.log)
        run = Running(folder)
    check(not broken and answered >= 2, "an answer that began is finished, and what was set up is there after each restart", answered, broken)
    run.stop()

def terminal():
    folder, words = home("terminal")
    pid, master = pty.fork()
    if pid == 0:
        os.execve(agent, [agent, "--home", str(folder)], environment())
    seen, typed, deadline = b"", 0, time.monotonic() + 30
    answers = [b"wrong battery\n", b"correct horse\n"]
    while time.monotonic() < deadline and not (folder / "endpoint.sock").exists():
        if select.select([master], [], [], 0.05)[0]:
            try: seen += os.read(master, 4096)
            except OSError: break
        quiet = not termios.tcgetattr(master)[3] & termios.ECHO
        if typed < 2 and quiet and seen.count(b"Passphrase of") == typed + 1:
            os.write(master, answers[typed]); typed += 1
    up = (folder / "endpoint.sock").exists()
    check(up and typed == 2, "the passphrase can be typed, with a second try", seen)
    check(b"horse" not in seen and b"battery" not in seen, "and is not shown", seen)
    check(bool(termios.tcgetattr(master)[3] & termios.ECHO), "the terminal echoes again afterwards")
    if up: os.kill(pid, signal.SIGTERM)
    else: os.kill(pid, signal.SIGKILL)
    while True:  # the closing words must be read, or the end blocks
        try:
            if not os.read(master, 4096): break
        except OSError: break
    _, status = os.waitpid(pid, 0)
    check(os.waitstatus_to_exitcode(status) == 0, "and it ends with 0", status)
    os.close(master)

try:
    for part in (starting, machine_key, one_agent, damage, folder_not_writable, settings, words_of_the_command_line, migration, endpoint, drain, terminal):
        try:
            part()
        except Exception as e:  # one broken part must not hide the others
            check(False, f"{part.__name__} ran to its end", repr(e))
finally:
    shutil.rmtree(work, ignore_errors=True)
tally()
