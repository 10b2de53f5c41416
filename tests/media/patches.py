"""Finished files changed in place: what one ffmpeg or the other cannot write, written by hand."""

from pathlib import Path

_UPRIGHT = bytes.fromhex("00010000" + "00000000" * 3 + "00010000" + "00000000" * 3 + "40000000")
_TURNED = bytes.fromhex("00000000" + "00010000" + "00000000" + "ffff0000" + "00000000" * 4 + "40000000")


def turn(clip: Path, out: Path) -> Path:
    """Write a copy of an MP4 whose first track is shown turned by 90 degrees. Source: ISO/IEC 14496-12, 8.3.2."""
    data = clip.read_bytes()
    track = data.index(b"tkhd")
    place = data.index(_UPRIGHT, track)
    out.write_bytes(data[:place] + _TURNED + data[place + len(_TURNED) :])
    return out


def damage(clip: Path, out: Path, length: int = 3000) -> Path:
    """Write a copy with ``length`` bytes in the middle overwritten."""
    data = clip.read_bytes()
    middle = len(data) // 2
    out.write_bytes(data[:middle] + b"\xa5" * length + data[middle + length :])
    return out
