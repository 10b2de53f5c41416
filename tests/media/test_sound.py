"""A beep at a known time, a tone of known loudness: both must come out where and as loud as they went in."""

import wave
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import DiskFullError, FfmpegFailedError, FfmpegSilentError
from pipeline.media.binaries import ffmpeg
from pipeline.media.graph import run_ffmpeg
from pipeline.media.probing.probe import inspect
from pipeline.media.sound import Level, analyse, encode, listen, measure_file, read_loudness
from pipeline.presets import SoundSettings, load_preset

MakeClip = Callable[[str, list[str]], Path]
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
FILM = ["-f", "lavfi", "-i", "color=black:s=64x36:r=25:d=3,drawbox=c=white:t=fill:enable='between(t,1,1.19)'"]
BEEP = ["-f", "lavfi", "-i", "aevalsrc='0.5*sin(2*PI*1000*t)*between(t,1,1.2)':s=48000:d=3"]
PRIMING_S = 0.022
"""One AAC frame: FLV, MPEG-TS and Matroska do not tell of the encoder's priming, so the file itself is that late."""


def settings() -> SoundSettings:
    return load_preset().sound


def samples(wav: Path) -> tuple[Any, int]:
    """Return ((n,) float samples of the first channel, rate)."""
    with wave.open(str(wav), "rb") as file:
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
        return data[:, 0] / 32768, file.getframerate()


def onset_s(wav: Path) -> float:
    data, rate = samples(wav)
    return float(np.argmax(np.abs(data) > 0.1) / rate)


def flash_s(clip: Path) -> Fraction:
    """Return when the white frame is shown, on the container's clock."""
    import av

    with av.open(str(clip)) as container:
        for frame in container.decode(container.streams.video[0]):
            if frame.to_ndarray(format="gray").mean() > 100:
                assert frame.pts is not None
                return frame.pts * container.streams.video[0].time_base
    raise AssertionError("no flash")


@pytest.mark.parametrize(
    ("suffix", "late"),
    [
        ("mp4", "none"),
        ("mp4", "audio"),
        ("mkv", "video"),
        ("mkv", "audio"),
        ("ts", "video"),
        ("ts", "audio"),
        ("flv", "video"),
    ],
)
def test_a_beep_stays_with_its_flash_however_the_file_starts(
    make_clip: MakeClip, tmp_path: Path, suffix: str, late: str
) -> None:
    delay = ["-itsoffset", "0.7"]
    sources = [*(delay if late == "video" else []), *FILM, *(delay if late == "audio" else []), *BEEP]
    codecs = [*X264, "-bf", "2", "-g", "25", "-c:a", "aac", "-fps_mode", "passthrough"]
    clip = make_clip(f"beep-{late}.{suffix}", [*sources, "-map", "0", "-map", "1", *codecs])
    recording = inspect(clip)
    wav, m4a = tmp_path / "speech.wav", tmp_path / "delivery.m4a"
    analyse(recording, wav)
    encode(recording, m4a, Level(0.0, -2.0, is_limited=True), settings(), recording.duration_s)
    decode(m4a, tmp_path / "delivery.wav")
    sound_leads_by = {"none": 0.0, "video": 0.7, "audio": -0.7}[late]
    expected = float(flash_s(clip) - recording.origin_s) - sound_leads_by
    assert onset_s(wav) == pytest.approx(expected, abs=PRIMING_S)
    assert onset_s(tmp_path / "delivery.wav") == pytest.approx(expected, abs=PRIMING_S)
    assert onset_s(wav) == pytest.approx(onset_s(tmp_path / "delivery.wav"), abs=0.002)


def decode(source: Path, wav: Path, *options: str) -> None:
    run_ffmpeg(["-i", str(source), *options, str(wav)], subject=source)


def test_a_gap_in_the_sound_is_filled_with_silence(make_clip: MakeClip, tmp_path: Path) -> None:
    beeps = ["-f", "lavfi", "-i", "aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=48000:d=4"]
    cut = ["-af", "aselect='lt(t,1.5)+gte(t,2.5)'"]
    clip = make_clip("gap.mkv", [*FILM[:-1], FILM[-1].replace("d=3", "d=4"), *beeps, *cut, *X264, "-c:a", "pcm_s16le"])
    recording = inspect(clip)
    assert any("1 gap(s), 1.0 s in all" in fault.show() for fault in recording.faults)
    analyse(recording, tmp_path / "gap.wav")
    data, rate = samples(tmp_path / "gap.wav")
    for second, loud in ((0, True), (1, True), (2, False), (3, True)):
        beep = data[int((second + 0.01) * rate) : int((second + 0.09) * rate)]
        before = data[int((second + 0.11) * rate) : int((second + 0.9) * rate)]
        assert (np.abs(beep).max() > 0.3) == loud
        assert np.abs(before).max() < 0.02


def test_the_length_is_the_one_asked_for(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("beep-none.mp4", [*FILM, *BEEP, "-map", "0", "-map", "1", *X264, "-c:a", "aac"])
    recording = inspect(clip)
    for length_s in (Fraction(5), Fraction(1001, 400)):
        analyse(recording, tmp_path / "a.wav", duration_s=length_s)
        encode(recording, tmp_path / "a.m4a", Level(0.0, -2.0, is_limited=False), settings(), length_s)
        assert len(samples(tmp_path / "a.wav")[0]) == round(length_s * 16000)
        encoded = inspect(tmp_path / "a.m4a").audio
        assert encoded is not None
        assert encoded.start_s == 0
        assert float(encoded.end_s) == pytest.approx(float(length_s), abs=0.002)


def test_mono_is_a_mix_of_both_channels(make_clip: MakeClip, tmp_path: Path) -> None:
    right = "aevalsrc='0|0.4*sin(2*PI*500*t)':s=44100:d=1"
    clip = make_clip("right.mkv", ["-f", "lavfi", "-i", right, "-c:a", "pcm_s16le"])
    analyse(inspect(clip), tmp_path / "mix.wav")
    assert np.abs(samples(tmp_path / "mix.wav")[0]).max() == pytest.approx(0.2, rel=0.1)


@pytest.mark.parametrize(("right", "channels", "peak"), [("0.4*{}", "both", 0.4), ("-0.4*{}", "inverted", 0.4),
                                                         ("0.0002*{}", "left", 0.2)])  # fmt: skip
def test_dead_and_cancelling_channels_are_set_right(
    make_clip: MakeClip, tmp_path: Path, right: str, channels: str, peak: float
) -> None:
    sine = "sin(2*PI*500*t)"
    source = f"aevalsrc='0.4*{sine}|{right.format(sine)}':s=48000:d=2"
    clip = make_clip(f"channels-{channels}.mkv", ["-f", "lavfi", "-i", source, "-c:a", "pcm_s16le"])
    recording = inspect(clip)
    heard = listen(recording, tmp_path / "a.wav")
    assert heard.channels == channels
    assert np.abs(samples(tmp_path / "a.wav")[0]).max() == pytest.approx(peak, rel=0.05)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
    level = Level(0.0, -2.0, is_limited=False, channels=heard.channels)
    encode(recording, tmp_path / "a.m4a", level, settings(), recording.duration_s)
    found = measure_file(tmp_path / "a.m4a", recording.duration_s)
    assert found.integrated_lufs == pytest.approx(-8.3, abs=0.4)
    decode(tmp_path / "a.m4a", tmp_path / "mono.wav", "-ac", "1")
    assert np.abs(samples(tmp_path / "mono.wav")[0]).max() == pytest.approx(0.4, rel=0.1)


def test_loudness_of_a_known_tone(make_clip: MakeClip, tmp_path: Path) -> None:
    """Stereo 997 Hz at amplitude 0.1 is −20.0 LUFS."""
    tone = "aevalsrc='0.1*sin(2*PI*997*t)|0.1*sin(2*PI*997*t)':s=48000:d=6"
    clip = make_clip("tone.mkv", ["-f", "lavfi", "-i", tone, "-c:a", "pcm_s16le"])
    found = analyse(inspect(clip), tmp_path / "tone.wav")
    assert found.integrated_lufs == pytest.approx(-20.0, abs=0.1)
    assert found.true_peak_dbtp == pytest.approx(-20.0, abs=0.1)
    assert found.range_lu == pytest.approx(0.0, abs=0.1)
    assert found.short_term_lufs == pytest.approx((-20.0,) * 6, abs=0.1)


def test_silence_has_no_loudness(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("silence.mkv", ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=4", "-c:a", "pcm_s16le"])
    found = analyse(inspect(clip), tmp_path / "silence.wav")
    assert (found.integrated_lufs, found.true_peak_dbtp) == (None, None)
    assert found.short_term_lufs == (-70.0,) * 4


def test_the_limiter_holds_the_peaks_and_delays_nothing(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("beep-none.mp4", [*FILM, *BEEP, "-map", "0", "-map", "1", *X264, "-c:a", "aac"])
    recording = inspect(clip)
    encode(recording, tmp_path / "loud.m4a", Level(12.0, -3.0, is_limited=True), settings(), recording.duration_s)
    decode(tmp_path / "loud.m4a", tmp_path / "loud.wav")
    found = measure_file(tmp_path / "loud.m4a", recording.duration_s)
    assert found.true_peak_dbtp is not None
    assert -4.0 < found.true_peak_dbtp < -2.0
    assert onset_s(tmp_path / "loud.wav") == pytest.approx(1.0, abs=0.003)


def test_sound_that_does_not_decode_is_an_error(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("beep-none.mp4", [*FILM, *BEEP, "-map", "0", "-map", "1", *X264, "-c:a", "aac"])
    recording = inspect(clip)
    assert recording.audio is not None
    with pytest.raises(FfmpegFailedError):
        analyse(replace(recording, audio=replace(recording.audio, index=7)), tmp_path / "x.wav")


def test_a_log_without_a_summary_is_refused() -> None:
    with pytest.raises(ValueError, match="summary"):
        read_loudness("[info] nothing\n")


@pytest.mark.parametrize("stamp", ["t: 2.99998    TARGET:-23 LUFS    M: -19.0 S: -20.5     I: -20.0 LUFS",
                                   "t: 2.999979   TARGET:-23 LUFS    M: -19.0 S: -20.5     I: -20.0 LUFS"])  # fmt: skip
def test_both_ways_of_printing_are_read(stamp: str) -> None:
    tail = "Summary:\n\n  Integrated loudness:\n    I:         -20.0 LUFS\n  Loudness range:\n    LRA:         1.5 LU\n"
    found = read_loudness(
        f"[Parsed_ebur128_3 @ 0x55] [verbose] {stamp}\n{tail}  True peak:\n    Peak:       -inf dBFS\n"
    )
    assert found.short_term_lufs == (-70.0, -70.0, -20.5)
    assert (found.integrated_lufs, found.range_lu, found.true_peak_dbtp) == (-20.0, 1.5, None)


def test_a_mono_peak_is_told_as_recorded(make_clip: MakeClip, tmp_path: Path) -> None:
    tone = "aevalsrc=0.5*sin(2*PI*997*t):s=48000:d=4"
    path = make_clip("mono-half.mkv", ["-f", "lavfi", "-i", tone, "-ac", "1", "-c:a", "pcm_s16le"])
    loudness = analyse(inspect(path), tmp_path / "speech.wav")
    assert loudness.true_peak_dbtp == pytest.approx(-6.0, abs=0.2)


@pytest.fixture
def broken_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a program in ffmpeg's place that does the work and then does something more."""

    def put(more: str) -> None:
        program = tmp_path / "ffmpeg"
        program.write_text(f'#!/bin/sh\n"{ffmpeg().path}" "$@" 2>"{tmp_path}/said"\ncode=$?\n{more}\n')
        program.chmod(0o755)
        monkeypatch.setattr("pipeline.media.graph.the_ffmpeg", lambda: replace(ffmpeg(), path=program))

    return put


def test_an_ffmpeg_whose_measurement_is_lost_is_not_taken_for_silence(
    make_clip: MakeClip, tmp_path: Path, broken_ffmpeg: Callable[[str], None]
) -> None:
    clip = make_clip("beep-none.mp4", [*FILM, *BEEP, "-map", "0", "-map", "1", *X264, "-c:a", "aac"])
    recording = inspect(clip)
    broken_ffmpeg("exit $code")
    with pytest.raises(FfmpegSilentError):
        analyse(recording, tmp_path / "x.wav")


def test_a_full_disk_is_told_by_the_exit_code_too(
    make_clip: MakeClip, tmp_path: Path, broken_ffmpeg: Callable[[str], None]
) -> None:
    clip = make_clip("beep-none.mp4", [*FILM, *BEEP, "-map", "0", "-map", "1", *X264, "-c:a", "aac"])
    recording = inspect(clip)
    broken_ffmpeg("exit 228")
    with pytest.raises(DiskFullError):
        analyse(recording, tmp_path / "x.wav")
