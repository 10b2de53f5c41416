"""NAL units: how an H.264 packet is built, told from its bytes without decoding.

Source: ITU-T H.264, 7.3.1, 7.4.1, table 7-1, annex B; ISO/IEC 14496-15, 5.3 (length prefixes).
"""

import re

IDR, SLICE = 5, 1
"""Types of the slices of a picture from which decoding can begin, and of any other picture."""
_START_CODE = 0
_FORBIDDEN = re.compile(rb"\x00\x00[\x00-\x02]")
"""Never stands inside a NAL unit: an encoder puts a 3 between. A hole of zeros has it everywhere."""


def length_size(codec: str, extradata: bytes | None) -> int | None:
    """Return the bytes of a NAL unit's length, 0 for start codes, ``None`` when the codec is not H.264."""
    if codec != "h264":
        return None
    return (extradata[4] & 3) + 1 if extradata and len(extradata) > 6 and extradata[0] == 1 else 0


def nal_units(data: bytes, length: int) -> tuple[int, ...] | None:
    """Return the types of a packet's NAL units, or ``None`` when its bytes cannot be what an encoder wrote.

    They must fill the packet exactly and hold nothing that may not stand inside them. Random damage deep inside a
    slice is not seen: only decoding shows that.

    Args:
        data: the packet.
        length: from ``length_size``.
    """
    if length == _START_CODE:
        return tuple(_types_by_start_code(data))
    types, position = [], 0
    while position < len(data):
        start = position + length
        position = start + int.from_bytes(data[position:start], "big")
        if position <= start or position > len(data) or data[start] & 0x80 or _FORBIDDEN.search(data, start, position):
            return None
        types.append(data[start] & 31)
    return tuple(types)


def is_idr(data: bytes, length: int) -> bool:
    """Tell whether a packet holds a picture from which decoding can begin."""
    if length == _START_CODE:
        return IDR in _types_by_start_code(data)
    position = 0
    while position + length < len(data):
        start = position + length
        kind = data[start] & 31
        if kind in (IDR, SLICE):
            return kind == IDR
        position = start + int.from_bytes(data[position:start], "big")
    return False


def _types_by_start_code(data: bytes) -> list[int]:
    """Return the types of the NAL units up to the first slice."""
    types: list[int] = []
    place = data.find(b"\x00\x00\x01")
    while 0 <= place < len(data) - 3:
        types.append(data[place + 3] & 31)
        if types[-1] in (IDR, SLICE):
            break
        place = data.find(b"\x00\x00\x01", place + 3)
    return types
