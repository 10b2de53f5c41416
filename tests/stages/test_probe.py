from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import AudioTrackError, DeadAudioTrackError, NoPictureError
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


SECOND = ["-f", "lavfi", "-i", "aevalsrc='0.1*sin(2*PI*880*t)':s=44100:d=1"]
AVC = ["-c:v", "libx264", "-preset", "ultrafast"]


def silent(_event: Event) -> None:
    """Hear nothing."""


@pytest.fixture
def two_tracks(make_clip: MakeClip) -> Path:
    maps = ["-map", "0", "-map", "1", "-map", "2", "-disposition:a:0", "0", "-disposition:a:1", "default"]
    return make_clip("two.mkv", [*PICTURE, *TONE, *SECOND, *maps, *AVC, "-c:a", "aac"])


def test_the_default_sound_track_is_used_unless_another_is_asked_for(two_tracks: Path, store: Store) -> None:
    used = [probe(two_tracks, store, silent, audio_track=number) for number in (None, 1, 2)]
    assert [(found.audio_track, found.audio and found.audio.sample_rate_hz) for found in used] == [
        (2, 44100),
        (1, 48000),
        (2, 44100),
    ]
    told = [message.show() for message in used[1].faults]
    assert "There are 2 sound tracks; number 1 is used." in told


@pytest.mark.parametrize("number", [0, -1, 3])
def test_a_sound_track_that_is_not_there_is_named(number: int, two_tracks: Path, store: Store) -> None:
    with pytest.raises(AudioTrackError) as caught:
        probe(two_tracks, store, silent, audio_track=number)
    assert (caught.value.id, caught.value.exit_code) == ("input.audio-track", 2)
    assert "it has 2" in caught.value.message.show()


def test_a_silent_recording_has_no_track_to_choose(make_clip: MakeClip, store: Store) -> None:
    with pytest.raises(AudioTrackError) as caught:
        probe(make_clip("mute.mp4", [*PICTURE, *AVC]), store, silent, audio_track=1)
    assert "it has 0" in caught.value.message.show()


def test_a_chosen_track_that_does_not_decode_is_named(two_tracks: Path, store: Store, tmp_path: Path) -> None:
    """The other track would do, and yet a wish is not replaced silently."""
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(two_tracks.read_bytes().replace(b"A_AAC", b"A_XYZ", 1))
    with pytest.raises(DeadAudioTrackError) as caught:
        probe(broken, store, silent, audio_track=1)
    assert caught.value.exit_code == 3
    assert probe(broken, store, silent).audio_track == 2


def test_each_sound_track_of_a_recording_whose_clock_breaks_has_its_own_copy(
    make_clip: MakeClip, store: Store, tmp_path: Path
) -> None:
    maps = ["-map", "0", "-map", "1", "-map", "2"]
    part = make_clip("part.ts", [*PICTURE, *TONE, *SECOND, *maps, *AVC, "-c:a", "mp2"])
    joined = tmp_path / "joined.ts"
    joined.write_bytes(part.read_bytes() * 2)
    used = [probe(joined, store, silent, audio_track=number) for number in (1, 2)]
    assert len({found.path for found in used}) == 2
    assert [found.audio_track for found in used] == [1, 2]
    assert [found.audio and found.audio.sample_rate_hz for found in used] == [48000, 44100]
    told = [message.show() for message in used[1].faults]
    assert told[0].startswith("The timestamps jump in the middle")
    assert "There are 2 sound tracks; number 2 is used." in told


def test_a_working_copy_bears_the_name_of_the_file_that_was_given(
    make_clip: MakeClip, store: Store, tmp_path: Path
) -> None:
    part = make_clip("part.ts", [*PICTURE, *TONE, *AVC, "-c:a", "mp2"])
    joined = tmp_path / "第一讲.ts"
    joined.write_bytes(part.read_bytes() * 2)
    found = probe(joined, store, silent)
    assert found.path != joined
    assert (found.original, found.name) == (joined, "第一讲.ts")
    assert probe(part, store, silent).name == "part.ts"
