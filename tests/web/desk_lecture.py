"""A small lecture as it stands on the shelf when it is done: delivered through the burn path, nothing recognised."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from pipeline.events import silent
from pipeline.lecture import with_subtitles
from pipeline.records import (
    Cue,
    Deviation,
    ScriptMatch,
    Span,
    SpeechSegment,
    Transcript,
    Word,
)
from pipeline.store import Store
from pipeline.terms import Term
from pipeline.web.settings import LOCAL_OWNER, ServeSettings
from pipeline.web.work.material import Material, find_material, keep_material
from pipeline.web.work.preparing import make_ready
from pipeline.web.work.shelf import Lecture, Shelf, Wish
from pipeline.web.work.worker import job_of

SPEAKING = [
    *("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=24"),
    *("-f", "lavfi", "-i", "aevalsrc=0.2*sin(997*t)*gt(mod(t\\,2)\\,0.4):d=24"),
    *("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", "-shortest"),
]
PRESET = """
extends = "seu-2020"
id = "small"
version = "1"

[encoder]
width_px = 640
height_px = 360
speed = "ultrafast"
crf = 20.0
segment_s = 4.0
"""
TEXTS = (
    "同志们，今天我们上一堂微党课。",
    "我们要做好一情防控工作。",
    "这句话是剧本里没有的，",
    "坚持全心全意为人民服务。",
    "不忘初心，牢记使命。",
    "谢谢大家，再见！",
)


@dataclass(frozen=True)
class Prepared:
    """A served folder with one lecture that is done."""

    settings: ServeSettings
    lecture: Lecture

    @property
    def place(self) -> str:
        return f"/lectures/{self.lecture.id}/review"

    @property
    def folder(self) -> Path:
        return self.settings.lectures / self.lecture.id / self.lecture.wish.name


def cues_of(texts: Sequence[str], step_ms: int = 4000, length_ms: int = 3000) -> str:
    """An SRT text with a cue every ``step_ms``."""

    def stamp(time_ms: int) -> str:
        minutes, rest_ms = divmod(time_ms, 60_000)
        return f"{minutes // 60:02}:{minutes % 60:02}:{rest_ms // 1000:02},{rest_ms % 1000:03}"

    blocks = [f"{n + 1}\n{stamp(n * step_ms + 400)} --> {stamp(n * step_ms + 400 + length_ms)}\n{text}\n"
              for n, text in enumerate(texts)]  # fmt: skip
    return "\n".join(blocks)


def prepared(root: Path, cache: Path, clip: Path, owner: str = LOCAL_OWNER) -> Prepared:
    """Deliver a clip with ``TEXTS`` in a small picture and prepare it for review, as the server's processes do."""
    preset = root.parent / f"{root.name}.toml"
    preset.write_text(PRESET, "utf-8")
    made = delivered(root, cache, clip, TEXTS, str(preset), owner)
    make_ready(made.settings, made.lecture)
    return made


def delivered(
    root: Path, cache: Path, clip: Path, texts: Sequence[str], preset: str = "seu-2020", owner: str = LOCAL_OWNER
) -> Prepared:
    """Deliver a clip with a cue every four seconds."""
    settings = ServeSettings(root, cache=cache)
    shelf = Shelf(settings.state / "shelf.sqlite")
    name = shelf.put(owner, Wish(str(clip), "课", preset, title="微党课", speaker="李文清", unit="示例大学"))
    lecture = shelf.begin_next()
    assert lecture is not None
    assert lecture.id == name
    first = root / "first.srt"
    first.write_text(cues_of(texts), "utf-8")
    with_subtitles(job_of(settings, lecture), first, Store(cache), silent)
    first.unlink()
    shelf.end(name, "done")
    found = shelf.find(name)
    assert found is not None
    return Prepared(settings, found)


def with_words(made: Prepared) -> Material:
    """Let a lecture be one that was recognised, with a script that says other words in its third cue."""
    folder = made.settings.review(made.lecture.id)
    material = find_material(folder)
    assert material is not None
    cues = tuple(replace(cue, confidence=0.1 if n == 4 else 0.9) for n, cue in enumerate(material.sheet.cues))
    segments = tuple(_segment(cue, 0.1 if n == 4 else 0.9, is_script=n != 2) for n, cue in enumerate(cues))
    heard = tuple(_segment(replace(cue, text=cue.text.replace("微党课", "微当课")), 0.9) for cue in cues)
    span = Span(cues[2].start_ms, cues[2].end_ms)
    deviation = Deviation("changed", span, "这句话是讲稿里有的，", "这句话是剧本里没有的，", 0.9)
    script = ScriptMatch(Path("讲稿.txt"), "0" * 64, "utf-8", 60, 0.9, (deviation,))
    transcript = Transcript("whisper", "test", None, False, "zh", segments, (), script, (), heard)
    full = replace(
        material,
        sheet=replace(material.sheet, cues=cues),
        sound=replace(material.sound, speech=tuple(Span(cue.start_ms, cue.end_ms) for cue in cues)),
        transcript=transcript,
        terms=(*material.terms, Term("疫情防控")),
    )
    keep_material(full, folder)
    return full


def _segment(cue: Cue, probability: float, *, is_script: bool = False) -> SpeechSegment:
    step = Fraction(cue.end_ms - cue.start_ms, len(cue.text))
    words = tuple(
        Word(sign, int(cue.start_ms + n * step), int(cue.start_ms + (n + 1) * step), probability, is_script)
        for n, sign in enumerate(cue.text)
    )
    return SpeechSegment(cue.text, cue.start_ms, cue.end_ms, words, -0.1, 0.0, 1.0)
