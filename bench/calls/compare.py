# SPDX-License-Identifier: Apache-2.0
"""Clients against one server, in turn, round after round; figures are ratios within a round.

A ratio is taken between two runs that followed each other, so what else the machine does hits both.
"""
import json
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"  # the one that Debian's python3-grpcio is for

ASYNC = "official C++ async client"
LOOP = "official C++ async client on a libev loop"
NAMES = {"isa": "ISA Common for C", "async": ASYNC, "loop": LOOP,
         "callback": "official C++ callback client", "core": "grpc-core in C",
         "aio": "python3-grpcio aio"}

# (name, arguments, clients, rounds): the first of the clients is ours. What is promised comes first.
FEW = ["isa", "async", "loop"]
MANY = FEW + ["core", "callback", "aio"]
RUNS = [
    ("1", ["--in-flight", "1"], FEW, 9),
    ("64", ["--in-flight", "64"], FEW, 9),
    ("1000", ["--in-flight", "1000"], FEW, 7),
    ("16k", ["--in-flight", "64", "--payload", "16384"], FEW, 5),
    ("1m", ["--in-flight", "4", "--payload", "1048576"], FEW, 7),
    ("stream", ["--style", "stream", "--in-flight", "1"], ["isa", "async"], 7),
    ("1_all", ["--in-flight", "1"], MANY, 3),
    ("64_all", ["--in-flight", "64"], MANY, 3),
    ("1000_all", ["--in-flight", "1000"], MANY, 3),
    ("4", ["--in-flight", "4"], FEW + ["core"], 3),
    ("16", ["--in-flight", "16"], FEW + ["core"], 3),
    ("256", ["--in-flight", "256"], FEW + ["core"], 3),
    ("10_connections", ["--in-flight", "64", "--connections", "10"], FEW + ["core"], 3),
    ("100_connections", ["--in-flight", "64", "--connections", "100"], FEW + ["core"], 3),
    ("500_connections", ["--in-flight", "500", "--connections", "500"], FEW + ["core"], 3),
]


class Server:
    """The one server; a process that ends when its standard input does."""

    def __init__(self, programs):
        self.process = subprocess.Popen([os.path.join(programs, "isa-bench-server")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.target = "127.0.0.1:" + self.process.stdout.readline().strip()

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def command_of(client, programs):
    """None: not installed, or not built."""
    if client == "aio":
        probe = subprocess.run([PYTHON, "-c", "import grpc.aio"], capture_output=True, check=False)
        return [PYTHON, os.path.join(HERE, "client_aio.py")] if probe.returncode == 0 else None
    path = os.path.join(programs, "isa-bench-client-" + client)
    return [path] if os.path.exists(path) else None


def run_client(command, server, arguments):
    """One run. None: this client does not know this style."""
    done = subprocess.run([*command, "--target", server.target, *arguments], capture_output=True,
                          text=True, check=False, timeout=120)
    if done.returncode == 77:
        return None
    if done.returncode != 0:
        sys.exit(f"compare.py: {' '.join(command)} {' '.join(arguments)}: {done.stderr}")
    return json.loads(done.stdout)


FULL, QUICK, SMOKE = range(3)  # how long is measured
SECONDS = ("0.7", "0.3", "0.05")


def run_rounds(run, commands, server, scale, end):
    """{client: [result of each round]}; the order turns around from round to round."""
    _, arguments, clients, rounds = run
    clients = [client for client in clients if commands[client]]
    results = {client: [] for client in clients}
    for number in range((rounds, 2, 1)[scale]):
        if number > 0 and time.monotonic() > end:
            break
        order = clients if number % 2 == 0 else clients[::-1]
        for client in order:
            result = run_client(commands[client], server,
                                [*arguments, "--seconds", SECONDS[scale],
                                 "--warmup", "0.02" if scale == SMOKE else "0.25"])
            if result:
                results[client].append(result)
    return {client: found for client, found in results.items() if found}


def figure(values, unit, baseline=""):
    return {"value": round(statistics.median(values), 4), "min": round(min(values), 4),
            "max": round(max(values), 4), "unit": unit, "baseline": baseline}


def ratio(results, key, client, against):
    if client not in results or against not in results:
        return None
    pairs = zip(results[client], results[against])
    return figure([a[key] / b[key] for a, b in pairs], "x", NAMES[against])


def add_ratios(figures, name, results):
    wanted = []
    if name in ("1", "64", "1000"):
        wanted += [(f"cpu_per_call_ratio_{name}", "cpu_us", "isa", "async"),
                   (f"cpu_per_call_vs_loop_ratio_{name}", "cpu_us", "isa", "loop"),
                   (f"throughput_ratio_{name}", "per_second", "isa", "async"),
                   (f"latency_p50_ratio_{name}", "p50_us", "isa", "async"),
                   (f"latency_p99_ratio_{name}", "p99_us", "isa", "async")]
    elif name.endswith("_all"):
        count = name[:-4]
        wanted += [(f"{client}_cpu_per_call_ratio_{count}", "cpu_us", client, "async")
                   for client in ("loop", "core", "callback", "aio")]
    elif name == "16k":
        wanted += [("message_16k_ratio", "cpu_us", "isa", "async"),
                   ("message_16k_vs_loop_ratio", "cpu_us", "isa", "loop")]
    elif name == "1m":
        wanted += [("large_message_ratio", "cpu_us", "isa", "async"),
                   ("large_message_vs_loop_ratio", "cpu_us", "isa", "loop")]
    elif name == "stream":
        wanted += [("stream_messages_ratio", "cpu_us", "isa", "async")]
    elif name.endswith("_connections"):
        wanted += [(f"cpu_per_call_ratio_{name}", "cpu_us", "isa", "async")]
    for key, what, client, against in wanted:
        found = ratio(results, what, client, against)
        if found:
            figures[key] = found


def add_costs(figures, name, results):
    what = "message" if name == "stream" else "call"
    for client, found in results.items():
        key = f"{client}_cpu_us_per_{what}_{name.replace('_all', '')}"
        if key not in figures:
            figures[key] = figure([one["cpu_us"] for one in found], "us")


def measure(programs, scale, budget_s):
    """@return figures, and what went wrong or None"""
    commands = {client: command_of(client, programs) for client in MANY}
    gone = [NAMES[client] for client, command in commands.items() if not command]
    trouble = ", ".join(gone) + " not there" if gone else None
    server = Server(programs)
    figures = {}
    end = time.monotonic() + budget_s
    try:
        counts = run_client(commands["isa"], server, ["--style", "count", "--calls", "20000"])
        figures["allocations_per_unary_call"] = figure([counts["allocations"]], "n")
        for number, run in enumerate(RUNS):
            if time.monotonic() > end:
                trouble = f"out of time after {budget_s} s: not " + ", ".join(
                    one[0] for one in RUNS[number:])
                break
            results = run_rounds(run, commands, server, scale, end)
            add_ratios(figures, run[0], results)
            add_costs(figures, run[0], results)
        else:
            if time.monotonic() > end:
                trouble = f"out of time after {budget_s} s: fewer rounds of {RUNS[-1][0]}"
    finally:
        server.end()
    return figures, trouble
