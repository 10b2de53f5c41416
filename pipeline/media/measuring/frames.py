"""Single frames of a finished file at given times, upright and as arrays."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from pipeline.media.sources import open_container
from pipeline.records import Recording

Pixels = NDArray[np.uint8]
"""``(height, width, 3)`` uint8, RGB."""


def frames_at(
    recording: Recording, times_ms: Sequence[int], key_times_s: Sequence[float] = ()
) -> Iterator[tuple[int, Pixels]]:
    """Yield ``(time, frame)`` for each of ``times_ms`` (ascending, the delivery's clock) that can be decoded.

    The frame is the one on the screen at that time. Between two times of one group of pictures decoding goes on;
    otherwise it starts at the key frame before, so a file is never decoded more than once.
    """
    if recording.video is None:
        return
    with open_container(recording.path) as container:
        stream: Any = container.streams[recording.video.index]
        stream.thread_type = "AUTO"
        reader = _Reader(container, stream, recording, tuple(key_times_s))
        for time_ms in times_ms:
            frame = reader.read(time_ms / 1000)
            if frame is not None:
                yield time_ms, _upright(frame.to_ndarray(format="rgb24"), recording)


def save_thumbnail(pixels: Pixels, path: Path, width_px: int = 640) -> None:
    """Write a JPEG of ``width_px`` pixels' width."""
    from PIL import Image

    height = max(1, round(pixels.shape[0] * width_px / pixels.shape[1]))
    small = Image.fromarray(pixels).resize((width_px, height), Image.Resampling.BILINEAR, reducing_gap=1.0)
    small.save(path, "JPEG", quality=85)


class _Reader:
    """A decoder that stands at some frame of the file."""

    def __init__(self, container: Any, stream: Any, recording: Recording, keys: tuple[float, ...]) -> None:
        assert recording.video is not None
        self.container, self.stream, self.keys = container, stream, keys
        self.origin_s = float(recording.origin_s)
        self.half_frame_s = 1 / (2 * max(float(recording.video.frame_rate), 1.0))
        self.frames: Iterator[Any] | None = None
        self.current: Any = None
        self.next: Any = None

    def read(self, time_s: float) -> Any:
        """Return the decoded frame that is on the screen at ``time_s``, or the nearest after it; ``None`` if none."""
        try:
            if self.frames is None or not self._can_go_on(time_s):
                self._seek(time_s)
            while self.next is not None and (self.current is None or self._time(self.next) <= time_s):
                self.current, self.next = self.next, self._decode()
        except (av.error.FFmpegError, ValueError):
            self.frames = None
            return None
        return self.current

    def _can_go_on(self, time_s: float) -> bool:
        if self.current is None or self._time(self.current) > time_s + self.half_frame_s:
            return False
        place = bisect_right(self.keys, time_s + self.half_frame_s)
        return not place or self.keys[place - 1] <= self._time(self.current)

    def _seek(self, time_s: float) -> None:
        target = max(0.0, time_s) + self.origin_s
        self.container.seek(int(target / self.stream.time_base), stream=self.stream, backward=True, any_frame=False)
        self.frames = self.container.decode(self.stream)
        self.current, self.next = None, self._decode()

    def _decode(self) -> Any:
        assert self.frames is not None
        for frame in self.frames:
            if frame.pts is not None:
                return frame
        return None

    def _time(self, frame: Any) -> float:
        return float(frame.pts * self.stream.time_base) - self.origin_s


def _upright(pixels: Pixels, recording: Recording) -> Pixels:
    assert recording.video is not None
    turned = np.rot90(pixels, k=-recording.video.rotation // 90) if recording.video.rotation else pixels
    if recording.video.is_mirrored:
        turned = turned[:, ::-1]
    return np.ascontiguousarray(turned)
