"""A great upload outlives its server: ``python -m tests.web.great_upload`` sends 2 GB and kills the server twice."""

import argparse
import hashlib
import random
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2

from pipeline.store import file_sha256
from tests.web.conftest import Server

OFFSET = {"Content-Type": "application/offset+octet-stream", "Tus-Resumable": "1.0.0"}
_PIECE = 1 << 20
_PATIENCE_S = 600
_MEMORY_MB = 150


def _pieces(size: int, start: int = 0) -> Iterator[bytes]:
    """Yield a recording's bytes from a place on, without ever holding more than a piece."""
    for at in range(start - start % _PIECE, size, _PIECE):
        piece = random.Random(at).randbytes(min(_PIECE, size - at))
        yield piece[max(0, start - at) :]


def _offset(server: Server, place: str) -> int:
    return int(httpx2.head(server.url + place, timeout=_PATIENCE_S).headers["upload-offset"])


def _send(server: Server, place: str, size: int, killed_at: int | None) -> bool:
    """Send the rest in one request, kill the server on the way where that is asked for; tell whether all arrived."""

    killing = threading.Thread(target=server.kill)  # from beside: while it dies, bytes are still on their way

    def body(start: int) -> Iterator[bytes]:
        sent = start
        for piece in _pieces(size, start):
            yield piece
            sent += len(piece)
            if killed_at is not None and sent >= killed_at and killing.ident is None:
                killing.start()

    start = _offset(server, place)
    told = {**server.origin, **OFFSET, "Upload-Offset": str(start), "Content-Length": str(size - start)}
    try:
        answer = httpx2.patch(server.url + place, headers=told, content=body(start), timeout=_PATIENCE_S)
    except httpx2.HTTPError:
        assert killed_at is not None, "the line broke by itself"
        killing.join()
        return False
    assert answer.status_code == 204, answer.text
    return True


def prove(folder: Path, size: int) -> tuple[list[int], list[float]]:
    """Return where the upload went on after each death, and the highest memory of each life in MB."""
    server = Server(folder / "served", "--cache", str(folder / "cache"))
    try:
        begun = httpx2.post(f"{server.url}/uploads", headers={**server.origin, "Upload-Length": str(size)})
        place, went_on, memory = begun.headers["location"], [], []
        for part in (size // 3, 2 * size // 3):
            watch = _Memory(server)
            assert not _send(server, place, size, part)
            memory.append(watch.stop())
            server.start()
            went_on.append(_offset(server, place))
        assert 0 < went_on[0] < went_on[1] < size, went_on
        assert _send(server, place, size, None)
        memory.append(server.memory_mb)
        kept = next(path for path in (folder / f"served/.weike-web{place}").iterdir() if path.name != "info.json")
        expected = hashlib.sha256()
        for piece in _pieces(size):
            expected.update(piece)
        assert file_sha256(kept) == expected.hexdigest()
        assert max(memory) < _MEMORY_MB, memory
    finally:
        server.stop()
    return went_on, memory


class _Memory:
    """Looks at a server's highest memory until it is dead."""

    def __init__(self, server: Server) -> None:
        self._server, self._is_over, self._highest = server, threading.Event(), 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._is_over.wait(0.2):
            try:
                self._highest = max(self._highest, self._server.memory_mb)
            except (OSError, IndexError):
                return

    def stop(self) -> float:
        self._is_over.set()
        self._thread.join()
        return self._highest


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=2000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        # The server keeps 1 GB free by itself; so does this.
        assert shutil.disk_usage(name).free > (chosen.mb + 3000) * 10**6, f"too little room in {name}; set TMPDIR"
        places, highest = prove(Path(name), chosen.mb * 10**6)
    went_on = ", ".join(f"{at / 1e6:.0f}" for at in places)
    print(
        f"{chosen.mb} MB, the server killed twice: went on at {went_on} MB, same SHA-256, memory {max(highest):.0f} MB"
    )
