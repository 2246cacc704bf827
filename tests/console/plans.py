#!/usr/bin/env python3
"""The page of the plan, from no plan to a stopped one, beside the double of Stripe. Prints TAP.

plans.py NESTSYNC NESTSYNCD-FOLDER MAKE_STORE
"""
import json, os, pathlib, re, subprocess, sys, urllib.request
import terminal
from terminal import Screen, check, finish, until, work

nestsync, folder, make_store = sys.argv[1:4]
home = work / "home"
home.mkdir(mode=0o700)
here = pathlib.Path(__file__).resolve().parent
fake = subprocess.Popen([sys.executable, str(here.parent / "fake/stripe/stripe.py")], stdout=subprocess.PIPE, text=True)
terminal.agents.append(fake)
port = int(fake.stdout.readline().split()[1])
environment = {k: v for k, v in dict(os.environ, LC_ALL="C.UTF-8", PATH=f"{folder}:{os.environ['PATH']}").items() if k != "LANG"}

def turn(wheel, **p):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/_test/{wheel}", json.dumps(p).encode(), method="POST")
    return json.loads(urllib.request.urlopen(request, timeout=10).read())

def sent(path): return [r for r in turn("seen")["seen"] if r["method"] == "POST" and r["path"].startswith(path)]

def command(*words, stdin=""):
    return subprocess.run([nestsync, *words, "--home", str(home)], capture_output=True, text=True, env=environment, input=stdin)

def graphql(query, **variables):
    said = command("graphql", query, "--variables", json.dumps(variables))
    return json.loads(said.stdout)["data"]

def start(*options):
    ready, tell = os.pipe()
    terminal.agents.append(subprocess.Popen([f"{folder}/nestsyncd", "--home", str(home), "--ready-fd", str(tell), *options], pass_fds=[tell], stderr=subprocess.DEVNULL))
    os.close(tell)
    with os.fdopen(ready) as pipe: return pipe.read().strip() == "ready"

subprocess.run([make_store, str(home)], capture_output=True, check=True)
(home / "nestsync.conf").write_text(f"[stripe]\nbase_url = http://127.0.0.1:{port}\n")
keys = home / "stripe.env"
keys.write_text("STRIPE_SECRET_KEY=sk_test_51verysecret\nSTRIPE_BASIC_PRICE_ID=price_basic\nSTRIPE_PREMIUM_PRICE_ID=price_premium\nSTRIPE_FAMILY_PRICE_ID=price_family\n")
check(start("--env-file", str(keys)), "an agent with a key of its own")
made = graphql('mutation { setUpHousehold(input: {displayName: "Robin", province: QC, language: "en"}) { success message } }')
check(made["setUpHousehold"]["success"], "a home in Quebec", made)

s = Screen("plans", f"env NO_COLOR=1 {nestsync} --home {home} --screen plan --lang en", folder)
check(s.wait("OTHER PLANS") and s.wait("There are no bills"), "the page of a home that has paid nothing", s.text())
check(not re.search("\033\\[(3[0-8]|4[0-8]|9|10)", s.text(True)), "NO_COLOR: no colour is sent", repr(s.text(True)[:600]))
s.key("c")
check(s.wait(r"Premium +\$34.48 +\$29.99 \+ GST 5% \$1.50 \+ QST 9.975% \$2.99"), "every plan with both taxes of Quebec", s.text())
s.key("g"); s.key("j"); s.key("Enter")
check(s.wait("TAKE PREMIUM") and s.wait("never here"), "a first plan says where the card is given", s.text())
s.key("Enter")
check(until(lambda: "TAKE" not in s.text()) and sent("/v1/checkout") == [], "Enter alone says no, and nothing was sent", s.text())
s.key("Enter"); s.wait("TAKE PREMIUM"); s.key("y")
check(s.wait("https://checkout.stripe.com/c/pay/cs_"), "yes brings the page to pay on", s.text())
check(len(sent("/v1/checkout")) == 1, "one purchase was opened", sent("/v1/checkout"))
s.key("Escape")
check(s.wait("A purchase is open until"), "the page of the plan says that it waits", s.text())
session = [o for o in turn("state")["objects"] if o["object"] == "checkout.session"][0]["id"]
turn("pay", session=session)
graphql("mutation { syncFeatureAccess { success } }")
check(s.wait("Premium: active, renews") and s.wait(r"To pay, CAD +\$34.48"), "paid there, seen here: the next bill with its taxes", s.text())
check(s.wait(r"✓ paid"), "and its bill", s.text())
s.key("Enter")
check(s.wait("RECEIPT") and s.wait(r"QST 9.975% +\$2.99") and s.wait(r"Total, CAD +\$34.48"), "Enter shows the receipt, Quebec's two taxes on two lines", s.text())
s.key("Escape"); s.wait("NEXT BILL"); s.key("c"); s.wait("CHOOSE A PLAN"); s.key("G"); s.key("Enter")
check(s.wait("TAKE FAMILY") and s.wait(r"To pay now, CAD +\$") and s.wait(r"Each month, CAD +\$40.23"), "a change shows what it costs now and each month", s.text())
s.key("y")
check(s.wait("Family: active, renews"), "yes changes the plan", s.text())
s.key("p"); s.wait("WHERE DO YOU LIVE"); s.key("k"); s.key("k"); s.key("Enter")
check(s.wait("TAXES OF ONTARIO"), "a move asks first", s.text())
s.key("y")
check(s.wait(r"HST 13% +\$4.55") and s.wait("Taxed in Ontario"), "and then Ontario's tax is shown", s.text())
s.key("x")
check(s.wait("STOP THE PLAN") and s.wait("It runs until") and s.wait("you logged stays"), "stopping says what ends and when", s.text())
s.key("n")
check(until(lambda: "STOP" not in s.text()) and "active, renews" in s.text(), "no keeps it", s.text())
s.key("x"); s.wait("STOP THE PLAN"); s.key("y")
check(s.wait("Family: ends") and s.wait("Nothing will be billed"), "yes stops it at the end of the period", s.text())
s.key("b")
check(s.wait("Family: active, renews"), "and it is taken back", s.text())
s.key("o")
check(s.wait("https://billing.stripe.com/p/session/"), "another card is given on the page of the payment service", s.text())
s.resize(120, 36)
check(s.wait("██████") and s.wait("i invert"), "a large window draws the address as a square", s.text())
s.key("L")
check(s.wait("TERMINEZ SUR LA PAGE"), "and all of it in French", s.text())
s.key("q")
finish()
