#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs all benchmarks, prints one table, writes results.json and the plots.

Usage: run.py --bin DIR --out DIR [--quick] [--only calls,pool,machine,connect,crowd,outage]
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

MISSING = 77  # exit status of a benchmark that cannot run on this machine

# Programs that write figures of their own. {n}: their number of rounds, full and quick.
PROGRAMS = {
    "pool": (["isa-bench"], [], []),
    "machine": (["isa-bench-machine"], [], []),
    "connect": (["isa-bench-connect"], ["--rounds", "5"], ["--rounds", "2"]),
    "crowd": (["isa-bench-crowd"], ["--rounds", "5"], ["--rounds", "1", "--largest", "1000"]),
    "outage": (["isa-bench-outage"], ["--rounds", "20", "--down", "3000"],
               ["--rounds", "3", "--down", "1000"]),
    "long_outage": (["isa-bench-outage", "--down", "25000"], ["--rounds", "2"], None),
}

# What a program calls a figure, and what it is called here.
NAMES = {
    "own_bytes_per_connection_1000": "bytes_per_connection_over_core",
    "ready_after_return_ms": "ready_after_return_ms_p50",
    "op_after_return_ms": "op_after_return_ms_p50",
}


def run_program(name, options, figures):
    command, full, quick = PROGRAMS[name]
    arguments = quick if options.quick else full
    if arguments is None:
        return
    written = os.path.join(options.out, name + ".json")
    path = os.path.join(options.bin, command[0])
    if not os.path.exists(path):
        print(f"run.py: {command[0]} is not built; its figures are missing", file=sys.stderr)
        return
    done = subprocess.run([path, *command[1:], *arguments, "--json", written],
                          stdout=subprocess.DEVNULL, check=False)
    if done.returncode == MISSING:
        print(f"run.py: {name} cannot be measured here; its figures are missing", file=sys.stderr)
        return
    if done.returncode != 0:
        sys.exit(f"run.py: {command[0]} failed with {done.returncode}")
    with open(written, encoding="utf-8") as file:
        measured = json.load(file)
    suffix = "_after_25s" if name == "long_outage" else ""
    for key, figure in measured.items():
        figures[NAMES.get(key, key) + suffix] = figure


def describe_machine():
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    load = ", ".join(f"{x:.2f}" for x in os.getloadavg())
    return f"{model}, {os.cpu_count()} processors, Linux {os.uname().release}, load {load}"


def print_table(figures):
    width = max(len(name) for name in figures)
    print(f"{'figure':{width}} {'median':>12} {'min':>12} {'max':>12} {'unit':5} against")
    for name in sorted(figures):
        figure = figures[name]
        print(f"{name:{width}} {figure['value']:12.3f} {figure['min']:12.3f} "
              f"{figure['max']:12.3f} {figure['unit']:5} {figure['baseline'] or '-'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="where the programs are")
    parser.add_argument("--out", required=True, help="where results and plots go")
    parser.add_argument("--quick", action="store_true", help="one minute, for development")
    parser.add_argument("--only", default="", help="parts, separated by commas")
    options = parser.parse_args()
    parts = options.only.split(",") if options.only else ["calls", *PROGRAMS]
    os.makedirs(options.out, exist_ok=True)
    begin = time.monotonic()
    figures = {}
    print(describe_machine(), flush=True)
    for part in parts:
        print(f"-- {part}", file=sys.stderr, flush=True)
        if part == "calls":
            figures.update(compare.measure(options.bin, options.quick))
        elif part in PROGRAMS:
            run_program(part, options, figures)
        else:
            sys.exit(f"run.py: no part is called {part!r}")
    if not figures:
        sys.exit("run.py: nothing could be measured")
    print_table(figures)
    with open(os.path.join(options.out, "results.json"), "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=2)
        file.write("\n")
    plot.draw_all(figures, options.out)
    print(f"{time.monotonic() - begin:.0f} s; {os.path.join(options.out, 'results.json')}")


main()
