#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The exports of the example are those in exports/, to the byte, well-formed, left alone when they
# would not change, and not written when there is an error. UPDATE=1 records instead.
# Usage: check-exports.sh FSM_GEN
set -u
fsm_gen=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
mkdir out
failed=0

export_all() { # SPEC
    "$fsm_gen" --mermaid out/gconn.mmd --plantuml out/gconn.puml --scxml out/gconn.scxml \
        --json out/gconn.json --report out/gconn.txt --libev out/gconn_libev.c \
        --stubs out/gconn_stubs.c --dot-full out/gconn_full.dot \
        --trace-decoder out/gconn_decoder.c "$1"
}

export_all "$here/faulty/e03_one.fsm" 2>err && echo "no error" && failed=1
[ -z "$(ls out)" ] || { echo "written in spite of an error:" && ls out && failed=1; }

export_all "$here/good/gconn.fsm" || exit 1
if [ "${UPDATE:-0}" != 0 ]; then
    mkdir -p "$here/exports"
    cp out/* "$here/exports/"
fi
diff -u -r "$here/exports" out || failed=1

touch -d '2001-01-01' out/*
export_all "$here/good/gconn.fsm" || exit 1
[ -z "$(find out -type f -newermt '2002-01-01')" ] || { echo "an unchanged file was touched" && failed=1; }

# The user's file is kept, whatever is in it.
echo mine >out/gconn_stubs.c
export_all "$here/good/gconn.fsm" || exit 1
[ "$(cat out/gconn_stubs.c)" = mine ] || { echo "the user's file was overwritten" && failed=1; }

# What Graphviz draws is left to Graphviz; without it there is a clear error and no file.
if command -v dot >/dev/null; then
    "$fsm_gen" --dot plain.dot --svg plain.svg "$here/good/gconn.fsm" || failed=1
    dot -Tsvg plain.dot | cmp - plain.svg || failed=1
    dot -Tsvg out/gconn_full.dot >/dev/null || failed=1
    touch -d '2001-01-01' plain.svg
    "$fsm_gen" --svg plain.svg "$here/good/gconn.fsm" || failed=1
    [ -z "$(find plain.svg -newermt '2002-01-01')" ] || { echo "plain.svg was touched" && failed=1; }
fi
(PATH=/nonexistent && "$fsm_gen" --svg none.svg "$here/good/gconn.fsm" 2>err)
[ $? -eq 2 ] && grep -q 'Graphviz' err || { echo "no error without Graphviz" && failed=1; }
[ -z "$(find . -name 'none.svg*')" ] || { echo "something is left of none.svg" && failed=1; }

# Also of machines with everything in their texts that would need an escape.
for spec in "$here"/good/*.fsm "$here"/machines/*.fsm; do
    export_all "$spec" || failed=1
    if command -v python3 >/dev/null; then
        python3 -c '
import json, sys, xml.dom.minidom
machine = json.load(open("out/gconn.json"))
states = {s["name"] for s in machine["states"]}
assert set(machine["cells"]) == states
assert all(t["to"] in states for t in machine["transitions"])
handled = sum(k == "handled" for row in machine["cells"].values() for k in row.values())
assert handled == len({(t["from"], t["event"]) for t in machine["transitions"]})
ids = {e.getAttribute("id") for tag in ("state", "final")
       for e in xml.dom.minidom.parse("out/gconn.scxml").getElementsByTagName(tag)}
assert states <= ids
' || { echo "not well-formed: $spec" && failed=1; }
    fi
    ! command -v xmllint >/dev/null || xmllint --noout out/gconn.scxml || failed=1
done
exit $failed
