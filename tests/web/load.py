"""Many people at once: uploads side by side, and viewers who follow one lecture.

``python -m tests.web.load`` runs it whole and says what the server's memory came to.
"""

import argparse
import concurrent.futures
import hashlib
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2

from pipeline.web.work.shelf import Shelf, Wish
from tests.web.conftest import Server

OFFSET = {"Content-Type": "application/offset+octet-stream", "Tus-Resumable": "1.0.0"}
BLOCK_BYTES = 16 << 20
"""What the page sends in one request; smaller ones would be more changes a minute than an address may make."""
_PATIENCE_S = 300


@dataclass(frozen=True)
class Load:
    """What came of it."""

    uploads: int
    viewers: int
    told: int
    """States that viewers were told, together."""
    memory_mb: float
    """The server's highest resident memory."""


def put_under_load(server: Server, uploads: int, size: int, viewers: int, block: int) -> Load:
    """Let people upload at once while others follow a lecture to its end; whatever is wrong raises."""
    shelf = Shelf(server.root / ".weike-web" / "shelf.sqlite")
    (server.root / "no-film.mp4").write_bytes(b"no film" * 999)
    # It waits, runs and fails while they look, so that everybody is told of each.
    lecture = shelf.put("local", Wish(str(server.root / "no-film.mp4"), "x", "seu-2020", title="题目"))
    with concurrent.futures.ThreadPoolExecutor(uploads + viewers) as people:
        watching = [people.submit(_watch, server, lecture) for _ in range(viewers)]
        sending = [people.submit(_upload, server, number, size, block) for number in range(uploads)]
        for sent in sending:
            sent.result(_PATIENCE_S)
        told = [watched.result(_PATIENCE_S) for watched in watching]
    return Load(uploads, viewers, sum(told), server.memory_mb)


def _upload(server: Server, number: int, size: int, block: int) -> None:
    """Send a file in blocks, as a browser does, and compare what lies on the disk."""
    data = random.Random(number).randbytes(size)
    with httpx2.Client(base_url=server.url, headers=server.origin, timeout=_PATIENCE_S) as client:
        begun = client.post("/uploads", headers={"Upload-Length": str(size), "Upload-Metadata": f"filename {number}"})
        place = begun.headers["location"]
        for at in range(0, size, block):
            part = data[at : at + block]
            answer = client.patch(place, headers={**OFFSET, "Upload-Offset": str(at)}, content=part)
            assert answer.status_code == 204, answer.text
    kept = next(path for path in (server.root / f".weike-web{place}").iterdir() if path.name != "info.json")
    assert hashlib.sha256(kept.read_bytes()).digest() == hashlib.sha256(data).digest()


def _watch(server: Server, lecture: str) -> int:
    """Follow a lecture until it is over; return how many states were told."""
    told: list[str] = []
    with httpx2.stream("GET", f"{server.url}/lectures/{lecture}/events", timeout=_PATIENCE_S) as news:
        assert news.status_code == 200
        for line in news.iter_lines():
            told += [line] if line.startswith("event: ") else []
    assert told[-1] == "event: end", told
    assert told.count("event: state") >= 1
    return told.count("event: state")


def run(begin: Callable[..., Server], uploads: int, size: int, viewers: int, block: int = BLOCK_BYTES) -> Load:
    """Start a server, put it under load, and stop it."""
    server = begin()
    try:
        return put_under_load(server, uploads, size, viewers, block)
    finally:
        server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uploads", type=int, default=20)
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--mib", type=int, default=64, help="of each upload")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        found = run(
            lambda: Server(root / "served", "--cache", str(root / "cache")),
            chosen.uploads,
            chosen.mib << 20,
            chosen.viewers,
        )
    print(
        f"{found.uploads} uploads of {chosen.mib} MiB at once and {found.viewers} viewers: no error, "
        f"{found.told} states told, the server's highest memory {found.memory_mb:.0f} MB"
    )
