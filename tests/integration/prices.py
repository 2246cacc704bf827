#!/usr/bin/python3
"""Products and prices as a family tells and reads them, command by command, in both languages. Prints TAP.

prices.py NESTSYNC NESTSYNCD
"""
import datetime, json, os, pathlib, re, shutil, signal, subprocess, sys, tempfile, time
from tap import check, tally

nestsync, nestsyncd = sys.argv[1:3]
work = pathlib.Path(tempfile.mkdtemp(prefix="ns-prices-"))
home = work / "home"
kept = {k: v for k, v in os.environ.items() if k in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR")}
path = ":".join((str(pathlib.Path(nestsync).parent), str(pathlib.Path(nestsyncd).parent), os.environ["PATH"]))
movers, code = "Huggies Little Movers Size 4, 124 Count", "0036000291452"
english, french = "C.UTF-8", "fr_CA.UTF-8"

def run(*words, lang=english):
    env = dict(kept, HOME=str(work), LC_ALL="C.UTF-8", LANG=lang, PATH=path)
    if lang == french: words += ("--lang", "fr")
    done = subprocess.run([nestsync, *words, "--home", str(home)], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    return done.returncode, (done.stdout + done.stderr).replace("\u00a0", " ")

def says(words, *parts, status=0, lang=english, what=None):
    got, text = run(*words, lang=lang)
    check(got == status and all(p in text for p in parts), what or " ".join(words)[:100], got, text)
    return text

def nothing_known():
    says(("products",), "nestsync prices add SHOP DOLLARS PRODUCT", what="a home without prices says how to tell one")
    says(("prices",), "nestsync prices add MAGASIN DOLLARS PRODUIT", lang=french, what="in French too")
    says(("prices", "compare", "huggies"), "nestsync prices add", status=66)
    says(("products", "scan", code), f"nestsync prices add SHOP DOLLARS PRODUCT --barcode {code}", status=66, what="an unknown barcode says how to make it known")
    says(("products", "scan", "123"), "8, 12, 13 or 14 digits", status=65)
    says(("products", "scan", "0036000291453"), "misread or mistyped", status=65)

def told(today):
    says(("prices", "add", "Walmart", "44.99", movers, "--barcode", code, "--link", "https://www.walmart.ca/en/ip/1"),
         f"Kept: $44.99 at Walmart Canada. {movers} (size 4, 124 pieces)")
    day = str(today - datetime.timedelta(5))
    says(("prices", "add", "Jean Coutu", "39,99 $", movers, "--receipt", "--delivery", "0", "--on", day), "39,99 $ chez Jean Coutu", "(taille 4, 124 pièces)",
         lang=french, what="a receipt's price with a comma, in French")
    says(("prices", "add", "costco", "46.00", movers, "--delivery", "5.99", "--free-from", "75"), "$46.00 at Costco")
    says(("prices", "add", "costco", "42.00", movers, "--packs", "2", "--delivery", "5.99", "--free-from", "75"), "$42.00 at Costco")
    says(("prices", "add", "amazon", "30", "Pampers Cruisers Size 4"), "say it with --pieces", what="a pack of unknown count asks for it")
    says(("prices", "add", "amazon", "30", "Pampers Cruisers Size 4", "--pieces", "100", "--delivery", "0"), "size 4, 100 pieces", what="and takes it")
    says(("prices", "add", "metro", "37.50", movers, "--on", str(today - datetime.timedelta(60)), "--delivery", "0"), "$37.50")
    return day

def bad_input():
    for words, part in ((("prices", "add", "walmart", "cheap", movers), "from 0.01 to 10,000.00"), (("prices", "add", "walmart", "1.234", movers), "two decimals"), (("prices", "add", "walmart", "44.99", movers, "--size", "12"), "1 to 7"), (("prices", "add", "walmart", "44.99", movers, "--packs", "0"), "packs"),
                        (("prices", "add", "walmart", "44.99", movers, "--pieces", "many"), "pieces"), (("prices", "add", "walmart", "44.99", movers, "--on", "someday"), "someday"),
                        (("prices", "add", "walmart", "44.99", movers, "--on", "2099-01-01"), "three years"),
                        (("prices", "add", "walmart", "44.99", movers, "--link", "https://example.org/x"), "that shop"), (("prices", "add", "walmart", "44.99"), "prices add"),
                        (("prices", "compare", "size 4"), "Pampers Cruisers Size 4; "), (("products", "scan", code, "mila", "--packs", "0"), "packs")):
        status, text = run(*words)
        check(status in (64, 65) and part in text and "input." not in text, "refused with a way on: " + " ".join(words)[:90], status, text)
    says(("products", "scan", code, "nobody"), "Mila, Théo", status=66)

def read(day):
    text = says(("products",), "\n    ", movers + " (size 4, 124 pieces)")
    check(text.count(movers) == 1, "a product is named once, its prices below it", text)
    says(("prices", "huggies"), f"{day}  $39.99  {movers} (Jean Coutu)", "no shop was asked")
    says(("prices", "--brand", "pampers"), "Cruisers")
    text = says(("prices", "history", "little movers"), "$46.00  Costco Canada", "$42.00  Costco Canada, each from 2 packs on", "$37.50")
    days = re.findall(r"^(\d{4}-\d\d-\d\d)  \$", text, re.M)
    check(len(days) == 5 and days == sorted(days, reverse=True), "every price seen, newest first", text)
    found = json.loads(says(("prices", "--json"), "productUrl"))
    check({p["priceCad"] for p in found["products"]} >= {"44.99", "39.99", "46.00"}, "--json has the amounts", found)
    check(not any("Huggies%20Huggies" in (p["productUrl"] or "") for p in found["products"]), "a link to search names the brand once", found)

def compared():
    text = says(("prices", "compare", "little movers"), f"{movers}: one pack delivered, Ontario", "33.9¢ a piece, $41.99 in all (goods $39.99, delivery $0.00, tax $2.00)",
                "HST is 13%", "from 2 packs 9 % less: $8.00 saved", "page: https://www.walmart.ca/en/ip/1", "Delivery is not known", "This price is old",
                "The same size for less:")
    order = [text.find(w) for w in ("Jean Coutu", "Costco Canada", "Walmart Canada", "Metro")]
    check(-1 not in order and order == sorted(order), "best first, what is not whole below, the old price last though it is the lowest", text)
    says(("prices", "compare", "little movers", "--packs", "2", "--province", "QC"), "2 paquets livrés, Québec", "88,20 $", "livraison 0,00 $", "TVQ de 0 %", lang=french,
         what="two packs in Quebec: the lot's price, free delivery, its tax")
    compared = json.loads(says(("prices", "compare", movers.lower(), "--json"), "retailers"))
    check(compared["province"] == "ON" and len(compared["retailers"]) == 4, "--json, and the whole name in any letters", compared)

def shelved():
    says(("products", "scan", "036000291452"), f"{movers} (size 4, 124 pieces)", what="twelve digits of a till are the same code")
    says(("products", "scan", code, "mila", "--packs", "2"), "Mila: 248 more on the shelf.")
    says(("products", "scan", code, "théo"), "Théo : 124 de plus sur la tablette.", lang=french)
    says(("stock",), "248")

def ordered():
    says(("order", "new", "mila", "little movers", "--count", "2"), f"{movers}: 2 packs delivered, Ontario", "Jean Coutu: 33.9¢", "Costco Canada: 35.6¢", "Nothing was ordered. With --yes",
         what="before an order the shops are compared")
    check(json.loads(run("orders", "--json")[1]) == [], "and without a yes nothing is ordered")
    says(("prices", "add", "well.ca", "30.00", movers, "--delivery", "0"), "$30.00")
    says(("order", "new", "mila", "little movers", "--yes"), "Well.ca: ", "NEST-", what="with a yes, at the best of them")
    order = json.loads(run("orders", "--json")[1])[0]
    check(order["retailerType"] == "WELL_CA" and order["lines"][0]["name"] == movers and order["lines"][0]["piecesPerPack"] == 124, "of the product as it is kept, with its pieces", order)
    status, text = run("order", "new", "théo", "Bambo Nature Taille 5", "--yes", lang=french)
    check(status == 0 and "livré" not in text and "NEST-" in text, "what no price is known of is ordered in its own words", text)

try:
    home.mkdir(mode=0o700)
    status, text = run("demo")
    check(status == 0, "a practice household", text)
    today = datetime.date.fromisoformat(json.loads(run("graphql", "{ household { today } }")[1])["data"]["household"]["today"][:10])
    nothing_known()
    day = told(today)
    bad_input()
    read(day)
    compared()
    shelved()
    ordered()
finally:
    lock = home / "agent.lock"
    pid = int(lock.read_text()) if lock.exists() and lock.read_text().strip() else 0
    if pid and os.readlink(f"/proc/{pid}/exe") == os.path.realpath(nestsyncd):
        os.kill(pid, signal.SIGTERM)
        for _ in range(200):
            if not os.path.exists(f"/proc/{pid}"): break
            time.sleep(.05)
    shutil.rmtree(work)
tally()
