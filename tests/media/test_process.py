import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from pipeline.errors import FfmpegFailedError, FfmpegKilledError, StalledError
from pipeline.media.process import Limits, end_all, run

HERE = Path("subject.mp4")


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_output_code_and_log_come_back() -> None:
    done = run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"), subject=HERE)
    assert (done.code, done.stdout, done.stderr) == (3, b"out\n", "err\n")


def test_chatty_children_never_block() -> None:
    code = "import sys\nfor i in range(60000): print('x' * 50); print('y' * 50, file=sys.stderr)"
    done = run(python(code), subject=HERE, stderr_lines=10)
    assert done.code == 0
    assert len(done.stdout) == 60000 * 51
    assert done.stderr.count("\n") == 10


def test_lines_are_followed_as_they_come() -> None:
    lines: list[str] = []
    run(python("print('a=1'); print('b=2')"), subject=HERE, on_line=lines.append)
    assert lines == ["a=1", "b=2"]


def test_a_child_has_no_stdin() -> None:
    assert run(python("import sys; print(repr(sys.stdin.read()))"), subject=HERE).stdout == b"''\n"


def test_a_silent_child_is_ended_with_its_group(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    code = (
        "import subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(note)!r}, 'w').write(str(p.pid))\n"
        "time.sleep(600)"
    )
    with pytest.raises(StalledError):
        run(python(code), subject=HERE, limits=Limits(stall_s=3))
    assert _ends(int(note.read_text()))


def test_a_talking_child_is_ended_at_the_wall_clock() -> None:
    code = "import time\nwhile True: print('.', flush=True); time.sleep(0.1)"
    with pytest.raises(StalledError):
        run(python(code), subject=HERE, limits=Limits(wall_s=2, stall_s=60))


def test_a_missing_program_is_named() -> None:
    with pytest.raises(FfmpegFailedError, match="nowhere"):
        run(["/nowhere/ffmpeg"], subject=HERE)


def test_an_interrupt_ends_every_child() -> None:
    codes: list[int] = []
    sleeper = threading.Thread(
        target=lambda: codes.append(run(python("import time; time.sleep(600)"), subject=HERE).code)
    )
    sleeper.start()
    time.sleep(1.0)
    end_all()
    sleeper.join(timeout=10)
    assert codes == [-signal.SIGKILL]


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_a_child_that_somebody_else_ended_is_not_taken_for_a_failure(name: str) -> None:
    code = f"import os, signal; os.kill(os.getpid(), signal.{name})"
    with pytest.raises(FfmpegKilledError):
        run(python(code), subject=HERE)


def _ends(process: int) -> bool:
    for _ in range(50):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{process}/stat").exists() and Path(f"/proc/{process}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.1)
    return False
