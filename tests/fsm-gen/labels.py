# SPDX-License-Identifier: Apache-2.0
# Reads what `dot -Tjson` says of a picture, and names each pair of labels that lie on each other.
# Usage: labels.py NAME < picture.json
import json
import sys

# Of the size of a font: how wide a character is at most on average, how far text reaches up and down.
HEIGHT_UP, HEIGHT_DOWN = 0.75, 0.2


def boxes(element):
    """One box for each line of text that an element draws: left, right, bottom, top, text."""
    size = 9.0
    for op in element.get("_ldraw_", []):
        if op["op"] == "F":
            size = op["size"]
        elif op["op"] == "T" and op["text"].strip():
            x, y = op["pt"]
            width = op["width"]
            left = {"l": x, "c": x - width / 2, "r": x - width}[op["align"]]
            yield left, left + width, y - size * HEIGHT_DOWN, y + size * HEIGHT_UP, op["text"]


def overlap(a, b):
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]


picture = json.load(sys.stdin)
texts = [box for element in picture.get("objects", []) + picture.get("edges", []) for box in boxes(element)]
if not texts:
    sys.exit(f"{sys.argv[1]}: no label found")
pairs = [(a[4], b[4]) for i, a in enumerate(texts) for b in texts[:i] if overlap(a, b)]
for a, b in pairs:
    print(f"{sys.argv[1]}: '{a}' lies on '{b}'")
sys.exit(bool(pairs))
