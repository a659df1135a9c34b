#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs all benchmarks, prints one table, writes results.json and the plots.

Usage: run.py --bin DIR --out DIR [--quick|--smoke] [--only calls,pool,machine,connect,crowd,outage]
"""
import argparse
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "calls"))
import compare  # noqa: E402
import plot  # noqa: E402
import promises  # noqa: E402

MISSING = 77  # exit status of a benchmark that cannot run on this machine

FULL, QUICK, SMOKE = range(3)

# Programs that write figures of their own: with which options (full, quick, smoke; None: not at all),
# and how many seconds a full run may take. All budgets together are less than ten minutes.
PROGRAMS = {
    "pool": (["isa-bench"], [[], [], []], 15),
    "machine": (["isa-bench-machine"], [[], [], []], 25),
    "connect": (["isa-bench-connect"],
                [["--rounds", "5"], ["--rounds", "2"], ["--rounds", "1"]], 10),
    # Begins no round after 50 s; a longest round of its largest size takes twice 40.
    "crowd": (["isa-bench-crowd"],
              [["--rounds", "3"], ["--rounds", "1", "--largest", "1000"],
               ["--rounds", "1", "--largest", "1000"]], 130),
    "outage": (["isa-bench-outage"],
               [["--rounds", "20", "--down", "2000"], ["--rounds", "3", "--down", "1000"],
                ["--rounds", "1", "--down", "200"]], 70),
    "long_outage": (["isa-bench-outage", "--down", "25000"], [["--rounds", "2"], None, None], 56),
}
CALLS_BUDGET_S = 280

# What a program calls a figure, and what it is called here.
NAMES = {"own_bytes_per_connection_1000": "bytes_per_connection_over_core"}


def run_program(name, options, figures):
    """@return what went wrong, or None"""
    command, arguments, budget_s = PROGRAMS[name]
    arguments = arguments[options.scale]
    if arguments is None:
        return None
    written = os.path.join(options.out, name + ".json")
    path = os.path.join(options.bin, command[0])
    if not os.path.exists(path):
        return f"{command[0]} is not built"
    if os.path.exists(written):
        os.remove(written)  # or an older run's figures would pass for this one's
    try:
        done = subprocess.run([path, *command[1:], *arguments, "--json", written], check=False,
                              stdout=subprocess.DEVNULL, timeout=budget_s)
    except subprocess.TimeoutExpired:
        return f"{command[0]} was stopped after {budget_s} s"
    if done.returncode == MISSING:
        return f"{command[0]} cannot measure on this machine"
    if os.path.exists(written):  # also when it failed half-way: what it has, it has measured
        with open(written, encoding="utf-8") as file:
            measured = json.load(file)
        suffix = "_after_25s" if name == "long_outage" else ""
        for key, figure in measured.items():
            figures[NAMES.get(key, key) + suffix] = figure
    return f"{command[0]} failed with {done.returncode}" if done.returncode else None


def describe_machine():
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    load = ", ".join(f"{x:.2f}" for x in os.getloadavg())
    return f"{model}, {os.cpu_count()} processors, Linux {os.uname().release}, load {load}"


def print_row(figures, name, width):
    figure = figures[name]
    bound = promises.bound_text(name)
    verdict = "MISSED" if promises.is_missed(name, figure["value"]) else "met" if bound else ""
    print(f"{name:{width}} {figure['value']:12.3f} {figure['min']:12.3f} {figure['max']:12.3f} "
          f"{figure['unit']:5} {bound:8} {verdict:6} {figure['baseline'] or '-'}")


def print_table(figures):
    """What is promised last, where it is seen."""
    width = max(len(name) for name in [*figures, *promises.PROMISES])
    print(f"{'figure':{width}} {'value':>12} {'min':>12} {'max':>12} {'unit':5} {'bound':8} "
          f"{'':6} against")
    for name in sorted(set(figures) - set(promises.PROMISES)):
        print_row(figures, name, width)
    print()
    for name in promises.PROMISES:
        if name in figures:
            print_row(figures, name, width)
        else:
            print(f"{name:{width}} {'NOT MEASURED':>12}")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="where the programs are")
    parser.add_argument("--out", required=True, help="where results and plots go")
    parser.add_argument("--quick", dest="scale", action="store_const", const=QUICK, default=FULL,
                        help="two minutes, for development")
    parser.add_argument("--smoke", dest="scale", action="store_const", const=SMOKE,
                        help="each part once; the figures mean nothing")
    parser.add_argument("--only", default="", help="parts, separated by commas")
    return parser.parse_args()


def main():
    options = read_arguments()
    parts = options.only.split(",") if options.only else ["calls", *PROGRAMS]
    os.makedirs(options.out, exist_ok=True)
    begin = time.monotonic()
    figures, troubles, took = {}, [], []
    print(describe_machine(), flush=True)
    for part in parts:
        print(f"-- {part}", file=sys.stderr, flush=True)
        part_begin = time.monotonic()
        trouble = None
        if part == "calls":
            measured, trouble = compare.measure(options.bin, options.scale, CALLS_BUDGET_S)
            figures.update(measured)
        elif part in PROGRAMS:
            trouble = run_program(part, options, figures)
        else:
            sys.exit(f"run.py: no part is called {part!r}")
        took.append(f"{part} {time.monotonic() - part_begin:.0f} s")
        if trouble:
            troubles.append(f"{part}: {trouble}; figures are missing, or are of fewer rounds")
    if not figures:
        sys.exit("run.py: nothing could be measured: " + "; ".join(troubles))
    print_table(figures)
    if options.scale != FULL:
        print("A short run: take no figure of it for a measurement.")
    results = os.path.join(options.out, "results.json")
    with open(results, "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=2)
        file.write("\n")
    plot.draw_all(figures, options.out)
    print(f"{', '.join(took)}; together {time.monotonic() - begin:.0f} s; {results}")
    for trouble in troubles:
        print(f"run.py: {trouble}", file=sys.stderr)


main()
