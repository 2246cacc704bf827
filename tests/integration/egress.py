#!/usr/bin/env python3
"""Nothing leaves the home undeclared: the agent lives behind a sink that writes down every place it turns
to, beside a double that keeps every byte it is sent. What came out is held against the agent's own
list of what may, and against its journal. Prints TAP.

egress.py NESTSYNCD MAKE_STORE NESTSYNC SINK
"""
import hashlib, json, os, pathlib, re, shutil, signal, subprocess, sys, tempfile, threading, time, urllib.parse, urllib.request
from tap import check, tally, over_socket

agent, make_store, console, sink = sys.argv[1:5]
here = pathlib.Path(__file__).resolve().parent
work = pathlib.Path(tempfile.mkdtemp(prefix="ns-egress-"))
SECRETS = ("Wilhelmina", "Zebedee", "K1A 0B1", "cough")  # a child, a parent, a note: none may be in any byte outside
running = []

class Home:
    def __init__(self, name, conf="", env=None):
        self.folder = work / name
        self.folder.mkdir(mode=0o700)
        self.sink = self.folder / "sink"
        self.sink.touch()
        self.env = env
        subprocess.run([make_store, str(self.folder)], capture_output=True, check=True)
        (self.folder / "nestsync.conf").write_text(conf)
        if env: (self.folder / "stripe.env").write_text(env)
    def start(self, *options):
        ready, tell = os.pipe()
        log = open(self.folder / "log", "a")
        first = ["--env-file", str(self.folder / "stripe.env")] if self.env else []
        watched = {**{k: v for k, v in os.environ.items() if k != "LANG"}, "LD_PRELOAD": sink, "NS_SINK": str(self.sink),
                   "ASAN_OPTIONS": ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))}
        self.env = None
        self.process = subprocess.Popen([agent, "--home", str(self.folder), "--ready-fd", str(tell), *first, *options], pass_fds=[tell],
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=watched)
        running.append(self.process)
        os.close(tell)
        said = b""
        while some := os.read(ready, 64): said += some
        os.close(ready)
        return said == b"ready\n"
    def ask(self, query, **variables):
        status, text = over_socket(self.folder, "POST", "/graphql", json.dumps({"query": query, "variables": variables}), {"Content-Type": "application/json"})
        return json.loads(text)
    def run(self, *words, lang="en"):
        run = subprocess.run([console, *words, "--home", str(self.folder), "--lang", lang], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        return run.stdout + run.stderr
    def family(self, *more):
        """A home that is lived in: a child with a name, changes with a note, stock, a forecast, an order's look-ups."""
        self.ask("mutation($i: SetUpHouseholdInput!) { setUpHousehold(input: $i) { success } }", i={"displayName": "Zebedee", "province": "QC", "language": "en"})
        for consent in ("CHILD_DATA", "DATA_SHARING"):
            self.ask("mutation($i: ConsentUpdateInput!) { updateConsent(input: $i) { success } }", i={"consentType": consent, "granted": True})
        self.ask("mutation($i: CreateChildInput!) { createChild(input: $i) { success } }",
                 i={"name": "Wilhelmina", "dateOfBirth": "2026-01-02", "gender": "GIRL", "currentDiaperSize": "SIZE_2", "dailyUsageCount": 8})
        for words in (["log", "wet", "Wilhelmina", "--note", "cough"], *more):
            self.run(*words)
        return self.ask("{ myChildren { edges { node { id name } } } }")
    def places(self): return [line.split() for line in self.sink.read_text().splitlines()]
    def report(self): return self.ask("{ egressReport { canadaOnly destinations { id jurisdiction address inUse stops calls { method path fields } } journal { destination method path fields bytes sha256 outcome } } }")["data"]["egressReport"]
    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()

def template(text, holes):
    """A declared path or field name as a pattern."""
    return re.compile("^" + re.escape(text).replace(*holes) + "$")

def undeclared(request, calls):
    """Why a request that was seen may not have been made; empty: it may."""
    path, _, query = request["path"].partition("?")
    fits = [c for c in calls if c["method"] == request["method"] and template(c["path"], (r"\{\}", "[A-Za-z0-9_-]+")).match(path)]
    if not fits: return f"{request['method']} {path}"
    names = [n for text in (query, request.get("body") or "") for n, _ in urllib.parse.parse_qsl(text, keep_blank_values=True)]
    return " ".join(n for n in names if not any(template(f, (r"\[\]", r"\[\d*\]")).match(n) for c in fits for f in c["fields"]))

def quiet_home():
    home = Home("quiet")
    check(home.start(), "an agent behind the sink")
    lived = home.family(["stock", "add", "40", "Wilhelmina"], ["predict", "Wilhelmina"], ["status"], ["orders"], ["plan"], ["notices"], ["doctor"], ["support"])
    check("Wilhelmina" in json.dumps(lived), "a family lives there", lived)
    report = home.report()
    check(report["journal"] == [] and not any(d["inUse"] for d in report["destinations"]), "nothing is set up, nothing left", report)
    check("Nothing has left yet" in home.run("privacy") and "Rien n" in home.run("privacy", lang="fr"), "nestsync privacy says so in both languages", home.run("privacy"))
    check(home.stop() == 0, "it ends well")
    check(home.places() == [], "it turned to no place outside, nor asked for one", home.places())

def buying_home(port, turn):
    keys = "STRIPE_SECRET_KEY=sk_test_51verysecret\nSTRIPE_BASIC_PRICE_ID=price_basic\nSTRIPE_PREMIUM_PRICE_ID=price_premium\nSTRIPE_FAMILY_PRICE_ID=price_family\n"
    home = Home("buying", f"[stripe]\nbase_url = http://127.0.0.1:{port}\n", keys)
    home.start()
    home.family()
    bought = home.ask('mutation { subscribe(input: {planId: "basic", paymentMethodId: "hosted", province: QC}) { success message checkoutUrl } }')["data"]["subscribe"]
    turn("pay", session=bought["checkoutUrl"].rsplit("/", 1)[1])
    for _ in range(600):
        home.ask("mutation { syncFeatureAccess { success } }")
        if home.ask("{ getSubscriptionStatus { standing } }")["data"]["getSubscriptionStatus"]["standing"] == "paid": break
        time.sleep(0.1)
    for wish in ('previewPlanChange(planId: "premium")', 'changeSubscriptionPlan(input: {newPlanId: "premium"})', "updateBillingProvince(province: ON)", "createSetupIntent",
                 'openBillingPortal(flow: "payment_method_update")', 'addPaymentMethod(input: {stripePaymentMethodId: "pm_card_mastercard", setAsDefault: true})',
                 "cancelSubscription", "updateSubscription(input: {cancelAtPeriodEnd: false})"):
        answer = home.ask(f"mutation {{ wish: {wish} {{ success message }} }}")
        check("errors" not in answer, f"{wish.split('(')[0]} is answered", answer)
    report = home.report()
    seen = turn("seen")["seen"]
    calls = {d["id"]: d for d in report["destinations"]}["stripe"]["calls"]
    check(len(seen) > 15 and {r["method"] for r in seen} >= {"GET", "POST"}, "much was asked of the payment service", len(seen))
    bad = [why for r in seen if (why := undeclared(r, calls))]
    check(bad == [], "every request and every field of it is declared", bad)
    allowed = {line["sha256"] for line in report["journal"] if line["outcome"] == "ALLOWED"}
    missing = [r["path"] for r in seen[-60:] if hashlib.sha256((r.get("body") or "").encode()).hexdigest() not in allowed]
    check(missing == [], "every one of them stands in the journal, by the hash of its bytes", missing)
    told = json.dumps(seen)
    check(not any(word in told for word in SECRETS), "no name, no note, no address in any byte", [w for w in SECRETS if w in told])
    check(undeclared({"method": "POST", "path": "/v1/customers", "body": "email=a&name=Wilhelmina"}, calls) == "name", "a field too many would be found")
    check(undeclared({"method": "GET", "path": "/v1/charges"}, calls) != "", "so would a request too many")
    shown = home.run("privacy")
    check("under the law of US" in shown and "metadata[household]" in shown and "Set up." in shown, "nestsync privacy names the place, its law and the fields", shown)
    home.stop()
    places = home.places()
    check(places and all(p == ["connect", "127.0.0.1", str(port)] for p in places), "and it turned nowhere else", [p for p in places if p[2] != str(port)][:5])
    before = len(turn("seen")["seen"]), len(home.places())
    check(home.start("--canada-only"), "the same home with --canada-only")
    answer = home.ask('mutation { wish: changeSubscriptionPlan(input: {newPlanId: "family"}) { success message } }')["data"]["wish"]
    check(not answer["success"] and "Only Canadian" in answer["message"], "a change of plan is refused at once, with the reason", answer)
    for _ in range(600):
        home.ask("mutation { syncFeatureAccess { success } }")
        report = home.report()
        if "CANADA_ONLY" in {line["outcome"] for line in report["journal"]}: break
        time.sleep(0.1)
    check(report["canadaOnly"] and not any(d["inUse"] for d in report["destinations"]) and "CANADA_ONLY" in {line["outcome"] for line in report["journal"]},
          "what the agent would have asked by itself stands refused in the journal", report["journal"][:2])
    shown = home.run("privacy")
    check("Held back. What does not work: buying, changing and stopping a plan" in shown, "what does not work is said", shown)
    home.stop()
    check((len(turn("seen")["seen"]), len(home.places())) == before, "and not a byte was sent", home.places()[before[1]:])

def real_address():
    home = Home("real", "", "STRIPE_SECRET_KEY=sk_test_51verysecret\nSTRIPE_BASIC_PRICE_ID=price_basic\n")
    home.start()
    home.family()
    wish = 'mutation { subscribe(input: {planId: "basic", paymentMethodId: "hosted", province: QC}) { success message } }'
    def ask():
        try: home.ask(wish)
        except Exception: pass  # killed while it waits
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    for _ in range(600):
        if home.places(): break
        time.sleep(0.1)
    home.process.kill()
    home.process.wait()
    check({tuple(p) for p in home.places()} == {("lookup", "api.stripe.com", "0")}, "without another address it asks for Stripe's alone, and the sink sees it", home.places())

fake = subprocess.Popen([sys.executable, str(here.parent / "fake/stripe/stripe.py")], stdout=subprocess.PIPE, text=True)
running.append(fake)
port = int(fake.stdout.readline().split()[1])
def turn(wheel, **p):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/_test/{wheel}", json.dumps(p).encode(), method="POST")
    return json.loads(urllib.request.urlopen(request, timeout=10).read())
try:
    quiet_home()
    buying_home(port, turn)
    real_address()
finally:
    for process in running:
        if process.poll() is None: process.terminate()
        process.wait()
    shutil.rmtree(work)
tally()
