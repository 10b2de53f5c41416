"""What the threats share: a listener that nobody may call, a canary that nobody may read, a harmless recording."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.media.graph import run_ffmpeg

TOKEN = "CANARY-5d0f3b"


@dataclass
class Listener:
    """A server on loopback that counts who connects."""

    port: int
    calls: list[str] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard = Listener(server.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                heard.calls.append(str(address))
                connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield heard
        server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


@pytest.fixture(scope="session")
def harmless(make_clip: Callable[..., Path]) -> Path:
    """A recording of twelve frames with a tone."""
    sources = ["-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=0.48", "-f", "lavfi", "-i", "sine=d=0.48:r=48000"]
    return make_clip("harmless.mp4", [*sources, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"])


@pytest.fixture(scope="session")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a secret as a film (``secret.ts``) and as text (``secret.txt``)."""
    folder = tmp_path_factory.mktemp("canary")
    (folder / "secret.txt").write_text(TOKEN * 40)
    source = ["-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=0.48", "-c:v", "libx264", "-preset", "ultrafast"]
    run_ffmpeg([*source, "-metadata", f"service_name={TOKEN}", str(folder / "secret.ts")], subject=folder)
    return folder
