#!/usr/bin/env python3
"""A small Stripe that remembers, for tests: the real wire form, no money, no network but loopback.

stripe.py [--port N] [--webhook URL --secret whsec_...]   prints "listening N" and serves until it is ended.

It speaks what agent/billing and agent/sync use, in the shapes of API version 2026-10-28.endive; what
it does not know is answered with Stripe's own 404. The official SDK drives it in tests/interop.
Behind /_test a test turns its wheels: pay a checkout, confirm a first payment, swap the card, move
the clock, order faults, read what was asked.
"""
import hashlib, hmac, http.server, json, re, sys, threading, time, urllib.parse, urllib.request

VERSION = "2026-10-28.endive"
# cents: a price id names its tier, as the two environment files do
PRICES = {"price_basic": 1999, "price_premium": 2999, "price_family": 3499}
TAX_TYPES = {"txr_gst": ("gst", 5000), "txr_hst13": ("hst", 13000), "txr_hst14": ("hst", 14000), "txr_hst15": ("hst", 15000),
             "txr_qst": ("qst", 9975), "txr_pst7": ("pst", 7000), "txr_pst6": ("pst", 6000), "txr_rst7": ("rst", 7000)}
BY_PROVINCE = {"ON": ["txr_hst13"], "NS": ["txr_hst14"], "NB": ["txr_hst15"], "NL": ["txr_hst15"], "PE": ["txr_hst15"], "QC": ["txr_gst", "txr_qst"],
               "BC": ["txr_gst", "txr_pst7"], "MB": ["txr_gst", "txr_rst7"], "SK": ["txr_gst", "txr_pst6"],
               "AB": ["txr_gst"], "NT": ["txr_gst"], "NU": ["txr_gst"], "YT": ["txr_gst"]}
CARDS = {"pm_card_visa": ("visa", "4242", True), "pm_card_ca": ("visa", "0000", True), "pm_card_mastercard": ("mastercard", "4444", True),
         "pm_card_chargeCustomerFail": ("visa", "0341", False)}
MONTH = 30 * 86400
SECRET_KEYS = ("sk_test_", "rk_test_")


class Refusal(Exception):
    def __init__(self, status, kind, message, code=None, **more):
        self.status, self.error = status, dict({"type": kind, "message": message}, **more)
        if code: self.error["code"] = code


def invalid(message, code=None, param=None):
    return Refusal(400, "invalid_request_error", message, code, **({"param": param} if param else {}))


def missing(kind, name):
    return Refusal(404, "invalid_request_error", f"No such {kind}: '{name}'", "resource_missing", param="id")


def nested(pairs):
    """items[0][price]=x -> {"items": {"0": {"price": "x"}}}; lists are read through items_of()."""
    tree = {}
    for name, value in pairs:
        parts = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        at = tree
        for part in parts[:-1]:
            at = at.setdefault(part if part else str(len(at)), {})
            if not isinstance(at, dict): raise invalid(f"Invalid {name}", "parameter_invalid_hash")
        last = parts[-1] if parts[-1] else str(len(at))
        at[last] = value
    return tree


def items_of(tree):
    return [tree[k] for k in sorted(tree, key=int)] if isinstance(tree, dict) else []


class Stripe:
    def __init__(self, webhook=None, secret=None):
        self.lock = threading.RLock()
        self.offset, self.count = 0, 0
        self.objects, self.events, self.keys, self.faults, self.seen = {}, [], {}, [], []
        self.webhook, self.secret = webhook, secret
        for price, cents in PRICES.items():
            self.objects[price] = {"id": price, "object": "price", "active": True, "currency": "cad", "unit_amount": cents, "livemode": False,
                                   "product": "prod_nestsync", "recurring": {"interval": "month", "interval_count": 1}, "tax_behavior": "exclusive", "type": "recurring"}
        for rate, (kind, milli) in TAX_TYPES.items():
            self.objects[rate] = {"id": rate, "object": "tax_rate", "active": True, "country": "CA", "display_name": kind.upper(), "inclusive": False,
                                  "livemode": False, "percentage": milli / 1000, "tax_type": kind}

    def now(self):
        return int(time.time()) + self.offset

    def new(self, prefix, kind, **fields):
        self.count += 1
        made = dict({"id": f"{prefix}_{self.count:06d}", "object": kind, "livemode": False, "created": self.now()}, **fields)
        self.objects[made["id"]] = made
        return made

    def get(self, kind, name):
        found = self.objects.get(name)
        if found is None or found["object"] != kind: raise missing(kind, name)
        return found

    def all(self, kind):
        return sorted((o for o in self.objects.values() if o["object"] == kind), key=lambda o: (o.get("created", 0), o["id"]), reverse=True)

    def event(self, kind, thing, previous=None):
        self.count += 1
        data = {"object": json.loads(json.dumps(thing))}
        if previous: data["previous_attributes"] = previous
        made = {"id": f"evt_{self.count:06d}", "object": "event", "api_version": VERSION, "created": self.now(), "livemode": False,
                "pending_webhooks": 1 if self.webhook else 0, "type": kind, "data": data, "request": {"id": None, "idempotency_key": None}}
        self.events.append(made)
        if self.webhook: threading.Thread(target=self.deliver, args=(made,), daemon=True).start()

    def deliver(self, made):
        body, at = json.dumps(made).encode(), int(time.time())
        mac = hmac.new(self.secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        request = urllib.request.Request(self.webhook, body, {"Content-Type": "application/json", "Stripe-Signature": f"t={at},v1={mac}"})
        try: urllib.request.urlopen(request, timeout=5).read()
        except OSError: pass  # Stripe tries again later; here the poll finds it

    # ---- money ----

    def taxes(self, customer, cents):
        state = (self.get("customer", customer).get("address") or {}).get("state")
        if state not in BY_PROVINCE: raise invalid("The customer's location isn't recognized.", "customer_tax_location_invalid")
        return [{"amount": (cents * TAX_TYPES[rate][1] + 50000) // 100000, "tax_behavior": "exclusive", "tax_rate_details": {"tax_rate": rate},
                 "taxability_reason": "standard_rated", "taxable_amount": cents, "type": "tax_rate_details"} for rate in BY_PROVINCE[state]]

    def draft(self, customer, sub, lines, reason, taxed, preview=False):
        """An invoice from (cents, price, proration, start, end)."""
        subtotal = sum(line[0] for line in lines)
        taxes = self.taxes(customer, max(subtotal, 0)) if taxed else []
        total = subtotal + sum(t["amount"] for t in taxes)
        rows = [{"id": f"il_{i}", "object": "line_item", "amount": cents, "currency": "cad", "period": {"start": start, "end": end},
                 "pricing": {"type": "price_details", "price_details": {"price": price, "product": "prod_nestsync"}, "unit_amount_decimal": str(PRICES[price])},
                 "parent": {"type": "subscription_item_details", "subscription_item_details": {"subscription": sub and sub["id"], "proration": proration}}}
                for i, (cents, price, proration, start, end) in enumerate(lines)]
        fields = dict(customer=customer, currency="cad", subtotal=subtotal, total=total, total_taxes=taxes, amount_due=max(total, 0), amount_paid=0, attempted=False,
                      status="draft", billing_reason=reason, number=None, hosted_invoice_url=None, invoice_pdf=None, period_start=lines[-1][3], period_end=lines[-1][4],
                      parent={"type": "subscription_details", "subscription_details": {"subscription": sub and sub["id"], "metadata": sub["metadata"] if sub else {}}},
                      lines={"object": "list", "data": rows, "has_more": False, "url": "/v1/invoices/lines"}, status_transitions={"paid_at": None})
        if preview: return dict({"id": "upcoming_in_1", "object": "invoice", "livemode": False, "created": self.now()}, **fields)
        made = self.new("in", "invoice", **fields)
        made["number"] = f"TEST-{self.count:04d}"
        made["hosted_invoice_url"], made["invoice_pdf"] = f"https://invoice.stripe.com/i/{made['id']}", f"https://pay.stripe.com/invoice/{made['id']}/pdf"
        made["status"] = "open"
        self.event("invoice.created", made)
        self.event("invoice.finalized", made)
        return made

    def pay(self, invoice, method):
        """Try a card on an open invoice; True: paid."""
        good = method is not None and self.objects[method].get("good", True)
        intent = self.new("pi", "payment_intent", amount=invoice["amount_due"], currency="cad", customer=invoice["customer"], metadata={},
                          status="succeeded" if good else "requires_payment_method", payment_method=method if good else None)
        invoice["attempted"] = True
        invoice["payments"] = {"object": "list", "has_more": False, "data": [{"id": "inpay_" + intent["id"], "object": "invoice_payment", "status": "paid" if good else "open",
                               "payment": {"type": "payment_intent", "payment_intent": intent["id"]}}]}
        if good:
            invoice.update(status="paid", amount_paid=invoice["amount_due"], status_transitions={"paid_at": self.now()})
            self.event("payment_intent.succeeded", intent)
            self.event("invoice.paid", invoice)
            self.event("invoice.payment_succeeded", invoice)
        else:
            self.event("payment_intent.payment_failed", intent)
            self.event("invoice.payment_failed", invoice)
        return good

    def method_of(self, customer):
        owner = self.get("customer", customer)
        chosen = (owner.get("invoice_settings") or {}).get("default_payment_method")
        if chosen: return chosen
        mine = [m["id"] for m in self.all("payment_method") if m["customer"] == customer]
        return mine[0] if mine else None

    # ---- what can be asked ----

    def post_customers(self, p):
        address = p.get("address") or {}
        made = self.new("cus", "customer", email=p.get("email") or None, address=address or None, metadata=p.get("metadata") or {}, name=None,
                        preferred_locales=items_of(p.get("preferred_locales")), invoice_settings={"default_payment_method": None})
        self.event("customer.created", made)
        return made

    def post_customer(self, p, name):
        owner = self.get("customer", name)
        if "address" in p: owner["address"] = dict(owner["address"] or {}, **p["address"])
        chosen = (p.get("invoice_settings") or {}).get("default_payment_method")
        if chosen:
            self.get("payment_method", chosen)
            owner["invoice_settings"]["default_payment_method"] = chosen
        owner["metadata"].update(p.get("metadata") or {})
        self.event("customer.updated", owner)
        return owner

    def card(self, token, customer):
        if token in CARDS:
            brand, last4, good = CARDS[token]
            return self.new("pm", "payment_method", type="card", customer=customer, good=good, metadata={},
                            card={"brand": brand, "last4": last4, "exp_month": 12, "exp_year": 2031, "country": "CA"})
        return self.get("payment_method", token)

    def attach(self, p, token):
        self.get("customer", p.get("customer"))
        if token == "pm_card_chargeDeclined": raise Refusal(402, "card_error", "Your card was declined.", "card_declined", decline_code="generic_decline")
        method = self.card(token, p["customer"])
        method["customer"] = p["customer"]
        self.event("payment_method.attached", method)
        return method

    def detach(self, p, token):
        method = self.get("payment_method", token)
        method["customer"] = None
        self.event("payment_method.detached", method)
        return method

    def subscribe(self, customer, price, metadata, taxed, status, method, reason="subscription_create"):
        if price not in PRICES: raise missing("price", price)
        start = self.now()
        sub = self.new("sub", "subscription", customer=customer, status=status, metadata=metadata, cancel_at_period_end=False, canceled_at=None, cancel_at=None, ended_at=None,
                       currency="cad", default_payment_method=method, trial_start=None, trial_end=None, automatic_tax={"enabled": taxed}, pending_update=None, schedule=None,
                       billing_mode={"type": "classic"})
        sub["items"] = {"object": "list", "has_more": False, "url": f"/v1/subscription_items?subscription={sub['id']}", "data": [
            {"id": f"si_{self.count:06d}", "object": "subscription_item", "subscription": sub["id"], "quantity": 1, "price": self.objects[price],
             "current_period_start": start, "current_period_end": start + MONTH}]}
        invoice = self.draft(customer, sub, [(PRICES[price], price, False, start, start + MONTH)], reason, taxed)
        sub["latest_invoice"] = invoice["id"]
        self.event("customer.subscription.created", sub)
        return sub, invoice

    def post_subscriptions(self, p):
        self.get("customer", p.get("customer"))
        wanted = items_of(p.get("items"))
        if len(wanted) != 1 or not wanted[0].get("price"): raise invalid("Missing required param: items.", "parameter_missing", "items")
        method = p.get("default_payment_method") or self.method_of(p["customer"])
        if method: self.get("payment_method", method)
        taxed = (p.get("automatic_tax") or {}).get("enabled") == "true"
        lazy = p.get("payment_behavior") == "default_incomplete"
        sub, invoice = self.subscribe(p["customer"], wanted[0]["price"], p.get("metadata") or {}, taxed, "incomplete", method)
        if lazy:
            invoice["confirmation_secret"] = {"type": "payment_intent", "client_secret": f"pi_{self.count}_secret_{hashlib.sha256(sub['id'].encode()).hexdigest()[:16]}"}
        elif self.pay(invoice, method): self.activate(sub)
        return sub

    def activate(self, sub):
        if sub["status"] != "active":
            was, sub["status"] = sub["status"], "active"
            self.event("customer.subscription.updated", sub, {"status": was})

    def prorate(self, sub, price, at):
        item = sub["items"]["data"][0]
        start, end, old = item["current_period_start"], item["current_period_end"], item["price"]["id"]
        left, span = max(end - at, 0), end - start
        share = lambda cents: (2 * cents * left + span) // (2 * span)
        return [(-share(PRICES[old]), old, True, at, end), (share(PRICES[price]), price, True, at, end)]

    def post_subscription(self, p, name):
        sub = self.get("subscription", name)
        if sub["status"] in ("canceled", "incomplete_expired"): raise invalid("A canceled subscription can only update its cancellation_details and metadata.")
        sub["metadata"].update(p.get("metadata") or {})
        if p.get("default_payment_method"): sub["default_payment_method"] = self.get("payment_method", p["default_payment_method"])["id"]
        wanted = items_of(p.get("items"))
        if wanted:
            item, price = sub["items"]["data"][0], wanted[0].get("price")
            if wanted[0].get("id") != item["id"]: raise invalid("this would add a second item", param="items")
            if price not in PRICES: raise missing("price", price)
            at = int(p.get("proration_date") or self.now())
            lines, behaviour = self.prorate(sub, price, at), p.get("proration_behavior", "create_prorations")
            item["price"] = self.objects[price]
            if behaviour == "always_invoice":
                invoice = self.draft(sub["customer"], sub, lines, "subscription_update", sub["automatic_tax"]["enabled"])
                sub["latest_invoice"] = invoice["id"]
                self.pay(invoice, sub["default_payment_method"] or self.method_of(sub["customer"]))
        if "cancel_at_period_end" in p:
            stop = p["cancel_at_period_end"] == "true"
            sub["cancel_at_period_end"], sub["canceled_at"] = stop, self.now() if stop else None
        self.event("customer.subscription.updated", sub)
        return sub

    def delete_subscription(self, p, name):
        sub = self.get("subscription", name)
        if sub["status"] == "canceled": raise missing("subscription", name)
        sub.update(status="canceled", canceled_at=self.now(), ended_at=self.now())
        self.event("customer.subscription.deleted", sub)
        return sub

    def post_sessions(self, p):
        self.get("customer", p.get("customer"))
        lines = items_of(p.get("line_items"))
        if p.get("mode") != "subscription" or len(lines) != 1: raise invalid("Missing required param: line_items.", "parameter_missing", "line_items")
        if lines[0].get("price") not in PRICES: raise missing("price", lines[0].get("price"))
        made = self.new("cs_test", "checkout.session", mode="subscription", customer=p["customer"], status="open", payment_status="unpaid", subscription=None,
                        client_reference_id=p.get("client_reference_id"), success_url=p.get("success_url"), cancel_url=p.get("cancel_url"), metadata=p.get("metadata") or {},
                        expires_at=int(p.get("expires_at") or self.now() + 86400), wanted={"price": lines[0]["price"],
                        "metadata": (p.get("subscription_data") or {}).get("metadata") or {}, "taxed": (p.get("automatic_tax") or {}).get("enabled") == "true"})
        made["url"] = f"https://checkout.stripe.com/c/pay/{made['id']}"
        return made

    def post_portal(self, p):
        self.get("customer", p.get("customer"))
        made = self.new("bps", "billing_portal.session", customer=p["customer"], return_url=p.get("return_url"))
        made["url"] = f"https://billing.stripe.com/p/session/{made['id']}"
        return made

    def post_setup_intents(self, p):
        if p.get("customer"): self.get("customer", p["customer"])
        made = self.new("seti", "setup_intent", customer=p.get("customer"), usage=p.get("usage", "off_session"), status="requires_payment_method", metadata=p.get("metadata") or {})
        made["client_secret"] = f"{made['id']}_secret_test"
        return made

    def post_payment_intents(self, p):
        if not p.get("amount") or p.get("currency") != "cad": raise invalid("Missing required param: amount.", "parameter_missing", "amount")
        made = self.new("pi", "payment_intent", amount=int(p["amount"]), amount_capturable=0, amount_received=0, currency="cad", customer=p.get("customer"), metadata=p.get("metadata") or {},
                        capture_method=p.get("capture_method", "automatic"), status="requires_payment_method")
        if p.get("payment_method"):
            method = self.card(p["payment_method"], p.get("customer"))
            if not method.get("good", True): raise Refusal(402, "card_error", "Your card was declined.", "card_declined")
            if p.get("confirm") == "true":
                held = made["capture_method"] == "manual"
                made.update(status="requires_capture" if held else "succeeded", amount_capturable=made["amount"] if held else 0)
        return made

    def capture(self, p, name):
        intent = self.get("payment_intent", name)
        if intent["status"] != "requires_capture": raise invalid("This PaymentIntent could not be captured.", "payment_intent_unexpected_state")
        intent.update(status="succeeded", amount_received=intent["amount"], amount_capturable=0)
        self.event("payment_intent.succeeded", intent)
        return intent

    def cancel_intent(self, p, name):
        intent = self.get("payment_intent", name)
        intent["status"] = "canceled"
        return intent

    def preview(self, p):
        sub = self.get("subscription", p.get("subscription"))
        details = p.get("subscription_details") or {}
        wanted = items_of(details.get("items"))
        at = int(details.get("proration_date") or self.now())
        item = sub["items"]["data"][0]
        price = wanted[0]["price"] if wanted else item["price"]["id"]
        if price not in PRICES: raise missing("price", price)
        end = item["current_period_end"]
        lines = self.prorate(sub, price, at) if wanted else [(PRICES[price], price, False, end, end + MONTH)]
        return self.draft(sub["customer"], sub, lines, "upcoming", sub["automatic_tax"]["enabled"], preview=True)

    def pay_invoice(self, p, name):
        invoice = self.get("invoice", name)
        if invoice["status"] == "paid": raise invalid("Invoice is already paid", "invoice_already_paid")
        if not self.pay(invoice, self.method_of(invoice["customer"])): raise Refusal(402, "card_error", "Your card was declined.", "card_declined")
        self.settle(invoice)
        return invoice

    def settle(self, invoice):
        sub = self.objects.get(invoice["parent"]["subscription_details"]["subscription"])
        if sub and sub["status"] in ("past_due", "incomplete"): self.activate(sub)

    def post_refunds(self, p):
        intent = self.get("payment_intent", p.get("payment_intent"))
        given = sum(r["amount"] for r in self.all("refund") if r["payment_intent"] == intent["id"])
        amount = int(p.get("amount") or intent["amount"] - given)
        if amount <= 0 or given + amount > intent["amount"]: raise invalid("Refund amount is greater than unrefunded amount on charge", "charge_already_refunded")
        made = self.new("re", "refund", amount=amount, currency="cad", payment_intent=intent["id"], status="succeeded", reason=p.get("reason"), metadata=p.get("metadata") or {})
        charge = {"id": "ch_" + intent["id"][3:], "object": "charge", "amount": intent["amount"], "amount_refunded": given + amount, "payment_intent": intent["id"],
                  "customer": intent["customer"], "currency": "cad", "refunded": given + amount == intent["amount"], "livemode": False, "created": self.now()}
        self.event("charge.refunded", charge)
        self.event("refund.created", made)
        return made

    def page(self, rows, p, url):
        limit = int(p.get("limit") or 10)
        if not 1 <= limit <= 100: raise invalid("This value must be between 1 and 100.", param="limit")
        names = [r["id"] for r in rows]
        if p.get("starting_after"):
            if p["starting_after"] not in names: raise missing("object", p["starting_after"])
            rest = rows[names.index(p["starting_after"]) + 1:]
            cut, more = rest[:limit], len(rest) > limit
        elif p.get("ending_before"):
            if p["ending_before"] not in names: raise missing("event", p["ending_before"])
            rest = rows[:names.index(p["ending_before"])]
            cut, more = rest[-limit:], len(rest) > limit
        else: cut, more = rows[:limit], len(rows) > limit
        return {"object": "list", "data": cut, "has_more": more, "url": url}

    def list_of(self, kind, p, url, **same):
        rows = [o for o in self.all(kind) if all(o.get(k) == v for k, v in same.items() if v)]
        if kind == "subscription" and not p.get("status"): rows = [o for o in rows if o["status"] != "canceled"]
        elif p.get("status") not in (None, "all"): rows = [o for o in rows if o["status"] == p["status"]]
        return self.page(rows, p, url)

    def list_events(self, p):
        rows = list(reversed(self.events))
        wanted = items_of(p.get("types")) or ([p["type"]] if p.get("type") else [])
        if len(wanted) > 20: raise invalid("You may pass at most 20 types.", param="types")
        if wanted: rows = [e for e in rows if any(e["type"] == w or w.endswith("*") and e["type"].startswith(w[:-1]) for w in wanted) or e["id"] == p.get("ending_before")]
        since = int((p.get("created") or {}).get("gte") or 0) if isinstance(p.get("created"), dict) else 0
        return self.page([e for e in rows if e["created"] >= since], p, "/v1/events")

    def expand(self, made, wanted):
        made = json.loads(json.dumps(made))
        for path in wanted:
            if path.startswith("latest_invoice") and made.get("latest_invoice"):
                invoice = json.loads(json.dumps(self.objects[made["latest_invoice"]]))
                if "confirmation_secret" not in path: invoice.pop("confirmation_secret", None)
                made["latest_invoice"] = invoice
            elif path == "pending_setup_intent": made.setdefault("pending_setup_intent", None)
        return made

    def clean(self, made, wanted=()):
        made = self.expand(made, wanted)
        if made["object"] == "invoice" and "payments" not in wanted: made.pop("payments", None)
        for hidden in ("good", "wanted"): made.pop(hidden, None)
        if made["object"] == "list": made["data"] = [self.clean(o) for o in made["data"]]
        elif made["object"] == "invoice": made.pop("confirmation_secret", None)
        return made

    def route(self, method, path, p):
        R = [("POST", "/v1/customers", lambda: self.post_customers(p)), ("POST", r"/v1/customers/(\w+)", lambda c: self.post_customer(p, c)),
             ("GET", r"/v1/customers/(\w+)", lambda c: self.get("customer", c)),
             ("GET", r"/v1/customers/(\w+)/payment_methods", lambda c: self.list_of("payment_method", p, path, customer=c)),
             ("POST", "/v1/subscriptions", lambda: self.post_subscriptions(p)), ("POST", r"/v1/subscriptions/(\w+)", lambda s: self.post_subscription(p, s)),
             ("DELETE", r"/v1/subscriptions/(\w+)", lambda s: self.delete_subscription(p, s)), ("GET", r"/v1/subscriptions/(\w+)", lambda s: self.get("subscription", s)),
             ("GET", "/v1/subscriptions", lambda: self.list_of("subscription", p, path, customer=p.get("customer"))),
             ("POST", "/v1/checkout/sessions", lambda: self.post_sessions(p)), ("GET", r"/v1/checkout/sessions/(\w+)", lambda s: self.get("checkout.session", s)),
             ("GET", "/v1/checkout/sessions", lambda: self.list_of("checkout.session", p, path, customer=p.get("customer"))),
             ("POST", "/v1/billing_portal/sessions", lambda: self.post_portal(p)), ("POST", "/v1/setup_intents", lambda: self.post_setup_intents(p)),
             ("POST", "/v1/payment_intents", lambda: self.post_payment_intents(p)), ("POST", r"/v1/payment_intents/(\w+)/capture", lambda i: self.capture(p, i)),
             ("POST", r"/v1/payment_intents/(\w+)/cancel", lambda i: self.cancel_intent(p, i)), ("GET", r"/v1/payment_intents/(\w+)", lambda i: self.get("payment_intent", i)),
             ("POST", r"/v1/payment_methods/(\w+)/attach", lambda m: self.attach(p, m)), ("POST", r"/v1/payment_methods/(\w+)/detach", lambda m: self.detach(p, m)),
             ("POST", "/v1/invoices/create_preview", lambda: self.preview(p)), ("POST", r"/v1/invoices/(\w+)/pay", lambda i: self.pay_invoice(p, i)),
             ("GET", r"/v1/invoices/(\w+)", lambda i: self.get("invoice", i)), ("GET", "/v1/invoices", lambda: self.list_of("invoice", p, path, customer=p.get("customer"))),
             ("POST", "/v1/refunds", lambda: self.post_refunds(p)), ("GET", "/v1/refunds", lambda: self.list_of("refund", p, path, payment_intent=p.get("payment_intent"))),
             ("GET", "/v1/events", lambda: self.list_events(p)), ("GET", r"/v1/prices/(\w+)", lambda n: self.get("price", n)),
             ("GET", r"/v1/tax_rates/(\w+)", lambda n: self.get("tax_rate", n))]
        best = None
        for verb, pattern, act in R:
            m = re.fullmatch(pattern, path)
            if m and verb == method and (best is None or "(" not in pattern): best = (act, m.groups())
        if best is None: raise Refusal(404, "invalid_request_error", f"Unrecognized request URL ({method}: {path}).")
        return best[0](*best[1])

    # ---- the wheels a test turns ----

    def advance(self, seconds):
        """Moves the clock; what falls due on the way happens in its order."""
        end = self.now() + seconds
        while True:
            due = [s for s in self.all("subscription") if s["status"] in ("active", "past_due") and s["items"]["data"][0]["current_period_end"] <= end]
            if not due: break
            sub = min(due, key=lambda s: s["items"]["data"][0]["current_period_end"])
            item = sub["items"]["data"][0]
            at = item["current_period_end"]
            self.offset += max(at - self.now(), 0)
            if sub["cancel_at_period_end"] or sub["status"] == "past_due":
                sub.update(status="canceled", ended_at=at, canceled_at=sub["canceled_at"] or at)
                self.event("customer.subscription.deleted", sub)
                continue
            item["current_period_start"], item["current_period_end"] = at, at + MONTH
            invoice = self.draft(sub["customer"], sub, [(item["price"]["unit_amount"], item["price"]["id"], False, at, at + MONTH)], "subscription_cycle", sub["automatic_tax"]["enabled"])
            sub["latest_invoice"] = invoice["id"]
            if not self.pay(invoice, sub["default_payment_method"] or self.method_of(sub["customer"])): sub["status"] = "past_due"
            self.event("customer.subscription.updated", sub)
        self.offset += max(end - self.now(), 0)
        return {"now": self.now()}

    def test(self, path, p):
        if path == "/_test/pay":  # a person filled in the hosted page
            session = self.get("checkout.session", p["session"])
            wanted, method = session["wanted"], self.card(p.get("card", "pm_card_visa"), session["customer"])
            sub, invoice = self.subscribe(session["customer"], wanted["price"], wanted["metadata"], wanted["taxed"], "incomplete", method["id"])
            self.event("payment_method.attached", method)
            if not self.pay(invoice, method["id"]): return {"paid": False}
            self.activate(sub)
            session.update(status="complete", payment_status="paid", subscription=sub["id"])
            self.event("checkout.session.completed", session)
            return {"paid": True, "subscription": sub["id"]}
        if path == "/_test/confirm":  # Stripe.js confirmed the first payment
            for invoice in self.all("invoice"):
                if (invoice.get("confirmation_secret") or {}).get("client_secret") == p["secret"]:
                    sub = self.objects[invoice["parent"]["subscription_details"]["subscription"]]
                    paid = self.pay(invoice, sub["default_payment_method"] or self.method_of(sub["customer"]))
                    if paid: self.activate(sub)
                    return {"paid": paid}
            raise missing("payment_intent", p["secret"])
        if path == "/_test/card":  # every later charge goes to this card
            method = self.card(p["card"], p["customer"])
            self.event("payment_method.attached", method)
            self.get("customer", p["customer"])["invoice_settings"]["default_payment_method"] = method["id"]
            for sub in self.all("subscription"):
                if sub["customer"] == p["customer"]: sub["default_payment_method"] = method["id"]
            return {"id": method["id"]}
        if path == "/_test/advance": return self.advance(int(p["seconds"]))
        if path == "/_test/faults": return {"faults": self.faults}
        if path == "/_test/fault":  # {"method","path" (a pattern),"kind","count","seconds"}
            self.faults.append(dict(p, count=int(p.get("count", 1))))
            return {"faults": len(self.faults)}
        if path == "/_test/forget":  # events older than Stripe keeps
            self.events.clear()
            return {}
        if path == "/_test/flood":  # a long absence
            for _ in range(int(p["count"])): self.event("customer.subscription.updated", self.get("subscription", p["subscription"]))
            return {"events": len(self.events)}
        if path == "/_test/seen": return {"seen": self.seen}
        if path == "/_test/state": return {"objects": list(self.objects.values()), "events": self.events}
        raise missing("wheel", path)

    def fault_for(self, method, path):
        for fault in self.faults:
            if fault["count"] > 0 and fault.get("method", method) == method and re.fullmatch(fault.get("path", ".*"), path):
                fault["count"] -= 1
                return fault
        return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stripe = None
    wbufsize = -1

    def log_message(self, *_): pass

    def say(self, status, made, extra=()):
        body = made if isinstance(made, bytes) else json.dumps(made, indent=2).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in extra: self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        return body

    def hang_up(self):
        self.close_connection = True
        try: self.connection.shutdown(2)
        except OSError: pass

    def serve(self):
        s = self.stripe
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path.startswith("/_test"):
            with s.lock:
                try: self.say(200, s.test(path, json.loads(body or b"{}")))
                except Refusal as r: self.say(r.status, {"error": r.error})
            return
        with s.lock:
            s.count += 1
            request = f"req_{s.count:06d}"
            key, raw = self.headers.get("Idempotency-Key"), body.decode("utf-8", "replace")
            s.seen.append({"method": self.command, "path": self.path, "body": raw, "key": key, "version": self.headers.get("Stripe-Version"), "agent": self.headers.get("User-Agent")})
            fault = s.fault_for(self.command, path)
        kind = fault["kind"] if fault else None
        extra = [("Request-Id", request), ("Stripe-Version", self.headers.get("Stripe-Version") or VERSION)]
        if kind == "timeout":
            time.sleep(float(fault.get("seconds", 30)))
            return self.hang_up()
        if kind == "reset": return self.hang_up()  # nothing was done
        if kind == "409": return self.say(409, {"error": {"type": "invalid_request_error", "code": "idempotency_key_in_use", "message": "in use"}}, extra)
        if kind == "429": return self.say(429, {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "slow down"}}, extra + [("Retry-After", str(fault.get("seconds", 1)))])
        if kind == "500": return self.say(500, {"error": {"type": "api_error", "message": "internal"}}, extra)
        if kind == "401": return self.say(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}, extra)
        if kind == "html": return self.say(200, b"<html><body>a hotel wants you to sign in</body></html>", extra)
        if kind == "body": return self.say(200, fault["text"].encode() * int(fault.get("times", 1)), extra)
        for _ in range(2 if kind == "duplicate" else 1):
            with s.lock: status, made, replayed = self.work(path, query, raw, key)
        if replayed: extra.append(("Idempotent-Replayed", "true"))
        if kind == "lost": return self.hang_up()  # done, but nobody hears of it
        text = json.dumps(made, indent=2).encode()
        if kind == "cut":
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text[:len(text) // 2])
            self.wfile.flush()
            return self.hang_up()
        self.say(status, text, extra)

    def work(self, path, query, raw, key):
        s = self.stripe
        auth = self.headers.get("Authorization") or ""
        if not auth.startswith("Bearer ") or not auth[7:].startswith(SECRET_KEYS): return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}, False
        mark = (self.command, path, raw)
        if self.command == "POST" and key:
            known = s.keys.get(key)
            if known and s.now() - known[3] < 24 * 3600:
                if known[0] != mark: return 400, {"error": {"type": "idempotency_error", "message": "Keys for idempotent requests can only be used with the same parameters they were first used with."}}, False
                return known[1], known[2], True
        try:
            p = nested(urllib.parse.parse_qsl(query if self.command in ("GET", "DELETE") else raw, keep_blank_values=True, strict_parsing=bool(query if self.command in ("GET", "DELETE") else raw)))
            wanted = items_of(p.get("expand") or {})
            status, made = 200, s.clean(s.route(self.command, path, p), wanted)
        except Refusal as r: status, made = r.status, {"error": r.error}
        except ValueError as e: status, made = 400, {"error": {"type": "invalid_request_error", "message": f"bad request: {e}"}}
        if self.command == "POST" and key: s.keys[key] = (mark, status, made, s.now())
        return status, made, False

    do_GET = do_POST = do_DELETE = serve


def main(words):
    options = dict(zip(words[::2], words[1::2]))
    Handler.stripe = Stripe(options.get("--webhook"), options.get("--secret"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(options.get("--port", 0))), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # who hangs up does it on purpose
    print(f"listening {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    try: main(sys.argv[1:])
    except KeyboardInterrupt: pass
