"""What a container's outer structure says, read without decoding anything: MP4 boxes, Matroska and RIFF sizes.

PyAV tells neither whether an MP4's index stands first nor what its edit lists do, and no demuxer says how many bytes
a cut-off file should have had. Reading is bounded: a few thousand boxes, a few megabytes, never the media data.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

_BOXES_MAX = 4096
_EDITS_MAX = 4096
_DECODER_DELAY_S = 0.2
"""A cut at the head up to this long only hides encoder priming or frame reordering."""

_STSD_HEAD, _VISUAL_HEAD = 8, 78
"""Bytes before the boxes inside. Source: ISO/IEC 14496-12, 8.5.2 and 12.1.3."""

EditList = Literal["none", "trivial", "shift", "cut"]
_WEIGHT: dict[EditList, int] = {"none": 0, "trivial": 1, "shift": 2, "cut": 3}


@dataclass(frozen=True, slots=True)
class DolbyVision:
    """What an MP4 says of its Dolby Vision picture. Source: Dolby Vision Streams Within the ISO BMFF, 2.0, 3.2."""

    profile: int
    compatibility: int
    """Which other way of showing the base layer follows; 0: none does."""

    @property
    def has_no_base(self) -> bool:
        """Nothing but a Dolby Vision player shows the right colours."""
        return self.profile == 5 or (self.profile == 10 and self.compatibility == 0)


@dataclass(frozen=True, slots=True)
class Mp4Layout:
    """How an MP4 or MOV file is laid out."""

    has_moov_first: bool
    """The index (``moov``) stands before the media data (``mdat``)."""
    is_moov_whole: bool
    """The index does not run past the end of the file."""
    edit_list: EditList
    """The weightiest edit list of any track: ``trivial`` hides decoder delay, ``shift`` starts a track late,
    ``cut`` leaves out or repeats material."""
    is_encrypted: bool = False
    """A track's samples are marked as encrypted (DRM)."""
    dolby_vision: DolbyVision | None = None


def mp4_layout(path: Path) -> Mp4Layout | None:
    """Return how the MP4 at ``path`` is laid out, or ``None`` when no ``moov`` is found."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        first_data = moov = None
        for kind, start, stop in _boxes(file, 0, end, clip=False):
            if kind == b"moov" and moov is None:
                moov = (start, stop)
            elif kind == b"mdat" and first_data is None:
                first_data = start
        if moov is None:
            return None
        inside = moov[0], min(moov[1], end)
        edits = _edit_list(file, *inside)
        entries = list(_sample_entries(file, *inside))
        is_encrypted = any(kind in {b"encv", b"enca"} for kind, _, _ in entries)
        dolby = next(filter(None, (_dolby_vision(file, start, stop) for _, start, stop in entries)), None)
    return Mp4Layout(first_data is None or moov[0] < first_data, moov[1] <= end, edits, is_encrypted, dolby)


def declared_bytes(path: Path) -> int | None:
    """Return the size in bytes that the file's outermost structure says it has; ``None`` when it says nothing.

    Known for MP4 and MOV (the end of the last box), Matroska and WebM (the Segment) and the first RIFF of an AVI.
    """
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(0)
        head = file.read(64)
        if head[:4] == b"\x1aE\xdf\xa3":
            return _matroska_bytes(head)
        if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
            size: int = struct.unpack("<I", head[4:8])[0]
            return size + 8 if size else None
        if head[4:8] == b"ftyp":
            return max((stop for _, _, stop in _boxes(file, 0, end, clip=False)), default=None)
    return None


def _boxes(file: BinaryIO, start: int, end: int, *, clip: bool = True) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of the payload of each box in ``[start, end)``; stop at the first broken one."""
    position = start
    for _ in range(_BOXES_MAX):
        if position + 8 > end:
            return
        file.seek(position)
        head = file.read(16)
        size, kind = struct.unpack(">I4s", head[:8])
        payload = position + 8
        if size == 1 and len(head) == 16:
            size = struct.unpack(">Q", head[8:])[0]
            payload = position + 16
        elif size == 0:
            size = end - position
        if size < payload - position:
            return
        stop = position + size
        yield kind, payload, min(stop, end) if clip else stop
        position = stop


def _find(file: BinaryIO, start: int, stop: int, kind: bytes) -> tuple[int, int] | None:
    return next(((a, b) for name, a, b in _boxes(file, start, stop) if name == kind), None)


def _sample_entries(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of the payload of each description of a track's samples."""
    for kind, a, b in _boxes(file, start, stop):
        if kind != b"trak":
            continue
        place: tuple[int, int] | None = (a, b)
        for name in (b"mdia", b"minf", b"stbl", b"stsd"):
            place = _find(file, *place, name) if place else None
        if place is not None:
            yield from _boxes(file, place[0] + _STSD_HEAD, place[1])


def _dolby_vision(file: BinaryIO, start: int, stop: int) -> DolbyVision | None:
    for kind, a, _ in _boxes(file, start + _VISUAL_HEAD, stop):
        if kind in {b"dvcC", b"dvvC", b"dvwC"}:
            file.seek(a)
            data = file.read(5)
            return DolbyVision(data[2] >> 1, data[4] >> 4) if len(data) == 5 else None
    return None


def _edit_list(file: BinaryIO, start: int, stop: int) -> EditList:
    movie = _timescale(file, _find(file, start, stop, b"mvhd"))
    found: EditList = "none"
    for kind, a, b in _boxes(file, start, stop):
        if kind == b"trak":
            edits = _track_edits(file, a, b, movie)
            found = max(found, edits, key=_WEIGHT.__getitem__)
    return found


def _track_edits(file: BinaryIO, start: int, stop: int, movie: tuple[int, int] | None) -> EditList:
    media_box = _find(file, start, stop, b"mdia")
    media = _timescale(file, _find(file, *media_box, b"mdhd")) if media_box else None
    edits_box = _find(file, start, stop, b"edts")
    box = _find(file, *edits_box, b"elst") if edits_box else None
    if box is None or media is None or movie is None:
        return "none"
    entries = _entries(file, *box)
    if not entries:
        return "none"
    is_late = entries[0][1] < 0
    shown = [entry for entry in entries if entry[1] >= 0]
    if len(shown) > 1 or (len(shown) == 1 and _cuts(*shown[0], movie, media)) or len(entries) > len(shown) + is_late:
        return "cut"
    return "shift" if is_late and entries[0][0] > 0 else "trivial"


def _cuts(duration: int, time: int, rate: int, movie: tuple[int, int], media: tuple[int, int]) -> bool:
    """Return whether an edit leaves out more than decoder delay, or changes the speed."""
    head_s = time / media[0]
    tail_s = media[1] / media[0] - head_s - duration / movie[0]
    return head_s > _DECODER_DELAY_S or (duration > 0 and tail_s > _DECODER_DELAY_S) or rate != 1 << 16


def _entries(file: BinaryIO, start: int, stop: int) -> list[tuple[int, int, int]]:
    """Return (duration in movie ticks, start in media ticks or −1, rate in 16.16) of each edit."""
    file.seek(start)
    head = file.read(8)
    if len(head) < 8:
        return []
    count = min(struct.unpack(">I", head[4:])[0], _EDITS_MAX)
    form = ">Qqi" if head[0] == 1 else ">Iii"
    size = struct.calcsize(form)
    data = file.read(min(count * size, max(0, stop - start - 8)))
    return [struct.unpack_from(form, data, at) for at in range(0, len(data) - size + 1, size)]


def _timescale(file: BinaryIO, box: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return (ticks a second, duration in ticks) from an ``mvhd`` or ``mdhd`` box."""
    if box is None:
        return None
    file.seek(box[0])
    data = file.read(32)
    if len(data) < 32:
        return None
    scale, duration = struct.unpack(">IQ", data[20:32]) if data[0] == 1 else struct.unpack(">II", data[12:20])
    return (scale, duration) if scale > 0 else None


def _matroska_bytes(head: bytes) -> int | None:
    """Return where the Segment ends; ``None`` when its size is unknown (a live recording)."""
    header = _vint(head, 4)
    if header is None:
        return None
    segment = header[0] + header[1]
    if head[segment : segment + 4] != b"\x18\x53\x80\x67":
        return None
    size = _vint(head, segment + 4)
    return None if size is None else size[0] + size[1]


def _vint(data: bytes, at: int) -> tuple[int, int] | None:
    """Return (position after, value) of the variable-length integer at ``at``; ``None`` when broken or unknown."""
    if at >= len(data) or data[at] == 0:
        return None
    length = 9 - data[at].bit_length()
    raw = data[at : at + length]
    if len(raw) < length:
        return None
    value = int.from_bytes(raw, "big") & ((1 << 7 * length) - 1)
    return None if value == (1 << 7 * length) - 1 else (at + length, value)
