#!/usr/bin/env python3
"""The agent on the home network: TLS, who gets in, what a stranger is told. Prints TAP.

lan.py NESTSYNCD MAKE_STORE
"""
import hashlib, http.client, json, os, pathlib, shutil, signal, socket, ssl, subprocess, sys, tempfile, time, warnings
from tap import check, tally, over_socket
warnings.simplefilter("ignore")  # names of older and newer versions of the module differ
from cryptography import x509
from cryptography.hazmat.primitives import serialization

agent, make_store = sys.argv[1], sys.argv[2]
work = tempfile.mkdtemp(prefix="ns-lan-")

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]

class Running:
    begun = []
    def __init__(self, folder, settings):
        self.folder, self.port, self.json_port = folder, free_port(), free_port()
        (folder / "nestsync.conf").write_text(settings.replace("JSON_PORT", str(self.json_port)).replace("PORT", str(self.port)))
        ready, tell = os.pipe()
        self.log = open(folder / "log", "ab")
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR")}
        self.process = subprocess.Popen([agent, "--home", str(folder), "--ready-fd", str(tell)], env=dict(kept, LANG="C", HOME=work), pass_fds=[tell],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)
        Running.begun.append(self.process)
        os.close(tell)
        self.ready = os.read(ready, 64) == b"ready\n"
        os.close(ready)
    def tls(self, version=None, trust=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if trust is None:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        else:
            context.load_verify_locations(cadata=trust)
        if version is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                context.minimum_version = context.maximum_version = version
                if version < ssl.TLSVersion.TLSv1_2: context.set_ciphers("ALL:@SECLEVEL=0")
        return context
    def connect(self, context=None, name="localhost"):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return (context or self.tls()).wrap_socket(plain, server_hostname=name)
    def ask(self, method="GET", path="/healthz", body=None, headers=None, context=None):
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=20, context=context or self.tls())
        connection.request(method, path, body, {k: v for k, v in (headers or {}).items()})
        answer = connection.getresponse()
        result = answer.status, answer.read().decode()
        self.headers = dict(answer.getheaders())
        connection.close()
        return result
    def graphql(self, query, headers=None):
        status, text = self.ask("POST", "/graphql", json.dumps({"query": query}), dict({"Content-Type": "application/json"}, **(headers or {})))
        return status, json.loads(text)
    def local(self, query):
        return json.loads(over_socket(self.folder, "POST", "/graphql", json.dumps({"query": query}), {"Content-Type": "application/json"}, 20)[1])
    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        self.log.close()
        return status

def home(name):
    folder = pathlib.Path(work, name)
    folder.mkdir(mode=0o700)
    subprocess.run([make_store, str(folder)], check=True, capture_output=True)
    return folder

def refused(act):
    try: act()
    except (OSError, ssl.SSLError): return True
    return False

def closed_within(sock, seconds):
    sock.settimeout(seconds)
    try: return sock.recv(1) == b""
    except (ConnectionError, ssl.SSLError): return True
    except TimeoutError: return False

def heard(sock):
    try: return sock.recv(4096)
    except ConnectionError: return b""

def chain_of(r):
    """Leaf and root as the agent shows them."""
    # Python before 3.13 shows the leaf alone: ask openssl for the rest.
    run = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{r.port}", "-showcerts"], input=b"", capture_output=True, timeout=20)
    pems = [p.split("-----END")[0] for p in run.stdout.decode().split("-----BEGIN CERTIFICATE-----")[1:]]
    return [x509.load_pem_x509_certificate(f"-----BEGIN CERTIFICATE-----{p}-----END CERTIFICATE-----\n".encode()) for p in pems]

def pin(certificate):
    return hashlib.sha256(certificate.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).hexdigest()

ON = "[lan]\ninterface = lo\nport = PORT\njson_port = JSON_PORT\n"

def off_by_default():
    r = Running(home("off"), "")
    listening = subprocess.run(["cat", f"/proc/{r.process.pid}/net/tcp"], capture_output=True, text=True).stdout
    mine = {os.readlink(f"/proc/{r.process.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{r.process.pid}/fd")}
    tcp = [line for line in listening.splitlines()[1:] if f"socket:[{line.split()[9]}]" in mine]
    check(r.ready and not tcp, "without the setting no network socket is open", tcp)
    check(r.stop() == 0, "and it ends well")

def settings():
    for value, good in (("wlan0", True), ("eth0.12", True), ("", True), ("a b", False), ("0123456789abcdef", False), ("../x", False)):
        folder = pathlib.Path(work, "conf")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        (folder / "nestsync.conf").write_text(f"[lan]\ninterface = {value}\n")
        run = subprocess.run([agent, "--home", str(folder), "--check-config"], capture_output=True, text=True)
        check((run.returncode == 0) == good, f"interface '{value}' is {'taken' if good else 'refused'}", run.returncode, run.stderr)

def tls(r):
    with r.connect() as s: check(s.version() == "TLSv1.3", "TLS 1.3 is spoken", s.version())
    with r.connect(r.tls(ssl.TLSVersion.TLSv1_2)) as s: check(s.version() == "TLSv1.2" and "GCM" in s.cipher()[0], "TLS 1.2 is the floor", s.cipher())
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        check(refused(lambda: r.connect(r.tls(version))), f"{version.name} is refused")
    weak = r.tls(ssl.TLSVersion.TLSv1_2)
    weak.set_ciphers("AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    check(refused(lambda: r.connect(weak)), "ciphers of the past are refused")
    h2 = r.tls()
    h2.set_alpn_protocols(["h2"])
    check(refused(lambda: r.connect(h2)), "a protocol that is not spoken is refused in the handshake")
    plain = socket.create_connection(("127.0.0.1", r.port), timeout=20)
    plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    check(b"HTTP" not in heard(plain), "plain HTTP gets no answer")
    plain.close()

def certificates(r):
    leaf, root = chain_of(r)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = [str(a) for a in names.get_values_for_type(x509.IPAddress)]
    check("127.0.0.1" in addresses and "nestsync.local" in names.get_values_for_type(x509.DNSName), "the leaf names the addresses", addresses)
    days = (leaf.not_valid_after - leaf.not_valid_before).days
    check(days <= 397 and leaf.issuer == root.subject and root.issuer == root.subject, "at most 397 days, signed by the household's root", days)
    check(root.extensions.get_extension_for_class(x509.NameConstraints).critical, "the root may sign for homes only")
    pem = root.public_bytes(serialization.Encoding.PEM).decode()
    trusting = r.tls(trust=pem)
    status, body = r.ask(context=trusting)
    check(status == 200 and body.startswith("ok "), "a client that trusts the root is content", status, body)
    check(refused(lambda: r.connect(trusting, "evil.example")), "and not under another name")
    other, _ = ssl.create_default_context(), None
    check(refused(lambda: r.connect(other)), "a client that does not know the root refuses")
    return pin(root)

def hosts(r):
    own = f"127.0.0.1:{r.port}"
    for host, origin, wanted in ((own, None, 200), (f"localhost:{r.port}", None, 200), (f"nestsync.local:{r.port}", None, 200), ("evil.example", None, 421),
                                 (f"evil.example:{r.port}", None, 421), ("127.0.0.1", None, 421), ("127.0.0.1:1", None, 421), (f"127.0.0.1:{r.port}x", None, 421),
                                 (f"localhost.evil.example:{r.port}", None, 421), (own, f"https://{own}", 200), (own, "https://evil.example", 403),
                                 (own, f"http://{own}", 403), (own, "null", 403), (own, f"https://{own}.evil.example", 403), (own, "", 403)):
        headers = {"Host": host}
        if origin is not None: headers["Origin"] = origin
        status, body = r.ask(headers=headers)
        check(status == wanted, f"Host {host.replace(str(r.port), 'PORT')}, Origin {(origin or str(origin)).replace(str(r.port), 'PORT')}: {wanted}", status, body)
    def upgrade(origin):
        with r.connect() as s:
            s.sendall((f"GET /graphql HTTP/1.1\r\nHost: {own}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n{origin}\r\n").encode())
            return s.recv(4096).decode().split("\r\n")[0]
    check(" 403 " in upgrade("Origin: https://evil.example\r\n"), "a WebSocket from a foreign page is refused")
    check(" 101 " in upgrade(""), "a WebSocket without a page is taken up")

def strangers(r):
    for path, method, wanted in (("/healthz", "GET", 200), ("/", "POST", 405), ("/index.html", "GET", 404), ("/graphql", "DELETE", 405), ("/../etc/passwd", "GET", 404), ("/metrics", "GET", 404)):
        status, body = r.ask(method, path)
        check(status == wanted and len(body) <= 64, f"{method} {path}: {wanted} and not a word more", status, body)
    check({"Content-Security-Policy", "X-Content-Type-Options", "Cache-Control", "Referrer-Policy"} <= set(r.headers), "with the guards of every answer", r.headers)
    status, answer = r.graphql("{ __typename me { id } }")
    check(status == 200 and answer == {"data": {"__typename": "Query", "me": None}}, "a phone can see that an agent is there", answer)
    check(int(r.headers.get("RateLimit-Remaining", -1)) >= 0, "and how often it may ask", r.headers)
    for query in ("{ myChildren { totalCount } }", "mutation { undo { success } }", "{ household { id } }", "{ __schema { types { name } } }"):
        status, answer = r.graphql(query)
        check("data" not in answer and answer["errors"][0]["extensions"]["code"] in ("UNAUTHENTICATED", "GRAPHQL_VALIDATION_FAILED"), f"without a token: {query}", answer)
    for value in ("Bearer x.y.z", "Bearer ", "Basic b3duZXI6", "Bearer " + "A" * 3000):
        status, answer = r.graphql("{ household { id } }", {"Authorization": value})
        check("data" not in answer and answer["errors"][0]["message"] == "Authentication required", f"a token that is none: {value[:12]}", answer)
    check("data" in r.local("{ household { id } }"), "the console on this computer is the owner as before")
    status, body = r.ask("POST", "/graphql", "x" * (300 << 10), {"Content-Type": "application/json"})
    check(status == 413, "a body over 256 KiB is refused", status)

def slow(r):
    """Many that never finish their handshake, beside one that is honest."""
    silent = [socket.create_connection(("127.0.0.1", r.port), timeout=20) for _ in range(30)]
    half = silent[0]
    half.sendall(b"\x16\x03\x01\x02\x00\x01")
    begun = time.monotonic()
    status, _ = r.ask()
    check(status == 200 and time.monotonic() - begun < 3, "an honest client is served beside thirty silent ones", status)
    check("data" in r.local("{ __typename }"), "and so is the console")
    check(all(closed_within(s, 12) for s in silent), "who does not finish the handshake within its time is dropped")
    for s in silent: s.close()
    late = r.connect()
    late.sendall(b"GET /healthz HTTP/1.1\r\nHo")
    begun = time.monotonic()
    text = late.recv(4096)
    check(b" 408 " in text, "a header that does not end: 408", text)
    late.close()

def flood(folder):
    r = Running(folder, ON + "[limits]\nhandshakes_per_second = 5\nconnections = 12\n")
    served = 0
    for _ in range(40):
        try:
            with r.connect() as s: served += 1
        except OSError: pass
    check(5 <= served < 40, "of forty connections at once some are turned away at the door", served)
    held = []
    for _ in range(20):
        try: held.append(socket.create_connection(("127.0.0.1", r.port), timeout=20))
        except OSError: pass
    check("data" in r.local("{ __typename }"), "the console keeps its place")
    for s in held: s.close()
    check(r.stop() == 0, "and the agent ends well")

def away(folder):
    r = Running(folder, "[lan]\ninterface = nosuch0\nport = PORT\n")
    check(r.ready and "data" in r.local("{ __typename }"), "an interface that is not there keeps nobody from the console")
    check(r.stop() == 0 and "nosuch0" in (folder / "log").read_text(), "and the log says so")

def socket_of(r, token):
    """A graphql-transport-ws socket; a reader of (text, close code)."""
    s = r.connect()
    s.sendall((f"GET /graphql HTTP/1.1\r\nHost: localhost:{r.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n").encode())
    stream = s.makefile("rb")
    while stream.readline() != b"\r\n": pass
    def say(message):
        text = json.dumps(message).encode()
        head = bytes([0x81, 0x80 | len(text)]) if len(text) < 126 else bytes([0x81, 0xFE]) + len(text).to_bytes(2, "big")
        s.sendall(head + bytes(4) + text)
    def hear():
        first, n = stream.read(2)
        if n == 126: n = int.from_bytes(stream.read(2), "big")
        text = stream.read(n)
        return int.from_bytes(text[:2], "big") if first & 15 == 8 else json.loads(text)
    say({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}})
    return s, say, hear

SESSION = "success message error user { id } session { accessToken refreshToken expiresIn tokenType }"

def step_up(r, token, other, ask, code_of):
    """A phone gives the passphrase, and may for a while what the console may."""
    def give(passphrase, who=token):
        return ask(who, f'mutation {{ stepUp(input: {{passphrase: "{passphrase}"}}, clientMutationId: "s") {{ success error until }} }}')["data"]["stepUp"]
    sure = "mutation { setSpendingLimits(perOrderCad: \"60.00\") { success } }"
    check(code_of(ask(token, sure)) == "PERMISSION_DENIED", "without the passphrase a phone sets no spending limit")
    wrong = give("wrong horse")
    check(not wrong["success"] and wrong["until"] is None and "passphrase" in wrong["error"], "a wrong passphrase is refused", wrong)
    check(code_of(ask(token, sure)) == "PERMISSION_DENIED", "and opens nothing")
    s, say, hear = socket_of(r, token)
    hear()
    right = give("correct horse")
    check(right["success"] and right["until"], "the right one is taken, also under the same client's id", right)
    check("data" in ask(token, sure), "then the phone may")
    say({"id": "1", "type": "subscribe", "payload": {"query": sure}})
    check("data" in hear().get("payload", {}), "also over a socket that was open before")
    s.close()
    check(code_of(ask(other, sure)) == "PERMISSION_DENIED", "another phone may not")
    tries = [give(f"wrong {i}", other) for i in range(7)]
    check(all("not the passphrase" in t["error"] for t in tries[:5]) and all("Try again in" in t["error"] for t in tries[5:]), "after five wrong ones one has to wait", tries)
    check("Try again in" in give("correct horse", other)["error"] and "data" in ask(token, sure), "even with the right one; who was let in stays in")
    here = r.local('mutation { stepUp(input: {passphrase: "x"}) { success error } }')["data"]["stepUp"]
    check(not here["success"] and "own computer" in here["error"], "the console is told that it needs none", here)
    actions = [e["node"]["action"] for e in r.local("{ auditTrail(first: 20) { edges { node { action } } } }")["data"]["auditTrail"]["edges"]]
    check(actions.count("STEPPED_UP") == 1 and actions.count("STEP_UP_TRIED") == 7, "every try is in the trail", actions)
    two = 'mutation { a: stageImport(input: {childId: "c", fileName: "x.csv", content: "x"}) { success } b: stageImport(input: {childId: "c", fileName: "x.csv", content: "x"}) { success } }'
    answers = [ask(token, two) for _ in range(6)]
    check(all("data" in a for a in answers[:5]) and code_of(answers[5]) == "RATE_LIMITED", "ten imports a day from one phone, counted one by one", answers[5])
    check("data" in ask(other, two) and all("data" in r.local(two) for _ in range(6)), "another has its own, the console is not held back")
    log = (r.folder / "log").read_bytes()
    check(b"correct horse" not in log and b"wrong horse" not in log, "and no passphrase is in the log")

def pairing(r):
    wrong = "This code is not valid. Ask for a new one on the home\u2019s computer."
    def pair(code, name="Phone"):
        return r.graphql(f'mutation {{ pairDevice(input: {{code: "{code}", deviceName: "{name}", platform: "ios"}}) {{ {SESSION} }} }}')[1]["data"]["pairDevice"]
    def window(options=""):
        return r.local(f"mutation {{ openPairing{options} {{ success message code closesAt }} }}")["data"]["openPairing"]
    def refresh(token):
        return r.graphql(f'mutation {{ refreshToken(refreshToken: "{token}") {{ {SESSION} }} }}')[1]["data"]["refreshToken"]
    def ask(token, query="{ household { id } }"):
        return r.graphql(query, {"Authorization": f"Bearer {token}"})[1]
    def code_of(answer): return answer["errors"][0]["extensions"]["code"]
    check(pair("00000000")["error"] == wrong, "no window is open: not valid")
    check("errors" in r.graphql("mutation { openPairing { code } }")[1], "a stranger opens none")
    told = window('(clientMutationId: "w1")')
    again = window('(clientMutationId: "w1")')
    check(told["code"] and not again["success"] and not again["code"], "a code is told once and kept nowhere", again)
    opened = window()
    check(opened["success"] and len(opened["code"]) == 8 and opened["code"].isdigit(), "the console opens a window", opened)
    bad = "00000000" if opened["code"] != "00000000" else "00000001"
    check(pair(bad)["error"] == wrong, "a wrong code is refused in the same words")
    paired = pair(opened["code"])
    check(paired["success"] and paired["user"]["id"] and paired["session"]["tokenType"] == "Bearer" and 1800 <= paired["session"]["expiresIn"] <= 3600, "the right one pairs", paired)
    first = paired["session"]
    check(pair(opened["code"])["error"] == wrong, "a used code is used up")
    check("data" in ask(first["accessToken"]), "the phone reads the home")
    parts = first["accessToken"].split(".")
    claims = json.loads(__import__("base64").urlsafe_b64decode(parts[1] + "=="))
    check(len(parts) == 3 and not set("-_") & set(parts[1]) and claims["exp"] - claims["iat"] == first["expiresIn"], "its token can be read by a phone that knows base64 only", claims)
    listed = r.local("{ pairedDevices { id name platform current } }")["data"]["pairedDevices"]
    phone = next(d for d in listed if d["name"] == "Phone")
    check(phone["platform"] == "ios" and not phone["current"] and claims["sub"] == phone["id"], "the console lists it", listed)
    for query in ("mutation { openPairing { code } }", "mutation { revokeAllDevices { success } }"):
        check(code_of(ask(first["accessToken"], query)) == "PERMISSION_DENIED", f"a phone may not: {query}")
    forged = [".".join(parts[:2]) + ".", ".".join(parts[:2]), parts[0] + "." + parts[1] + "." + parts[2][:-1] + ("A" if parts[2][-1] != "A" else "B"),
              "eyJhbGciOiJub25lIn0." + parts[1] + ".", parts[0] + "." + parts[1] + "." + parts[2] + "=", parts[0] + "." + parts[1][::-1] + "." + parts[2]]
    check(all(code_of(ask(t)) == "UNAUTHENTICATED" for t in forged), "forged tokens are refused")
    check(code_of(ask(forged[0], "{ me { id } }")) == "UNAUTHENTICATED", "who shows one that does not hold is told so, where a stranger sees null")
    s, say, hear = socket_of(r, forged[0])
    check(hear() == 4401, "a socket with a forged token closes with 4401")
    s.close()
    second = refresh(first["refreshToken"])["session"]
    check("data" in ask(second["accessToken"]), "a refresh brings a new token")
    third = refresh(first["refreshToken"])["session"]
    check(third is not None and refresh(second["refreshToken"])["session"] is None, "an answer that was lost may be asked for once more, and what it replaced is void")
    s, say, hear = socket_of(r, third["accessToken"])
    check(hear() == {"type": "connection_ack"}, "a socket is let in")
    say({"id": "1", "type": "subscribe", "payload": {"query": "subscription { householdChanges { kind } }"}})
    time.sleep(0.2)
    r.local('mutation { updateConsent(input: {consentType: CHILD_DATA, granted: true}) { success } }')
    check(hear().get("type") == "next", "and hears what happens at home")
    check(refresh(first["refreshToken"])["session"] is None, "a token used a third time")
    begun = time.monotonic()
    check(hear() == 4401 and time.monotonic() - begun < 1, "throws the device out: its socket closes at once")
    check(code_of(ask(third["accessToken"])) == "UNAUTHENTICATED", "its access token is void at once")
    check(refresh(third["refreshToken"])["session"] is None, "and its refresh token too")
    s.close()
    again = pair(window()["code"])["session"]
    names = [d["name"] for d in r.local("{ pairedDevices { name } }")["data"]["pairedDevices"]]
    check("Phone 2" in names and "Phone" not in names, "a second phone of the same name gets a number; the one thrown out is not listed", names)
    own = json.loads(__import__("base64").urlsafe_b64decode(again["accessToken"].split(".")[1] + "=="))["sub"]
    check(r.local(f'mutation {{ renameDevice(deviceId: "{own}", name: "Kitchen") {{ success }} }}')["data"]["renameDevice"]["success"], "a device is renamed")
    console = next(d["id"] for d in r.local("{ pairedDevices { id current } }")["data"]["pairedDevices"] if d["current"])
    check(code_of(ask(again["accessToken"], f'mutation {{ revokeDevice(deviceId: "{console}") {{ success }} }}')) == "PERMISSION_DENIED", "a phone cannot throw out the console")
    r.local(f'mutation {{ revokeDevice(deviceId: "{own}") {{ success }} }}')
    check(code_of(ask(again["accessToken"])) == "UNAUTHENTICATED", "a revoked phone is out")
    out = pair(window()["code"], "Tablet")["session"]
    check(ask(out["accessToken"], "mutation { signOut { success } }")["data"]["signOut"]["success"] and code_of(ask(out["accessToken"])) == "UNAUTHENTICATED", "signing out ends a session")
    step_up(r, pair(window()["code"], "Owner")["session"]["accessToken"], pair(window()["code"], "Other")["session"]["accessToken"], ask, code_of)
    last = pair(window()["code"], "Last")["session"]
    check(r.local("mutation { revokeAllDevices { success } }")["data"]["revokeAllDevices"]["success"] and code_of(ask(last["accessToken"])) == "UNAUTHENTICATED", "in a panic all are thrown out")
    check("data" in r.local("{ household { id } }"), "but the console")
    code = window()["code"]
    bad = "00000000" if code != "00000000" else "00000001"
    check(all(pair(bad)["error"] == wrong for _ in range(5)) and pair(code)["error"] == wrong, "five wrong tries close a window")
    actions = [e["node"]["action"] for e in r.local("{ auditTrail(first: 40) { edges { node { action } } } }")["data"]["auditTrail"]["edges"]]
    check({"PAIRING_OPENED", "DEVICE_PAIRED", "DEVICE_REVOKED", "DEVICES_REVOKED", "TOKEN_REUSED", "DEVICE_RENAMED"} <= set(actions), "the trail tells all of it", actions)
    return window, pair

def documented(r, window):
    """docs/clients.md: the root fetched and pinned as told there, and both clients, as they stand."""
    text = (pathlib.Path(__file__).parents[2] / "docs" / "clients.md").read_text()
    def block(language): return text.split(f"```{language}\n")[1].split("```")[0]
    fetch, measure, _ = block("sh").strip().split("\n")
    root = pathlib.Path(work, "home.pem")
    subprocess.run(["bash", "-c", fetch.replace("ADDRESS:8443", f"localhost:{r.port}")], cwd=work, timeout=20)
    shown = subprocess.run(["bash", "-c", measure], cwd=work, capture_output=True, text=True, timeout=20).stdout.strip()
    told = r.local("{ homeNetwork { pin } }")["data"]["homeNetwork"]["pin"]
    check(len(shown) == 43 and shown == told, "the pin measured as the page says is the one the home tells", shown, told)
    code = window()["code"]
    use = f"\nhome = Home('localhost:{r.port}', 'home.pem')\nhome.pair('{code}', 'Script')\nprint(json.dumps(home.ask('{{ household {{ id }} }}')))"
    ran = subprocess.run([sys.executable, "-c", block("python") + use], cwd=work, capture_output=True, text=True, timeout=30)
    check(ran.returncode == 0 and json.loads(ran.stdout)["data"]["household"]["id"], "the page's Python client pairs and asks", ran.stdout, ran.stderr)
    node = subprocess.run(["sh", str(pathlib.Path(__file__).parents[1] / "interop" / "node.sh")], capture_output=True, text=True).stdout.strip()
    if node:  # ./dev test fetches one for the other clients
        code = window()["code"]
        pathlib.Path(work, "home.mjs").write_text(block("js") + f"const home = new Home('localhost:{r.port}');\nawait home.pair('{code}', 'Node script');\nconsole.log(JSON.stringify(await home.ask('{{ household {{ id }} }}')));\n")
        ran = subprocess.run([node, "home.mjs"], cwd=work, env=dict(os.environ, NODE_EXTRA_CA_CERTS=str(root)), capture_output=True, text=True, timeout=30)
        check(ran.returncode == 0 and json.loads(ran.stdout)["data"]["household"]["id"], "and its JavaScript client", ran.stdout, ran.stderr)
    context = r.tls()
    connection = http.client.HTTPSConnection("localhost", r.port, timeout=20, context=context)
    connection.request("GET", "/trust.crt")
    der = connection.getresponse().read()
    connection.request("GET", "/trust.mobileconfig")
    answer = connection.getresponse()
    profile = __import__("plistlib").loads(answer.read())
    connection.close()
    check(der == ssl.PEM_cert_to_DER_cert(root.read_text()), "the root for a phone to install is the root")
    check(answer.getheader("Content-Type") == "application/x-apple-aspen-config" and profile["PayloadContent"][0]["PayloadContent"] == der and profile["PayloadUUID"] != profile["PayloadContent"][0]["PayloadUUID"], "and the same in a profile", profile)
    stranger = subprocess.run([sys.executable, "-c", block("python") + f"\nHome('localhost:{r.port}', None).ask('{{ __typename }}')"], cwd=work, capture_output=True, text=True, timeout=30)
    check(stranger.returncode != 0 and "CERTIFICATE_VERIFY_FAILED" in stranger.stderr, "who does not know the root is not fooled", stranger.stderr[-300:])

def streams(r, window, pair):
    """Server-sent events over TLS: a stranger, a phone, a phone that is thrown out."""
    def stream(query, token=None):
        s = r.connect()
        body = json.dumps({"query": query})
        s.sendall((f"POST /graphql/stream HTTP/1.1\r\nHost: localhost:{r.port}\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n"
                   + (f"Authorization: Bearer {token}\r\n" if token else "") + f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        answer = http.client.HTTPResponse(s)
        answer.begin()
        def event():
            lines = []
            while (line := answer.readline()) not in (b"\n", b""):
                if not line.startswith(b":"): lines.append(line.decode().rstrip("\n"))
            return lines if lines else event() if line else None
        return s, answer, event
    s, answer, event = stream("subscription { householdChanges { kind } }")
    told = event()
    check(answer.status == 200 and told[0] == "event: next" and "UNAUTHENTICATED" in told[1] and event() == ["event: complete", "data:"], "events: a stranger hears that a token is needed", told)
    s.close()
    phone = pair(window()["code"], "Streaming")["session"]
    s, answer, event = stream("subscription { householdChanges { kind } }", phone["accessToken"])
    check(answer.status == 200 and answer.getheader("Content-Type").startswith("text/event-stream") and answer.getheader("Cache-Control") == "no-store", "events: a phone subscribes", answer.getheaders())
    r.local("mutation { updateConsent(input: {consentType: CHILD_DATA, granted: true}) { success } }")
    told = event()
    check(told[0] == "event: next" and "householdChanges" in told[1], "and hears what happens at home", told)
    own = next(d["id"] for d in r.local("{ pairedDevices { id name } }")["data"]["pairedDevices"] if d["name"] == "Streaming")
    r.local(f'mutation {{ revokeDevice(deviceId: "{own}") {{ success }} }}')
    told = event()
    check("UNAUTHENTICATED" in told[1] and event() == ["event: complete", "data:"], "thrown out, its stream ends at once", told)
    s.close()

def race(r, window, pair):
    """Many devices with the right code at once: one wins."""
    import concurrent.futures
    code = window("(unlock: true)")["code"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: pair(code, f"Racer {i}")["success"], range(8)))
    check(sum(answers) == 1, "of eight that come at once with the right code one is paired", answers)

def tries_survive(folder, window, pair, r):
    """Wrong tries are counted for the day, whatever happens to the agent."""
    window("(unlock: true)")
    for _ in range(4): pair("99999999")
    code = window()["code"]
    r.process.kill()
    r.process.wait()
    r.log.close()
    r.__init__(folder, ON + "[limits]\nhandshakes_per_second = 1000\n")
    check(pair(code)["success"] is False, "a restart closes the window")
    for _ in range(2):
        window()
        for _ in range(3): pair("99999999")
    late = window()
    check(not late["success"] and late["code"] is None, "ten wrong codes in a day close pairing, a killed agent or not", late)
    fresh = window("(unlock: true)")
    check(fresh["success"] and pair(fresh["code"])["success"], "until the owner unlocks it")

def switched(folder):
    """The owner switches the network on and off while the agent runs."""
    def choose(interface):
        told = f'"{interface}"' if interface else "null"
        return r.local(f"mutation {{ setHomeNetwork(interface: {told}) {{ success error network {{ interface listening port addresses pin problem }} }} }}")["data"]["setHomeNetwork"]
    def reachable():
        try: return r.ask()[0] == 200
        except OSError: return False
    r = Running(folder, "[lan]\nport = PORT\n[limits]\nhandshakes_per_second = 1000\n")
    state = r.local("{ homeNetwork { interface fixed listening pin choices } }")["data"]["homeNetwork"]
    check(state["interface"] is None and not state["fixed"] and not state["listening"] and "lo" not in state["choices"] and not reachable(), "nobody is served before the owner says so", state)
    check(choose("nosuch0")["success"] is False and not reachable(), "an interface that is not there cannot be chosen")
    on = choose("lo")
    check(on["success"] and on["network"]["listening"] and on["network"]["port"] == r.port and "127.0.0.1" in on["network"]["addresses"] and reachable(), "switched on, it is served at once", on)
    got = __import__("base64").urlsafe_b64encode(bytes.fromhex(pin(chain_of(r)[1]))).decode().rstrip("=")
    check(on["network"]["pin"] == got, "the pin that is told is that of the root that is shown", on["network"]["pin"], got)
    open_one = r.connect()
    check(choose(None)["success"] and not reachable(), "switched off, nobody gets in any more")
    check(closed_within(open_one, 5), "and who was connected is out")
    choose("lo")
    r.stop()
    r.__init__(folder, "[lan]\nport = PORT\n[limits]\nhandshakes_per_second = 1000\n")
    check(reachable(), "the choice is kept over a restart")
    status, answer = r.graphql("mutation { setHomeNetwork { success } }")
    check("data" not in answer and reachable(), "from the network nobody switches it", answer)
    r.stop()
    r.__init__(folder, ON)
    told = choose(None)
    check(told["success"] is False and "nestsync.conf" in told["error"] and reachable(), "what nestsync.conf names is changed there", told)
    check(r.stop() == 0, "and it ends well", (folder / "log").read_text()[-2000:])

try:
    off_by_default()
    settings()
    folder = home("on")
    r = Running(folder, ON + "[limits]\nhandshakes_per_second = 1000\n")
    check(r.ready, "an agent on the network starts", (folder / "log").read_text())
    tls(r)
    first = certificates(r)
    hosts(r)
    strangers(r)
    slow(r)
    check(r.stop() == 0, "it ends well", (folder / "log").read_text()[-2000:])
    r = Running(folder, ON + "[limits]\nhandshakes_per_second = 1000\n")
    check(pin(chain_of(r)[1]) == first, "after a restart the household's root is the same")
    made = r.local('mutation { setUpHousehold(input: {displayName: "Ada", province: ON, timezone: "America/Toronto", language: "en"}) { success error } }')
    check(made.get("data", {}).get("setUpHousehold", {}).get("success"), "a household is set up", made)
    r.stop()
    r = Running(folder, ON + "[limits]\nhandshakes_per_second = 1000\n")
    window, pair = pairing(r)
    streams(r, window, pair)
    documented(r, window)
    race(r, window, pair)
    tries_survive(folder, window, pair, r)
    check(r.stop() == 0, "it ends well once more", (folder / "log").read_text()[-2000:])
    flood(folder)
    away(folder)
    switched(home("switched"))
finally:
    for process in Running.begun:  # one is left only when a part broke off
        if process.poll() is None: process.kill()
    shutil.rmtree(work, ignore_errors=True)
tally()
