#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fuzz fsm-gen for some seconds, from the specifications of its tests and a dictionary. A finding is
# kept in BUILD_DIR/findings; it belongs into tests/fsm-gen/fuzz/found once it is understood.
# Exit status 77 when there is no clang with libFuzzer.
# Usage: fuzz.sh SECONDS [BUILD_DIR]
set -eu
[ $# -ge 1 ] || { echo "usage: $0 SECONDS [BUILD_DIR]" >&2; exit 2; }
seconds=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
scratch=
if [ $# -gt 1 ]; then
    build=$2
else
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    build=$scratch
fi

command -v clang >/dev/null || { echo "no clang: skipped"; exit 77; }
mkdir -p "$build/seeds" "$build/corpus" "$build/findings"
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n); int LLVMFuzzerTestOneInput(const
char *d, unsigned long n) { return n > 99 && d[0] == 1; }' >"$build/probe.c"
clang -fsanitize=fuzzer "$build/probe.c" -o "$build/probe" 2>/dev/null ||
    { echo "clang has no libFuzzer: skipped"; exit 77; }

cmake -S "$top" -B "$build" -DCMAKE_C_COMPILER=clang -DISA_BUILD_FUZZ=ON -DISA_BUILD_TESTS=OFF \
    -DISA_BUILD_EXAMPLES=OFF >"$build/configure.log" 2>&1 || { cat "$build/configure.log"; exit 1; }
cmake --build "$build" --parallel 2 --target fuzz_fsm_gen >"$build/build.log" 2>&1 ||
    { tail -n 30 "$build/build.log"; exit 1; }

# Several seeds have the same name: their folder becomes a part of it.
for seed in "$top"/tests/fsm-gen/*/*.fsm "$top"/tests/fsm-gen/fuzz/found/* "$top"/src/fsm/*.fsm; do
    [ -f "$seed" ] || continue
    cp "$seed" "$build/seeds/$(basename "$(dirname "$seed")")-$(basename "$seed")"
done
if "$build/bin/fuzz_fsm_gen" "$build/corpus" "$build/seeds" \
    -dict="$top/tests/fsm-gen/fuzz/spec.dict" -max_total_time="$seconds" -max_len=6000 \
    -rss_limit_mb=1024 -timeout=10 -artifact_prefix="$build/findings/" -print_final_stats=1 \
    >"$build/fuzz.log" 2>&1; then
    grep -E '^stat::number_of_executed_units|DONE' "$build/fuzz.log"
    exit 0
fi
tail -n 40 "$build/fuzz.log"
[ -z "$scratch" ] || echo "give a BUILD_DIR to keep the finding"
exit 1
