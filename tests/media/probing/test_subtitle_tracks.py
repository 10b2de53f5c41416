"""Subtitle tracks inside a recording: listed as they are, text taken out on the delivery's clock."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.captions.subtitles import read_subtitles
from pipeline.errors import NoSubtitleTrackError, PictureSubtitlesError
from pipeline.media.probing.probe import inspect
from pipeline.media.probing.subtitle_tracks import extract, find_track, list_tracks

MakeClip = Callable[[str, list[str]], Path]
SRT = "1\n00:00:01,000 --> 00:00:02,500\n不忘初心\n牢记使命\n\n2\n00:00:03,000 --> 00:00:03,900\n<i>第二句</i>\n\n"
PICTURE = ["-f", "lavfi", "-i", "testsrc=s=64x36:r=25:d=4"]
AVC = ["-c:v", "libx264", "-preset", "ultrafast"]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "in.srt"
    path.write_text(SRT, "utf-8")
    return path


def crowd(make_clip: MakeClip, written: Path, name: str, codec: str, *, shift_s: str = "0") -> Path:
    before = ["-itsoffset", shift_s]
    inputs = [*before, *PICTURE, *before, "-i", str(written), *before, "-i", str(written)]
    maps = ["-map", "0", "-map", "1", "-map", "2", "-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=chi"]
    keep = ["-avoid_negative_ts", "disabled", "-metadata:s:s:1", "title=讲稿", "-disposition:s:1", "default"]
    return make_clip(name, [*inputs, *maps, *AVC, "-c:s", codec, *keep])


def cues(path: Path) -> list[tuple[int, int, str]]:
    found = (entry.cue for entry in read_subtitles(path).entries)
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in found if cue is not None]


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "subrip"), ("a.mp4", "mov_text"), ("b.mkv", "ass"), ("a.webm", "webvtt")]
)
def test_text_is_taken_out(name: str, codec: str, make_clip: MakeClip, written: Path, tmp_path: Path) -> None:
    if name.endswith("webm"):
        path = make_clip(name, [*PICTURE, "-i", str(written), "-c:v", "libvpx", "-cpu-used", "8", "-c:s", codec])
    else:
        path = crowd(make_clip, written, name, codec)
    recording = inspect(path)
    track = list_tracks(recording.path)[-1]
    assert (track.codec, track.is_text) == (codec, True)
    out = extract(recording, track, tmp_path / "out.srt")
    found = cues(out)
    assert [(start, end) for start, end, _ in found] == [(1000, 2500), (3000, 3900)]
    assert ["".join(text.split()) for _, _, text in found] == ["不忘初心牢记使命", "第二句"]


def test_tracks_are_told_apart(make_clip: MakeClip, written: Path) -> None:
    recording = inspect(crowd(make_clip, written, "a.mkv", "subrip"))
    first, second = list_tracks(recording.path)
    assert (first.number, first.index, first.language, first.title) == (1, 1, "eng", None)
    assert (second.number, second.index, second.language, second.title) == (2, 2, "chi", "讲稿")
    assert (first.is_default, second.is_default) == (False, True)
    assert find_track(recording.path, 2) == second
    with pytest.raises(NoSubtitleTrackError) as caught:
        find_track(recording.path, 3)
    assert "has 2" in caught.value.message.show()


def test_times_are_on_the_delivery_s_clock(make_clip: MakeClip, written: Path, tmp_path: Path) -> None:
    """The recording begins at 10 s of its container's clock; the delivery begins at 0."""
    recording = inspect(crowd(make_clip, written, "late.mkv", "subrip", shift_s="10"))
    assert recording.origin_s == 10
    out = extract(recording, list_tracks(recording.path)[0], tmp_path / "out.srt")
    assert [start for start, _, _ in cues(out)] == [1000, 3000]


def test_pictures_are_refused_by_name(make_clip: MakeClip, written: Path, tmp_path: Path) -> None:
    path = make_clip("disc.mkv", [*PICTURE, *_pictures(tmp_path / "disc.sup"), *AVC, "-c:s", "copy"])
    recording = inspect(path)
    track = list_tracks(recording.path)[0]
    assert not track.is_text
    with pytest.raises(PictureSubtitlesError) as caught:
        extract(recording, track, tmp_path / "out.srt")
    assert "hdmv_pgs_subtitle" in caught.value.message.show()
    assert not (tmp_path / "out.srt").exists()


def test_a_recording_without_any(make_clip: MakeClip) -> None:
    recording = inspect(make_clip("plain.mp4", [*PICTURE, *AVC]))
    assert list_tracks(recording.path) == ()
    with pytest.raises(NoSubtitleTrackError):
        find_track(recording.path, 1)


def _pictures(path: Path) -> list[str]:
    """Return an input with a track of Blu-ray subtitles: two display sets that hold nothing but their end."""
    ends = (struct.pack(">2sIIBH", b"PG", second * 90000, 0, 0x80, 0) for second in (1, 2))
    path.write_bytes(b"".join(ends))
    return ["-f", "sup", "-i", str(path)]
