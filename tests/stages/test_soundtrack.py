"""Whatever goes in, −16 LKFS comes out, on the picture's clock and of the picture's length."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.events import Event, Notice, StageAdvanced, StageFinished, StageStarted
from pipeline.media.graph import run_ffmpeg
from pipeline.media.probing.probe import inspect
from pipeline.media.sound import Heard, Level, measure_file
from pipeline.presets import SoundSettings, load_preset
from pipeline.records import Loudness, Soundtrack
from pipeline.stages.soundtrack import corrected, first_level, soundtrack
from pipeline.store import Store
from pipeline.timing import FrameGrid

MakeClip = Callable[[str, list[str]], Path]
SAMPLE = Path(__file__).parents[2] / "samples" / "short-lecture.mp4"
GRID = FrameGrid(Fraction(30000, 1001), 240)
FILM = ["-f", "lavfi", "-i", "color=gray:s=64x36:r=30000/1001:d=8.1", "-c:v", "libx264", "-preset", "ultrafast"]


def settings() -> SoundSettings:
    return load_preset().sound


def convert(path: Path, store: Store, grid: FrameGrid = GRID) -> tuple[Soundtrack, list[Event]]:
    heard: list[Event] = []
    return soundtrack(inspect(path), grid, settings(), store, heard.append), heard


def lecture(make_clip: MakeClip, name: str, graph: str) -> Path:
    """Eight seconds of the sample's speech, its sound sent through ``graph``."""
    sound = ["-t", "8", "-i", str(SAMPLE)]
    return make_clip(f"{name}.mkv", [*sound, *FILM[:4], "-map", "1:v", "-map", "0:a", "-af", graph, *FILM[4:],
                                     "-c:a", "pcm_s16le"])  # fmt: skip


@pytest.mark.parametrize(
    ("name", "graph", "raw_lufs"),
    [
        ("quiet-mono", "volume=-11dB", -43),
        ("loud-stereo", "volume=24dB,aformat=channel_layouts=stereo", -9),
        ("spiky", "volume=6dB,aeval='val(0)+0.9*lt(mod(t,3),0.0006)'", -26),
    ],
)
def test_the_loudness_is_set_and_peaks_are_held(
    make_clip: MakeClip, store: Store, name: str, graph: str, raw_lufs: float
) -> None:
    made, heard = convert(lecture(make_clip, name, graph), store)
    assert made.raw is not None
    assert made.delivery is not None
    assert made.raw.integrated_lufs == pytest.approx(raw_lufs, abs=4)
    result = measure_file(made.delivery, GRID.duration_s)
    assert result.integrated_lufs == pytest.approx(-16, abs=0.5)
    assert result.true_peak_dbtp is not None
    assert result.true_peak_dbtp <= -1.0
    assert made.speech
    assert made.duration_ms == GRID.duration_ms
    assert made.repairs == ()
    assert [type(event) for event in heard if not isinstance(event, StageAdvanced)] == [StageStarted, StageFinished]
    done = [event.done for event in heard if isinstance(event, StageAdvanced)]
    assert done == sorted(done)
    assert done[-1] <= float(GRID.duration_s) + 1e-6


def test_the_delivery_is_stereo_aac_of_the_grids_length_and_starts_with_the_picture(
    make_clip: MakeClip, store: Store, tmp_path: Path
) -> None:
    clip = lecture(make_clip, "quiet-mono", "volume=-11dB")
    made, _ = convert(clip, store)
    assert made.delivery is not None
    muxed = tmp_path / "muxed.mp4"
    picture = ["-f", "lavfi", "-i", "color=gray:s=64x36:r=30000/1001", "-frames:v", str(GRID.count)]
    run_ffmpeg([*picture, "-c:v", "libx264", "-bf", "2", str(tmp_path / "v.mp4")], subject=muxed)
    both = ["-i", str(tmp_path / "v.mp4"), "-i", str(made.delivery), "-map", "0:v", "-map", "1:a", "-c", "copy"]
    run_ffmpeg([*both, str(muxed)], subject=muxed)
    found = inspect(muxed)
    assert found.audio is not None
    assert found.video is not None
    assert (found.audio.codec, found.audio.profile) == ("aac", "LC")
    assert (found.audio.sample_rate_hz, found.audio.channels) == (48000, 2)
    assert found.audio.bit_rate_bps is not None
    assert found.audio.bit_rate_bps >= settings().accept_bit_rate_bps
    assert abs(found.audio.start_s - found.video.start_s) < 1 / GRID.rate
    assert abs(found.audio.end_s - found.video.end_s) < 1 / GRID.rate
    assert not found.has_edit_list


def test_nothing_is_done_twice(make_clip: MakeClip, store: Store) -> None:
    clip = lecture(make_clip, "quiet-mono", "volume=-11dB")
    first, _ = convert(clip, store)
    again, heard = convert(clip, store)
    assert again == first
    assert heard[-1] == StageFinished("soundtrack", reused=True)
    assert first.speech_wav is not None
    first.speech_wav.unlink()
    third, heard = convert(clip, store)
    assert third == first
    assert heard[-1] == StageFinished("soundtrack", reused=False)
    assert third.speech_wav is not None
    assert third.speech_wav.exists()


def test_no_sound_gives_an_empty_soundtrack(make_clip: MakeClip, store: Store) -> None:
    made, heard = convert(make_clip("mute.mp4", FILM), store)
    assert made == Soundtrack(None, None, None, 0.0, (), GRID.duration_ms)
    assert isinstance(heard[-1], StageFinished)


def test_digital_silence_is_delivered_as_silence_and_said(make_clip: MakeClip, store: Store) -> None:
    made, heard = convert(lecture(make_clip, "silence", "volume=0"), store)
    assert made.raw is not None
    assert made.raw.integrated_lufs is None
    assert made.delivery is not None
    assert made.speech == ()
    assert made.gain_db == 0
    assert ["silent" in event.message.show() for event in heard if isinstance(event, Notice)] == [True]


def test_a_dead_channel_is_replaced_and_said_again_on_reuse(make_clip: MakeClip, store: Store) -> None:
    clip = lecture(make_clip, "one-sided", "pan=stereo|c0=0*c0|c1=c0")
    for _ in range(2):
        made, heard = convert(clip, store)
        assert "The left sound channel is dead" in next(e.message.show() for e in heard if isinstance(e, Notice))
    assert made.delivery is not None
    assert measure_file(made.delivery, GRID.duration_s).integrated_lufs == pytest.approx(-16, abs=0.5)


def test_sound_that_does_not_decode_makes_a_silent_lecture(make_clip: MakeClip, store: Store) -> None:
    recording = inspect(lecture(make_clip, "quiet-mono", "volume=-11dB"))
    assert recording.audio is not None
    broken = replace(recording, audio=replace(recording.audio, index=9))
    heard: list[Event] = []
    made = soundtrack(broken, GRID, settings(), store, heard.append)
    assert made == Soundtrack(None, None, None, 0.0, (), GRID.duration_ms)
    assert any(isinstance(event, Notice) and "cannot be decoded" in event.message.show() for event in heard)


def test_noise_is_not_raised_without_end() -> None:
    faint = Heard(Loudness(-68.0, 0.0, -50.0), "both")
    assert first_level(faint, settings()).gain_db == 40


def test_the_level_is_corrected_by_what_is_missing() -> None:
    level = Level(10.0, -2.0, is_limited=True)
    assert corrected(level, Loudness(-16.1, 1.0, -1.3), settings(), close_lu=0.3) == level
    assert corrected(level, Loudness(-17.0, 1.0, -1.3), settings(), close_lu=0.3).gain_db == pytest.approx(11.0)
    assert corrected(level, Loudness(-16.0, 1.0, -0.4), settings(), close_lu=0.3).limit_dbtp < -2.6


def test_a_kept_sound_that_rotted_is_made_anew(make_clip: MakeClip, store: Store) -> None:
    clip = lecture(make_clip, "rotted", "volume=-3dB")
    made, _ = convert(clip, store)
    assert made.delivery is not None
    whole = made.delivery.read_bytes()
    middle = len(whole) // 2
    made.delivery.write_bytes(whole[:middle] + bytes(64) + whole[middle + 64 :])
    again, heard = convert(clip, store)
    assert again.delivery is not None
    assert bytes(64) not in again.delivery.read_bytes()[middle : middle + 64]
    assert not next(event for event in heard if isinstance(event, StageFinished)).reused
    assert next(event for event in convert(clip, store)[1] if isinstance(event, StageFinished)).reused
