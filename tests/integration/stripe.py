#!/usr/bin/env python3
"""A home that buys its plan: the agent as a process beside the double of Stripe. Prints TAP.

stripe.py NESTSYNCD MAKE_STORE NESTSYNC
"""
import hashlib, hmac, http.client, json, os, pathlib, shutil, signal, socket, subprocess, sys, tempfile, time, urllib.request
from tap import check, tally, over_socket

agent, make_store, console = sys.argv[1:4]
here = pathlib.Path(__file__).resolve().parent
work = pathlib.Path(tempfile.mkdtemp(prefix="ns-stripe-"))
WHSEC = "whsec_test_of_a_home"

class Fake:
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, str(here.parent / "fake/stripe/stripe.py")], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
    def turn(self, wheel, **p):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/_test/{wheel}", json.dumps(p).encode(), method="POST")
        return json.loads(urllib.request.urlopen(request, timeout=10).read())
    def seen(self, method=None, path=""):
        return [r for r in self.turn("seen")["seen"] if (method in (None, r["method"])) and r["path"].startswith(path)]
    def things(self, kind):
        return [o for o in self.turn("state")["objects"] if o["object"] == kind]
    def stop(self):
        self.process.terminate()
        self.process.wait()

ENV = """# as docs/env/.env.example
DATABASE_URL=postgresql://nobody
export STRIPE_PUBLISHABLE_KEY="pk_test_51home"
STRIPE_SECRET_KEY=sk_test_51verysecret
STRIPE_WEBHOOK_SECRET='%s'
STRIPE_BASIC_PRICE_ID=price_basic
STRIPE_PREMIUM_PRICE_ID=price_premium
STRIPE_FAMILY_PRICE_ID=price_family
""" % WHSEC

class Home:
    running = []
    def __init__(self, name, port, env=ENV):
        self.folder = work / name
        self.folder.mkdir(mode=0o700)
        subprocess.run([make_store, str(self.folder)], capture_output=True, check=True)
        self.env = self.folder / "stripe.env"
        self.env.write_text(env)
        (self.folder / "nestsync.conf").write_text(f"[stripe]\nbase_url = http://127.0.0.1:{port}\n")
    def start(self, *options):
        ready, tell = os.pipe()
        self.log = open(self.folder / "log", "a")
        self.process = subprocess.Popen([agent, "--home", str(self.folder), "--ready-fd", str(tell), *options], pass_fds=[tell], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, env={k: v for k, v in os.environ.items() if k != "LANG"})
        Home.running.append(self.process)
        os.close(tell)
        said = b""
        while some := os.read(ready, 64): said += some
        os.close(ready)
        return said == b"ready\n"
    def http(self, method, path, body=None, headers=None):
        return over_socket(self.folder, method, path, body, headers)
    def ask(self, query, **variables):
        status, text = self.http("POST", "/graphql", json.dumps({"query": query, "variables": variables}), {"Content-Type": "application/json"})
        answer = json.loads(text)
        if "errors" in answer: raise AssertionError(answer["errors"])
        return answer["data"]
    def set_up(self, province="ON"):
        self.ask("mutation($i: SetUpHouseholdInput!) { setUpHousehold(input: $i) { success message } }", i={"displayName": "Robin", "province": province, "language": "en"})
    def status(self):
        return self.ask("{ getSubscriptionStatus { standing cancelledAt currentPlan { id } } mySubscription { tier status stripeSubscriptionId } myBillingHistory { totalCount records { status totalAmount taxAmount taxBreakdown { gst pst hst qst } } } myPaymentMethods { cardLast4 isDefault } }")
    def run(self, *words, lang="en", answer=""):
        """A command of the console, as a person types it."""
        run = subprocess.run([console, *words, "--home", str(self.folder), "--lang", lang], capture_output=True, text=True, input=answer, timeout=60,
                             env={k: v for k, v in os.environ.items() if k != "LANG"})
        return run.returncode, run.stdout + run.stderr
    def look(self):
        self.ask("mutation { syncFeatureAccess { success } }")
    def until(self, test, what):
        """Asks again and again; the limit only ends a broken run."""
        for _ in range(600):
            now = self.status()
            if test(now): return check(True, what)
            time.sleep(0.1)
        check(False, what, now, (self.folder / "log").read_text()[-2000:])
    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait()

CREATE = """mutation CreateSubscription($input: CreateSubscriptionInput!) {
  createSubscription(input: $input) { success subscription { id tier } clientSecret checkoutUrl message error } }"""
DASHBOARD = "query GetSubscriptionDashboard { getSubscriptionDashboard { currentSubscription { id tier billingAmountCad totalTaxRate isActive } } }"

def buy(tier, card="pm_card_visa", province="ON"):
    return {"tier": tier, "stripePaymentMethodId": card, "billingAddress": {}, "provinceCode": province}

def standing(s): return s["getSubscriptionStatus"]["standing"]

def refusals(fake):
    for name, text, want in (("live", "STRIPE_SECRET_KEY=sk_live_abcdefgh\n", "rk_live_"), ("mix", "STRIPE_SECRET_KEY=rk_live_abcdefgh\nSTRIPE_BASIC_PRICE_ID=price_test_basic\n", "STRIPE_BASIC_PRICE_ID"),
                             ("mixed", "STRIPE_SECRET_KEY=rk_test_abcdefgh\nSTRIPE_FAMILY_PRICE_ID=price_live_family\n", "STRIPE_FAMILY_PRICE_ID"),
                             ("publishable", "STRIPE_SECRET_KEY=sk_test_abcdefgh\nSTRIPE_PUBLISHABLE_KEY=pk_live_x\n", "STRIPE_PUBLISHABLE_KEY"),
                             ("hook", "STRIPE_SECRET_KEY=sk_test_abcdefgh\nSTRIPE_WEBHOOK_SECRET=hello\n", "STRIPE_WEBHOOK_SECRET"),
                             ("elsewhere", "STRIPE_SECRET_KEY=rk_live_abcdefgh\n", "api.stripe.com"), ("line", "STRIPE_SECRET_KEY\n", ":1")):
        home = Home("bad-" + name, fake.port, text)
        for options in (["--check-config"], []):
            run = subprocess.run([agent, "--home", str(home.folder), "--env-file", str(home.env), *options], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
            check(run.returncode == 78 and want in run.stderr, f"{name} {options}: refused by name", run.returncode, run.stderr[-300:])
        check(home.env.read_text() == text, f"{name}: the refused file stays as it is")

def app_purchase(fake):
    home = Home("app", fake.port)
    check(home.start("--env-file", str(home.env)), "STRIPE_SECRET_KEY alone selects direct mode, and the agent starts")
    kept = home.env.read_text()
    check("verysecret" not in kept and WHSEC not in kept and "price_basic" in kept and "DATABASE_URL=postgresql://nobody" in kept, "the secrets are out of the file, the rest stands", kept)
    raw = b"".join(p.read_bytes() for p in home.folder.glob("nestsync.db*"))
    check(b"verysecret" not in raw, "and the store keeps them sealed")
    home.set_up()
    home.until(lambda s: standing(s) == "trial", "a home without a plan begins its trial by itself")
    check(fake.seen() == [], "nothing has left the house before a person wanted something", fake.seen())
    fake.turn("fault", method="POST", path="/v1/customers", kind="lost")
    fake.turn("fault", method="POST", path="/v1/subscriptions", kind="cut")
    fake.turn("fault", method="POST", path="/v1/subscriptions", kind="409")
    answer = home.ask(CREATE, input=buy("PREMIUM"))["createSubscription"]
    check(answer["success"] and "_secret_" in (answer["clientSecret"] or ""), "createSubscription returns a real clientSecret, over a lost answer, a cut one and a conflict", answer)
    again = home.ask(CREATE, input=buy("PREMIUM"))["createSubscription"]
    check(again["clientSecret"] == answer["clientSecret"], "a second click gets the same purchase", again)
    other = home.ask(CREATE, input=buy("FAMILY"))["createSubscription"]
    check(not other["success"], "another plan has to wait for it", other)
    check(len(fake.things("subscription")) == 1 and len(fake.things("customer")) == 1, "one subscription, one customer at Stripe")
    sent = fake.seen("POST")
    check(all(r["key"] and r["version"] == "2026-10-28.endive" and r["agent"].startswith("NestSync/") for r in sent), "every POST has a key, the pinned version and our name", sent)
    for path in {r["path"] for r in sent}:
        same = [r for r in sent if r["path"] == path]
        check(len({(r["key"], r["body"]) for r in same}) == 1, f"{path}: every attempt is the same bytes under the same key", same)
    check(standing(home.status()) == "trial", "not paid yet: the trial goes on")
    check(fake.turn("confirm", secret=answer["clientSecret"])["paid"], "the card is confirmed on the phone")
    home.until(lambda s: standing(s) == "paid" and s["mySubscription"]["tier"] == "PREMIUM" and s["myBillingHistory"]["records"], "the paid plan is seen by polling")
    now = home.status()
    bill = now["myBillingHistory"]["records"][0]
    check(bill["totalAmount"] == 33.89 and bill["taxBreakdown"]["hst"] == 3.9, "with its bill and Stripe's own tax line", now)
    board = home.ask(DASHBOARD)["getSubscriptionDashboard"]["currentSubscription"]
    check(board["tier"] == "PREMIUM" and board["isActive"] and float(board["billingAmountCad"]) == 29.99, "GetSubscriptionDashboard shows it", board)
    check("client_secret" not in (home.folder / "log").read_text() and "sk_test" not in (home.folder / "log").read_text(), "neither key nor secret is in the log")
    return home

def change_and_stop(fake, home):
    preview = home.ask('mutation { previewPlanChange(planId: "family") { success subtotal taxAmount dueNow error } }')["previewPlanChange"]
    check(preview["success"] and abs(preview["dueNow"] - preview["subtotal"] - preview["taxAmount"]) < 0.001 and 4.5 < preview["subtotal"] <= 5, "a change shows what it costs before consent", preview)
    up = home.ask('mutation { changeSubscriptionPlan(input: {newPlanId: "family"}) { success error subscription { tier } } }')["changeSubscriptionPlan"]
    check(up["success"] and up["subscription"]["tier"] == "FAMILY", "up: at once", up)
    home.until(lambda s: s["myBillingHistory"]["totalCount"] == 2, "and the difference is one bill")
    down = home.ask('mutation { changeSubscriptionPlan(input: {newPlanId: "basic"}) { success error } }')["changeSubscriptionPlan"]
    check(down["success"] and home.status()["mySubscription"]["tier"] == "FAMILY", "down: what is paid for stays until the end of the period", down)
    back = home.ask('mutation { changeSubscriptionPlan(input: {newPlanId: "family"}) { success error } }')["changeSubscriptionPlan"]
    check(back["success"], "and can be taken back", back)
    stop = home.ask('mutation { cancelSubscription(reason: "x") { success error } }')["cancelSubscription"]
    check(stop["success"] and home.status()["getSubscriptionStatus"]["cancelledAt"], "cancel: at the period's end", stop)
    check(standing(home.status()) == "ending", "until then everything works")
    resume = home.ask('mutation { updateSubscription(input: {cancelAtPeriodEnd: false}) { success error } }')["updateSubscription"]
    check(resume["success"] and standing(home.status()) == "paid", "and resume", resume)
    twice = home.ask(CREATE, input=buy("BASIC"))["createSubscription"]
    check(not twice["success"] and len(fake.things("subscription")) == 1, "a second plan is refused", twice)
    page = home.ask('mutation { openBillingPortal(flow: "payment_method_update") { success url error } }')["openBillingPortal"]
    check(page["success"] and page["url"].startswith("https://billing.stripe.com/"), "the portal's page", page)
    setup = home.ask('mutation { createSetupIntent { success clientSecret } }')["createSetupIntent"]
    check(setup["success"] and "_secret_" in setup["clientSecret"], "a setup intent", setup)
    card = home.ask('mutation { addPaymentMethod(input: {stripePaymentMethodId: "pm_card_mastercard", setAsDefault: true}) { success error paymentMethod { cardLast4 isDefault } } }')["addPaymentMethod"]
    check(card["success"] and card["paymentMethod"] == {"cardLast4": "4444", "isDefault": True}, "another card, and it becomes the one that pays", card)
    refused = home.ask('mutation { addPaymentMethod(input: {stripePaymentMethodId: "pm_card_chargeDeclined"}) { success error } }')["addPaymentMethod"]
    check(not refused["success"], "a refused card changes nothing", refused)
    moved = home.ask('mutation { updateBillingProvince(province: QC) { success newProvince error } }')["updateBillingProvince"]
    check(moved["success"] and fake.things("customer")[0]["address"]["state"] == "QC", "a move of province reaches Stripe", moved)

def failed_card(fake, home):
    customer = fake.things("customer")[0]["id"]
    fake.turn("card", customer=customer, card="pm_card_chargeCustomerFail")
    fake.turn("advance", seconds=30 * 86400 + 60)
    home.look()
    home.until(lambda s: standing(s) == "grace", "a failed renewal begins the grace")
    check(home.status()["mySubscription"]["status"] == "PAST_DUE", "and says so")
    fake.turn("card", customer=customer, card="pm_card_visa")
    open_bill = [i for i in fake.things("invoice") if i["status"] == "open"][0]
    request = urllib.request.Request(f"http://127.0.0.1:{fake.port}/v1/invoices/{open_bill['id']}/pay", b"", {"Authorization": "Bearer sk_test_x"}, method="POST")
    urllib.request.urlopen(request, timeout=10).read()
    home.look()
    home.until(lambda s: standing(s) == "paid" and s["myBillingHistory"]["records"][0]["status"] == "SUCCEEDED", "paid: the grace ends, the same bill is paid")
    bill = home.status()["myBillingHistory"]["records"][0]
    check(bill["taxBreakdown"]["gst"] == 1.75 and bill["taxBreakdown"]["qst"] == 3.49, "Quebec's two lines as Stripe computed them", bill)
    sub = fake.things("subscription")[0]
    for _ in range(3): fake.turn("flood", count=200, subscription=sub["id"])
    check(home.stop() == 0, "the agent is away while much happens")
    fake.turn("forget")
    request = urllib.request.Request(f"http://127.0.0.1:{fake.port}/v1/subscriptions/{sub['id']}", None, {"Authorization": "Bearer sk_test_x"}, method="DELETE")
    urllib.request.urlopen(request, timeout=10).read()
    check(home.start(), "it starts again without the file: the store knows")
    home.until(lambda s: standing(s) == "ended", "the events are gone; the objects are read instead")
    home.look()
    check(len(fake.things("subscription")) == 1, "one subscription in all")
    check(home.stop() == 0, "it ends well")
    seen = fake.seen("GET", "/v1/events")
    check(all("limit=" in r["path"] for r in seen), "events are read in pages")

def hosted(fake):
    home = Home("hosted", fake.port)
    home.start("--env-file", str(home.env))
    home.set_up("QC")
    ask = 'mutation { subscribe(input: {planId: "basic", paymentMethodId: "hosted", province: QC}) { success checkoutUrl message error } }'
    page = home.ask(ask)["subscribe"]
    check(page["success"] and page["checkoutUrl"].startswith("https://checkout.stripe.com/"), "subscribe without a card: Stripe's page", page)
    check(home.ask(ask)["subscribe"]["checkoutUrl"] == page["checkoutUrl"], "asked again: the same page")
    session = page["checkoutUrl"].rsplit("/", 1)[1]
    fake.turn("pay", session=session)
    home.until(lambda s: standing(s) == "paid" and s["mySubscription"]["tier"] == "STANDARD", "paid there, seen here")
    check(home.stop(signal.SIGKILL) != 0 and home.start(), "killed and started")
    check(standing(home.status()) == "paid", "it is still paid")
    home.stop()

def config_check():
    home = Home("checked", 9)
    home.env.chmod(0o644)
    code, text = home.run("config", "check", "--env-file", str(home.env))
    check(code == 0 and "direct (test mode)" in text and "STRIPE_FAMILY_PRICE_ID     set" in text and "WALMART_CA_PARTNER_ID      not in this file" in text and f"Others may read {home.env}" in text and "verysecret" not in text,
          "config check: mode, what is set and missing, whose file is open, no value", text)
    code, text = home.run("config", "check", "--env-file", str(home.env), "--json", lang="fr")
    said = json.loads(text)
    check(code == 0 and said["stripe"] == {"mode": "direct", "live": False} and said["variables"]["STRIPE_SECRET_KEY"] and not said["variables"]["AMAZON_CA_AFFILIATE_ID"] and str(home.env) in said["openToOthers"], "as JSON", text)
    home.env.write_text("STRIPE_SECRET_KEY=sk_live_abcdefgh\n")
    code, text = home.run("config", "check", "--env-file", str(home.env), lang="fr")
    check(code == 78 and "rk_live_" in text and "sk_live_abc" not in text, "a live secret key is refused with the rights of a restricted one", text)

def by_command(fake):
    """The same by the commands of the console, in both languages, Quebec."""
    home = Home("typed", fake.port)
    home.start("--env-file", str(home.env))
    home.set_up("QC")
    code, text = home.run("plan", "choose", "basic")
    page = [line for line in text.splitlines() if line.startswith("https://checkout.stripe.com/")]
    check(code == 0 and len(page) == 1 and "A purchase is open until" in text, "plan choose prints the page to pay on, and that it waits", text)
    code, text = home.run("plan", lang="fr")
    check(code == 0 and "Un achat est ouvert" in text, "and plan says so in French", text)
    fake.turn("pay", session=page[0].rsplit("/", 1)[1])
    home.until(lambda s: standing(s) == "paid" and s["myBillingHistory"]["records"], "paid there, seen here")
    code, text = home.run("plan", "choose", "family")
    check(code == 0 and "To pay now" in text and "GST 5%" in text and "QST 9.975%" in text and "Nothing was changed" in text and home.status()["mySubscription"]["tier"] == "STANDARD",
          "a change shows its cost, each tax on its line; without a yes nothing changes", text)
    code, text = home.run("plan", "choose", "family", "--yes", lang="fr")
    check(code == 0 and home.status()["mySubscription"]["tier"] == "FAMILY", "with --yes it does", text)
    code, text = home.run("plan", "card")
    check(code == 0 and "https://billing.stripe.com/" in text, "plan card prints the page of the cards", text)
    for lang, words in (("en", ("RECEIPT", "GST 5%", "QST 9.975%", "Period", "Quebec", "$22.98 CAD")), ("fr", ("REÇU", "TPS 5", "TVQ 9,975", "Période", "Québec", "22,98"))):
        number = json.loads(home.run("bills", "--json")[1])[-1]["invoiceNumber"]
        code, text = home.run("receipt", number, lang=lang)
        check(code == 0 and all(w in text for w in words) and "14.975" not in text and "14,975" not in text, f"the receipt, {lang}", text)
        code, text = home.run("receipt", number, "--html", str(home.folder / "receipt.html"), lang=lang)
        page = (home.folder / "receipt.html").read_text()
        check(code == 0 and f'lang="{lang}-CA"' in page and "@page" in page and "src=" not in page and all(w in page for w in words), f"and as a page that prints, {lang}", page)
    code, text = home.run("audit", "--payments", "--json")
    lines = json.loads(text)
    made = [l for l in lines if l["entity"] == "intent"]
    check(code == 0 and {"INTENT_MADE", "INTENT_DONE"} <= {l["action"] for l in made} and all(l["detail"]["key"] for l in made) and
          all(l["detail"]["request"].startswith("req_") for l in made if l["action"] == "INTENT_DONE"), "audit --payments has each edge with key and request", made[:3])
    check(any(l["action"] == "BILL_PAID" or l["entity"] == "bill" for l in lines) and any(l["detail"]["amountCents"] == 1999 for l in made), "and the amounts")
    code, text = home.run("audit", "--payments", lang="fr")
    check(code == 0 and "clé" in text and "requête req_" in text, "and in words", text)
    code, text = home.run("plan", "stop", "--yes")
    check(code == 0 and standing(home.status()) == "ending", "plan stop", text)
    code, text = home.run("plan", "resume")
    check(code == 0 and standing(home.status()) == "paid", "plan resume", text)
    home.stop()

def hostile(fake):
    """Answers nobody should believe. The plan that was paid stays, and news are read when they are good again."""
    home = Home("hostile", fake.port, ENV.replace("STRIPE_FAMILY_PRICE_ID=price_family\n", ""))
    home.start("--env-file", str(home.env))
    home.set_up()
    answer = home.ask(CREATE, input=buy("PREMIUM"))["createSubscription"]
    fake.turn("confirm", secret=answer["clientSecret"])
    home.until(lambda s: standing(s) == "paid" and s["myBillingHistory"]["totalCount"] == 1, "a paid plan to begin with")
    customer, sub, bill = fake.things("customer")[0]["id"], fake.things("subscription")[0], fake.things("invoice")[0]
    ended = dict(sub, status="canceled", canceled_at=int(time.time()), ended_at=int(time.time()))
    def page(o): return json.dumps({"object": "list", "has_more": False, "data": [o]})
    for what, path, text, times in (
            ("another customer's subscription", "/v1/subscriptions", page(dict(ended, customer="cus_other")), 1), ("the other mode's", "/v1/subscriptions", page(dict(ended, livemode=True)), 1),
            ("another currency", "/v1/invoices", page(dict(bill, id="in_usd", currency="usd")), 1), ("sums that do not come out", "/v1/invoices", page(dict(bill, id="in_sum", total=bill["total"] + 1)), 1),
            ("money below zero", "/v1/invoices", page(dict(bill, id="in_less", subtotal=-500, total=-500, total_taxes=[])), 1), ("money as text", "/v1/invoices", page(dict(bill, id="in_text", total="33.89")), 1),
            ("a page of a hotel", "/v1/subscriptions", "<html>sign in</html>", 1), ("half an answer", "/v1/subscriptions", page(ended)[:200], 1), ("too deep", "/v1/invoices", '{"data":' + "[" * 3000 + "]" * 3000 + "}", 1),
            ("9 MB", "/v1/subscriptions", " " * (1 << 20), 9), ("no list", "/v1/events", "[]", 1), ("cards of nobody", f"/v1/customers/{customer}/payment_methods", page({"id": "pm_x", "object": "payment_method", "type": "card"}), 1)):
        fake.turn("fault", method="GET", path=path, kind="body", text=text, times=times)
        home.until(lambda s: home.look() or not any(f["count"] for f in fake.turn("faults")["faults"]), f"{what}: heard")
        now = home.status()
        check(standing(now) == "paid" and now["myBillingHistory"]["totalCount"] == 1 and now["mySubscription"]["tier"] == "PREMIUM", f"{what}: changes nothing", now)
    before = len(fake.seen())
    request = urllib.request.Request(f"http://127.0.0.1:{fake.port}/v1/subscriptions", f"customer={customer}&items[0][price]=price_family&default_payment_method={sub['default_payment_method']}".encode(), {"Authorization": "Bearer sk_test_x"}, method="POST")
    urllib.request.urlopen(request, timeout=10).read()
    home.look()
    theirs = [o["id"] for o in fake.things("subscription") if o["id"] != sub["id"]][0]
    def quiet(): return json.loads(home.http("GET", "/webhooks/stripe/health")[1])["events"]
    home.until(lambda s: fake.seen("GET", f"/v1/subscriptions/{theirs}") and fake.seen("GET")[-1]["path"].startswith("/v1/events?limit=100") and quiet()["parked"] >= 2 and quiet()["waiting"] == 0, "something else the customer buys there, at a price nobody here sells: all is read to its end")
    now = home.status()
    check(len(fake.seen()) - before < 30 and standing(now) == "paid" and now["myBillingHistory"]["totalCount"] == 1 and now["mySubscription"]["tier"] == "PREMIUM" and now["myPaymentMethods"] == [{"cardLast4": "4242", "isDefault": True}],
          "in few requests; it is not ours, and nothing of the rest was believed", now, len(fake.seen()) - before)
    check(home.stop() == 0, "it ends well")

def signed(body, secret=WHSEC, at=None, scheme="v1"):
    at = int(time.time()) if at is None else at
    return f"t={at},{scheme}=" + hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()

def webhooks(fake):
    """What comes to POST /webhooks/stripe, good and bad; the effect is always what Stripe's objects say."""
    home = Home("hooked", fake.port)
    home.start("--env-file", str(home.env))
    home.set_up()
    def send(body, header, path="/webhooks/stripe"):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return home.http("POST", path, body, {"Content-Type": "application/json", **({"Stripe-Signature": header(body)} if header else {})})
    def health():
        return json.loads(home.http("GET", "/webhooks/stripe/health")[1])
    answer = home.ask(CREATE, input=buy("PREMIUM"))["createSubscription"]
    customer, sub = fake.things("customer")[0]["id"], fake.things("subscription")[0]
    def event(n, kind="customer.subscription.updated", **more):
        return dict({"id": f"evt_h{n}", "object": "event", "api_version": "2026-10-28.endive", "created": int(time.time()), "livemode": False, "type": kind, "data": {"object": sub}}, **more)
    now = int(time.time())
    for what, body, header, want in (
            ("no signature", event(1), None, 400), ("another secret", event(1), lambda b: signed(b, "whsec_other"), 400), ("only an unknown scheme", event(1), lambda b: signed(b, scheme="v0"), 400),
            ("a replay after ten minutes", event(1), lambda b: signed(b, at=now - 600), 400), ("a clock behind: to be sent again", event(1), lambda b: signed(b, at=now + 3600), 503),
            ("a changed byte", event(1), lambda b: signed(b + b" "), 400), ("two times", event(1), lambda b: f"t={now}," + signed(b), 400),
            ("1 MB and more", b" " * (1 << 20) + b"{}", signed, 413), ("16 MB", b" " * (16 << 20), signed, 413), ("no UTF-8", b'{"id":"evt_1\xff"}', signed, 400),
            ("no JSON", b"<html>", signed, 400), ("too deep", b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", signed, 400), ("no event", {"id": "evt_1", "object": "charge"}, signed, 400),
            ("an event without its object", {"id": "evt_1", "object": "event", "type": "x", "created": 1}, signed, 400)):
        try: status, text = send(body, header)
        except (BrokenPipeError, ConnectionResetError): status, text = 413, "cut off while it was sent"
        check(status == want, f"webhook, {what}: {want}", status, text)
    check(health()["lastRefusedAt"] and health()["events"]["applied"] == 0, "health tells of the refusals", health())
    check(home.http("GET", "/webhooks/stripe")[0] == 405, "a GET is no delivery")
    foreign = event(2, data={"object": dict(sub, customer="cus_stranger", id="sub_stranger")})
    for what, body in (("another customer's", foreign), ("the other mode's", event(3, livemode=True)), ("of a type nobody knows", event(4, "treasury.received_debit.created"))):
        check(send(body, signed)[0] == 200, f"an event {what} is taken")
    check(health()["events"]["ignored"] == 2 and health()["events"]["parked"] == 1, "and put aside with its reason", health())
    fake.turn("confirm", secret=answer["clientSecret"])
    told = event(5)
    check(send(told, signed)[0] == 200 and send(told, lambda b: signed(b) + ",v1=" + "0" * 64, "/webhooks/stripe/subscription-events")[0] == 200, "a good one, twice, by both paths and with a second signature")
    home.until(lambda s: standing(s) == "paid" and s["mySubscription"]["tier"] == "PREMIUM", "the plan is what Stripe's object says")
    lie = event(6, "customer.subscription.deleted", data={"object": dict(sub, status="canceled", canceled_at=now)})
    check(send(lie, signed)[0] == 200, "a late event says it was cancelled")
    home.until(lambda s: health()["events"]["waiting"] == 0, "its object is read")
    check(standing(home.status()) == "paid", "and is found to be alive: nothing changes")
    before = health()["events"]
    burst = [event(100 + i, random_order=i) for i in range(200)]
    results = [send(e, signed)[0] for e in burst[::-1] + burst[:50]]
    check(set(results) == {200}, "200 events in a burst, backwards, a quarter of them twice: all are taken", set(results))
    home.until(lambda s: health()["events"]["applied"] == before["applied"] + 200, "and each counts once")
    check(health()["status"] in ("healthy", "degraded") and health()["lastReceivedAt"], "health, from evidence", health())
    log = (home.folder / "log").read_text()
    check(WHSEC not in log and home.stop() == 0, "the secret is not in the log, and it ends well")

fake = Fake()
try:
    refusals(fake)
    config_check()
    home = app_purchase(fake)
    change_and_stop(fake, home)
    failed_card(fake, home)
    fake.stop()
    fake = Fake()
    hosted(fake)
    fake.stop()
    fake = Fake()
    by_command(fake)
    fake.stop()
    fake = Fake()
    webhooks(fake)
    fake.stop()
    fake = Fake()
    hostile(fake)
except Exception as error:
    import traceback
    check(False, "it ran to its end", traceback.format_exc().replace("\n", "\n# "))
    for log in work.glob("*/log"): print(f"# {log.parent.name}: " + log.read_text()[-3000:].replace("\n", "\n# "))
finally:
    fake.stop()
    for process in Home.running:
        if process.poll() is None: process.kill()
    for log in work.glob("*/log"):
        if "ERROR: AddressSanitizer" in log.read_text() or "runtime error" in log.read_text(): check(False, "no sanitizer report", log.read_text()[-3000:])
    shutil.rmtree(work, ignore_errors=True)
tally()
