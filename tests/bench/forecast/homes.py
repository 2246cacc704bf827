#!/usr/bin/env python3
"""homes.py FIRST COUNT FOLDER: simulated homes, one for each seed from FIRST on, as NAME_daily.csv.

Start of the log, birth and length are drawn from the seed too: most logs begin at birth, some months later.
"""
import csv, datetime as dt, importlib.util, pathlib, random, sys

here = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("simulate", here / "../../data/usage/simulate.py")
simulate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(simulate)

first, count, folder = int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
folder.mkdir(parents=True, exist_ok=True)
for seed in range(first, first + count):
    draw = random.Random("plan%d" % seed)
    start = draw.choice([0, 0, 0, 0, draw.randint(5, 300)])
    days = draw.choice([120, 200, 400, 500, 700, 900, 1000])
    birth = dt.date(2021, 1, 1) + dt.timedelta(draw.randint(0, 1400))
    rows, _ = simulate.simulate(seed, birth, start, days)
    with open(folder / ("s%d_daily.csv" % seed), "w", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow("date,count,status,age_days,growth_factor,seasonal_factor,size,weight_kg,true_mean".split(","))
        table.writerows(rows)
