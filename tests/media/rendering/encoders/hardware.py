"""A stand-in for graphics hardware: an ffmpeg whose ``h264_nvenc`` is x264 underneath, and fails when it is told to."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from pipeline.media import binaries
from pipeline.media.rendering import encoders

FaultKind = Literal["none", "crash", "short", "headers"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, and from which encode on, the test encode being the first."""

    kind: FaultKind
    since: int


_PROGRAM = """#!{python}
import os, pathlib, sys

OWN = {{"-preset", "-tune", "-rc", "-cq", "-b:v", "-coder", "-spatial-aq", "-no-scenecut", "-forced-idr", "-a53cc"}}
given = sys.argv[1:]
if "h264_nvenc" in given:
    counter = pathlib.Path({counter!r})
    number = int(counter.read_text()) + 1 if counter.exists() else 1
    counter.write_text(str(number))
    fault = {kind!r} if number >= {since} else "none"
    if fault == "crash":
        print("[h264_nvenc @ 0x55] [error] EncodePicture failed: no space in the device", file=sys.stderr)
        sys.exit(187)
    parameters = "stitchable=1:cabac=1:8x8dct=1:ref=" + ("3" if fault == "headers" else "1")
    made, words = [], iter(given)
    for word in words:
        if word in OWN:
            next(words)
        elif word == "h264_nvenc":
            made += ["libx264", "-preset", "ultrafast", "-crf", "30", "-x264-params", parameters]
            made += ["-frames:v", "3"] if fault == "short" else []
        else:
            made.append(word)
    given = made
os.execv({real!r}, [{real!r}, *given])
"""


@contextmanager
def pretend_nvenc(folder: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> Iterator[None]:
    """Let this machine have an NVENC that works up to ``fault``."""
    real = str(binaries.ffmpeg().path)
    program = folder / "ffmpeg-with-nvenc"
    values = {"python": sys.executable, "counter": str(folder / "count"), "real": real}
    program.write_text(_PROGRAM.format(kind=fault.kind, since=fault.since, **values))
    program.chmod(0o755)
    caches = (binaries.ffmpeg, binaries.with_filter, encoders.works)
    monkeypatch.setenv("WEIKE_FFMPEG", os.fspath(program))
    for cache in caches:
        cache.cache_clear()
    try:
        yield
    finally:
        monkeypatch.delenv("WEIKE_FFMPEG")
        for cache in caches:
            cache.cache_clear()
