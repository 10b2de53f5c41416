"""What a reviewer's page shows of a lecture, made once beside the queue: a small picture, and how loud the sound is."""

import multiprocessing
import os
import shutil
import threading
import traceback
import wave
from collections import deque
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from pipeline.errors import WeikeError
from pipeline.events import silent
from pipeline.jobs import LectureJob, Seen
from pipeline.records import CueSheet
from pipeline.store import Store, put_bytes, put_in_place
from pipeline.web.settings import ServeSettings
from pipeline.web.work.material import PEAKS, PICTURE, Material, find_material, keep_material
from pipeline.web.work.shelf import Lecture, Shelf
from pipeline.web.work.worker import end_with, job_of

PEAKS_A_SECOND = 50
_WIDTH_PX = 640
_SPEED, _CRF = "ultrafast", 27.0
"""A picture to read lips and slides by; it is thrown away with the lecture."""
_NICE = 10
_LOOK_S = 0.3


class Preparer(threading.Thread):
    """Prepares one lecture after another in a process of its own, beside what the queue converts."""

    def __init__(self, settings: ServeSettings, shelf: Shelf) -> None:
        """Prepare nothing before ``start``."""
        super().__init__(name="preparer", daemon=True)
        self._settings, self._shelf = settings, shelf
        self._wanted: deque[str] = deque()
        self._failed: set[str] = set()
        self._guard = threading.Lock()
        self._is_over, self._call = threading.Event(), threading.Event()
        self._context = multiprocessing.get_context("spawn")

    def want(self, lecture: str) -> None:
        """Prepare a lecture soon, unless all of it is there."""
        if is_prepared(self._settings, lecture):
            return
        with self._guard:
            if lecture not in self._wanted and lecture not in self._failed:
                self._wanted.append(lecture)
                self._call.set()

    def has_failed(self, lecture: str) -> bool:
        """Tell whether a lecture could not be prepared since the server began."""
        return lecture in self._failed

    def stop(self) -> None:
        """End what runs."""
        self._is_over.set()
        self._call.set()
        if self.is_alive():
            self.join(5)

    def run(self) -> None:
        """Work until stopped."""
        while not self._is_over.is_set():
            if not self._wanted:
                self._call.wait(2)
                self._call.clear()
                continue
            lecture = self._shelf.find(self._wanted[0])
            if lecture is not None and not lecture.wish.season:
                self._carry_out(lecture)
            with self._guard:
                self._wanted.popleft()

    def _carry_out(self, lecture: Lecture) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=prepare, args=(self._settings, lecture, theirs), daemon=False)
        process.start()
        theirs.close()
        while process.is_alive() and not self._is_over.is_set() and self._shelf.find(lecture.id) is not None:
            process.join(_LOOK_S)
        ours.close()
        process.join(5)
        if process.is_alive():
            process.kill()
            process.join()
        if not self._is_over.is_set() and not is_prepared(self._settings, lecture.id):
            with self._guard:
                self._failed.add(lecture.id)


def is_prepared(settings: ServeSettings, lecture: str) -> bool:
    """Tell whether all that a reviewer's page shows is there."""
    folder = settings.review(lecture)
    return find_material(folder) is not None and all((folder / name).is_file() for name in (PICTURE, PEAKS))


def prepare(settings: ServeSettings, lecture: Lecture, line: Connection) -> None:
    """Make what is not there yet; ``line`` is what the server holds the other end of."""
    threading.Thread(target=end_with, args=(line,), daemon=True).start()
    os.nice(_NICE)
    try:
        make_ready(settings, lecture)
    except WeikeError as error:
        print(f"{lecture.id}: {error.id}: {error}")
    except Exception:  # a fault of ours leaves the page without a picture, and nothing else
        traceback.print_exc()


def make_ready(settings: ServeSettings, lecture: Lecture) -> None:
    """Make what a reviewer's page shows of a lecture and is not there yet. Raises as ``convert``."""
    from pipeline.looking import look_and_listen
    from pipeline.transcribing import terms_of

    job, store, folder = job_of(settings, lecture), Store(settings.cache), settings.review(lecture.id)
    folder.mkdir(parents=True, exist_ok=True)
    terms = terms_of(job, None)
    seen = look_and_listen(job, terms, store, silent)
    if find_material(folder) is None:
        delivered = settings.lectures / lecture.id / lecture.wish.name
        keep_material(_from_delivery(delivered, job, seen, store), folder)
    _write_peaks(seen.sound.speech_wav, seen.sound.duration_ms, folder / PEAKS)
    if not (folder / PICTURE).is_file():
        _film(delivered_clean(settings, lecture), job, seen, store, folder / PICTURE)


def delivered_clean(settings: ServeSettings, lecture: Lecture) -> Path | None:
    """Return the delivered video without subtitles where there is one."""
    path = settings.lectures / lecture.id / lecture.wish.name / f"{lecture.wish.name}-clean.mp4"
    return path if path.is_file() and not path.is_symlink() else None


def _from_delivery(delivered: Path, job: LectureJob, seen: Seen, store: Store) -> Material:
    """Return what can be known of a lecture that was made before anything was kept: its own subtitle file."""
    from pipeline.stages.subtitles import subtitles
    from pipeline.transcribing import terms_of

    terms, file = terms_of(job, None), delivered / f"{delivered.name}.srt"
    settings = job.preset.captions
    sheet = subtitles(file, seen.sound, seen.grid, settings, store, silent, terms) if file.is_file() else CueSheet(())
    return Material(seen.grid, seen.sound, sheet, None, terms)


def _film(clean: Path | None, job: LectureJob, seen: Seen, store: Store, out: Path) -> None:
    """Write the picture without subtitles: the delivered one where there is one, else rendered small."""
    if clean is not None:
        temporary = out.with_name(f".{out.name}.part")
        shutil.copyfile(clean, temporary)
        put_in_place(temporary, out)
        return
    from pipeline.stages.render import Reel, RenderJob

    usual = job.preset.encoder
    height = round(_WIDTH_PX * usual.height_px / usual.width_px / 2) * 2
    small = {"width_px": _WIDTH_PX, "height_px": height, "codec": "libx264", "speed": _SPEED, "crf": _CRF}
    target = RenderJob(
        grid=seen.grid,
        info=job.info,
        out=out,
        encoder=usual.model_copy(update=small),
        captions=job.preset.captions.model_copy(update={"burn": False}),
        size_max_bytes=job.preset.limits.size_max_bytes,
        assembly=seen.assembly,
    )
    with Reel(seen.recording, seen.sound, target, store, silent) as reel:
        reel.deliver(CueSheet(()))
        reel.forget()


def _write_peaks(sound: Path | None, duration_ms: int, out: Path) -> None:
    """Write the highest sample of each fiftieth of a second, 0 to 255, a byte each; silence where there is no sound."""
    bins = max(1, duration_ms * PEAKS_A_SECOND // 1000)
    peaks = np.zeros(bins, np.uint8)
    if sound is not None:
        with wave.open(str(sound)) as file:
            step = file.getframerate() // PEAKS_A_SECOND
            for number in range(bins):
                samples = np.frombuffer(file.readframes(step), "<i2")
                if not samples.size:
                    break
                peaks[number] = np.abs(samples.astype(np.int32)).max() >> 7
    put_bytes(out, peaks.tobytes())
