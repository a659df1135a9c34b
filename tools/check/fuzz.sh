#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fuzz fsm-gen, from the specifications of its tests and a dictionary: what it reads and writes
# (spec), the verb run with a script (run), the verb diff with two specifications (diff); and
# protoc-gen-isa, from what protoc asks for the .proto files of its tests (request); and what the
# library does with a message that came (reply), and with an answer about a service's health (health). A finding
# is kept in BUILD_DIR/findings; it belongs into tests/fsm-gen/fuzz/found, or
# tests/protoc-gen-isa/fuzz/found, once it is understood, with the name of its fuzzer in front: run-NAME.
# Exit status 77 when there is no clang with libFuzzer.
# Usage: fuzz.sh SECONDS_EACH [BUILD_DIR [FUZZER...]]
set -eu
[ $# -ge 1 ] || { echo "usage: $0 SECONDS_EACH [BUILD_DIR [FUZZER...]]" >&2; exit 2; }
seconds=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
scratch=
if [ $# -gt 1 ]; then
    build=$2
    shift
else
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    build=$scratch
fi
shift
subjects=${*:-spec run diff request reply health}

command -v clang >/dev/null || { echo "SKIPPED: there is no clang"; exit 77; }
mkdir -p "$build/findings"
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n); int LLVMFuzzerTestOneInput(const
char *d, unsigned long n) { return n > 99 && d[0] == 1; }' >"$build/probe.c"
clang -fsanitize=fuzzer "$build/probe.c" -o "$build/probe" 2>/dev/null ||
    { echo "SKIPPED: clang has no libFuzzer (Debian: libclang-rt-dev)"; exit 77; }

cmake -S "$top" -B "$build" -DCMAKE_C_COMPILER=clang -DISA_BUILD_FUZZ=ON -DISA_BUILD_TESTS=OFF \
    -DISA_BUILD_EXAMPLES=OFF >"$build/configure.log" 2>&1 || { cat "$build/configure.log"; exit 1; }
cmake --build "$build" --parallel "${JOBS:-2}" --target fuzzers >"$build/build.log" 2>&1 ||
    { tail -n 30 "$build/build.log"; exit 1; }

# Several seeds have the same name: their folder becomes a part of it.
sow_specs() {
    for seed in "$top"/tests/fsm-gen/*/*.fsm "$top"/src/fsm/*.fsm; do
        cp "$seed" "$1/$(basename "$(dirname "$seed")")-$(basename "$seed")"
    done
}

good_specs() {
    ls "$top"/tests/fsm-gen/good/*.fsm "$top"/tests/fsm-gen/machines/*.fsm "$top"/src/fsm/*.fsm
}

# A script that says everything once, and then backwards.
sow_scripts() {
    for seed in $(good_specs); do
        "$build/bin/fsm-gen" --json "$build/seed.json" "$seed"
        sed -n 's/^ *{ "id": [0-9]*, "name": "\([^"]*\)", "class".*/\1/p' "$build/seed.json" \
            >"$build/words"
        sed -n 's/^ *guard \(.*\);.*/\1/p' "$seed" | tr -d ' ' | tr ',' '\n' |
            sed 's/.*/guard &=1/' >>"$build/words"
        { cat "$seed" && printf '\n%%%%\n' && cat "$build/words" && tac "$build/words" &&
            echo 'state # the end'; } >"$1/$(basename "$seed")"
    done
}

# Each specification with itself after small changes, and with the next one.
sow_pairs() {
    before=$(good_specs | tail -n 1)
    for seed in $(good_specs); do
        { cat "$seed" && printf '\n%%%%\n' && cat "$before"; } >"$1/$(basename "$seed")"
        { cat "$seed" && printf '\n%%%%\n' &&
            sed 's/ -> \([A-Z]*\);/ -> \1 ;/; s/\[else\]/[ else ]/; s/ignore \(.*\);/unexpected \1;/' \
                "$seed"; } >"$1/changed-$(basename "$seed")"
        before=$seed
    done
}

# protoc asks a plugin that keeps the question; to its missing answer protoc has something to say.
sow_requests() {
    protos=$top/tests/protoc-gen-isa/protos
    for seed in "$protos"/*.proto "$protos"/*/*.proto; do
        printf '#!/bin/sh\ncat >"%s/%s"\n' "$1" "$(basename "$seed" .proto)" >"$build/keep"
        chmod +x "$build/keep"
        protoc "--plugin=protoc-gen-keep=$build/keep" "--keep_out=$build" -I "$protos" "$seed" \
            2>/dev/null || true
    done
    [ -n "$(ls "$1")" ]
}

# Messages of etcd, in pieces.
sow_replies() {
    printf '\001\000\012\002\030\002\022\012\012\003key\052\003abc\040\001' >"$1/range"
    printf '\003\001\012\002\030\003\020\001\132\011\022\007\012\001k\052\002vv' >"$1/watch"
    printf '\007\002\012\003key\022\005value\030\001' >"$1/put"
}

# A status, unknown fields of each kind, and the status once more.
sow_answers() {
    printf '\010\002\022\001x\031abcdefgh\010\001' >"$1/answer"
}

failed=0
for subject in $subjects; do
    seeds=$build/seeds-$subject corpus=$build/corpus-$subject
    rm -rf "$seeds"
    mkdir -p "$seeds" "$corpus"
    case $subject in
    spec) sow_specs "$seeds" ;;
    run) sow_scripts "$seeds" ;;
    diff) sow_pairs "$seeds" ;;
    request) sow_requests "$seeds" ;;
    reply) sow_replies "$seeds" ;;
    health) sow_answers "$seeds" ;;
    *) echo "no such fuzzer: $subject" >&2 && exit 2 ;;
    esac
    for found in "$top"/tests/*/fuzz/found/"$subject"-*; do
        [ ! -f "$found" ] || cp "$found" "$seeds/"
    done
    dictionary=-dict=$top/tests/fsm-gen/fuzz/spec.dict
    case $subject in request | reply | health) dictionary= ;; esac
    # The mask keeps what fsm-gen says about scripts out of the log; reports go there all the same.
    if "$build/bin/fuzz_$subject" "$corpus" "$seeds" ${dictionary:+"$dictionary"} \
        -max_total_time="$seconds" -max_len=12000 -rss_limit_mb=1024 -timeout=10 -close_fd_mask=2 \
        -artifact_prefix="$build/findings/$subject-" -print_final_stats=1 \
        >"$build/fuzz-$subject.log" 2>&1; then
        echo "$subject: $(sed -n 's/^Done \(.*\)/\1/p' "$build/fuzz-$subject.log")"
    else
        tail -n 40 "$build/fuzz-$subject.log"
        [ -z "$scratch" ] || echo "give a BUILD_DIR to keep the finding"
        failed=1
    fi
done
exit $failed
