"""A room is a folder in which one case happens: a recording, an earlier delivery, and what a person put into it.

After a fault and again after the rerun, the room is looked through for what must never be.
"""

import hashlib
import json
import multiprocessing
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.events import Emit, StageAdvanced, StageFinished, StageStarted
from pipeline.jobs import LectureJob
from pipeline.presets import Preset, load_preset
from pipeline.records import LectureInfo
from pipeline.store import Store, key_of, put_in_place
from tests.faults.media import SUBTITLES, make_recording

NAME = "课"
NOTE = "改动.txt"
WORDS = "a person's own note"


def quiet(_event: object) -> None:
    """Hear nothing."""


def tiny_preset() -> Preset:
    """Return the default preset with a raster and speed that cost next to nothing."""
    preset = load_preset()
    tiny = {"width_px": 320, "height_px": 180, "speed": "ultrafast", "segment_s": 1.0, "options": ()}
    return preset.model_copy(update={"encoder": preset.encoder.model_copy(update=tiny)})


@dataclass(frozen=True, slots=True)
class Room:
    """Where one case happens."""

    folder: Path
    title: str = "新"
    """What the delivery is called in the report, so that an earlier one is told from a later one."""

    @property
    def raw(self) -> Path:
        """The recording."""
        return self.folder / "raw.mp4"

    @property
    def out(self) -> Path:
        """Where the lecture's folder is made."""
        return self.folder / "out"

    @property
    def cache(self) -> Path:
        """The store's folder."""
        return self.folder / "cache"

    @property
    def log(self) -> Path:
        """What the child said."""
        return self.folder / "log"

    def job(self) -> LectureJob:
        """Return what is wanted."""
        return LectureJob(self.raw, self.out, LectureInfo(NAME, self.title, "张三", "示例大学"), tiny_preset())


Work = Callable[[Room, Emit], int]


def burn(room: Room, emit: Emit = quiet) -> int:
    """Burn subtitles into the recording: every stage but recognition, whose model takes long to load."""
    from pipeline import lecture

    without_reading()
    lecture.burn(room.job(), room.folder / "sub.srt", Store(room.cache), emit)
    return 0


def convert(room: Room, emit: Emit = quiet) -> int:
    """Convert the recording, in which nobody speaks."""
    from pipeline import lecture

    without_reading()
    lecture.convert(room.job(), Store(room.cache), emit)
    return 0


def deliver(room: Room, emit: Emit = quiet) -> int:
    """Do what every command does with store and output, without any ffmpeg: about a hundredth of a second."""
    from pipeline.finishing import desk_for

    store = Store(room.cache)
    job = room.job()
    with desk_for(job, store, emit) as desk:
        emit(StageStarted("deliver"))
        piece = store.file("pieces", key_of("piece"), ".mp4", lambda path: _copy(room.raw, path))
        store.record("facts", key_of("facts"), LectureInfo, lambda: job.info)
        emit(StageAdvanced("deliver", 1))
        temporary = desk.stage / f".{NAME}.part.mp4"
        _copy(piece, temporary)
        emit(StageAdvanced("deliver", 2))
        put_in_place(temporary, desk.stage / f"{NAME}.mp4")
        (desk.stage / "report.json").write_text(json.dumps({"title": job.info.title}), "utf-8")
        emit(StageFinished("deliver"))
    return 0


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("wb") as written:
        while block := read.read(1 << 16):
            written.write(block)


def without_reading() -> None:
    """Leave out the OCR: loading it takes longer than all the rest, and it only reads."""
    from pipeline.media.measuring import opening
    from pipeline.media.measuring.ocr import BandReader, Reading

    page: Any = opening
    page.page_lines = lambda _pixels: []
    reader: Any = BandReader
    reader.__init__ = lambda _self, _settings: None
    reader.read_cue = lambda _self, _pixels, _expected, _enough: Reading()
    reader.read_band = lambda _self, _pixels: ""


class Template:
    """A room as it is before the fault: an earlier delivery of the same name, and a person's note in it."""

    def __init__(self, folder: Path, work: Work) -> None:
        """Make it at ``folder``; the earlier delivery is made by ``work``."""
        self.room = Room(folder)
        folder.mkdir(parents=True)
        make_recording(self.room.raw)
        (folder / "sub.srt").write_text(SUBTITLES, "utf-8")
        self.work = work

    def deliver_once(self, run: Callable[[Callable[[], int], Path, str], Any]) -> None:
        """Make the earlier delivery, with another title, and leave a note in it."""
        room = replace(self.room, title="旧")
        events: Any = multiprocessing.get_context("fork").Value("i", 0)

        def count(_event: object) -> None:
            events.value += 1

        ending = run(lambda: self.work(room, count), room.log, "template")
        if ending.reason != "ok":
            raise RuntimeError(ending.log)
        (room.out / NAME / NOTE).write_text(WORDS, "utf-8")
        shutil.rmtree(room.cache)
        room.log.unlink()
        self.events: int = events.value
        self.raw_sha = sha(room.raw)
        self.old = marks(self.room.out / NAME)
        self.told = told(self.room.out / NAME)

    def room_at(self, folder: Path) -> Room:
        """Return a fresh copy."""
        shutil.copytree(self.room.folder, folder)
        return Room(folder)


def sha(path: Path) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def marks(folder: Path) -> dict[str, str]:
    """Return the hashes that a delivered folder's own list gives for its files."""
    listed: dict[str, str] = json.loads((folder / ".weike.json").read_text("utf-8"))["files"]
    return listed


def after_fault(room: Room, template: Template, out: Path | None = None) -> Iterator[str]:
    """Yield what must never be right after a fault."""
    if sha(room.raw) != template.raw_sha:
        yield "the source was changed"
    out = out or room.out
    final, old = out / NAME, out / f".{NAME}.old"
    if not final.exists():
        if not old.is_dir():
            yield "the earlier delivery is lost"
            return
        final = old
    yield from whole(final)
    if final == out / NAME and told(final) != template.told:
        yield f"the fault changed what was delivered: {told(final)} instead of {template.told}"


def told(folder: Path) -> list[str]:
    """Return what a delivery's report says was mended or left out; a fault of the machine must add nothing to it."""
    report = json.loads((folder / "report.json").read_text("utf-8"))
    parts = (("source", "faults"), ("soundtrack", "repairs"), ("delivery", "repairs"))
    lists = [report.get("notices", [])] + [(report.get(part) or {}).get(key, []) for part, key in parts]
    return [json.dumps(message, ensure_ascii=False) for messages in lists for message in messages]


def whole(final: Path, *, has_note: bool = True) -> Iterator[str]:
    """Yield what is missing or half-written in a delivered folder."""
    try:
        listed = marks(final)
    except (OSError, ValueError, KeyError) as error:
        yield f"a partial folder: no list of its files ({error})"
        return
    for name, digest in listed.items():
        if not (final / name).is_file() or sha(final / name) != digest:
            yield f"a partial file: {name}"
    if not {f"{NAME}.mp4", "report.json"} <= set(listed):
        yield f"a partial folder: it lists {sorted(listed)}"
    if has_note and (not (final / NOTE).is_file() or (final / NOTE).read_text("utf-8") != WORDS):
        yield "the person's note is lost"


def after_rerun(room: Room, template: Template) -> Iterator[str]:
    """Yield what must never be once the same command has run again."""
    yield from after_fault(room, template)
    if not (room.out / NAME).is_dir():
        yield "the rerun delivered nothing"
        return
    if marks(room.out / NAME) == template.old:
        yield "the rerun left the old delivery"
    left = sorted(path.name for path in room.out.iterdir() if path.name != NAME)
    if left:
        yield f"left beside the delivery: {left}"
    attempts = sorted(path.name for path in (room.cache / "attempts").iterdir())
    if attempts:
        yield f"left in the cache: {attempts}"
