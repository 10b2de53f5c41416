"""Segments encoded side by side, each once, as far as the machine's lanes allow."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

from pipeline.lanes import Lanes, Share, the_lanes
from pipeline.media.process import end_all
from pipeline.media.rendering.encoders import SOFTWARE, THREADS
from pipeline.media.rendering.segments import Encoding, Film, encode_segment, segment_key
from pipeline.store import Store

Told = Callable[[tuple[int, int], float], None]
"""Called with the delivery's frames of a segment and the seconds of it that are encoded."""
Piece = tuple[Film, tuple[int, int]]
"""A film, and the frames of its recording that are one segment."""
Made = tuple[Path, bool]
"""A segment's file, and whether it was made now."""


class SegmentPool:
    """The encoders of one film. What is asked for twice is encoded once."""

    def __init__(
        self, encoding: Encoding, workers: int | None, store: Store, told: Told, lanes: Lanes | None = None
    ) -> None:
        """Encode nothing yet.

        Args:
            encoding: of all segments.
            workers: most segments at the same time; ``None``: as the lanes allow.
            store: keeps the segments.
            told: hears of the progress, from several threads.
            lanes: the machine; by default this process's.
        """
        self._encoding, self._store, self._told = encoding, store, told
        self._lanes = lanes or the_lanes()
        self._share = share_of(encoding.encoder.name, self._lanes.whole, workers)
        most = workers or max(1, self._lanes.whole.cores // max(1, self._share.cores))
        self._pool = ThreadPoolExecutor(max_workers=most, thread_name_prefix="segment")
        self._tasks: dict[str, Future[Made]] = {}
        self._guard = threading.Lock()
        self._is_closed = False

    @property
    def has_room(self) -> bool:
        """Long work that goes on now leaves room for an encoder."""
        return self._share.within(self._lanes.left)

    def begin(self, pieces: Sequence[Piece]) -> list["Future[Made]"]:
        """Queue the segments that were not asked for before, and return all, in order."""
        with self._guard:
            return [self._task(film, frames) for film, frames in pieces]

    def finish(self, pieces: Sequence[Piece]) -> list[Made]:
        """Return the segments, in order, once all are there; whatever else is queued is dropped.

        Raises:
            WeikeError: one of them cannot be encoded; the others are ended.
        """
        wanted = self.begin(pieces)
        for task in set(self._tasks.values()) - set(wanted):
            task.cancel()
        try:
            return [task.result() for task in wanted]
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End what is still encoded and drop what is queued."""
        self._is_closed = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        while wait(tasks, timeout=0.1).not_done:
            end_all()
        self._pool.shutdown()

    def _task(self, film: Film, frames: tuple[int, int]) -> "Future[Made]":
        key = segment_key(film, self._encoding, frames)
        task = self._tasks.get(key)
        if task is None or task.cancelled():
            task = self._tasks[key] = self._pool.submit(self._encode, film, frames)
        return task

    def _encode(self, film: Film, frames: tuple[int, int]) -> Made:
        shown = (frames[0] + film.shift, frames[1] + film.shift)
        with self._lanes.hold(self._share):
            if self._is_closed:
                raise CancelledError
            done = encode_segment(film, self._encoding, frames, self._store, partial(self._told, shown))
        self._told(shown, float((frames[1] - frames[0]) / film.grid.rate))
        return done


def share_of(encoder: str, whole: Share, workers: int | None = None) -> Share:
    """Return what one encoder keeps busy: its threads' cores, or a session of the hardware and a core that decodes."""
    if encoder != SOFTWARE:
        return Share(cores=1, sessions=1).at_most(whole)
    return Share(cores=max(1, whole.cores // workers) if workers else THREADS).at_most(whole)
