# SPDX-License-Identifier: Apache-2.0
"""A client on python3-grpcio's asyncio interface. Prints the same line as the clients in C."""
import argparse
import asyncio
import json
import os
import resource
import time

import grpc


def usage():
    return resource.getrusage(resource.RUSAGE_SELF)


async def run(options):
    channel = grpc.aio.insecure_channel(options.target)
    echo = channel.unary_unary("/isa.bench.Echo/Unary")
    payload = b"x" * options.payload
    took = []
    state = {"begin": None}
    warm_at = time.monotonic() + options.warmup
    over = asyncio.Event()

    def report(now):
        begin, before = state["begin"]
        end = usage()
        user = end.ru_utime - before.ru_utime
        system = end.ru_stime - before.ru_stime
        calls = len(took)
        took.sort()
        print(json.dumps({
            "calls": calls, "cpu_us": (user + system) / calls * 1e6,
            "user_us": user / calls * 1e6, "system_us": system / calls * 1e6,
            "per_second": calls / (now - begin), "p50_us": took[calls // 2] * 1e6,
            "p99_us": took[calls * 99 // 100] * 1e6,
            "sleeps": (end.ru_nvcsw - before.ru_nvcsw) / calls,
            "preempted": (end.ru_nivcsw - before.ru_nivcsw) / calls,
            "payload": options.payload, "in_flight": options.in_flight}), flush=True)

    async def worker():
        while not over.is_set():
            started = time.monotonic()
            reply = await echo(payload, timeout=30)
            assert len(reply) == len(payload)
            now = time.monotonic()
            if state["begin"] is None:
                if now >= warm_at:
                    state["begin"] = (now, usage())
            else:
                took.append(now - started)
                if now - state["begin"][0] >= options.seconds and not over.is_set():
                    over.set()
                    report(now)
                    os._exit(0)

    await asyncio.gather(*[worker() for _ in range(options.in_flight)])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", required=True)
    parser.add_argument("--style", default="")
    parser.add_argument("--payload", type=int, default=64)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=1.)
    parser.add_argument("--warmup", type=float, default=.3)
    asyncio.run(run(parser.parse_args()))


main()
