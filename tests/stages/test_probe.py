from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import NoPictureError
from pipeline.events import Event, Notice, StageFinished, StageStarted
from pipeline.stages.probe import probe
from pipeline.store import Store

MakeClip = Callable[[str, list[str]], Path]
PICTURE = ["-f", "lavfi", "-i", "testsrc=s=64x36:r=25:d=1"]
TONE = ["-f", "lavfi", "-i", "aevalsrc='0.1*sin(2*PI*440*t)':s=48000:d=1"]


def test_a_recording_is_told_with_its_oddities(make_clip: MakeClip, store: Store) -> None:
    heard: list[Event] = []
    recording = probe(make_clip("film.mp4", [*PICTURE, "-c:v", "libx264", "-preset", "ultrafast"]), store, heard.append)
    assert recording.video is not None
    assert recording.audio is None
    assert isinstance(heard[0], StageStarted)
    assert isinstance(heard[-1], StageFinished)
    told = [event.message for event in heard if isinstance(event, Notice)]
    assert tuple(told) == recording.faults
    assert [message.show() for message in told] == ["The recording has no sound that can be used."]


def test_sound_alone_is_refused(make_clip: MakeClip, store: Store) -> None:
    with pytest.raises(NoPictureError) as caught:
        probe(make_clip("sound.m4a", [*TONE, "-c:a", "aac"]), store, lambda _event: None)
    assert caught.value.exit_code == 3
