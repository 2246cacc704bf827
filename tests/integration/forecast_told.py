#!/usr/bin/python3
"""What a family is told of a forecast, on a practice household made from a real log: every field of
ConsumptionPrediction and every column of its table against what they mean, then what parents tell besides
and what the forecast makes of it. Prints TAP.

forecast_told.py ROOT NESTSYNC NESTSYNCD
"""
import datetime, json, math, os, pathlib, re, shutil, signal, struct, subprocess, sys, tempfile, time
from tap import check, tally

root, nestsync, nestsyncd = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
work = pathlib.Path(tempfile.mkdtemp(prefix="ns-told-"))
home = work / "home"
home.mkdir(mode=0o700)
kept = {k: v for k, v in os.environ.items() if k in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR")}
path = ":".join((str(pathlib.Path(nestsync).parent), str(pathlib.Path(nestsyncd).parent), os.environ["PATH"]))

def run(*words, lang="C", tzdir=None):
    env = dict(kept, HOME=str(work), NESTSYNC_HOME=str(home), LANG=lang, PATH=path)
    if tzdir: env["TZDIR"] = str(tzdir)
    done = subprocess.run([nestsync, *words], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr

def ask(document, variables=None):
    status, text = run("graphql", document, "--variables", json.dumps(variables or {}))
    if status != 0: raise SystemExit(f"{document}\n{status} {text}")
    return json.loads(text)["data"]

def day(text): return None if text is None else datetime.date.fromisoformat(text[:10])

def prediction(child):
    return ask("query($c: ID!) { getConsumptionPredictions(childId: $c, limit: 1) { items { " + " ".join(fields) + " } } }",
               {"c": child})["getConsumptionPredictions"]["items"][0]

# The fields, from the schema itself: one that is added is read here from its first day on.
body = re.search(r"^type ConsumptionPrediction [^{]*{(.*?)^}", (root / "schema/schema.graphql").read_text(), re.M | re.S).group(1)
types = dict(re.findall(r"^  (\w+): (\S+)", body, re.M))
fields = [n + (" { date expected lower upper }" if n == "dailyForecast" else "") for n in types]

# The columns of the first documentation, and the field that shows each.
columns = {"id": "id", "child_id": "childId", "model_version": "modelVersion", "confidence_level": "confidenceLevel",
           "current_consumption_rate": "currentConsumptionRate", "predicted_consumption_30d": "predictedConsumption30d",
           "predicted_runout_date": "predictedRunoutDate", "recommended_reorder_date": "recommendedReorderDate",
           "size_change_probability": "sizeChangeProbability", "feature_importance": "featureImportance", "created_at": "createdAt"}

def use(age): return 5.0 + 2.7 * math.exp(-age / 300) + 2.8 * math.exp(-age / 45)

def level(n, r2, mae):
    for name, least, most, days in (("VERY_HIGH", .8, 1.5, 30), ("HIGH", .7, 2.0, 30), ("MEDIUM", .5, 3.0, 14), ("LOW", .3, 4.0, 14)):
        if r2 is not None and r2 > least and mae < most and n >= days: return name
    return "VERY_LOW"

def kind(n): return "COLD_START" if n < 14 else "FLAT" if n < 60 else "TREND" if n < 730 else "YEARLY"

def number(p, name): return None if p[name] is None else float(p[name])

def look(child, today, p):
    who, days, near = child["name"], p["dailyForecast"], datetime.timedelta
    born = day(child["dateOfBirth"])
    expected = [float(d["expected"]) for d in days]
    runout, first, last, order = (day(p[n]) for n in ("predictedRunoutDate", "runoutEarliestDate", "runoutLatestDate", "recommendedReorderDate"))
    change, far = day(p["sizeChangeEstimatedDate"]), number(p, "sizeChangeProbability") < .05
    absent = [n for n in types if p[n] is None]
    check(absent in ([], ["sizeChangeEstimatedDate"] if far else []), f"{who}: every field has a value, but the day of a change that is far", absent)
    check([day(d["date"]) for d in days] == [today + near(i) for i in range(30)], f"{who}: thirty days from today on")
    check(all(0 <= float(d["lower"]) <= e <= float(d["upper"]) <= 20 for d, e in zip(days, expected)), f"{who}: each inside its range and possible", days)
    check(abs(sum(expected[:7]) / 7 - number(p, "currentConsumptionRate")) < .02, f"{who}: the rate is the mean of the next seven", p["currentConsumptionRate"])
    check(abs(sum(expected) - p["predictedConsumption30d"]) <= .8, f"{who}: the month is their sum", sum(expected), p["predictedConsumption30d"])
    check(p["demand30dLower"] < p["predictedConsumption30d"] < p["demand30dUpper"], f"{who}: inside its range")
    check(p["confidenceLevel"] == level(p["trainingDataPoints"], number(p, "rSquaredScore"), number(p, "meanAbsoluteError")),
          f"{who}: the documented table of confidence, as written", p)
    check(p["modelKind"] == kind(p["trainingDataPoints"]), f"{who}: the model goes by the days logged", p["modelKind"])
    check(first <= runout <= last and today <= order <= runout, f"{who}: run-out in its range, order before it", first, runout, last, order)
    shares = p["featureImportance"]
    check(set(shares) == {"trend", "weekly", "yearly", "holidays", "growth_factor", "seasonal_factor"} and
          abs(sum(shares.values()) - 1) < .001 and min(shares.values()) >= 0, f"{who}: shares of six components add up to 1", shares)
    check(re.fullmatch(r"[01]\.\d{4}", p["sizeChangeProbability"]) and number(p, "sizeChangeProbability") <= 1 and
          p["predictedNewSize"] == f"Size {int(child['currentDiaperSize'][5:]) + 1}" and (far or change > today), f"{who}: the next size",
          p["predictedNewSize"], p["sizeChangeProbability"])
    check(abs(number(p, "growthAdjustmentFactor") - use((today - born).days) / use(365)) < .0002, f"{who}: the growth factor of this age", p["growthAdjustmentFactor"])
    check(1 <= number(p, "seasonalAdjustmentFactor") <= 1.15, f"{who}: the seasonal factor", p["seasonalAdjustmentFactor"])
    check(14 <= p["trainingDataPoints"] <= p["trainingPeriodDays"] and day(p["lastUsageDate"]) == today - near(1), f"{who}: learned up to yesterday",
          p["trainingDataPoints"], p["trainingPeriodDays"], p["lastUsageDate"])
    check(p["predictionHorizonDays"] == 30 and p["stockAtPrediction"] == child["stock"] and p["packsToBuy"] >= 0 and p["packPieces"] > 0 and
          p["packsHeldBack"] >= 0, f"{who}: horizon, shelf and packs")
    check(p["alert"] is False and 0 <= number(p, "intervalCoverage") <= 1 and number(p, "weekAccuracy") <= 1 and len(p["explanation"]) >= 5,
          f"{who}: no alarm, cover and accuracy measured, said in words")
    check(p["seed"] == 0 and all(re.fullmatch("[0-9a-f]{64}", p[n]) for n in ("dataHash", "resultHash")) and
          p["settings"]["model"] == p["modelVersion"] and p["settings"]["serviceLevel"] == .95 and
          abs(sum(p["settings"]["leadTime"]) - 1) < .01, f"{who}: enough to make it again", p["settings"])
    again = ask("query($p: ID!) { predictionReplay(predictionId: $p) { same sameData sameModel resultHash replayHash } }", {"p": p["id"]})["predictionReplay"]
    check(again["same"] and again["sameData"] and again["resultHash"] == again["replayHash"] == p["resultHash"], f"{who}: and it is, to the bit", again)

def look_at_row(p):
    sql = "SELECT json_object(" + ", ".join(f"'{c}', " + (f"lower(hex({c}))" if c in ("id", "child_id") else c) for c in columns) + \
          f") FROM consumption_predictions WHERE id = x'{p['id'].replace('-', '')}'"
    done = subprocess.run(["/usr/bin/python3", root / "tests/integration/store_reader.py", home / "nestsync.db", "--key", home / "machine.key", sql],
                          capture_output=True, text=True)
    if done.returncode != 0: return check(False, "the table is read", done.stdout, done.stderr)
    row = json.loads(done.stdout)
    epoch = datetime.date(1970, 1, 1)
    for column, field in columns.items():
        shown, stored = p[field], row[column]
        if column in ("id", "child_id"): same = shown.replace("-", "") == stored
        elif column == "feature_importance": same = json.loads(stored) == shown
        elif column == "created_at":
            at = datetime.datetime.fromisoformat(shown.replace("Z", "+00:00"))
            same = abs(at.timestamp() - stored / 1e6) < 1
        elif column.endswith("_date"): same = epoch + datetime.timedelta(stored) == day(shown)
        elif isinstance(stored, float): same = abs(stored - float(shown)) < 1e-4 + .005 * (column == "current_consumption_rate")
        else: same = stored == shown
        check(same, f"the table's {column} is what is shown", stored, shown)

def what_parents_tell(today, mila, theo):
    before = prediction(mila["id"])
    for words, said, lang in (
            (("log", "weight", "7.4", "mila"), "weighs 7.4", "C"), (("log", "tight", "mila"), "taille", "fr_CA.UTF-8"),
            (("log", "wet", "mila", "--leak"), "Logged", "C"), (("stock", "delivery", "1", "2", "9"), "neuf sur dix en 9", "fr_CA.UTF-8"),
            (("predict", "mila", "--now"), "Mila", "C")):
        status, text = run(*words, lang=lang)
        check(status == 0 and said in text, " ".join(words), status, text)
    after = prediction(mila["id"])
    check(after["sizeChangeFromWeight"] and not before["sizeChangeFromWeight"] and
          number(after, "sizeChangeProbability") > number(before, "sizeChangeProbability") + .2, "a weight, a leak and a tight fit bring the next size nearer",
          before["sizeChangeProbability"], after["sizeChangeProbability"])
    check(after["settings"]["leadTime"][9] > 0 and day(after["recommendedReorderDate"]) <= day(before["recommendedReorderDate"]), "slow deliveries bring the order forward")

    for words, said in ((("log", "sick", "theo", "--on", str(today + datetime.timedelta(2)), "--until", str(today + datetime.timedelta(6))), "Days ill"),
                        (("log", "daycare", "theo", "--days", "mon,wed"), "Daycare is marked"),
                        (("log", "closed", "theo", "--on", str(today + datetime.timedelta(7))), "closed")):
        status, text = run(*words)
        check(status == 0 and said in text, " ".join(words[:3]), status, text)
    status, text = run("marks", "theo", lang="fr_CA.UTF-8")
    check(status == 0 and "malade entre le" in text and "(lun., mer.)" in text and "garderie fermée le" in text, "the marks are listed in French", text)
    ill = prediction(theo["id"])
    number_of = re.search(r"^(\d+)\. Théo: ill", run("marks")[1], re.M).group(1)
    status, text = run("marks", "remove", number_of)
    well = prediction(theo["id"])
    for _ in range(100): # the forecast is made anew behind the answer
        if well["id"] != ill["id"]: break
        time.sleep(.05)
        well = prediction(theo["id"])
    check(status == 0 and "ill" not in run("marks", "theo")[1] and ill["predictedConsumption30d"] > well["predictedConsumption30d"], "days ill take more, and a mark taken out takes it back",
          ill["predictedConsumption30d"], well["predictedConsumption30d"])

    status, text = run("children", "edit", "theo", "--early", "60")
    run("predict", "theo", "--now")
    early = prediction(theo["id"])
    check(status == 0 and number(early, "growthAdjustmentFactor") > number(well, "growthAdjustmentFactor"), "born early, growth counts from term",
          well["growthAdjustmentFactor"], early["growthAdjustmentFactor"])
    status, text = run("preferences", "theo", "--growth", "off", "--seasons", "non", "--most", "99,95", "--delivery-days", "sun,sat", "--sureness", "élevée")
    check(status == 0 and "growth: no; with seasons: no" in text and "$99.95" in text, "preferences are set", text)
    run("predict", "theo", "--now")
    plain = prediction(theo["id"])
    check(plain["featureImportance"]["growth_factor"] == 0 and float(plain["growthAdjustmentFactor"]) == 1 and
          plain["settings"]["useGrowthPrediction"] is False, "and the forecast follows them", plain["settings"])

def supplies():
    check(run("stock", "add", "mila", "216", "--product", "wipes")[0] == 0 and run("stock", "add", "mila", "60", "--product", "crème", lang="fr_CA.UTF-8")[0] == 0,
          "wipes and cream go on the shelf, in both languages")
    status, text = run("predict", "mila", "--supplies")
    check(status == 0 and "Wipes: 216 left." in text and "?" not in text, "their rate is not made up", text)
    for back in range(9, 0, -1):
        at = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=back)).strftime("%Y-%m-%dT%H:%M:%SZ")
        check(run("log", "wipes", "mila", "-n", "8", "--at", at)[0] == 0, f"eight wipes {back} days ago") if back in (9, 1) else run("log", "wipes", "mila", "-n", "8", "--at", at)
    status, text = run("predict", "mila", "--supplies")
    check(status == 0 and "Wipes: 144 left, 8" in text and "Should last until" in text and "Order by" in text, "a week of logs tells when they run out", text)
    status, text = run("predict", "mila", "--supplies", lang="fr_CA.UTF-8")
    check("Lingettes : 144 en réserve, 8" in text and "Devrait durer jusqu’au" in text, "in French too", text)
    status, text = run("status")
    check("Last change: wet" in text, "wipes are no change of diapers", text)

def awaited(today):
    status, text = run("children", "add", "Nova", "--born", str(today + datetime.timedelta(60)), "--size", "newborn")
    run("predict", "nova", "--now")
    nova = next(e["node"]["id"] for e in ask("{ myChildren(first: 5) { edges { node { id name } } } }")["myChildren"]["edges"] if e["node"]["name"] == "Nova")
    p = prediction(nova)
    check(status == 0 and p["predictedConsumption30d"] == p["demand30dUpper"] == 0 and not any("30 days should take" in line for line in p["explanation"]),
          "a child who is awaited needs nothing this month", p["predictedConsumption30d"], p["explanation"])
    status, text = run("preferences", "nova", "--brands", "x" * 200, lang="fr_CA.UTF-8")
    check(status != 0 and "(marque)" in text, "what is wrong is named in French", text)

def old_clock():
    """A computer whose zone data does not know the household's hours."""
    folder = work / "zones/America"
    folder.mkdir(parents=True)
    part = b"TZif2" + bytes(15) + struct.pack(">6L", 0, 0, 0, 0, 1, 4) + struct.pack(">lBB", -18000, 0, 0) + b"EST\0"
    (folder / "Toronto").write_bytes(part + part + b"\nEST5\n")
    status, text = run("status", tzdir=work / "zones")
    check(status == 0 and "time zone data is old: from " in text, "an old clock is told of", text)
    status, text = run("--screen", "home", tzdir=work / "zones")
    check(status == 0 and "clock is wrong from" in text, "on the console's first page too", text)
    status, text = run("doctor", lang="fr_CA.UTF-8", tzdir=work / "zones")
    check(status != 0 and "anciennes : à partir du " in text, "by the doctor too, in French", status, text)

status, text = run("demo", "--home", str(home))
try:
    check(status == 0 and "Mila" in text, "a practice household", status, text)
    data = ask("{ household { today } myChildren(first: 5) { edges { node { id name dateOfBirth currentDiaperSize } } } }")
    today = day(data["household"]["today"])
    children = [e["node"] for e in data["myChildren"]["edges"]]
    for child in children:
        child["stock"] = ask("query($c: ID!) { getDashboardStats(childId: $c) { diapersLeft } }", {"c": child["id"]})["getDashboardStats"]["diapersLeft"]
        p = prediction(child["id"])
        look(child, today, p)
    look_at_row(p)
    what_parents_tell(today, *children)
    supplies()
    awaited(today)
    old_clock()
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
