"""What never ends, or would fill the memory, ends in time: pipes, devices, huge rasters, a program that sleeps."""

import functools
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.errors import InputError, NoFfmpegError, NotARegularFileError, StalledError
from pipeline.media import binaries, process
from pipeline.media.probing.probe import inspect
from pipeline.media.process import Limits
from pipeline.presets import load_preset
from pipeline.stages.probe import probe
from pipeline.stages.render import render
from pipeline.stages.soundtrack import soundtrack
from pipeline.store import Store
from pipeline.timing import delivery_grid
from tests.stages.rendering import job_for, sheet, silent_sound

pytestmark = [pytest.mark.timeout(60), pytest.mark.skipif(os.name != "posix", reason="pipes, links and scripts")]


def quiet(_event: object) -> None:
    """Hear nothing."""


def test_a_pipe_in_a_folder_of_recordings_is_named(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "lecture.mp4"
    os.mkfifo(path)
    with pytest.raises(NotARegularFileError):
        probe(path, store, quiet)


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/stdin", "/"])
def test_a_link_to_what_never_ends_is_named(target: str, tmp_path: Path, store: Store) -> None:
    path = tmp_path / "lecture.mp4"
    path.symlink_to(target)
    with pytest.raises(InputError):
        probe(path, store, quiet)


def test_eight_thousand_lines_are_scaled_down(make_clip: Callable[..., Path], store: Store, tmp_path: Path) -> None:
    card = ["-f", "lavfi", "-i", "color=c=gray:s=7680x4320:r=25:d=0.08"]
    path = make_clip("8k.mp4", [*card, "-c:v", "libx264", "-preset", "ultrafast", "-threads", "2"])
    recording = probe(path, store, quiet)
    job = job_for(recording, tmp_path / "out.mp4", raster=(96, 54))
    delivery = render(recording, silent_sound(job), sheet(job), job, store, quiet)
    made = inspect(delivery.path).video
    assert made is not None
    assert (made.width, made.height, made.frame_count) == (96, 54, 2)


@pytest.mark.parametrize("side", [65_000, 2**31 - 1])
def test_a_header_that_claims_an_absurd_raster_is_refused(
    side: int, make_clip: Callable[..., Path], store: Store, tmp_path: Path
) -> None:
    card = ["-f", "lavfi", "-i", "testsrc2=s=32x32:r=25:d=0.2"]
    data = bytearray(make_clip("small.avi", [*card, "-c:v", "rawvideo", "-pix_fmt", "yuv420p"]).read_bytes())
    form = data.index(b"strf") + 8
    assert struct.unpack_from("<ii", data, form + 4) == (32, 32)
    struct.pack_into("<ii", data, form + 4, side, side)
    path = tmp_path / "huge.avi"
    path.write_bytes(data)
    with pytest.raises(InputError):
        probe(path, store, quiet)


@pytest.fixture
def sleeper(tmp_path: Path) -> Path:
    """A program that never answers."""
    path = tmp_path / "ffmpeg"
    path.write_text("#!/bin/sh\nsleep 600 &\nwait\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(process, "Limits", functools.partial(Limits, stall_s=0.5))
    monkeypatch.setattr(binaries, "_QUICK", Limits(wall_s=0.5, stall_s=0.5))
    binaries.ffmpeg.cache_clear()
    yield
    binaries.ffmpeg.cache_clear()


@pytest.mark.usefixtures("impatient")
def test_a_program_that_poses_as_ffmpeg_and_sleeps_is_named(sleeper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIKE_FFMPEG", str(sleeper))
    with pytest.raises(NoFfmpegError):
        binaries.ffmpeg()


def test_an_ffmpeg_that_falls_asleep_at_work_is_ended(
    harmless: Path, sleeper: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, recording, preset = binaries.ffmpeg(), inspect(harmless), load_preset()
    assert recording.video is not None
    fake = binaries.Ffmpeg(sleeper, real.version, "configured", real.encoders, real.filters)
    monkeypatch.setattr("pipeline.media.graph.the_ffmpeg", lambda: fake)
    monkeypatch.setattr(process, "Limits", functools.partial(Limits, stall_s=0.5))
    job = job_for(recording, tmp_path / "out" / "out.mp4", raster=(96, 54))
    job.out.parent.mkdir()
    grid = delivery_grid(recording.video.frame_rate, recording.duration_s)
    with pytest.raises(StalledError):
        soundtrack(recording, grid, preset.sound, store, quiet)
    with pytest.raises(StalledError):
        render(recording, silent_sound(job), sheet(job), job, store, quiet)
    assert list(job.out.parent.iterdir()) == []
    assert _sleepers(sleeper) == []


def _sleepers(program: Path) -> list[str]:
    """Return what of the sleeping program still runs."""
    if not Path("/proc").is_dir():
        return []
    lines = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                lines.append((folder / "cmdline").read_bytes().decode("utf-8", "replace"))
            except OSError:
                continue
    return [line for line in lines if str(program) in line]
