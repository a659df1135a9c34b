# SPDX-License-Identifier: Apache-2.0
"""The peer of kind python: a gRPC server on Debian's python3-grpcio that obeys.

Owns: its three methods, the line to the parent on descriptor 0.
Used by: peers.c, which runs it as `server.py python port=N`; `server.py check` says by its exit
status whether it could run.
"""
import socket
import sys
import threading
import time
from concurrent import futures

import grpc

released = threading.Event()


def echo(request, context):
    return request


def hold(request, context):
    released.wait(30)
    return request


def slow(request, context):
    time.sleep(int(request) / 1000)
    return request


METHODS = {"Echo": echo, "Hold": hold, "Slow": slow}


def serve(port):
    handlers = {name: grpc.unary_unary_rpc_method_handler(fn) for name, fn in METHODS.items()}
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=64))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("test.Test", handlers),))
    if server.add_insecure_port("127.0.0.2:%d" % port) != port:
        sys.exit("port %d is taken" % port)
    server.start()
    return server


def main():
    if sys.argv[1] == "check":
        return
    settings = dict(word.split("=", 1) for word in sys.argv[2:])
    server = serve(int(settings["port"]))
    control = socket.socket(fileno=0)
    control.send(b"0\0")
    while True:
        line = control.recv(128).rstrip(b"\0")
        if not line:  # the parent is gone
            break
        if line == b"release":
            released.set()
        elif line == b"drain":  # GOAWAY; calls that run may finish; nothing listens any more
            server.stop(10)
        control.send(b"0\0")


main()
