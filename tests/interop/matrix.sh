#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every case against every server, plain and over TLS, and prints the table of docs/INTEROP.md. With
# --check it runs nothing: the table there must say what known.txt says, which the tests hold every case to.
# Usage: matrix.sh DIR CLIENT | matrix.sh --check DOCUMENT CLIENT
set -eu
here=$(dirname "$0")
kinds="go grpc-js grpc-js-compression connect"
modes="plain tls"

# The lines that run-cases.sh prints when all is as known.txt says.
known_lines() { # CLIENT
    for kind in $kinds; do
        for mode in $modes; do
            "$1" --list_test_cases | while read -r name; do
                if grep -qE "^$kind:.* $name( |$)" "$here/known.txt"; then
                    echo "[SKIP] $kind $mode $name:"
                else
                    echo "[PASS] $kind $mode $name:"
                fi
            done
        done
    done
}

measured_lines() { # DIR CLIENT
    for kind in $kinds; do
        for mode in $modes; do
            "$here/run-cases.sh" "$kind" "$1" "$mode" "$2" | tee -a /dev/stderr || true
        done
    done
}

if [ "$1" = --check ]; then
    known_lines "$3" | awk -v kinds="$kinds" -v modes="$modes" -f "$here/matrix.awk" |
        diff - <(grep '^|' "$2") || { echo "$2: its table is not what known.txt says" && exit 1; }
else
    measured_lines "$1" "$2" | awk -v kinds="$kinds" -v modes="$modes" -f "$here/matrix.awk"
fi
