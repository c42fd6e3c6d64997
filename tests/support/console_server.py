"""A console on a loopback port, in a thread, for tests with a real browser."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager

import uvicorn

from parley.console.app import build_console


class Running:
    """A console that can be stopped and started again at the same address."""

    def __init__(self, gateway, host):
        self.gateway = gateway
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.origin = f"http://{host}:{self._port}"
        self._app = build_console(gateway, origin=self.origin)

    def start(self):
        config = uvicorn.Config(
            self._app,
            port=self._port,
            log_level="error",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        started = threading.Event()

        async def serve():
            self.loop = asyncio.get_running_loop()
            self.gateway._changed = asyncio.Event()
            await self._server.serve()

        def run():
            started.set()
            asyncio.run(serve())

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        started.wait()
        while not self._server.started:
            self._thread.join(0.02)

    def stop(self):
        self._server.should_exit = True
        self._thread.join(timeout=10)

    def open_session(self, officer):
        """Return the secret of a new session."""
        work = self.gateway.open_session(officer, how="test")
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(5)

    def call(self, act, *facts):
        """Run `act` in the server's own loop and wait for it."""
        done = threading.Event()

        def step():
            act(*facts)
            done.set()

        self.loop.call_soon_threadsafe(step)
        assert done.wait(5)


@contextmanager
def serve_console(gateway, host="alfa.localhost"):
    """Yield a running console; `.origin` is its address."""
    running = Running(gateway, host)
    running.start()
    try:
        yield running
    finally:
        running.stop()
