"""One lecture after another, each in a process that the server can end and that cannot end the server."""

import json
import multiprocessing
import threading
from collections.abc import Callable
from typing import Any

from pipeline.errors import LectureCrashedError
from pipeline.store import put_bytes
from pipeline.texts import _
from pipeline.web.settings import ServeSettings
from pipeline.web.work.shelf import Lecture, Shelf
from pipeline.web.work.worker import OUTCOME, failure, work

_LOOK_S = 0.3
_PATIENCE_S = 10.0
"""A process that was asked to end is killed after so long."""


class Runner(threading.Thread):
    """Takes what waits on the shelf, in order, until it is stopped."""

    def __init__(self, settings: ServeSettings, shelf: Shelf, done: Callable[[str], None]) -> None:
        """Take nothing before ``start``; ``done`` hears the id of each lecture that was finished."""
        super().__init__(name="runner", daemon=True)
        self._settings, self._shelf, self._done = settings, shelf, done
        self._is_over, self._call = threading.Event(), threading.Event()
        self._context = multiprocessing.get_context("spawn")

    def call(self) -> None:
        """Say that something waits."""
        self._call.set()

    def stop(self) -> None:
        """End what runs, which waits again at the next start."""
        self._is_over.set()
        self._call.set()
        if self.is_alive():
            self.join(_PATIENCE_S + 5)

    def run(self) -> None:
        """Work until stopped."""
        while not self._is_over.is_set():
            lecture = self._shelf.begin_next()
            if lecture is None:
                self._call.wait(2)
                self._call.clear()
                continue
            self._carry_out(lecture)

    def _carry_out(self, lecture: Lecture) -> None:
        outcome = self._settings.work(lecture.id) / OUTCOME
        outcome.unlink(missing_ok=True)
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=work, args=(self._settings, lecture, theirs), daemon=False)
        process.start()
        theirs.close()
        while process.is_alive() and not self._is_over.is_set() and self._is_wanted(lecture):
            process.join(_LOOK_S)
        ours.close()
        process.join(_PATIENCE_S)
        if process.is_alive():
            process.kill()
            process.join()
        if self._is_over.is_set() and not outcome.exists():
            return  # it is taken up again at the next start
        if not outcome.exists() and self._is_wanted(lecture):
            self._note_crash(lecture, process.exitcode)
        is_done = outcome_of(self._settings, lecture.id).get("state") == "done"
        self._shelf.end(lecture.id, "done" if is_done else "failed")
        if is_done:
            self._done(lecture.id)

    def _is_wanted(self, lecture: Lecture) -> bool:
        found = self._shelf.find(lecture.id)
        return found is not None and found.state == "running"

    def _note_crash(self, lecture: Lecture, code: int | None) -> None:
        folder = self._settings.work(lecture.id)
        folder.mkdir(parents=True, exist_ok=True)
        reason = _("its process ended with {code}").format(code=code)
        text = json.dumps({"state": "failed", **failure(LectureCrashedError(reason=reason))}, ensure_ascii=False)
        put_bytes(folder / OUTCOME, text.encode("utf-8"))


def outcome_of(settings: ServeSettings, lecture: str) -> dict[str, Any]:
    """Return what a lecture's process left; empty where it left nothing."""
    try:
        found: dict[str, Any] = json.loads((settings.work(lecture) / OUTCOME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found
