#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --diagnostics=json says what the text says, as one valid object a line, whatever the bytes of the
# specification and of its name. Usage: check-json.sh FSM_GEN
set -u
fsm_gen=$1
here=$(cd "$(dirname "$0")" && pwd)
command -v python3 >/dev/null || { echo "python3 is not installed" && exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/faulty/*.fsm "$here"/faulty/*.abi "$work"
cd "$work" || exit 2

printf 'machine m {\n  include "\001\177\\ \303\244 \342\202\254 \360\237\230\200 \377 \300\200 \355\240\200 \303";\n' \
    >bytes.fsm
printf '  event user { GO "\303\244\377\\\\ \002"; }\n  \342\202\254\n' >>bytes.fsm
cp e01_state.fsm "$(printf 'name \303\244 \377 "quoted" \\ \n.fsm')"
cat >compare.py <<'END'
import json, os, re, subprocess, sys

KEYS = ["file", "line", "column", "level", "code", "flag", "message", "notes"]
tool, count = sys.argv[1].encode(), 0
for name in sorted(os.listdir(b".")):
    if not name.endswith(b".fsm"):
        continue
    first = open(name, "rb").readline()
    flags = first[12:].split() if first.startswith(b"// fsm-gen: ") else []
    runs = [subprocess.run([tool] + flags + [b"--diagnostics=" + kind, name], capture_output=True)
            for kind in (b"text", b"json")]
    assert runs[0].returncode == runs[1].returncode, name
    objects = [json.loads(line) for line in runs[1].stderr.decode("utf-8").splitlines()]
    shown = []
    for o in objects:
        assert list(o) == KEYS, o
        assert o["level"] in ("error", "warning", "note") and o["code"], o
        assert o["file"] == name.decode("utf-8", "replace"), (o["file"], name)
        end = " [%s]" % o["code"] if o["flag"] is None else " [-W%s%s]" % (
            "error=" if o["level"] == "error" else "", o["flag"])
        shown.append("%d:%d: %s: %s%s" % (o["line"], o["column"], o["level"], o["message"], end))
        for n in o["notes"]:
            assert list(n) == ["file", "line", "column", "message"], n
            shown.append("%d:%d: note: %s" % (n["line"], n["column"], n["message"]))
    text = runs[0].stderr.decode("utf-8", "replace").split("\n")
    said = [m.group(1) for m in (re.match(r".*\.fsm:(\d+:\d+: (?:error|warning|note): .*)", line)
                                 for line in text) if m]
    assert objects, name
    if name != b"bytes.fsm":  # there the text shows bytes as they are
        assert said == shown, (name, said, shown)
    count += len(objects)
print(count, "messages")
END
python3 compare.py "$fsm_gen"

# Texts of the machine stay as they are, in UTF-8, after a mark that says so; other bytes do not.
printf '\357\273\277/// t\303\274r \360\237\232\252 \377\nmachine m {\n  prefix m; context "struct m"; include "<m.h>";\n  event user { GO; }\n  initial A;\n  resting state A { on GO -> B; }\n  resting state B { on GO -> A; }\n}\n' >utf8.fsm
"$fsm_gen" --json utf8.json --header utf8.h --source utf8.c --table utf8.md utf8.fsm || exit 1
python3 - <<'END' || exit 1
import json
text = json.loads(open("utf8.json", encoding="utf-8").read())["text"]
assert text == "t\u00fcr \U0001f6aa \ufffd", ascii(text)
END
grep -q '^/\* t' utf8.h && grep -q '^#include <m.h>$' utf8.c && grep -q '^t' utf8.md || exit 1
