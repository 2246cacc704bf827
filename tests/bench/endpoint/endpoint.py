#!/usr/bin/env python3
"""The endpoint beside other people's GraphQL servers, in one run.

endpoint.py ROOT NODE_OR_EMPTY OUT.json

Processor time a request is that of the server's process over a run of requests that one or more
clients send; the clients' own does not count. Peers hold the same rows in memory.
"""
import json, os, pathlib, re, shutil, signal, socket, ssl, statistics, subprocess, sys, tempfile, time

root, node, out = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
built = root / "build/release"
agent, make_store, extension = built / "agent/nestsyncd", built / "tests/integration/make-store", built / "agent/store/vfs/libnestsync_store.so"
work = pathlib.Path(tempfile.mkdtemp(prefix="ns-endpoint-"))
TICK = os.sysconf("SC_CLK_TCK")
DASHBOARD = (root / "tests/data/documents/GetSubscriptionDashboard.graphql").read_text()
HISTORY = """query History($child: ID!) { getUsageLogs(childId: $child, daysBack: 3650, limit: 200) { edges { cursor node {
  id childId inventoryItemId usageType loggedAt quantityUsed context caregiverName wasWet wasSoiled diaperCondition hadLeakage
  productRating timeSinceLastChange changeDuration notes healthNotes createdAt } } pageInfo { hasNextPage } } }"""
LIMITS = "[limits]\nconnections = 2048\nrequests_per_minute = 1000000\nmutations_per_minute = 1000000\nhandshakes_per_second = 5000\n"
result = {"load": os.getloadavg()[0], "rows": {"orders": 2000, "predictions": 500, "usage": 100000}}

def cpu_s(pid):
    """utime + stime of a process, from its scheduler's own count where there is one (ns), else ticks."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        total += int(pathlib.Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[0])
    return total / 1e9

def rss(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {k: int(re.search(rf"{k}:\s+(\d+)", text).group(1)) for k in ("VmRSS", "RssAnon")}

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]

class Client:
    """One keep-alive connection; requests are written whole and read by their length."""
    def __init__(self, sock, host, path="/graphql", token=None):
        self.sock, self.stream = sock, sock.makefile("rb")
        self.head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nAccept: application/json\r\n" + (f"Authorization: Bearer {token}\r\n" if token else "")
    def pack(self, query, variables=None):
        body = json.dumps({"query": query, **({"variables": variables} if variables else {})}).encode()
        return (self.head + f"Content-Length: {len(body)}\r\n\r\n").encode() + body
    def send(self, packed):
        self.sock.sendall(packed)
        length, status = 0, self.stream.readline()
        while (line := self.stream.readline()) != b"\r\n":
            if line[:15].lower() == b"content-length:": length = int(line[15:])
            if not line: raise OSError("closed")
        return status, self.stream.read(length)
    def ask(self, query, variables=None):
        status, body = self.send(self.pack(query, variables))
        assert b" 200 " in status, (status, body[:300])
        return json.loads(body)

class Agent:
    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        (folder / "nestsync.conf").write_text(f"[lan]\ninterface = lo\nport = {self.port}\n" + LIMITS)
        ready, tell = os.pipe()
        begun = time.monotonic()
        self.log = open(folder / "log", "ab")
        self.process = subprocess.Popen([agent, "--home", str(folder), "--ready-fd", str(tell)], pass_fds=[tell], stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, start_new_session=True, env={"PATH": os.environ["PATH"], "LANG": "C", "HOME": str(work)})
        os.close(tell)
        assert os.read(ready, 64) == b"ready\n", (folder / "log").read_text()
        os.close(ready)
        self.plain().ask("{ __typename }")
        self.first_ms = (time.monotonic() - begun) * 1000
        self.pid = self.process.pid
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
    def plain(self):
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(self.folder / "endpoint.sock"))
        return Client(s, "localhost")
    def tls_socket(self):
        return self.context.wrap_socket(socket.create_connection(("127.0.0.1", self.port)), server_hostname="localhost")
    def tls(self, token): return Client(self.tls_socket(), f"localhost:{self.port}", token=token)
    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

def pair(a):
    code = a.plain().ask("mutation { openPairing { code } }")["data"]["openPairing"]["code"]
    told = Client(a.tls_socket(), f"localhost:{a.port}").ask(f'mutation {{ pairDevice(input: {{code: "{code}", deviceName: "Bench", platform: "ios"}}) {{ success message session {{ accessToken }} }} }}')
    return told["data"]["pairDevice"]["session"]["accessToken"]

def sql(folder, text):
    script = f".load {extension}\n.open file:{folder}/nestsync.db?vfs=nest&keyring={folder}/machine.key\n{text}\n"
    run = subprocess.run(["sqlite3", "-batch"], input=script, capture_output=True, text=True)
    assert run.returncode == 0 and not run.stderr, run.stderr

def household():
    """2 children, 100,000 changes over 3,000 days, 500 forecasts, 2,000 orders."""
    folder = work / "home"
    folder.mkdir(mode=0o700)
    subprocess.run([make_store, str(folder)], check=True, capture_output=True)
    a = Agent(folder)
    c = a.plain()
    def do(query, **variables):
        answer = c.ask(query, variables)
        field = next(iter((answer.get("data") or {"": None}).values()))
        assert "errors" not in answer and (field or {}).get("success", True), answer
        return field
    do('mutation { setUpHousehold(input: {displayName: "Test", province: ON}) { success message } }')
    do("mutation { updateConsent(input: {consentType: CHILD_DATA, granted: true}) { success message } }")
    do("mutation { updateConsent(input: {consentType: ANALYTICS, granted: true}) { success message } }")
    children = []
    today = int(time.time() // 86400)
    day = lambda n: time.strftime("%Y-%m-%d", time.gmtime(n * 86400))
    for name in ("Mila", "Theo"):
        made = do("mutation($i: CreateChildInput!) { createChild(input: $i) { success message child { id } } }",
                  i={"name": name, "dateOfBirth": day(today - 3010), "currentDiaperSize": "SIZE_3", "dailyUsageCount": 8})
        children.append(made["child"]["id"])
        do("mutation($c: ID!) { setInitialInventory(childId: $c, inventoryItems: [{diaperSize: SIZE_3, brand: \"SoftNest\", quantity: 10000}]) { success message } }", c=children[-1])
        for part in range(10):
            lines = ["date,time,type"]
            for d in range(today - 3001 + part * 300, today - 3001 + part * 300 + 300):
                lines += [f"{day(d)},{h:02d}:{(d * 7 + h) % 60:02d},{'dirty' if h % 3 else 'wet'}" for h in range(5, 22)][: 16 + (d % 3 > 0)]
            staged = do("mutation($i: StageImportInput!) { stageImport(input: $i) { success message job { id } } }", i={"childId": children[-1], "fileName": "log.csv", "content": "\n".join(lines)})
            do("mutation($i: ID!) { commitImport(importId: $i) { success message } }", i=staged["job"]["id"])
            while c.ask("query($i: ID!) { importJob(importId: $i) { state } }", {"i": staged["job"]["id"]})["data"]["importJob"]["state"] not in ("DONE", "FAILED"): time.sleep(0.02)
    for i in range(500): do("mutation($c: ID!) { triggerPredictionUpdate(childId: $c) { success message } }", c=children[i % 2])
    a.stop()
    sql(folder, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
        "INSERT INTO reorder_transactions (id, child_id, order_number, status, products, total_amount_cad, created_at, state, retailer_type, order_type, places, "
        "price_known, subtotal_cad, shipping_cad, tax_cad, explanation, proposed_at, approved_at, delivered_at, updated_at) "
        "SELECT randomblob(16), (SELECT id FROM children LIMIT 1), printf('NEST-20260101-%06d', i), 'DELIVERED', '[]', 3000 + i, at, 'DELIVERED', 'WALMART_CA', 'MANUAL', 0, "
        "1, 3000 + i, 0, 0, '{}', at, at, at, at FROM (SELECT i, 1767225600000000 + i * 1000000000 AS at FROM n);")
    return folder, children

def cost(pid, client, packed, seconds=2.5, warm=200):
    """Microseconds of the server's processor time a request, the median of five runs; milliseconds p50, p99."""
    for _ in range(warm): client.send(packed)
    figures, times = [], []
    for _ in range(5):
        began, n, end = cpu_s(pid), 0, time.monotonic() + seconds / 5
        while (now := time.monotonic()) < end:
            client.send(packed)
            times.append(time.monotonic() - now)
            n += 1
        figures.append((cpu_s(pid) - began) / n * 1e6)
    times.sort()
    return {"cpu_us": round(statistics.median(figures), 1), "p50_ms": round(times[len(times) // 2] * 1000, 3), "p99_ms": round(times[len(times) * 99 // 100] * 1000, 3)}

def websocket(sock, host, token=None):
    """A subscribed graphql-transport-ws socket; gives the function that reads its next frame."""
    sock.sendall((f"GET /graphql HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n").encode())
    stream = sock.makefile("rb")
    assert b" 101 " in stream.readline()
    while stream.readline() != b"\r\n": pass
    def say(message):
        text = json.dumps(message).encode()
        head = bytes([0x81, 0x80 | len(text)]) if len(text) < 126 else bytes([0x81, 0xFE]) + len(text).to_bytes(2, "big")
        sock.sendall(head + bytes(4) + text)
    def frame():
        n = stream.read(2)[1]
        return stream.read(int.from_bytes(stream.read(2), "big") if n == 126 else n)
    say({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"} if token else {}})
    assert b"connection_ack" in frame()
    say({"id": "1", "type": "subscribe", "payload": {"query": "subscription { householdChanges { kind childId } }"}})
    return frame

def fan_out(a, token, sockets, tls):
    """20 events, one frame each to every socket: the agent's processor time a delivery, without
    what the same mutations cost when nobody listens, beside a bare write of the same bytes."""
    events = 20
    local = a.plain()
    event = local.pack('mutation { updateConsent(input: {consentType: ANALYTICS, granted: true}) { success } }')
    def run(heard):
        began = cpu_s(a.pid)
        for _ in range(events):
            local.send(event)
            heard(time.monotonic())
        time.sleep(0.3)
        return cpu_s(a.pid) - began
    alone = statistics.median(run(lambda _: None) for _ in range(3))
    before, socks, frames, last = rss(a.pid), [], [], []
    for _ in range(sockets):
        socks.append(a.tls_socket() if tls else a.plain().sock)
        frames.append(websocket(socks[-1], f"localhost:{a.port}" if tls else "localhost", token if tls else None))
    time.sleep(1)
    after, size = rss(a.pid), [0]
    def heard(sent):
        for frame in frames: size[0] = len(frame()) + 4
        last.append((time.monotonic() - sent) * 1000)
    spent = run(heard)
    for s in socks: s.close()
    each = (spent - alone) / (events * sockets) * 1e6
    bare = statistics.median(float(subprocess.run([built / "tests/bench/endpoint/bare-writes", str(sockets), str(events), str(size[0])] + (["tls"] if tls else []),
                                                  capture_output=True, text=True, check=True).stdout) for _ in range(3))
    return {"sockets": sockets, "kB_a_socket": round((after["RssAnon"] - before["RssAnon"]) / sockets, 2), "cpu_us_a_delivery": round(each, 2),
            "bare_write_us": round(bare, 2), "ratio": round(each / bare, 2), "last_heard_ms": round(statistics.median(last), 1)}

def ours(folder, children):
    starts = []
    for _ in range(5):
        a = Agent(folder)
        starts.append(a.first_ms)
        a.stop()
    a = Agent(folder)
    time.sleep(2) # whatever is done at the start is done
    r = {"first_answer_ms": round(statistics.median(starts), 1), "idle_kB": rss(a.pid)}
    token = pair(a)
    plain, tls = a.plain(), a.tls(token)
    requests = {"typename": ("{ __typename }", None), "dashboard": (DASHBOARD, None), "history": (HISTORY, {"child": children[0]})}
    for name, (query, variables) in requests.items():
        answer = plain.ask(query, variables)
        assert "errors" not in answer, answer
        r[name + "_bytes"] = len(json.dumps(answer))
        r[name + "_plain"] = cost(a.pid, plain, plain.pack(query, variables))
        r[name + "_tls"] = cost(a.pid, tls, tls.pack(query, variables))
    rows = {"dashboard": plain.ask(DASHBOARD)["data"]["getSubscriptionDashboard"], "total": 50000,
            "logs": [e["node"] for e in plain.ask(HISTORY, {"child": children[0]})["data"]["getUsageLogs"]["edges"]]}
    r["fan_out_plain"] = fan_out(a, token, 1000, False)
    r["fan_out_tls"] = fan_out(a, token, 1000, True)
    a.stop()
    return r, rows

def peer(name, rows_file):
    port = free_port()
    begun = time.monotonic()
    p = subprocess.Popen([node, root / "tests/interop/peers/peers.mjs", name, str(port), root / "schema/schema.graphql", rows_file], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True, env={"PATH": os.environ["PATH"], "NODE_ENV": "production", "HOME": str(work)})
    try:
        assert p.stdout.readline() == "ready\n", name
        c = Client(socket.create_connection(("127.0.0.1", port)), f"localhost:{port}", "/" if name == "apollo" else "/graphql")
        c.ask("{ __typename }")
        r = {"first_answer_ms": round((time.monotonic() - begun) * 1000, 1), "idle_kB": rss(p.pid)}
        for key, query, variables in (("typename", "{ __typename }", None), ("dashboard", DASHBOARD, None), ("history", HISTORY, {"child": "1"})):
            answer = c.ask(query, variables)
            assert "errors" not in answer, (name, answer)
            r[key + "_plain"] = cost(p.pid, c, c.pack(query, variables), warm=1500 if key != "history" else 300)
        return r
    finally:
        p.kill()
        p.wait()

GOALS = {"typename_plain": 20, "typename_tls": 35, "dashboard_tls": 60, "history_plain": 500}

def table():
    us, peers = result["agent"], result.get("peers", {})
    print(f"\n{'CPU microseconds a request':<28}{'agent':>9}{'agent TLS':>11}" + "".join(f"{n:>14}" for n in peers))
    for name in ("typename", "dashboard", "history"):
        print(f"{name:<28}{us[name + '_plain']['cpu_us']:>9}{us[name + '_tls']['cpu_us']:>11}" + "".join(f"{p[name + '_plain']['cpu_us']:>14}" for p in peers.values()))
    print(f"{'first answer, ms':<28}{us['first_answer_ms']:>9}{'':>11}" + "".join(f"{p['first_answer_ms']:>14}" for p in peers.values()))
    for key, what in (("VmRSS", "RSS idle, MB"), ("RssAnon", "  of it anonymous, MB")):
        print(f"{what:<28}{us['idle_kB'][key] / 1024:>9.1f}{'':>11}" + "".join(f"{p['idle_kB'][key] / 1024:>14.1f}" for p in peers.values()))
    for key, goal in GOALS.items(): print(f"goal {key}: {us[key]['cpu_us']} of {goal} us")
    for key in ("fan_out_plain", "fan_out_tls"):
        f = us[key]
        print(f"{key}: {f['cpu_us_a_delivery']} us a delivery, a bare write {f['bare_write_us']}: {f['ratio']} (goal 1.5); {f['kB_a_socket']} kB a socket (goal 30 over TLS); the last of {f['sockets']} heard after {f['last_heard_ms']} ms")

try:
    folder, children = household()
    result["agent"], rows = ours(folder, children)
    if node:
        rows_file = work / "rows.json"
        rows_file.write_text(json.dumps(rows))
        result["peers"] = {name: peer(name, rows_file) for name in ("mercurius", "graphql-http", "yoga", "apollo")}
    table()
    pathlib.Path(out).write_text(json.dumps(result, indent=1))
finally:
    shutil.rmtree(work, ignore_errors=True)
