#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds what a call costs to bounds, by counts, which a busy machine does not change.

Usage: guard.py --bin DIR instructions|allocations|system_calls|bytes
A count that needs a tool that is not installed is skipped: exit status 77.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "calls"))
import compare  # noqa: E402

MISSING = 77
FEW, MANY = 1000, 6000  # calls of two runs; what differs is the cost of the calls between
IN_FLIGHT = "64"

# Measured with gcc 12 and -O2, and a tenth more.
BOUNDS = {
    "instructions": 2560,     # in libisa_common, for each call; 2,265 before a channel had to confirm what a call claims
    "allocations": 2.1,       # through the library's allocator, for each call
    "system_calls": 1.5,      # all threads, for each call: core sends each call by itself
    "wakes": 0.15,            # write(): a loop that is busy is not woken
    "bytes": 2064,            # of a connection that is READY, handle included; the aim is 2,048
}


def fail_or_pass(what, value):
    bound = BOUNDS[what]
    print(f"{what}: {value:.3f}, bound {bound}")
    return value <= bound


def need(tool):
    if not shutil.which(tool):
        print(f"guard.py: SKIPPED: {tool} is not installed")
        sys.exit(MISSING)


def client(options):
    return os.path.join(options.bin, "isa-bench-client-isa")


def run_under(tool, options, server, calls):
    subprocess.run([*tool, client(options), "--target", server.target, "--in-flight", IN_FLIGHT,
                    "--calls", str(calls)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=240)


def per_call(counts):
    few, many = counts
    # A tenth of the calls warms up before the count begins.
    return (many - few) / ((MANY - FEW) * 1.1)


def instructions_of(path, library):
    """Self cost of one object in a file of callgrind's."""
    names, current, total, is_inclusive = {}, None, 0, False
    with open(path, encoding="utf-8") as file:
        for line in file:
            named = re.match(r"(c?)ob=\((\d+)\)(?: (.*))?", line)
            if named:
                if named.group(3):
                    names[named.group(2)] = named.group(3)
                if not named.group(1):
                    current = names[named.group(2)]
            elif line.startswith("calls="):
                is_inclusive = True  # of the callee: the next line
            elif re.match(r"[0-9+*-]", line):
                if not is_inclusive and current and library in current:
                    total += int(line.split()[-1])
                is_inclusive = False
    return total


def check_instructions(options, server, work):
    need("valgrind")
    counts = []
    for calls in (FEW, MANY):
        out = os.path.join(work, f"callgrind.{calls}")
        run_under(["valgrind", "--tool=callgrind", "--fair-sched=yes",
                   f"--callgrind-out-file={out}"], options, server, calls)
        counts.append(instructions_of(out, "libisa_common"))
    return fail_or_pass("instructions", per_call(counts))


def system_calls_of(path):
    """{name: count}, from strace -c."""
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            parts = line.split()
            if len(parts) >= 5 and re.match(r"\d", parts[0]):
                found[parts[-1]] = int(parts[3])
    return found


def check_system_calls(options, server, work):
    need("strace")
    counts = []
    for calls in (FEW, MANY):
        out = os.path.join(work, f"strace.{calls}")
        run_under(["strace", "-f", "-c", "-o", out], options, server, calls)
        counts.append(system_calls_of(out))
    is_good = fail_or_pass("system_calls", per_call([one["total"] for one in counts]))
    return fail_or_pass("wakes", per_call([one.get("write", 0) for one in counts])) and is_good


def check_allocations(options, server, _):
    counts = compare.run_client([client(options)], server,
                                ["--style", "count", "--in-flight", IN_FLIGHT, "--calls", "20000"])
    # Those between the warm-up and the end, but for the few that belong to both.
    return fail_or_pass("allocations", round(counts["allocations"], 2))


def check_bytes(options, _, work):
    out = os.path.join(work, "crowd.json")
    done = subprocess.run([os.path.join(options.bin, "isa-bench-crowd"), "--rounds", "1",
                           "--largest", "100", "--json", out], check=False,
                          stdout=subprocess.DEVNULL)
    if done.returncode == MISSING:
        sys.exit(MISSING)
    with open(out, encoding="utf-8") as file:
        return fail_or_pass("bytes", json.load(file)["own_bytes_per_connection_100"]["value"])


CHECKS = {"instructions": check_instructions, "allocations": check_allocations,
          "system_calls": check_system_calls, "bytes": check_bytes}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("what", choices=CHECKS)
    options = parser.parse_args()
    server = compare.Server(options.bin)
    try:
        with tempfile.TemporaryDirectory() as work:
            return 0 if CHECKS[options.what](options, server, work) else 1
    finally:
        server.end()


sys.exit(main())
