"""The text of a subtitle file in whatever encoding it comes; what cannot be told is refused, not guessed at."""

import codecs
from pathlib import Path

from pipeline.errors import SubtitleFileError
from pipeline.media.sources import require_regular_file
from pipeline.texts import _

SIZE_MAX_BYTES = 20_000_000
"""A subtitle file has a few hundred kilobytes; what is far larger is something else."""
BROKEN = "\ufffd"
"""Stands for bytes that could not be read."""
_BROKEN_SHARE_MAX = 0.1
"""With fewer unreadable signs among those beyond ASCII it is damaged UTF-8; of another encoding, most would be."""
_SIGNS_OF_TIMES = ("-->", "Dialogue:")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(path: Path) -> tuple[str, str]:
    """Return a subtitle file's text and the name of its encoding: UTF-8, UTF-16, GB 18030 or Big5.

    Raises:
        InputError: no regular file, or one that is empty or unreadable.
        SubtitleFileError: it is no text in one of these, or holds no times.
    """
    if require_regular_file(path).st_size > SIZE_MAX_BYTES:
        raise SubtitleFileError(path, reason=_("it is far too large for subtitles"))
    data = path.read_bytes()
    for text, encoding in _readings(data):
        if "\x00" not in text and any(sign in text for sign in _SIGNS_OF_TIMES):
            return text, encoding
    raise SubtitleFileError(path, reason=_("it is not text in UTF-8, UTF-16, GB 18030 or Big5, or holds no times"))


def _readings(data: bytes) -> list[tuple[str, str]]:
    """Return the texts that the bytes may be, the likeliest first."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return [(data.decode(encoding, "replace"), encoding.removesuffix("-sig"))]
    if 0 in data[:200]:
        return _strict(data, "utf-16-le") + _strict(data, "utf-16-be")
    whole = _strict(data, "utf-8")
    return whole or _damaged_utf8(data) or sorted(_strict(data, "gb18030") + _strict(data, "big5"), key=_strangeness)


def _strict(data: bytes, encoding: str) -> list[tuple[str, str]]:
    try:
        return [(data.decode(encoding), encoding)]
    except UnicodeDecodeError:
        return []


def _damaged_utf8(data: bytes) -> list[tuple[str, str]]:
    text = data.decode("utf-8", "replace")
    beyond = sum(not sign.isascii() for sign in text)
    return [(text, "utf-8")] if text.count(BROKEN) <= _BROKEN_SHARE_MAX * beyond else []


def _strangeness(reading: tuple[str, str]) -> float:
    """Return the share of signs beyond ASCII that are seldom written, 0 to 1.

    Bytes of the one encoding nearly always make valid text in the other, but rare characters. Source of what is common:
    GB 2312 rows 1 to 3 and 16 to 55, Big5 levels A1 to A3 and A4 to C6.
    """
    text, encoding = reading
    standard, last = ("gb2312", 0xD7) if encoding == "gb18030" else ("big5", 0xC6)
    beyond = [sign for sign in text if not sign.isascii()]
    return sum(not _is_common(sign, standard, last) for sign in beyond) / max(1, len(beyond))


def _is_common(sign: str, standard: str, last: int) -> bool:
    try:
        lead = sign.encode(standard)[0]
    except UnicodeEncodeError:
        return False
    return 0xA1 <= lead <= 0xA3 or (0xA4 if standard == "big5" else 0xB0) <= lead <= last
