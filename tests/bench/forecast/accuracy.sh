#!/bin/sh
# accuracy.sh: the product's forecast on simulated homes and the real log, beside what a user could pick
# instead; the real Prophet too on the first NS_PROPHET_HOMES (3) homes and the real log where it is
# installed. NS_HOMES (64) homes from seed NS_HOMES_FIRST on. NS_CALIBRATION_SVG names a picture to write.
set -eu
ninja -C build/release tests/bench/forecast/bench-accuracy >/dev/null
made=build/release/tests/bench/forecast/bench-accuracy
first=${NS_HOMES_FIRST:-820001}
count=${NS_HOMES:-64}
homes=build/bench/homes-$first-$count
real=schema/data/usage/real_a.csv
[ -d "$homes" ] || python3 tests/bench/forecast/homes.py "$first" "$count" "$homes"
set -- --json build/bench/accuracy.json
[ -z "${NS_CALIBRATION_SVG:-}" ] || set -- "$@" --svg "$NS_CALIBRATION_SVG"
asked=${NS_PROPHET_HOMES:-3}
told=$homes/prophet-$asked
if command -v Rscript >/dev/null && Rscript -e 'quit(status = !requireNamespace("prophet", quietly = TRUE))' >/dev/null 2>&1; then
    if [ ! -s "$told" ]; then
        # shellcheck disable=SC2046
        Rscript tests/bench/forecast/prophet_origins.R "$told.part" $(printf '%s\n' "$homes"/*_daily.csv | head -n "$asked") \
            "$real" >"$told.log" 2>&1 || { tail -5 "$told.log" >&2; exit 1; }
        mv "$told.part" "$told"
    fi
    set -- "$@" --prophet "$told"
else
    echo 'no real Prophet here (r-cran-prophet): its rows are missing'
fi
echo "simulated homes from seeds $first to $((first + count - 1)), 30 days ahead:"
exec "$made" "$@" "$homes"/*_daily.csv "$real"
