"""Rendering delivers what was planned, whole or not at all, and encodes nothing twice."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import ffmpeg
import pytest

from pipeline.captions.layout import lay_out
from pipeline.captions.srt import write_srt
from pipeline.errors import DiskFullError, MissingGlyphError, NoPictureError, VerificationError, WeikeError
from pipeline.events import Event, StageAdvanced, StageFinished, StageStarted, silent
from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.probing.probe import inspect
from pipeline.media.rendering import drawing, mux
from pipeline.media.rendering.encoders import ENCODERS, Budget, Setting
from pipeline.media.rendering.fonts import find_font
from pipeline.records import Cue, CueSheet, Delivery, Recording, Span, Word
from pipeline.stages import render as stage
from pipeline.stages.render import RenderJob, render
from pipeline.stages.subtitles import subtitles
from pipeline.store import Store, file_sha256
from tests.media.rendering.encoders.hardware import Fault, FaultKind, pretend_nvenc
from tests.media.sources_of_all_kinds import SOURCES
from tests.stages.rendering import changed, job_for, sheet, silent_sound

CLIP = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=8", "-c:v", "libx264", "-preset", "ultrafast"]
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def clip(make_clip: Callable[..., Path]) -> Path:
    return make_clip("render.mp4", [*CLIP, "-g", "25"])


@pytest.fixture
def recording(clip: Path) -> Recording:
    return inspect(clip)


def run(recording: Recording, job: RenderJob, store: Store, cues: CueSheet | None = None) -> Delivery:
    return render(recording, silent_sound(job), cues or sheet(job), job, store, silent)


def end_in_the_middle(clip: Path, out: Path, cache: Path, how: signal.Signals) -> None:
    """Render in another process and end it when its second segment is done."""
    argv = [sys.executable, "-m", "tests.stages.render_driver", str(clip), str(out), str(cache), "2"]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(how)
        child.wait()
        assert child.returncode != 0


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_delivery_is_what_the_notice_asks(make_clip: Callable[..., Path], store: Store, tmp_path: Path) -> None:
    clip = make_clip("slides.mp4", ["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25:duration=5", *_AVC])
    recording = inspect(clip)
    job = job_for(recording, tmp_path / "out" / "课.mp4", raster=(1920, 1080))
    made = run(recording, job, store)
    found = inspect(made.path)
    video, audio = found.video, found.audio
    assert video is not None
    assert audio is not None
    assert (video.codec, video.profile, video.level, video.pixel_format) == ("h264", "High", 40, "yuv420p")
    assert (video.width, video.height, video.sar, video.rotation) == (1920, 1080, 1, 0)
    assert (video.primaries, video.transfer, video.matrix, video.is_full_range) == ("bt709", "bt709", "bt709", False)
    assert (video.frame_rate, video.is_constant_rate, video.frame_count) == (25, True, 125)
    assert (video.start_s, video.end_s) == (0, 5)
    assert (audio.codec, audio.profile, audio.sample_rate_hz, audio.channels) == ("aac", "LC", 48000, 2)
    assert abs(audio.start_s) < Fraction(1, 25)
    assert abs(audio.end_s - 5) <= Fraction(1, 25)
    assert video.keyframe_interval_max_s is not None
    assert video.keyframe_interval_max_s <= 2
    assert found.has_moov_first
    assert made.size_bytes == made.path.stat().st_size
    assert made.sha256 == file_sha256(made.path)
    assert made.segments == made.segments_encoded == 2
    with av.open(str(made.path)) as container:
        assert (container.metadata["title"], container.metadata["artist"]) == ("不忘初心", "张三")
        assert {stream.language for stream in container.streams} == {"zho"}
    assert [message.text[:24] for message in made.repairs] == ["The picture was enlarged", "The recording has no sou"]
    assert left_over(made.path.parent) == ["课.mp4"]


_AVC = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25"]


@pytest.mark.parametrize("name", ["film.mp4", "late-picture.mp4", "variable.mkv", "interlaced.mp4", "stream.ts"])
def test_every_kind_of_timing_is_delivered_at_a_constant_rate(
    name: str, make_clip: Callable[..., Path], store: Store, tmp_path: Path
) -> None:
    recording = inspect(make_clip(name, SOURCES[name]))
    job = job_for(recording, tmp_path / "out.mp4", raster=(320, 180))
    made = run(recording, job, store)
    found = inspect(made.path)
    assert found.video is not None
    assert found.video.is_constant_rate
    assert found.video.frame_rate == job.grid.rate
    assert found.video.frame_count == job.grid.count


@pytest.mark.parametrize("rate", ["30000/1001", "60000/1001", "60"])
def test_picture_and_sound_end_together(
    rate: str, make_clip: Callable[..., Path], store: Store, tmp_path: Path
) -> None:
    name = f"rate-{rate.replace('/', '-')}.mp4"
    recording = inspect(make_clip(name, ["-f", "lavfi", "-i", f"testsrc2=s=160x90:r={rate}:d=3.3", *_AVC, "-bf", "3"]))
    job = job_for(recording, tmp_path / "out.mp4", segment_s=0.7)
    job = replace(job, encoder=job.encoder.model_copy(update={"speed": "veryfast"}))
    found = inspect(run(recording, job, store).path)
    assert found.video is not None
    assert found.audio is not None
    assert found.video.end_s == job.grid.duration_s
    assert abs(found.audio.end_s - found.video.end_s) <= 1 / job.grid.rate


def test_a_changed_cue_encodes_one_segment(recording: Recording, store: Store, tmp_path: Path) -> None:
    job = job_for(recording, tmp_path / "out.mp4")
    first = run(recording, job, store)
    assert (first.segments, first.segments_encoded) == (4, 4)
    again = run(recording, job, store)
    assert (again.segments_encoded, again.sha256) == (0, first.sha256)
    mended = run(recording, job, store, changed(sheet(job), 5, "改正过的一句"))
    assert mended.segments_encoded == 1
    assert mended.sha256 != first.sha256


def test_only_segments_whose_pixels_change_are_encoded_again(
    recording: Recording, store: Store, tmp_path: Path
) -> None:
    """Four segments of two seconds; cues begin on each second and end 120 ms before the next."""
    job = job_for(recording, tmp_path / "out.mp4")
    cues = sheet(job)
    run(recording, job, store)

    def encoded(of: CueSheet = cues, to: RenderJob = job, source: Recording = recording) -> int:
        return run(source, to, store, of).segments_encoded

    def timed(number: int, start_ms: int, end_ms: int) -> CueSheet:
        moved = replace(cues.cues[number], start_ms=start_ms, end_ms=end_ms)
        return CueSheet((*cues.cues[:number], moved, *cues.cues[number + 1 :]))

    assert encoded() == 0
    assert encoded(changed(cues, 1, "边上的一句")) == 1, "the last cue before a boundary"
    assert encoded(timed(2, 2000, 2840)) == 1, "the first one after it, ending earlier"
    assert encoded(CueSheet(tuple(replace(cue, flags=(), confidence=0.5) for cue in cues.cues))) == 0
    assert encoded(timed(1, 1000, 1980)) == 1, "the last one before it, ending later"
    assert encoded(timed(2, 1920, 2880)) == 2, "it begins earlier, and the boundary with it"
    assert encoded(changed(changed(cues, 0, "第一处"), 7, "第二处")) == 2
    assert encoded(to=replace(job, captions=job.captions.model_copy(update={"margin_share": 0.1}))) == 4
    assert encoded(to=replace(job, encoder=job.encoder.model_copy(update={"crf": 30}))) == 4
    assert encoded(source=replace(recording, sha256="0" * 64)) == 4
    assert encoded() == 0


def test_a_cue_over_a_boundary_is_drawn_in_both_segments_and_its_end_touches_one(
    recording: Recording, store: Store, tmp_path: Path
) -> None:
    job = job_for(recording, tmp_path / "out.mp4")
    long = CueSheet((Cue(0, 7000, "很长的一句", "很长的一句", None),))
    assert run(recording, job, store, long).segments_encoded == 4
    shorter = CueSheet((replace(long.cues[0], end_ms=6600),))
    assert run(recording, job, store, shorter).segments_encoded == 1
    assert run(recording, job, store, changed(long, 0, "另外的一句")).segments_encoded == 4


def test_what_a_person_gets_burns_to_what_was_there_before(recording: Recording, store: Store, tmp_path: Path) -> None:
    job = job_for(recording, tmp_path / "out.mp4")
    words = "同学们好，今天学习《中国共产党章程》，第3.5节。请看：f(x)是什么？这是“四个意识”——大家要记住！"
    spoken = tuple(Word(sign, 200 + 150 * n, 340 + 150 * n, 0.9) for n, sign in enumerate(words))
    cues = lay_out(spoken, (Span(100, 7800),), job.grid, job.captions)
    assert len(cues) > 2
    first = run(recording, job, store, CueSheet(cues))
    write_srt(cues, tmp_path / "x.srt")
    sound = silent_sound(job)
    again = subtitles(tmp_path / "x.srt", sound, job.grid, job.captions, store, silent)
    made = run(recording, job, store, again)
    assert (made.segments_encoded, made.sha256) == (0, first.sha256)


def test_the_same_bytes_come_out_however_many_segments_are_encoded_at_a_time(
    recording: Recording, store: Store, tmp_path: Path
) -> None:
    job = job_for(recording, tmp_path / "out.mp4")
    job = replace(job, encoder=job.encoder.model_copy(update={"speed": "veryfast"}))
    made = [run(recording, replace(job, workers=n), Store(tmp_path / str(n))) for n in (1, 3)]
    assert [each.segments_encoded for each in made] == [4, 4]
    assert made[0].sha256 == made[1].sha256
    options = ENCODERS["libx264"].options(Setting("faster", 21.0), job.grid, 50, Budget(1, 1))
    assert "threads=4" in options["x264-params"]


def test_progress_rises_to_the_whole_length(recording: Recording, store: Store, tmp_path: Path) -> None:
    job = job_for(recording, tmp_path / "out.mp4")
    events: list[Event] = []
    render(recording, silent_sound(job), sheet(job), job, store, events.append)
    assert isinstance(events[0], StageStarted)
    assert events[0].total is not None
    done = [event.done for event in events if isinstance(event, StageAdvanced)]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(events[0].total, rel=0.02)
    assert done[-1] <= events[0].total
    assert events[-1] == StageFinished("render", reused=False)


@pytest.mark.slow
def test_noise_stays_under_the_cap_in_one_pass(make_clip: Callable[..., Path], store: Store, tmp_path: Path) -> None:
    """The notice's 10⁹ bytes for 20 minutes, scaled down to 60 seconds, in six segments that each get their credit."""
    noise = "color=gray:s=480x270:r=25:d=3,noise=alls=100:allf=t"
    short = make_clip("noise.mp4", ["-f", "lavfi", "-i", noise, *_AVC, "-qp", "16"])
    recording = inspect(make_clip("noise-60-s.mp4", ["-stream_loop", "19", "-i", str(short), "-c", "copy"]))
    job = job_for(recording, tmp_path / "out.mp4", raster=(480, 270), segment_s=10)
    job = replace(job, size_max_bytes=50_000_000)
    cap = job.encoder.size_share * job.size_max_bytes
    made = run(recording, job, store)
    assert made.segments_encoded == 6
    assert made.size_bytes <= cap
    assert made.size_bytes > 0.7 * cap, "the cap is what held it"


def test_killed_after_the_second_segment_only_what_is_missing_is_encoded(clip: Path, tmp_path: Path) -> None:
    before = file_sha256(clip)
    out, cache = tmp_path / "out" / "课.mp4", tmp_path / "cache"
    end_in_the_middle(clip, out, cache, signal.SIGKILL)
    assert not out.exists()
    kept = len(list((cache / "artefacts" / "segments").glob("*.mp4")))
    recording = inspect(clip)
    job = job_for(recording, out)
    made = run(recording, job, Store(cache))
    assert 2 <= kept < made.segments
    assert made.segments_encoded == made.segments - kept
    assert inspect(out).video is not None
    assert file_sha256(clip) == before
    assert left_over(out.parent) == ["课.mp4"]
    assert left_over(cache / "attempts") == []


def test_strange_names(clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "we'ird [dir], a:b;c=中文 %d"
    folder.mkdir()
    source = folder / "-i 'x', [0:v];%s.mp4"
    source.write_bytes(clip.read_bytes())
    recording = inspect(source)
    job = job_for(recording, folder / "o'ut [1];%d.mp4", segment_s=60)
    made = run(recording, job, Store(folder / "cac:he"))
    assert made.path.exists()


def test_a_glyph_that_the_font_lacks_stops_before_the_encode(
    recording: Recording, store: Store, tmp_path: Path
) -> None:
    job = job_for(recording, tmp_path / "out" / "课.mp4")
    with pytest.raises(MissingGlyphError) as caught:
        run(recording, job, store, changed(sheet(job), 2, "生僻字𪚥和😀"))
    assert caught.value.exit_code == 4
    assert "𪚥" in caught.value.message.show()
    assert not (store.root / "artefacts" / "segments").exists()
    assert not job.out.exists()


def test_libass_taking_another_font_is_noticed(recording: Recording, store: Store, tmp_path: Path) -> None:
    job = job_for(recording, tmp_path / "out.mp4")
    font = find_font(job.captions.font)
    cues = (Cue(0, 1000, "国", "国", None),)
    drawing.require_font_drawn(stage._subtitles(cues, job, font), store)
    with pytest.raises(WeikeError) as caught:
        drawing.require_font_drawn(stage._subtitles(cues, job, replace(font, family="Kein Solcher")), store)
    assert caught.value.exit_code == 4
    unknown = (Cue(0, 1000, "国\U000e0101𪚥", "𪚥", None),)
    with pytest.raises(MissingGlyphError):
        drawing.require_font_drawn(stage._subtitles(unknown, job, font), store)


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8, 0.999])
@pytest.mark.parametrize("fill", [b"\0" * 4000, b"\xa5" * 40, None], ids=["hole", "bytes", "cut off"])
def test_what_does_not_verify_is_not_delivered(
    place: float,
    fill: bytes | None,
    recording: Recording,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = job_for(recording, tmp_path / "out" / "课.mp4")
    join = mux.join

    def damaging(*args: object) -> mux.Sums:
        sums = join(*args)  # type: ignore[arg-type]
        out = args[4]
        assert isinstance(out, Path)
        data = out.read_bytes()
        at = int(len(data) * place)
        out.write_bytes(data[:at] if fill is None else (data[:at] + fill + data[at + len(fill) :])[: len(data)])
        return sums

    monkeypatch.setattr(stage, "join", damaging)
    with pytest.raises(VerificationError):
        run(recording, job, store)
    assert left_over(job.out.parent) == []


def test_segments_of_a_delivery_that_did_not_verify_are_made_anew(
    recording: Recording, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_for(recording, tmp_path / "out" / "课.mp4")

    def broken(*args: object) -> mux.Sums:
        raise VerificationError(job.out, problem="segments that do not fit together")

    with monkeypatch.context() as patch:
        patch.setattr(stage, "join", broken)
        with pytest.raises(VerificationError):
            run(recording, job, store)
    made = run(recording, job, store)
    assert made.segments_encoded == made.segments
    assert run(recording, job, store).segments_encoded == 0


def test_a_kept_segment_that_rotted_is_encoded_again(recording: Recording, store: Store, tmp_path: Path) -> None:
    job = job_for(recording, tmp_path / "out" / "课.mp4")
    first = run(recording, job, store)
    kept = sorted((store.root / "artefacts" / "segments").glob("*.mp4"))[1]
    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 0x10
    kept.write_bytes(data)
    second = run(recording, job, store)
    assert (second.segments_encoded, second.sha256) == (1, first.sha256)


def test_a_file_over_its_cap_is_not_delivered(recording: Recording, store: Store, tmp_path: Path) -> None:
    job = job_for(recording, tmp_path / "out" / "课.mp4")
    with pytest.raises(VerificationError):
        run(recording, replace(job, size_max_bytes=20_000), store)
    assert left_over(job.out.parent) == []


def test_an_interrupt_leaves_nothing_half_written(clip: Path, tmp_path: Path) -> None:
    out, cache = tmp_path / "out" / "课.mp4", tmp_path / "cache"
    end_in_the_middle(clip, out, cache, signal.SIGINT)
    assert left_over(out.parent) == []
    assert left_over(cache / "attempts") == []


def test_no_room_on_the_disk(recording: Recording, store: Store, tmp_path: Path) -> None:
    job = job_for(recording, tmp_path / "out" / "课.mp4")
    day = replace(job, grid=replace(job.grid, count=10**12))
    with pytest.raises(DiskFullError):
        stage._require_space(day, store, 25_000_000, recording.path)


def test_no_picture(recording: Recording, store: Store, tmp_path: Path) -> None:
    job = job_for(recording, tmp_path / "out.mp4")
    with pytest.raises(NoPictureError):
        run(replace(recording, video=None), job, store)


def test_without_burning_no_font_is_needed(
    recording: Recording, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "find_font", None)
    job = job_for(recording, tmp_path / "out.mp4", segment_s=60)
    job = replace(job, captions=job.captions.model_copy(update={"burn": False}))
    assert run(recording, job, store).segments == 1


def test_an_encoder_that_does_not_work_here_is_replaced_and_named(
    recording: Recording, store: Store, tmp_path: Path
) -> None:
    job = job_for(recording, tmp_path / "out.mp4", segment_s=60)
    job = replace(job, encoder=job.encoder.model_copy(update={"codec": "h264_amf"}))
    made = run(recording, job, store)
    assert made.encoder.startswith("libx264")
    assert any("h264_amf" in message.show() for message in made.repairs)


def test_burned_subtitles_are_in_the_picture(make_clip: Callable[..., Path], store: Store, tmp_path: Path) -> None:
    recording = inspect(make_clip("dark.mp4", ["-f", "lavfi", "-i", "color=0x203040:s=320x180:r=25:d=4", *_AVC]))
    job = job_for(recording, tmp_path / "out.mp4", raster=(640, 360))
    made = run(recording, job, store, CueSheet((Cue(1000, 3000, "国国国国", "国国国国", None),)))
    assert [brightest(made.path, second) > 180 for second in (0, 2, 3)] == [False, True, False]


def brightest(path: Path, at_s: int) -> int:
    """Return the highest luma of the frame at a time."""
    out = path.with_suffix(f".{at_s}.gray")
    node = ffmpeg.input(str(path), ss=at_s).output(str(out), f="rawvideo", pix_fmt="gray", **{"frames:v": 1})
    run_ffmpeg(compile_args(node), subject=path)
    return max(out.read_bytes())


@pytest.mark.parametrize("kind", ["none", "crash", "short", "headers"])
def test_an_encoder_that_fails_on_the_way_is_replaced_for_the_whole_picture(
    kind: FaultKind, recording: Recording, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_for(recording, tmp_path / "out.mp4")
    job = replace(job, encoder=job.encoder.model_copy(update={"codec": "auto", "speed": None}), workers=1)
    with pretend_nvenc(tmp_path, monkeypatch, Fault(kind, since=4)):
        made = run(recording, job, store)
        told = [message.show() for message in made.repairs if "h264_nvenc" in message.show()]
        video = inspect(made.path).video
        again = run(recording, job, store)
    assert video is not None
    assert video.frame_count == job.grid.count
    assert left_over(tmp_path / "cache" / "attempts") == []
    if kind == "none":
        assert made.encoder == "h264_nvenc p4 24"
        assert (told, made.segments_encoded, again.segments_encoded) == ([], 4, 0)
        return
    assert made.encoder.startswith("libx264")
    assert made.segments_encoded == 4, "what the first encoder made is not joined with the rest"
    assert len(told) == 1
    assert "libx264 encoded the whole picture" in told[0]
    assert video.profile == "High"
