#!/bin/sh
# compat.sh: the Prophet-compatible mode, beside the real Prophet for R where it is installed
# (apt-get install --no-install-recommends r-cran-prophet), on the same series in the same run.
set -eu
ninja -C build/release tests/bench/forecast/bench-compat >/dev/null
made=build/release/tests/bench/forecast/bench-compat
pair=build/bench/prophet
mkdir -p "$pair"
"$made" --write "$pair"
if command -v Rscript >/dev/null && Rscript -e 'quit(status = !requireNamespace("prophet", quietly = TRUE))' >/dev/null 2>&1; then
    Rscript tests/bench/forecast/prophet.R "$pair" >"$pair/times" 2>"$pair/log" ||
        { tail -5 "$pair/log" >&2; exit 1; }
    exec "$made" build/bench/compat.json "$pair/times"
fi
echo 'no real Prophet here (r-cran-prophet): no ratio'
exec "$made" build/bench/compat.json
