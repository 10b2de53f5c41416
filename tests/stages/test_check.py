"""Files that break each rule, one by one: each is found, with its measured value, and only required ones miss."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pipeline.captions.ass import write_ass
from pipeline.captions.srt import write_srt
from pipeline.errors import InputError, NotMediaError, SubtitleFileError
from pipeline.events import Event, StageAdvanced, StageFinished, StageStarted, silent
from pipeline.media.graph import run_ffmpeg
from pipeline.media.rendering.fonts import find_font, place_font
from pipeline.media.sound import analyse
from pipeline.presets import CaptionSettings, Preset, load_preset
from pipeline.records import Cue, CueSheet, Finding, Flag, Measurements, Recording
from pipeline.stages.check import check
from pipeline.store import Store
from pipeline.texts import Message
from pipeline.timing import FrameGrid
from tests.media.patches import damage, turn

SAMPLE = Path(__file__).parents[2] / "samples" / "short-lecture.mp4"
SECONDS = 10
GRID = FrameGrid(Fraction(25), 25 * SECONDS)
CUES = (
    Cue(800, 3920, "大家好，这是一节很短的微课。", "大家好　这是一节很短的微课", None),
    Cue(4280, 6840, "今天我们只讲一件事，", "今天我们只讲一件事", None),
    Cue(6960, 9640, "就是科学防疫从我做起。", "就是科学防疫从我做起", None),
)
PICTURE = "testsrc2=s=960x540:r=25"
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "high", "-pix_fmt", "yuv420p"]
BUILD = "8x8dct=1:cabac=1:keyint=50:scenecut=0:open-gop=0:colorprim=bt709:transfer=bt709:colormatrix=bt709"
AAC = ["-c:a", "aac", "-ar", "48000", "-ac", "2", "-b:a", "160k"]
STEREO = "aresample=48000,pan=stereo|c0=c0|c1=c0,volume=15.5dB,alimiter=limit=0.8:level=0"
FAST = ["-movflags", "+faststart"]

Make = Callable[[str], Path]


def settings(**limits: Any) -> Preset:
    """Return the notice's preset cut down to clips of ten seconds and a quarter of the raster."""
    preset = load_preset("seu-2020")
    short: dict[str, Any] = {
        "duration_min_s": 5.0, "duration_max_s": 20.0, "duration_hard_max_s": 30.0, "width_px": 960, "height_px": 540,
        "black_min_s": 1.0, "freeze_min_s": 1.5, "silence_min_s": 1.5, "read_back_samples": 1,
    }  # fmt: skip
    return preset.model_copy(update={"limits": preset.limits.model_copy(update={**short, **limits})})


@dataclass(frozen=True)
class Break:
    """One way to break a rule."""

    rule: str
    measured: str
    """Part of what the finding says was measured."""
    make: Sequence[str] = ()
    """ffmpeg arguments after the good file as input; the default copies."""
    picture: str | None = None
    """Another source for the picture, encoded with the subtitles."""
    x264: str = BUILD
    suffix: str = ".mp4"
    is_required: bool = False
    also: frozenset[str] = frozenset()
    """Other rules that such a file cannot but break."""
    limits: dict[str, Any] = field(default_factory=dict)


COPY = ("-c", "copy")
SOUND = ("-c:v", "copy", *AAC, *FAST)


def bitstream(options: str) -> tuple[str, ...]:
    return (*COPY, *FAST, "-bsf:v", f"h264_metadata={options}")


BREAKS = {
    "too short": Break("duration.range", "10.00", limits={"duration_min_s": 15.0}),
    "too long": Break("duration.range", "10.00", limits={"duration_max_s": 8.0}),
    "far too long": Break("duration.range", "10.00", is_required=True,
                          limits={"duration_max_s": 7.0, "duration_hard_max_s": 8.0}),
    "too large": Break("size.cap", "", limits={"size_max_bytes": 1000, "size_grey_bytes": 1000}),
    "mkv": Break("container.mp4", "matroska", COPY, suffix=".mkv", is_required=True,
                 also=frozenset({"video.structure"})),
    "mov named mp4": Break("container.mp4", "mov (qt)", (*COPY, *FAST, "-f", "mov"), is_required=True),
    "mpeg-4 part 2": Break("video.codec", "mpeg4", ("-c:v", "mpeg4", "-q:v", "3", "-g", "50", "-c:a", "copy", *FAST),
                           is_required=True, also=frozenset({"video.structure", "video.colour"})),
    "raster": Break("video.raster", "640×360", ("-vf", "scale=640:360", *X264, "-x264-params", BUILD, "-c:a", "copy",
                                                *FAST), is_required=True),
    "stretched pixels": Break("video.geometry", "SAR 3:4, 0°", (*COPY, *FAST, "-aspect", "4:3"), is_required=True),
    "bars": Break("video.bars", "← 60, ↑ 0, → 60, ↓ 0", picture="testsrc2=s=840x540:r=25,pad=960:540:60:0:black"),
    "24 a second": Break("video.frame_rate", "CFR 24", picture="testsrc2=s=960x540:r=24",
                         x264=BUILD.replace("=50", "=48")),
    "varying rate": Break("video.frame_rate", "VFR", picture=f"{PICTURE},select='gt(mod(n,7),0)'",
                          also=frozenset({"video.structure", "av.sync"})),
    "baseline": Break("video.structure", "Baseline", picture=PICTURE, x264=BUILD.replace("1:cabac=1", "0:cabac=0")),
    "long groups": Break("video.structure", "GOP 5.00 s", picture=PICTURE, x264=BUILD.replace("=50", "=125")),
    "open groups": Break("video.structure", "open", picture=PICTURE, x264=BUILD.replace("gop=0", "gop=1:bframes=2")),
    "index last": Break("video.structure", "moov last", COPY),
    "interlaced": Break("video.structure", "interlaced (tt)", picture=f"{PICTURE},setfield=tff",
                        x264=f"{BUILD}:tff=1"),
    "unmarked colours": Break("video.colour", "-/-/-", picture=PICTURE, x264=BUILD.partition(":colorprim")[0]),
    "full range": Break("video.colour", "pc", bitstream("video_full_range_flag=1")),
    "hdr": Break("video.colour", "bt2020/smpte2084/bt2020nc",
                 bitstream("colour_primaries=9:transfer_characteristics=16:matrix_coefficients=9"), is_required=True),
    "mono at 44.1 kHz": Break("audio.format", "aac, 44100 Hz, 1 ch",
                              ("-c:v", "copy", "-c:a", "aac", "-ar", "44100", "-b:a", "64k", "-af",
                               "pan=mono|c0=0.8*c0", *FAST), also=frozenset({"audio.loudness"})),
    "mp3": Break("audio.format", "mp3", ("-c:v", "copy", "-c:a", "libmp3lame", "-b:a", "160k", *FAST),
                 also=frozenset({"av.sync", "video.edit_list"})),
    "no sound": Break("audio.format", "", ("-an", *COPY, *FAST)),
    "quiet": Break("audio.loudness", "LUFS", ("-af", "volume=-12dB", *SOUND)),
    "clipped": Break("audio.clipping", "clip", ("-af", "volume=40dB", *SOUND), also=frozenset({"audio.loudness"})),
    "dead channel": Break("audio.clipping", "dead 1", ("-af", "pan=stereo|c0=c0|c1=0*c0", *SOUND),
                          also=frozenset({"audio.loudness"})),
    "inverted channel": Break("audio.clipping", "φ −", ("-af", "pan=stereo|c0=c0|c1=-1*c0", *SOUND),
                              also=frozenset({"audio.loudness", "subtitle.coverage"})),
    "sound ends early": Break("av.sync", "⊣ −1", ("-af", "atrim=0:9", *SOUND)),
    "black": Break("picture.black", "1.5", picture=f"{PICTURE},drawbox=t=fill:c=black:enable='between(n,110,147)'",
                   also=frozenset({"picture.freeze"})),
    "frozen": Break("picture.freeze", "2.",
                    picture=f"{PICTURE},split[a][b];[a][b]freezeframes=first=110:last=165:replace=110"),
    "flashes": Break("picture.flash", "> 3",
                     picture=f"{PICTURE},drawbox=t=fill:h=200:c=white,"
                             "drawbox=t=fill:h=200:c=black:enable='lt(mod(n,6),3)'"),
    "silence": Break("sound.silence", "2.", ("-af", "volume=0:enable='between(t,4.3,6.8)'", *SOUND)),
    "nothing burned": Break("subtitle.burned", "0.00 (0/3)", ("-vf", "drawbox=y=ih*0.8:t=fill:c=gray", *X264,
                                                           "-x264-params", BUILD, "-c:a", "copy", *FAST),
                            is_required=True, also=frozenset({"subtitle.sidecar"})),
}  # fmt: skip


@pytest.fixture(scope="session")
def good(clips: Path) -> Path:
    """A file that passes every rule, its subtitles burned in, its sound a lecturer's."""
    return burned(clips, "check_good.mp4", PICTURE, BUILD)


def burned(folder: Path, name: str, picture: str, x264: str, captions: CaptionSettings | None = None) -> Path:
    out = folder / name
    if out.exists():
        return out
    font = find_font("Noto Sans SC Medium")
    if not (folder / "fonts").exists():
        place_font(font, folder / "fonts")
    write_ass(CUES, captions or settings().captions, font, GRID, folder / "check.ass", (0, GRID.count))
    source = ["-f", "lavfi", "-i", f"{picture},trim=0:{SECONDS},ass=check.ass:fontsdir=fonts", "-i", f"file:{SAMPLE}"]
    sound = ["-af", STEREO, *AAC, "-map", "0:v", "-map", "1:a", "-t", str(SECONDS)]
    rate = ["-fps_mode", "vfr"] if "select" in picture else []
    run_ffmpeg([*source, *X264, "-x264-params", x264, *sound, *rate, *FAST, name], subject=out, cwd=folder)
    return out


def made(way: Break, name: str, good: Path, clips: Path) -> Path:
    file = f"check_{name.replace(' ', '_')}{way.suffix}"
    if way.picture is not None:
        return burned(clips, file, way.picture, way.x264)
    if not way.make:
        return good
    run_ffmpeg(["-i", str(good), *way.make, file], subject=good, cwd=clips)
    return clips / file


def judged(
    video: Path, folder: Path, store: Store, preset: Preset, cues: Sequence[Cue] | None = CUES
) -> tuple[Measurements, dict[str, Finding]]:
    """Check a video with a subtitle file of these cues."""
    sidecar = None
    if cues is not None:
        sidecar = folder / "given.srt"
        write_srt(cues, sidecar)
    measurements, findings = check(video, sidecar, preset, store, silent)
    return measurements, {found.rule: found for found in findings}


def failed(findings: dict[str, Finding]) -> set[str]:
    return {rule for rule, found in findings.items() if found.kind == "fail"}


def test_a_good_file_passes_every_rule(good: Path, tmp_path: Path, store: Store) -> None:
    measurements, findings = judged(good, tmp_path, store, settings(read_back_samples=12))
    others = {rule: f"{found.kind}: {found.measured}" for rule, found in findings.items() if found.kind != "pass"}
    assert others == {"title.card": "notApplicable: None"}
    assert [read.cue_number for read in measurements.read_backs] == [1, 2, 3]
    assert all(read.thumbnail is not None and read.thumbnail.exists() for read in measurements.read_backs)


@pytest.mark.parametrize("name", BREAKS)
def test_each_break_is_found(name: str, good: Path, clips: Path, tmp_path: Path, store: Store) -> None:
    way = BREAKS[name]
    _, findings = judged(made(way, name, good, clips), tmp_path, store, settings(**way.limits))
    found = findings[way.rule]
    assert found.kind == "fail"
    assert way.measured in (found.measured or "")
    assert found.detail is not None
    assert failed(findings) - {way.rule} <= way.also
    assert any(f.is_miss for f in findings.values()) == way.is_required


def test_part_of_the_frames_is_enough_where_groups_are_short_and_a_thorough_check_takes_all(
    good: Path, tmp_path: Path, store: Store
) -> None:
    preset = settings(black_min_s=2.0, freeze_min_s=60.0)
    measurements, findings = judged(good, tmp_path, store, preset)
    thorough, found = check(good, tmp_path / "given.srt", preset, store, silent, is_thorough=True)
    assert measurements.picture_sure_s == pytest.approx(2.25)
    assert (thorough.picture_share, thorough.picture_sure_s) == (1.0, 0.0)
    assert [finding.kind for finding in found] == [finding.kind for finding in findings.values()]
    assert "2.25 s" in findings["picture.flash"].detail.show()  # type: ignore[union-attr]


def test_the_same_sound_under_another_picture_is_not_measured_again(
    good: Path, tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = judged(good, tmp_path, store, settings())
    other, louder = tmp_path / "other.mp4", tmp_path / "louder.mp4"
    run_ffmpeg(["-i", str(good), "-vf", "negate", *X264, "-x264-params", BUILD, "-c:a", "copy", *FAST, str(other)],
               subject=other)  # fmt: skip
    run_ffmpeg(["-i", str(good), "-af", "volume=-3dB", *SOUND, str(louder)], subject=louder)
    heard: list[Path] = []

    def listening(recording: Recording, *rest: Any) -> Any:
        heard.append(recording.path)
        return analyse(recording, *rest)

    monkeypatch.setattr("pipeline.stages.check.analyse", listening)
    second, _ = judged(other, tmp_path, store, settings())
    assert (second.loudness, second.speech, second.silent) == (first.loudness, first.speech, first.silent)
    judged(louder, tmp_path, store, settings())
    assert heard == [louder]


def test_a_picture_left_to_the_player_to_turn_is_found(good: Path, tmp_path: Path, store: Store) -> None:
    _, findings = judged(turn(good, tmp_path / "turned.mp4"), tmp_path, store, settings())
    assert findings["video.geometry"].measured == "SAR 1:1, 90°"
    assert findings["video.geometry"].is_miss


def test_late_sound_is_a_note_until_it_is_seen(good: Path, tmp_path: Path, store: Store) -> None:
    for delay, sync in (("0.075", "pass"), ("0.3", "fail")):
        late = tmp_path / f"late{delay}.mp4"
        maps = ["-map", "0:v", "-map", "1:a", *COPY, *FAST, "-t", str(SECONDS)]
        run_ffmpeg(["-i", str(good), "-itsoffset", delay, "-i", str(good), *maps, str(late)], subject=late)
        _, findings = judged(late, tmp_path, store, settings())
        assert (findings["video.edit_list"].kind, findings["av.sync"].kind) == ("fail", sync)
        assert not any(found.is_miss for found in findings.values())


def test_a_damaged_file_is_a_required_miss(good: Path, tmp_path: Path, store: Store) -> None:
    _, findings = judged(damage(good, tmp_path / "damaged.mp4", 20_000), tmp_path, store, settings())
    assert findings["video.codec"].is_miss
    assert "✗" in (findings["video.codec"].measured or "")


def test_a_size_between_the_two_readings_of_1g_is_for_a_person(good: Path, tmp_path: Path, store: Store) -> None:
    size = good.stat().st_size
    _, findings = judged(good, tmp_path, store, settings(size_max_bytes=size - 1, size_grey_bytes=size))
    assert (findings["size.cap"].kind, findings["size.cap"].measured) == ("review", str(size))


@pytest.mark.parametrize(
    ("cues", "rule", "kind", "measured"),
    [
        ((Cue(800, 3920, "完全不同的一句话在这里", "", None), *CUES[1:]), "subtitle.burned", "fail", "0.0"),
        ((Cue(800, 3920, "大家好，這是一节很短的微课。", "", None), *CUES[1:]), "subtitle.script", "fail", "1: 這"),
        ((CUES[0], CUES[2]), "subtitle.coverage", "fail", "%"),
        ((Cue(800, 1300, CUES[0].text, "", None), *CUES[1:]), "subtitle.layout", "fail", "0.50–2.68 s"),
        ((CUES[0], Cue(3000, 6840, CUES[1].text, "", None), CUES[2]), "subtitle.sidecar", "fail", "SRT 3, ✗ 1"),
    ],
    ids=["burned", "script", "coverage", "layout", "sidecar"],
)
def test_each_fault_of_the_subtitles_is_found(
    cues: Sequence[Cue], rule: str, kind: str, measured: str, good: Path, tmp_path: Path, store: Store
) -> None:
    _, findings = judged(good, tmp_path, store, settings(), cues)
    assert findings[rule].kind == kind
    assert measured in (findings[rule].measured or "")
    required = {"subtitle.burned", "subtitle.script"}
    assert {name for name, found in findings.items() if found.is_miss} == ({rule} & required)


@pytest.mark.parametrize(
    ("name", "picture", "change", "said"),
    [
        ("faint", "color=c=0xB0B0B0:s=960x540:r=25", {"outline_px": 0.0}, "stand out too little"),
        ("low", PICTURE, {"margin_share": 0.005}, "leave the margins"),
    ],
)
def test_cues_that_are_faint_or_out_of_place_in_the_picture_are_found(
    name: str, picture: str, change: dict[str, float], said: str, clips: Path, tmp_path: Path, store: Store
) -> None:
    captions = settings().captions.model_copy(update=change)
    video = burned(clips, f"check_{name}.mp4", picture, BUILD, captions)
    measurements, findings = judged(video, tmp_path, store, settings())
    assert findings["subtitle.burned"].kind == "pass"
    assert all(read.contrast and read.box for read in measurements.read_backs)
    assert findings["subtitle.layout"].kind == "fail"
    assert said in findings["subtitle.layout"].detail.show()  # type: ignore[union-attr]


def test_a_flagged_cue_is_read_where_time_is_short(good: Path, tmp_path: Path, store: Store) -> None:
    cues = tuple(Cue(at, at + 90, CUES[0].text, "", None) for at in range(800, 3900, 100))
    sidecar = tmp_path / "given.srt"
    write_srt(cues, sidecar)
    doubt = Flag("homophone", Message("x"), 1.0)
    sheet = CueSheet(tuple(replace(cue, flags=(doubt,)) if number == 5 else cue for number, cue in enumerate(cues, 1)))
    without, _ = check(good, sidecar, settings(read_back_samples=2), store, silent)
    given, _ = check(good, sidecar, settings(read_back_samples=2), store, silent, sheet)
    read_without, read_given = ({read.cue_number for read in made.read_backs} for made in (without, given))
    assert len(read_without) == len(read_given) < len(cues)
    assert read_given - read_without == {5}
    assert {1, len(cues)} <= read_given


def test_without_a_subtitle_file_the_picture_is_searched(good: Path, tmp_path: Path, store: Store) -> None:
    bare = tmp_path / "bare.mp4"
    bare.write_bytes(good.read_bytes())
    measurements, findings = judged(bare, tmp_path, store, settings(read_back_samples=12), None)
    assert {cue.screen for cue in CUES[1:]} <= {seen.read for seen in measurements.band_texts}
    assert findings["subtitle.burned"].kind == "review"
    assert findings["subtitle.sidecar"].kind == "fail"
    assert findings["subtitle.script"].kind == "open"


def test_the_subtitle_file_beside_the_video_is_taken(good: Path, tmp_path: Path, store: Store) -> None:
    video = tmp_path / "lecture.mp4"
    video.write_bytes(good.read_bytes())
    text = "1\n00:00:00,800 --> 00:00:03,920\n大家好，这是一节很短的微课。\n"
    video.with_suffix(".srt").write_bytes(text.encode("gb18030"))
    measurements, findings = judged(video, tmp_path, store, settings(), None)
    assert measurements.sidecar == video.with_suffix(".srt")
    assert findings["subtitle.burned"].kind == "pass"
    assert findings["subtitle.sidecar"].kind == "fail"
    assert "GB18030" in findings["subtitle.sidecar"].detail.show()  # type: ignore[union-attr]


def test_an_unreadable_file_beside_the_video_is_a_finding_and_given_by_hand_an_error(
    good: Path, tmp_path: Path, store: Store
) -> None:
    video = tmp_path / "lecture.mp4"
    video.write_bytes(good.read_bytes())
    broken = video.with_suffix(".srt")
    broken.write_bytes(b"no times here")
    _, findings = judged(video, tmp_path, store, settings(), None)
    assert findings["subtitle.sidecar"].kind == "fail"
    with pytest.raises(SubtitleFileError):
        check(video, broken, settings(), store, silent)


def test_sound_alone_gives_findings(good: Path, tmp_path: Path, store: Store) -> None:
    sound = tmp_path / "sound.m4a"
    run_ffmpeg(["-i", str(good), "-vn", "-c", "copy", str(sound)], subject=sound)
    _, findings = judged(sound, tmp_path, store, settings(), None)
    assert findings["video.codec"].is_miss
    assert findings["audio.loudness"].kind == "pass"


def test_what_is_no_media_file_is_refused(tmp_path: Path, store: Store) -> None:
    text = tmp_path / "lecture.mp4"
    text.write_text("not a video")
    with pytest.raises(NotMediaError):
        check(text, None, settings(), store, silent)


def test_progress_goes_to_the_end_and_a_second_look_is_free(good: Path, tmp_path: Path, store: Store) -> None:
    sidecar = tmp_path / "given.srt"
    write_srt(CUES, sidecar)
    events: list[Event] = []
    first = check(good, sidecar, settings(), store, events.append)
    done = [event.done for event in events if isinstance(event, StageAdvanced)]
    assert events[0] == StageStarted("check", 10.0)
    assert done == sorted(done)
    assert done[-1] == pytest.approx(10.0)
    assert events[-1] == StageFinished("check")
    again: list[Event] = []
    assert check(good, sidecar, settings(), store, again.append) == first
    assert again == [StageStarted("check", 10.0), StageFinished("check", reused=True)]


def test_a_file_that_goes_while_it_is_measured_leaves_no_measurement(good: Path, tmp_path: Path, store: Store) -> None:
    video = tmp_path / "going.mp4"
    video.write_bytes(good.read_bytes())

    def take_away(event: Event) -> None:
        if isinstance(event, StageAdvanced):
            video.unlink(missing_ok=True)

    with pytest.raises(InputError):
        check(video, None, settings(), store, take_away)
    video.write_bytes(good.read_bytes())
    assert not check(video, None, settings(), store, silent)[0].decode_errors


def test_damage_is_looked_at_anew_each_time(good: Path, tmp_path: Path, store: Store) -> None:
    damaged = damage(good, tmp_path / "damaged.mp4", 20_000)
    for _ in range(2):
        events: list[Event] = []
        assert check(damaged, None, settings(), store, events.append)[0].decode_errors
        assert StageFinished("check") in events
