#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every part of the benchmark runs, and what it writes has every figure that is promised.
# Usage: check-results.sh PYTHON BIN_DIR OUT_DIR   exit status 77: something to compare with is missing
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=$1 bin=$2 out=$3
for needed in "$bin/isa-bench-client-async" "$(command -v etcd || echo etcd)"; do
    [ -x "$needed" ] || { echo "check-results.sh: SKIPPED: no $needed"; exit 77; }
done

mkdir -p "$out"
"$python" "$here/run.py" --bin "$bin" --out "$out" --smoke >"$out.log"
grep -q '^ready_10000_ratio *NOT MEASURED' "$out.log"
"$python" "$here/promises.py" "$out/results.json" --without ready_10000_ratio

# The check itself: it finds what is missing, and what is not in shape.
"$python" - "$out" <<'EOF'
import json
import sys

out = sys.argv[1]
with open(out + "/results.json", encoding="utf-8") as file:
    figures = json.load(file)
del figures["connect_ms_p99"]
with open(out + "/less.json", "w", encoding="utf-8") as file:
    json.dump(figures, file)
figures["connect_ms_p99"] = {"value": 3, "min": 1, "max": 2, "unit": "ms", "baseline": ""}
with open(out + "/odd.json", "w", encoding="utf-8") as file:
    json.dump(figures, file)
EOF
for broken in less odd; do
    if "$python" "$here/promises.py" "$out/$broken.json" --without ready_10000_ratio 2>/dev/null; then
        echo "check-results.sh: $broken.json passed" >&2
        exit 1
    fi
done
