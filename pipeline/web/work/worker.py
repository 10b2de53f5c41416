"""A lecture in a process of its own: whatever happens to it, the server goes on.

The process writes what happens to ``events.jsonl`` and, at the end, ``outcome.json``; it ends with all that it started
when the server does, or when the server hangs up.
"""

import json
import os
import signal
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

from pipeline.errors import LectureCrashedError, OutputBusyError, WebNotNowError, WeikeError
from pipeline.events import Event, Notice, StageAdvanced, StageFinished, StageStarted, silent
from pipeline.season import Failure
from pipeline.store import put_bytes
from pipeline.texts import LANGUAGES, Message, speaking
from pipeline.web.settings import ServeSettings
from pipeline.web.work.material import keep_material, material_of
from pipeline.web.work.shelf import Lecture

EVENTS, OUTCOME = "events.jsonl", "outcome.json"
_TELL_S = 0.5
"""Between two notes of how far a stage is."""
_ending = threading.Event()
"""The server hung up: what fails from now on fails because everything is being ended."""
_SETTLE_S = 0.5
"""A failure is told only when the server has not hung up meanwhile."""
_BUSY_TRIES = 20
"""Seconds in which an earlier process may let go of the folder."""


def work(settings: ServeSettings, lecture: Lecture, line: Connection) -> None:
    """Convert a lecture to its end; ``line`` is what the server holds the other end of."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with, args=(line,), daemon=True).start()
    folder = settings.work(lecture.id)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with (folder / EVENTS).open("w", encoding="utf-8") as file:
            outcome = _convert(settings, lecture, Diary(file))
    except WeikeError as error:
        outcome = {"state": "failed", **failure(error)}
    except Exception as error:  # a fault of ours is told like any other reason
        traceback.print_exc()
        outcome = {"state": "failed", **failure(LectureCrashedError(reason=f"{type(error).__name__}: {error}"))}
    if _ending.wait(_SETTLE_S if outcome["state"] == "failed" else 0):
        return  # it is not the lecture's own fault, and it is taken up again
    put_bytes(folder / OUTCOME, json.dumps(outcome, ensure_ascii=False).encode("utf-8"))


def failure(error: WeikeError | Failure) -> dict[str, Any]:
    """Return a reason to stop in every language; of paths on this machine only the last name."""
    texts = {}
    for key, message in (("message", error.message), ("advice", error.advice)):
        path = message.values.get("path", "")
        texts[key] = said(Message(message.text, {**message.values, "path": Path(path).name})) if message.text else {}
    return {"id": error.id, **texts}


def said(message: Message) -> dict[str, str]:
    """Return a message in every language, under the language's name."""
    texts = {}
    for name in LANGUAGES:
        with speaking(name):
            texts[name] = message.show()
    return texts


class Diary:
    """Notes events one a line; how far a stage is only as often as anybody looks."""

    def __init__(self, file: IO[str]) -> None:
        """Write to an open file."""
        self._file = file
        self._told: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        """Note one event."""
        match event:
            case StageStarted(stage, total, _):
                self._note(kind="started", stage=stage, total=total)
            case StageAdvanced(stage, done):
                now = time.monotonic()
                if now - self._told.get(stage, 0.0) >= _TELL_S:
                    self._told[stage] = now
                    self._note(kind="advanced", stage=stage, done=done)
            case StageFinished(stage, reused):
                self._note(kind="finished", stage=stage, reused=reused)
            case Notice(stage, message):
                self._note(kind="notice", stage=stage, message=said(message))

    def _note(self, **values: object) -> None:
        self._file.write(json.dumps({"at": time.time(), **values}, ensure_ascii=False) + "\n")
        self._file.flush()


def _convert(settings: ServeSettings, lecture: Lecture, diary: Diary) -> dict[str, Any]:
    for tries_left in reversed(range(_BUSY_TRIES)):
        try:
            if lecture.wish.season:
                return _try_again(settings, lecture, diary)
            _make(settings, lecture, diary)
            return {"state": "done"}
        except OutputBusyError:
            # A server that was killed leaves a process that still has to notice it.
            if not tries_left:
                raise
            time.sleep(1)
    raise AssertionError


def _make(settings: ServeSettings, lecture: Lecture, diary: Diary) -> None:
    """Convert a lecture, or give it a person's subtitles; what a reviewer needs is kept."""
    from pipeline.lecture import convert, guide_of, with_subtitles
    from pipeline.store import Store

    job, store = job_of(settings, lecture), Store(settings.cache)
    if lecture.wish.subtitles:
        with_subtitles(job, Path(lecture.wish.subtitles), store, diary)
        return
    report, _folder = convert(job, store, diary)
    material = material_of(report, guide_of(job, silent)[1])
    if material is not None:
        keep_material(material, settings.review(lecture.id))


def _try_again(settings: ServeSettings, lecture: Lecture, diary: Diary) -> dict[str, Any]:
    """Try a lecture of a season again as its batch would, and note in the season's records what became of it."""
    from pipeline.batch import LectureAdvanced, run_again
    from pipeline.store import Store
    from pipeline.web.work.seasons import lectures_of, season_at

    season, name = season_at(settings, settings.root / lecture.wish.season), lecture.wish.name
    tasks = lectures_of(season).tasks
    if not season.is_planned or name not in {task.name for task in tasks if task.job}:
        raise WebNotNowError

    def hear(event: object) -> None:
        if isinstance(event, LectureAdvanced):
            diary(event.event)

    made = run_again(tasks, name, season.options, Store(settings.cache), hear)
    return {"state": "failed", **failure(made.failure)} if made.failure else {"state": "done"}


def folder_of(settings: ServeSettings, lecture: Lecture) -> Path:
    """Return where a lecture is delivered."""
    wish = lecture.wish
    return (settings.root / wish.season if wish.season else settings.lectures / lecture.id) / wish.name


def job_of(settings: ServeSettings, lecture: Lecture) -> Any:
    """Return what a person asked for as the job that the product knows."""
    from pipeline.jobs import LectureJob
    from pipeline.presets import load_preset
    from pipeline.records import LectureInfo

    wish, preset = lecture.wish, load_preset(lecture.wish.preset)
    given = {key: value for key, value in (("model", settings.model), ("engine", settings.engine)) if value}
    preset = replace_recognition(preset, given)
    info = replace(LectureInfo(wish.name), title=wish.title or None, speaker=wish.speaker or None)
    info = replace(info, unit=wish.unit or None)
    script = Path(wish.script) if wish.script else None
    return LectureJob(Path(wish.raw), settings.lectures / lecture.id, info, preset, script)


def replace_recognition(preset: Any, given: dict[str, str]) -> Any:
    """Return a preset with other values for recognition."""
    return preset.model_copy(update={"recognition": preset.recognition.model_copy(update=given)})


def end_with(line: Connection) -> None:
    """Wait until the server hangs up or is gone, and end everything then."""
    with suppress(EOFError, OSError):
        line.recv()
    _ending.set()
    from pipeline.media.process import end_all

    end_all()
    time.sleep(0.1)
    end_all()  # what was started between the two
    os._exit(os.EX_TEMPFAIL)
