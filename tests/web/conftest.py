"""A server in a process of its own on a free port, and an application without one."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

TOKENS = ("correct-horse-battery-1", "correct-horse-battery-2")


class Server:
    """``weike serve`` as a person starts it."""

    def __init__(self, root: Path, *args: str) -> None:
        self.root, self._args = root, args
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            self.port = door.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.origin = {"Origin": self.url}
        self.start()

    def __enter__(self) -> "Server":
        """Return the server; it stops at the end of the block."""
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        command = [sys.executable, "-m", "pipeline.cli", "serve", "--root", str(self.root), "--port", str(self.port)]
        environment = {**os.environ, "WEIKE_LANG": "en"}
        self._process = subprocess.Popen([*command, *self._args], env=environment)
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                httpx2.get(f"{self.url}/assets/page.css", timeout=5)
                return
            except httpx2.HTTPError:
                assert self._process.poll() is None
                time.sleep(0.2)
        raise AssertionError("it does not answer")

    @property
    def memory_mb(self) -> float:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.kill()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def begin(*args: str) -> Server:
        made.append(Server(tmp_path / "served", "--cache", str(tmp_path / "cache"), *args))
        return made[-1]

    yield begin
    for server in made:
        server.stop()
