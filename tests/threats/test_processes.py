"""Only what was started here is ever ended: somebody else's ffmpeg survives every limit and every interrupt."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import StalledError
from pipeline.media.process import Limits, end_all, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="process groups")
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
HERE = Path("subject.mp4")


@pytest.fixture
def decoys() -> Iterator[list["subprocess.Popen[bytes]"]]:
    """A process named ffmpeg in this very process group, and one in a group of its own."""
    sleep = shutil.which("sleep")
    assert sleep is not None
    made = [subprocess.Popen(["ffmpeg", "600"], executable=sleep, start_new_session=own) for own in (False, True)]
    yield made
    for decoy in made:
        decoy.kill()
        decoy.wait()


def test_others_survive_a_limit(decoys: list["subprocess.Popen[bytes]"]) -> None:
    with pytest.raises(StalledError):
        run(SLEEP, subject=HERE, limits=Limits(stall_s=0.3))
    assert [decoy.poll() for decoy in decoys] == [None, None]


def test_others_survive_an_interrupt(decoys: list["subprocess.Popen[bytes]"]) -> None:
    codes: list[int] = []
    worker = threading.Thread(target=lambda: codes.append(run(SLEEP, subject=HERE).code))
    worker.start()
    while worker.is_alive():
        end_all()
        time.sleep(0.05)
    assert codes != [0]
    assert [decoy.poll() for decoy in decoys] == [None, None]
