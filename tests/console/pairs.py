#!/usr/bin/env python3
"""A phone is let in: the square on the screen is read back by a reader of such codes, the code in it
pairs over the network, and the console shows who came. Prints TAP.

pairs.py NESTSYNC NESTSYNCD-FOLDER
"""
import http.client, json, os, socket, ssl, subprocess, sys
from terminal import Screen, check, finish, stop_agent, until, work

nestsync, folder = sys.argv[1], sys.argv[2]
environment = dict(os.environ, LC_ALL="C.UTF-8", PATH=f"{folder}:{os.environ['PATH']}")
home = work / "home"

def command(*words):
    return subprocess.run([nestsync, *words, "--home", str(home)], capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)

def picture(text, dark_drawn=False):
    """The screen as a camera sees it: two modules a character, light ones drawn."""
    lit, dim = (b"\0", b"\xff") if dark_drawn else (b"\xff", b"\0")
    lines, scale = [], 6
    for line in text.splitlines():
        for drawn in ("█▀", "█▄"):
            lines += [b"".join((lit if c in drawn else dim) * scale for c in line.ljust(80)[:80])] * scale
    path = work / "screen.pgm"
    path.write_bytes(b"P5 %d %d 255\n" % (len(lines[0]), len(lines)) + b"".join(lines))
    return path

def read_back(text, dark_drawn=False):
    run = subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture(text, dark_drawn))], capture_output=True, text=True)
    return run.stdout.strip()

def graphql(port, query, token=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    phone = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    phone.request("POST", "/graphql", json.dumps({"query": query}), {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})})
    answer = json.loads(phone.getresponse().read())
    phone.close()
    return answer

home.mkdir()
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
(home / "nestsync.conf").write_text(f"[lan]\nport = {port}\n")
check(command("demo").returncode == 0, "a practice household is there")
early = command("devices", "pair")
check(early.returncode == 69 and "network" in early.stderr, "without a network no window is opened, and the way is told", early.stderr)
check(command("devices", "network", "nosuch0").returncode != 0, "a network that is not there is refused")
s = Screen("pairs", f"{nestsync} --home {home} --screen pair", folder)
check(s.wait("Home network: off"), "the page says that the network is off", s.text())
on = command("devices", "network", "lo")
check(on.returncode == 0 and f"https://127.0.0.1:{port}/" in on.stdout, "the command switches it on and names the address", on.stdout + on.stderr)
check(s.wait("Home network: on, lo"), "an open page follows", s.text())
s.key("p")
check(s.wait(r"Closes in [0-4]:\d\d"), "p opens a window with the time it has left", s.text())
shown = s.text()
url = read_back(shown)
check(url.startswith(f"https://127.0.0.1:{port}/#pair=") and len(url.split("=")[1]) == 8, "a reader reads the square on the screen", url + shown)
code = url.split("=")[1]
check(f"{code[:4]} {code[4:]}" in shown and f"https://127.0.0.1:{port}/" in shown, "the code to type beside it is the same", shown)
s.key("i")
check(until(lambda: read_back(s.text(), True) == url), "turned round, it is read on a light screen", s.text())
s.resize(120, 36)
check(s.wait("9 Phones") and until(lambda: code[:4] in s.text()), "in a large window the tabs stay", s.text())
s.resize(60, 18)
check(until(lambda: "too small" in s.text() and code[:4] in s.text()), "a small window says so and shows what to type", s.text())
s.resize(80, 24)
paired = graphql(port, f'mutation {{ pairDevice(input: {{code: "{code}", deviceName: "Ada phone", platform: "ios"}}) {{ success session {{ accessToken }} }} }}')["data"]["pairDevice"]
check(paired["success"], "the code of the square pairs", paired)
token = paired["session"]["accessToken"]
check(s.wait("Ada phone is paired") and s.wait(r"Ada phone +\S"), "the console says who came", s.text())
check(graphql(port, "{ household { id } }", token).get("data"), "the phone reads the home")
listed = json.loads(command("devices", "--json").stdout)
phone = next(d for d in listed["pairedDevices"] if d["name"] == "Ada phone")
check(phone["connected"] and not phone["current"] and "Only with the passphrase" in phone["mayDo"], "devices --json has it, connected, with what it may do", phone)
check(command("devices", "rename", "ada", "Kitchen phone").returncode == 0, "it is renamed by the beginning of its name")
s.key("R")
check(s.wait("Kitchen phone"), "and the page shows it", s.text())
check(command("devices", "revoke", "nobody").returncode == 66, "an unknown device: not found")
check(command("devices", "revoke", "Kitchen phone").returncode == 64, "nobody is thrown out without a yes")
s.key("g"); s.key("X")
check(s.wait("THROW OUT"), "X asks first", s.text())
s.key("y")
check(until(lambda: "UNAUTHENTICATED" in json.dumps(graphql(port, "{ household { id } }", token))), "yes throws it out")
check(until(lambda: "Kitchen phone" not in s.text()), "and it leaves the list", s.text())
code = json.loads(command("devices", "pair", "--json").stdout)["code"]
check(graphql(port, f'mutation {{ pairDevice(input: {{code: "{code}", deviceName: "Second"}}) {{ success }} }}')["data"]["pairDevice"]["success"], "the command's code pairs as well")
check(command("devices", "panic", "--yes").returncode == 0 and "Second" not in command("devices").stdout, "panic throws all out")
s.key("w")
check(s.wait("Switch lo off"), "w asks before the network is switched off", s.text())
s.key("y")
check(s.wait("Home network: off"), "and does it", s.text())
s.key("q")
s.close()
plain = Screen("plain", f"env NO_COLOR=1 {nestsync} --home {home} --screen pair --lang fr", folder, lang="C")
check(command("devices", "network", "lo").returncode == 0 and plain.wait("allum"), "in French, without colour or letters beyond ASCII", plain.text())
plain.key("p")
check(plain.wait(r"Tapez plut") and plain.wait(r"Se ferme dans") and plain.wait(r"\d{4} \d{4}") and plain.text().isascii(), "the way by typing is told plainly", plain.text())
plain.key("q")
plain.close()
check(stop_agent(home), "the agent ends")
finish()
