"""A console on a loopback port, in a thread, for tests with a real browser."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

import uvicorn

from parley.console.app import build_console


class Running:
    def __init__(self, origin, gateway):
        self.origin, self.gateway = origin, gateway
        self.loop = None


@contextmanager
def serve_console(gateway, host="alfa.localhost"):
    """Yield a running console; `.origin` is its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    origin = f"http://{host}:{port}"
    app = build_console(gateway, origin=origin, now=gateway.now)
    config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    running = Running(origin, gateway)
    running.server = server
    try:
        yield running
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
