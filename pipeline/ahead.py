"""Encoding ahead: while speech is still being recognised, the picture of what was said before is already encoded.

It is speculation that is always safe. Of the words so far cues are made as they will be made of all words; the segments
that lie well behind the newest word go into the store, each under the key of all that is in it. In the end the cues are
made of the whole transcript, and rendering takes the segments that fit and encodes the others.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from pipeline.errors import WeikeError
from pipeline.records import CueSheet, Transcript
from pipeline.stages.recognise import Heard
from pipeline.stages.render import Reel

MARGIN_MS = 15_000
"""Cues this far behind the newest word are taken for final: the next words move the last two or three cues at most."""


@contextmanager
def encoding_ahead(reel: Reel | None, caption: Callable[[Transcript], CueSheet]) -> Iterator[Heard | None]:
    """Give a listener for recognition, which has the reel encode what was said; ``None`` where there is no reel.

    Args:
        reel: encodes.
        caption: makes cues of a transcript, without telling anybody.
    """
    if reel is None:
        yield None
        return
    ahead = Ahead(reel, caption)
    try:
        yield ahead.heard
    finally:
        ahead.close()


class Ahead:
    """Hears of the transcript so far and has the reel encode what lies behind, in a thread of its own."""

    def __init__(self, reel: Reel, caption: Callable[[Transcript], CueSheet]) -> None:
        """Wait for the first words."""
        self._reel, self._caption = reel, caption
        self._newest: tuple[Callable[[], Transcript], int] | None = None
        self._guard = threading.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead")
        self._is_over = False

    def close(self) -> None:
        """Ask for no more segments; those that were asked for go on."""
        self._is_over = True
        self._thread.shutdown(cancel_futures=True)

    def heard(self, transcript: Callable[[], Transcript], until_ms: int) -> None:
        """Take note of what is said up to a time; nothing is done where recognition leaves no room for an encoder."""
        if self._is_over or not self._reel.can_go_ahead:
            return
        with self._guard:
            self._newest = transcript, until_ms
        self._thread.submit(self._go_on)

    def _go_on(self) -> None:
        with self._guard:
            newest, self._newest = self._newest, None
        if newest is None or self._is_over:
            return
        transcript, until_ms = newest
        try:
            self._reel.ahead(self._caption(transcript()), until_ms - MARGIN_MS)
        except WeikeError:
            # Whatever stands against it is met again, and told, when the whole is rendered.
            self._is_over = True
