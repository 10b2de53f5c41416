"""Every clip states its truth in the arguments that made it; the probe has to find it in the content."""

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from pipeline.errors import (
    EmptyFileError,
    InputError,
    NoPictureError,
    NotARegularFileError,
    NothingDecodesError,
    NotMediaError,
    TruncatedError,
)
from pipeline.media.graph import run_ffmpeg
from pipeline.media.probing.probe import inspect, orientation
from pipeline.records import Recording
from pipeline.store import file_sha256

MakeClip = Callable[[str, list[str]], Path]
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
SILENT_FILM = "The recording has no sound that can be used."


def picture(rate: str = "25", seconds: float = 2, size: str = "160x90") -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc=s={size}:r={rate}:d={seconds}"]


def tone(seconds: float = 2, layout: str = "0.1*sin(2*PI*997*t)|0.1*sin(2*PI*997*t)") -> list[str]:
    return ["-f", "lavfi", "-i", f"aevalsrc={layout}:s=48000:d={seconds}"]


def faults(recording: Recording) -> list[str]:
    return [fault.show() for fault in recording.faults]


def test_a_plain_recording(make_clip: MakeClip) -> None:
    path = make_clip("plain.mp4", [*picture(), *tone(), *X264, "-g", "25", "-bf", "2", "-c:a", "aac", "-b:a", "128k"])
    found = inspect(path)
    video, audio = found.video, found.audio
    assert video is not None
    assert audio is not None
    assert found.path == path
    assert found.sha256 == file_sha256(path)
    assert found.size_bytes == path.stat().st_size
    assert found.container.startswith("mov,")
    assert (video.codec, video.profile, video.width, video.height) == ("h264", "Main", 160, 90)
    assert (video.sar, video.rotation, video.is_mirrored) == (1, 0, False)
    assert (video.pixel_format, video.bit_depth, video.is_full_range) == ("yuv420p", 8, False)
    assert (video.is_interlaced, video.field_order) == (False, "progressive")
    assert (video.frame_rate, video.is_constant_rate, video.frame_count) == (25, True, 50)
    assert (video.start_s, video.end_s) == (0, 2)
    assert video.keyframe_interval_max_s == 1
    assert video.is_seekable
    assert (audio.codec, audio.profile, audio.sample_rate_hz, audio.channels) == ("aac", "LC", 48000, 2)
    assert (audio.channel_layout, audio.is_default, audio.start_s) == ("stereo", True, 0)
    assert audio.end_s == pytest.approx(2, abs=0.03)
    assert found.duration_s == pytest.approx(2, abs=0.03)
    assert found.origin_s == 0
    assert found.has_moov_first is False
    assert not found.has_edit_list
    assert found.faults == ()


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "30", "50", "60000/1001", "60", "15", "12.5"])
@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
def test_a_constant_rate_is_found_exactly_in_coarse_time_bases(make_clip: MakeClip, rate: str, suffix: str) -> None:
    path = make_clip(f"rate-{rate.replace('/', '_')}.{suffix}", [*picture(rate, 3, "64x36"), *X264, "-bf", "2"])
    video = inspect(path).video
    assert video is not None
    assert video.frame_rate == Fraction(rate)
    assert video.is_constant_rate


def test_one_frame_too_late_is_a_variable_rate(make_clip: MakeClip) -> None:
    late = [
        "-vf",
        "settb=1/90000,setpts='PTS+gte(N,30)*0.004/TB'",
        "-fps_mode",
        "passthrough",
        "-enc_time_base",
        "1/90000",
    ]
    path = make_clip("late-frames.mp4", [*picture("25", 3), *late, *X264, "-video_track_timescale", "90000"])
    found = inspect(path)
    assert found.video is not None
    assert not found.video.is_constant_rate
    assert found.video.frame_rate == 25
    assert "The frame rate varies (25.00 frames a second on average)." in faults(found)


def test_a_really_variable_rate_has_its_average(make_clip: MakeClip) -> None:
    drop = ["-vf", "select='lt(mod(n,10),4)'", "-fps_mode", "passthrough"]
    found = inspect(make_clip("vfr.mkv", [*picture("30", 4), *drop, *X264])).video
    assert found is not None
    assert not found.is_constant_rate
    assert float(found.frame_rate) == pytest.approx(48 / 3.8, abs=0.05)


@pytest.mark.parametrize("suffix", ["mkv", "ts"])
@pytest.mark.parametrize(("late", "what"), [("video", "picture"), ("audio", "sound")])
def test_a_late_start_is_measured_and_named(make_clip: MakeClip, suffix: str, late: str, what: str) -> None:
    delay = ["-itsoffset", "0.7"]
    sources = [*delay, *picture(), *tone()] if late == "video" else [*picture(), *delay, *tone()]
    path = make_clip(f"late-{late}.{suffix}", [*sources, "-map", "0", "-map", "1", *X264, "-c:a", "ac3"])
    found = inspect(path)
    assert found.video is not None
    assert found.audio is not None
    difference = found.video.start_s - found.audio.start_s
    assert difference == pytest.approx(0.7 if late == "video" else -0.7, abs=0.03)
    assert found.origin_s == min(found.video.start_s, found.audio.start_s)
    assert found.duration_s == pytest.approx(2.7, abs=0.06)
    assert any(text.startswith(f"The {what} starts 0.") for text in faults(found))
    assert found.video.is_seekable == (suffix == "mkv")


def test_encoder_priming_is_no_early_start(make_clip: MakeClip) -> None:
    path = make_clip("priming.m4a", [*tone(1), "-c:a", "aac"])
    found = inspect(path)
    assert found.video is None
    assert found.audio is not None
    assert (found.audio.start_s, found.origin_s) == (0, 0)
    assert not found.has_edit_list


def test_sound_tracks_covers_subtitles_and_a_second_picture(make_clip: MakeClip, tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    cover = make_clip("cover.png", [*picture("1", 1, "64x64"), "-frames:v", "1"])
    sources = [*picture(), *tone(), *tone(2, "0.2*sin(2*PI*440*t)"), *picture("10", 1), "-i", str(tmp_path / "a.srt")]
    maps = ["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4", "-map", "5"]
    dispositions = ["-disposition:a:1", "default", "-disposition:a:0", "0", "-disposition:v:2", "attached_pic"]
    codecs = [*X264, "-c:v:2", "copy", "-c:a", "aac", "-c:s", "mov_text", "-metadata:s:a:0", "language=eng"]
    path = make_clip("crowd.mp4", [*sources, "-i", str(cover), *maps, *codecs, *dispositions])
    found = inspect(path)
    assert found.video is not None
    assert found.audio is not None
    assert (found.video.index, found.audio.index, found.audio.channels) == (0, 2, 1)
    assert set(found.other_streams) == {"audio:aac [eng]", "video:h264", "subtitle:mov_text", "video:png (cover)"}
    assert "There are 2 sound tracks; number 2 is used." in faults(found)
    assert "1 further video track(s) are not used." in faults(found)
    assert "The cover picture inside the file is left out." in faults(found)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation(make_clip: MakeClip, tmp_path: Path, degrees: int) -> None:
    path = turned(make_clip, tmp_path, degrees)
    found = inspect(path).video
    assert found is not None
    assert (found.rotation, found.is_mirrored, found.width, found.height) == (degrees, False, 160, 90)


def turned(make_clip: MakeClip, folder: Path, degrees: int) -> Path:
    """Write the display matrix of ``degrees`` clockwise into the track header, as phones do."""
    data = bytearray(make_clip("upright.mp4", [*picture("25", 1), *X264]).read_bytes())
    cos, sin = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    at = data.index(b"tkhd") + 4 + 40
    for offset, value in ((0, cos), (4, sin), (12, -sin), (16, cos)):
        data[at + offset : at + offset + 4] = (value << 16).to_bytes(4, "big", signed=True)
    path = folder / "turned.mp4"
    path.write_bytes(data)
    return path


def test_all_eight_orientations_are_told_apart() -> None:
    found = set()
    for quarter, mirror in product(range(4), (1, -1)):
        cos, sin = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarter]
        matrix = (cos * mirror << 16, sin * mirror << 16, 0, -sin << 16, cos << 16, 0, 0, 0, 1 << 30)
        assert orientation(matrix) == (quarter * 90, mirror < 0)
        found.add(orientation(matrix))
    assert len(found) == 8
    assert orientation(None) == (0, False)
    assert orientation((0,) * 9) == (0, False)


def test_shape_colour_and_depth(make_clip: MakeClip) -> None:
    colours = "color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc:range=pc"
    marks = ["-vf", f"format=yuv420p10le,setsar=4/3,setparams={colours}"]
    old = ["-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc", "-color_range", "pc"]
    codec = ["-c:v", "libx264", "-preset", "ultrafast", *old]
    found = inspect(make_clip("hlg.mkv", [*picture(), *marks, *codec]))
    video = found.video
    assert video is not None
    assert video.sar == Fraction(4, 3)
    assert (video.primaries, video.transfer, video.matrix) == ("bt2020", "arib-std-b67", "bt2020nc")
    assert (video.pixel_format, video.bit_depth, video.is_full_range) == ("yuv420p10le", 10, True)
    assert "The picture is HDR (arib-std-b67); it is converted to standard range." in faults(found)
    assert SILENT_FILM in faults(found)


@pytest.mark.parametrize(("order", "flag"), [("tt", "tff=1"), ("bb", "bff=1")])
def test_interlaced_pictures_are_found_in_the_frames(make_clip: MakeClip, order: str, flag: str) -> None:
    lace = ["-vf", f"tinterlace=interleave_{'top' if order == 'tt' else 'bottom'}", "-x264-params", flag]
    codec = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-flags", "+ildct+ilme"]
    found = inspect(make_clip(f"laced-{order}.mp4", [*picture("50", 2, "160x96"), *lace, *codec])).video
    assert found is not None
    assert (found.is_interlaced, found.frame_rate, found.frame_count) == (True, 25, 50)
    assert found.field_order == order


def test_the_index_first_and_an_edit_list(make_clip: MakeClip) -> None:
    shifted = [*picture(), "-itsoffset", "0.5", *tone(), "-map", "0", "-map", "1", *X264, "-c:a", "aac"]
    found = inspect(make_clip("faststart.mp4", [*shifted, "-movflags", "+faststart"]))
    assert found.has_moov_first is True
    assert found.has_edit_list
    assert inspect(make_clip("no-box.mkv", [*picture("25", 1), *X264])).has_moov_first is None


def test_a_damaged_name_does_not_matter_but_the_content_does(make_clip: MakeClip, tmp_path: Path) -> None:
    path = make_clip("plain.mp4", [*picture(), *tone(), *X264, "-g", "25", "-bf", "2", "-c:a", "aac", "-b:a", "128k"])
    odd = tmp_path / "微课 100% [终稿]'s.txt"
    odd.write_bytes(path.read_bytes())
    assert inspect(odd).video == inspect(path).video


def test_cut_off_files(make_clip: MakeClip, tmp_path: Path) -> None:
    whole = make_clip("whole.mp4", [*picture("25", 4), *tone(4), *X264, "-c:a", "aac"]).read_bytes()
    fast = make_clip(
        "fast.mp4", [*picture("25", 4), *tone(4), *X264, "-c:a", "aac", "-movflags", "+faststart"]
    ).read_bytes()
    film = make_clip("film.mkv", [*picture("25", 4), *tone(4), *X264, "-c:a", "aac"]).read_bytes()
    for name, data in (("a.mp4", whole[:-2000]), ("b.mp4", fast[: len(fast) // 3]), ("c.mkv", film[: len(film) // 3])):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(TruncatedError):
            inspect(tmp_path / name)
    (tmp_path / "d.mp4").write_bytes(fast[: len(fast) * 4 // 5])
    assert "The end of the file is missing or damaged; what can be read is used." in faults(inspect(tmp_path / "d.mp4"))


def test_what_is_no_recording_is_refused_by_its_reason(make_clip: MakeClip, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("#EXTM3U\nfile:///etc/passwd\n" * 20)
    subtitles = make_clip("words.mkv", ["-i", str(srt(tmp_path)), "-c:s", "srt"])
    with pytest.raises(EmptyFileError):
        inspect(tmp_path / "empty.mp4")
    with pytest.raises(NotMediaError):
        inspect(tmp_path / "text.mp4")
    with pytest.raises(NotARegularFileError):
        inspect(tmp_path)
    with pytest.raises(NoPictureError):
        inspect(subtitles)


def srt(folder: Path) -> Path:
    path = folder / "words.srt"
    path.write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    return path


def test_nothing_decodes(make_clip: MakeClip, tmp_path: Path) -> None:
    data = make_clip("upright.mp4", [*picture("25", 1), *X264]).read_bytes()
    start, stop = data.index(b"mdat") + 4, data.index(b"moov") - 4
    path = tmp_path / "noise.mp4"
    path.write_bytes(data[:start] + bytes(stop - start) + data[stop:])
    with pytest.raises(NothingDecodesError) as caught:
        inspect(path)
    assert "h264" in caught.value.message.show()


def test_every_mutant_is_read_or_refused(make_clip: MakeClip, tmp_path: Path) -> None:
    data = make_clip("tiny.mp4", [*picture("25", 0.5, "64x36"), *tone(0.5), *X264, "-c:a", "aac"]).read_bytes()
    moov = data.index(b"moov")
    path = tmp_path / "mutant.mp4"
    for at in range(moov, len(data), max(1, (len(data) - moov) // 150)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        try:
            found = inspect(path)
        except InputError:
            continue
        assert found.duration_s > 0
        assert found.video is None or found.video.frame_rate > 0


def test_a_raw_stream_has_the_nominal_rate(make_clip: MakeClip) -> None:
    path = make_clip("raw.h264", [*picture("25", 2), *X264])
    video = inspect(path).video
    assert video is not None
    assert (video.frame_rate, video.frame_count, video.is_seekable) == (25, 50, False)


def test_the_frame_count_is_what_ffmpeg_decodes(make_clip: MakeClip, tmp_path: Path) -> None:
    path = make_clip("whole.mp4", [*picture("25", 4), *tone(4), *X264, "-c:a", "aac"])
    run_ffmpeg(["-i", str(path), "-map", "0:v", "-f", "framemd5", str(tmp_path / "md5")], subject=path)
    lines = [line for line in (tmp_path / "md5").read_text().splitlines() if not line.startswith("#")]
    found = inspect(path).video
    assert found is not None
    assert found.frame_count == len(lines)
