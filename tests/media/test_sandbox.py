import os
import socket
import sys
from pathlib import Path

import pytest

from pipeline.media.process import run
from pipeline.media.sandbox import NICENESS, Bounds, isolated

HERE = Path("subject.mp4")
CALL = (
    "import socket, sys\n"
    "s = socket.socket()\n"
    "s.settimeout(3)\n"
    "try: s.connect(('127.0.0.1', {port})); print('reached')\n"
    "except OSError: print('alone')"
)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.fixture
def listener() -> "socket.socket":
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_child_reaches_no_network_where_the_system_can_take_it_away(listener: socket.socket) -> None:
    if isolated(["true"], _runs) == ["true"]:
        pytest.skip("this system gives no network namespaces (unshare)")
    port = listener.getsockname()[1]
    assert run(python(CALL.format(port=port)), subject=HERE).stdout == b"alone\n"


def test_an_installer_may_reach_it(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    done = run(python(CALL.format(port=port)), subject=HERE, within=Bounds(has_network=True))
    assert done.stdout == b"reached\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the system sets no limits from outside")
def test_memory_and_files_are_bounded(tmp_path: Path) -> None:
    greedy = run(python("b = bytearray(3 << 30)"), subject=HERE, within=Bounds(memory_bytes=1 << 30))
    assert greedy.code != 0
    assert "MemoryError" in greedy.stderr
    path = tmp_path / "big"
    code = f"import time; time.sleep(0.3); open({str(path)!r}, 'wb').write(bytes(3_000_000))"
    run(python(code), subject=HERE, within=Bounds(file_bytes=1_000_000))
    assert path.stat().st_size <= 1_000_000


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="the system has no priorities")
def test_a_child_runs_at_lower_priority() -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    code = "import os, time; time.sleep(0.3); print(os.getpriority(os.PRIO_PROCESS, 0))"
    assert int(run(python(code), subject=HERE).stdout) == max(own, NICENESS)


def _runs(argv: "list[str]") -> bool:
    return run(argv, subject=HERE, within=Bounds(has_network=True)).code == 0
