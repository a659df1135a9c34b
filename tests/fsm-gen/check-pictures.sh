#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# In the picture of every machine of the tree no label lies on another one, each state and each
# transition as written is in it, and Graphviz takes it without a warning.
# Usage: check-pictures.sh FSM_GEN
set -u
fsm_gen=$1
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
command -v dot >/dev/null && command -v python3 >/dev/null || {
    echo "SKIPPED: the pictures need Graphviz and python3"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0

# The judge itself: two labels in one place are found.
printf 'digraph { a [pos="0,0", label="one label"]; b [pos="5,1", label="another one"]; }\n' |
    neato -n -Tjson | python3 "$here/labels.py" overlapping >found
[ $? -eq 1 ] && grep -q "lies on" found || { echo "labels.py finds nothing" && failed=1; }

for spec in "$tree"/src/fsm/*.fsm "$here"/good/*.fsm "$here"/machines/*.fsm \
    $(find "$tree/examples" -name '*.fsm' ! -name '*forgotten*'); do
    "$fsm_gen" --dot out.dot --json out.json "$spec" || { failed=1 && continue; }
    dot -Tjson out.dot >out.picture 2>said || failed=1
    [ ! -s said ] || { echo "$spec: $(cat said)" && failed=1; }
    python3 "$here/labels.py" "$spec" <out.picture || failed=1
    python3 - "$spec" <<'EOF' || failed=1
import json, re, sys
text = re.sub(r"<[^<>]*>|&#160;", " ", open("out.dot").read())
machine = json.load(open("out.json"))
missing = [s["name"] for s in machine["states"] if not re.search(r'"%s" \[label' % s["name"], text)]
words = set(re.findall(r"\w+", text))
missing += sorted({t["event"] for t in machine["transitions"]} - words)
missing += sorted({w for t in machine["transitions"] for a in t.get("actions", []) for w in a.split()} - words)
if missing:
    sys.exit("%s: not in the picture: %s" % (sys.argv[1], ", ".join(missing)))
EOF
done
exit $failed
