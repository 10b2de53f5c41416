"""Decoding a file by its groups of pictures: of each as many packets as are wanted, one pass over the file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from pipeline.media.probing.gop import Group
from pipeline.media.sources import open_container
from pipeline.records import Recording

WIDTH, HEIGHT = 320, 180
"""Raster at which a picture is looked at for black, freeze, flashes and bars."""
_SCALING = Interpolation.FAST_BILINEAR
Planes = NDArray[np.uint8]
"""``(HEIGHT * 3 // 2, WIDTH)`` uint8, yuv420p, limited range; luma comes first."""


class GroupDecoder:
    """Decodes beginnings of groups, or whole ones, and counts what does not decode."""

    def __init__(self, recording: Recording, groups: Sequence[Group]) -> None:
        """Take a file's groups, from ``walk_packets``."""
        self._recording, self._groups = recording, groups
        self.errors: Counter[int] = Counter()
        """By number of the group: packets that were refused, and frames that did not come out."""
        self._scaler = VideoReformatter()

    def small(self, frame: Any) -> Planes:
        """Return a decoded frame at low resolution.

        One scaler serves all frames: making its tables anew takes longer than using them.
        """
        scaled: Any = self._scaler.reformat(frame, WIDTH, HEIGHT, "yuv420p", interpolation=_SCALING, threads=1)
        planes: Planes = scaled.to_ndarray()
        return planes

    def frames(self, counts: Sequence[int]) -> Iterator[tuple[int, float, Any]]:
        """Yield (group's number, seconds on the delivery's clock, frame) in order of time.

        Key frames are decoded exactly; deblocking of the others is left out: it takes a quarter of the time and
        changes them, at low resolution, by less than half a level.

        Args:
            counts: for each group, how many of its packets are decoded.
        """
        assert self._recording.video is not None
        with open_container(self._recording.path) as container:
            stream: Any = container.streams[self._recording.video.index]
            decoder = _decoder(stream)
            number, place, out = -1, 0, 0
            try:
                for packet in container.demux(stream):
                    if packet.pts is None or not packet.size or packet.is_discard:
                        continue
                    if packet.is_keyframe:
                        yield from self._drained(decoder, number, out, stream, counts)
                        number, place, out = number + 1, 0, 0
                    if place < counts[number]:
                        for frame in self._decode(decoder, packet, number):
                            out += 1
                            yield number, self._time(frame, stream), frame
                    place += 1
            except av.error.FFmpegError:
                self.errors[max(0, number)] += 1
            yield from self._drained(decoder, number, out, stream, counts)

    def _drained(
        self, decoder: Any, number: int, out: int, stream: Any, counts: Sequence[int]
    ) -> Iterator[tuple[int, float, Any]]:
        """Yield what the decoder still holds of a group, and note what is missing."""
        if number < 0 or not counts[number]:
            return
        for frame in self._decode(decoder, None, number):
            out += 1
            yield number, self._time(frame, stream), frame
        decoder.flush_buffers()
        self.errors[number] += max(0, min(counts[number], len(self._groups[number].times_s)) - out)

    def _decode(self, decoder: Any, packet: Any, number: int) -> list[Any]:
        try:
            frames: list[Any] = decoder.decode(packet)
        except (av.error.FFmpegError, ValueError):
            self.errors[number] += 1
            return []
        self.errors[number] += sum(frame.is_corrupt for frame in frames)
        return frames

    def _time(self, frame: Any, stream: Any) -> float:
        return float(frame.pts * stream.time_base - self._recording.origin_s)


def _decoder(stream: Any) -> Any:
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = stream.codec_context.extradata
    decoder.thread_type = "AUTO"
    decoder.options = {"skip_loop_filter": "nokey", "err_detect": "explode"}
    return decoder
