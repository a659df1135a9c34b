# SPDX-License-Identifier: Apache-2.0
"""The figures that results.json has to have, and the bounds of those that have one.

Usage: promises.py RESULTS.json [--without NAME,NAME]   exit status 1: a figure is missing or misshapen
"""
import json
import math
import sys

# Name: (least, most) of its value; None: no bound.
PROMISES = {
    "cpu_per_call_ratio_64": (None, 1.08),
    "cpu_per_call_ratio_1": (None, 1.30),
    "cpu_per_call_ratio_1000": (None, 1.08),
    "cpu_per_call_vs_loop_ratio_64": (None, .90),
    "cpu_per_call_vs_loop_ratio_1": (None, .95),
    "throughput_ratio_64": (.98, None),
    "latency_p50_ratio_1": (None, 1.15),
    "latency_p99_ratio_64": (None, None),
    "stream_messages_ratio": (None, 1.05),
    "large_message_ratio": (None, 1.),
    "health_check_ns": (None, 5.),
    "handle_open_ns": (None, None),
    "pool_lookup_ns_100": (None, None),
    "pool_lookup_ns_10000": (None, None),
    "pool_lookup_ratio": (None, 2.),
    "ready_after_return_ms_p50": (None, None),
    "ready_after_return_ms_p99": (None, None),
    "op_after_return_ms_p99": (None, None),
    "connect_ms_p99": (None, None),
    "bytes_per_connection_over_core": (None, 2048.),
    "ready_10000_ratio": (None, 1.15),
    "machine_ratio_real": (None, 1.05),
    "machine_ratio_worst": (None, None),
    "allocations_per_unary_call": (None, None),
}


def bound_text(name):
    """As in the table; empty: none."""
    least, most = PROMISES.get(name, (None, None))
    return f">= {least:g}" if least is not None else f"<= {most:g}" if most is not None else ""


def is_missed(name, value):
    least, most = PROMISES.get(name, (None, None))
    return (least is not None and value < least) or (most is not None and value > most)


def missing(figures):
    return [name for name in PROMISES if name not in figures]


def misshapen(figures):
    """What is wrong with which figure, as texts."""
    found = []
    for name, figure in figures.items():
        if not isinstance(figure, dict) or set(figure) != {"value", "min", "max", "unit", "baseline"}:
            found.append(f"{name}: {figure!r} is not value, min, max, unit, baseline")
            continue
        numbers = [figure["min"], figure["value"], figure["max"]]
        if not all(isinstance(x, (int, float)) and math.isfinite(x) for x in numbers):
            found.append(f"{name}: not numbers: {numbers}")
        elif numbers != sorted(numbers):
            found.append(f"{name}: min, value and max are not in order: {numbers}")
        if not all(isinstance(figure[key], str) for key in ("unit", "baseline")):
            found.append(f"{name}: unit and baseline are not texts")
    return found


def main():
    without = sys.argv[3].split(",") if sys.argv[2:3] == ["--without"] else []
    with open(sys.argv[1], encoding="utf-8") as file:
        figures = json.load(file)
    wrong = misshapen(figures)
    wrong += [f"{name}: missing" for name in missing(figures) if name not in without]
    wrong += [f"{name}: is there, and was not expected" for name in without if name in figures]
    for text in wrong:
        print(f"promises.py: {text}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
