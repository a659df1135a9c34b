# SPDX-License-Identifier: Apache-2.0
"""Draws the figures as SVG: cost against calls in flight, and against the number of connections."""
import math
import os

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 44, 52
COLOURS = {"isa": "#c0392b", "async": "#2c3e50", "loop": "#2980b9", "core": "#7f8c8d",
           "ours": "#c0392b"}
LABELS = {"isa": "ISA Common for C", "async": "C++ async, bare", "loop": "C++ async on libev",
          "core": "grpc-core in C", "ours": "ISA Common for C"}


def ticks(top):
    """Round numbers from 0 to at least `top`."""
    step = 10 ** math.floor(math.log10(top))
    for part in (.2, .5, 1., 2.):
        if top / (step * part) <= 6:
            step *= part
            break
    return [step * i for i in range(math.ceil(top / step) + 1)]


def draw(path, title, across, up, lines):
    """lines: {name: [(x, y)]}; x is shown logarithmically."""
    lines = {name: points for name, points in lines.items() if len(points) > 1}
    if not lines:
        return
    xs = sorted({x for points in lines.values() for x, _ in points})
    marks = ticks(max(y for points in lines.values() for _, y in points))
    span = math.log(xs[-1]) - math.log(xs[0])

    def at(x, y):
        return (LEFT + (math.log(x) - math.log(xs[0])) / span * (WIDTH - LEFT - RIGHT),
                HEIGHT - BOTTOM - y / marks[-1] * (HEIGHT - TOP - BOTTOM))

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           f'<text x="{LEFT}" y="20" font-size="15">{title}</text>']
    for mark in marks:
        _, y = at(xs[0], mark)
        out += [f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>',
                f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{mark:g}</text>']
    for x in xs:
        place, _ = at(x, 0)
        out.append(f'<text x="{place:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{x}</text>')
    out += [f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" '
            f'text-anchor="middle">{across}</text>',
            f'<text x="{LEFT}" y="36" fill="#555">{up}</text>']
    for number, (name, points) in enumerate(lines.items()):
        places = [at(x, y) for x, y in sorted(points)]
        trace = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        colour = COLOURS[name]
        out.append(f'<path d="M{trace}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        out.append(f'<text x="{WIDTH - RIGHT}" y="{TOP + 14 + 16 * number}" text-anchor="end" '
                   f'fill="{colour}">{LABELS[name]}</text>')
    out.append("</svg>")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


def collect(figures, prefix_of, counts):
    """counts: {x: what the figure's name ends with}"""
    lines = {}
    for client in ("isa", "async", "loop", "core"):
        names = {x: prefix_of.format(client) + end for x, end in counts.items()}
        lines[client] = [(x, figures[name]["value"]) for x, name in names.items() if name in figures]
    return lines


def draw_all(figures, out):
    cost = "{}_cpu_us_per_call_"
    draw(os.path.join(out, "in_flight.svg"), "CPU of the client per unary call of 64 bytes",
         "calls in flight", "microseconds",
         collect(figures, cost, {n: str(n) for n in (1, 4, 16, 64, 256, 1000)}))
    draw(os.path.join(out, "connections.svg"), "CPU of the client per call, calls spread evenly",
         "connections (64 calls in flight; 500 on 500)", "microseconds",
         collect(figures, cost, {1: "64", 10: "10_connections", 100: "100_connections",
                                 500: "500_connections"}))
    sizes = (100, 1000, 10000)
    ready = {"ours": "ready_{}_ms", "core": "ready_{}_core_ms"}
    draw(os.path.join(out, "ready.svg"), "Time until so many connections are READY, per connection",
         "connections", "microseconds",
         {name: [(n, figures[key.format(n)]["value"] * 1e3 / n) for n in sizes
                 if key.format(n) in figures] for name, key in ready.items()})
