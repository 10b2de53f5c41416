"""Values in the words and figures that people read: sizes, lengths, rates, codecs; all in the language in force."""

import re
from datetime import UTC, datetime
from fractions import Fraction

from pipeline.records import AudioStream, Finding, Span, VideoStream
from pipeline.texts import N_, _

GB = 10**9
GIB = 2**30
_MINUS = "\N{MINUS SIGN}"
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"(?<![\d.])(?:(?<!\w)[-\u2212])?\d[\d,_]*(?:\.\d+)?(?![\d.])")
_TIMES = re.compile(r" \((\d+)×\)$")
_RANGE = re.compile(r"(?<=\d)…(?=[+\u2212\d])")
_UNBROKEN = re.compile(r"(?<=[≤≥<>]) |(?<=\d) (?=[^\W\d])")
_TERMS = {
    "moov first": N_("index first"),
    "moov last": N_("index last"),
    "moov -": N_("no index"),
    "φ +": N_("phase right"),
    "φ −": N_("phase inverted"),
    "progressive": N_("progressive"),
    "interlaced": N_("interlaced"),
    "closed": N_("closed"),
    "open": N_("open"),
    "CFR": N_("constant"),
    "VFR": N_("variable"),
    "∅": N_("on average"),
    "mono": N_("mono"),
    "stereo": N_("stereo"),
    "clip": N_("clipped"),
    "dead": N_("dead channels"),
    "cues": N_("subtitles"),
    "problems": N_("problems"),
    "overlaps": N_("overlaps"),
    "errors": N_("errors"),
    "texts": N_("texts"),
    "start": N_("start"),
    "end": N_("end"),
    "gap": N_("gap"),
    "cps": N_("characters a second"),
    "fps": N_("frames a second"),
    "px": N_("pixels"),
    "tv": N_("limited range"),
    "pc": N_("full range"),
    "ms": N_("ms"),
    "s": N_("s"),
    "f": N_("frames"),
    "1/s": N_("a second"),
    "B": N_("bytes"),
    "bytes": N_("bytes"),
    "frames": N_("frames"),
    "characters": N_("characters"),
    ", ": N_(", "),
    "; ": N_("; "),
}
"""Words that rules write into values, as people say them."""
_CODECS = {"h264": "H.264", "hevc": "H.265", "mpeg4": "MPEG-4", "mpeg2video": "MPEG-2", "vp8": "VP8", "vp9": "VP9",
           "av1": "AV1", "aac": "AAC", "mp3": "MP3", "ac3": "AC-3", "opus": "Opus", "prores": "ProRes"}  # fmt: skip
_NAMES = {**_CODECS, "mp4": "MP4", "mov": "MOV", "bt709": "BT.709", "bt2020nc": "BT.2020", "yuv420p": "4:2:0 8 bit"}
_TERM = re.compile("|".join(
    re.escape(term) if term in {", ", "; "} else rf"(?<![\w./]){re.escape(term)}(?![\w./])"
    for term in sorted({*_TERMS, *_NAMES}, key=len, reverse=True)
))  # fmt: skip
_KINDS = {
    "pass": N_("Passed"),
    "review": N_("Please check"),
    "open": N_("Not determined"),
    "notApplicable": N_("Does not apply"),
}
_FAILS = {"required": N_("Requirement missed"), "advised": N_("Recommendation missed"), "note": N_("For your notice")}
_LEVELS = {"required": N_("Required"), "advised": N_("Recommended"), "note": N_("Reference")}


def kind_word(finding: Finding) -> str:
    """Return the judgement in words."""
    word = _FAILS[finding.level] if finding.kind == "fail" else _KINDS[finding.kind]
    return _(word)


def level_word(finding: Finding) -> str:
    """Return how binding the rule is: 必须, 建议 or 参考."""
    return _(_LEVELS[finding.level])


def tone(finding: Finding) -> str:
    """Return the tone of a finding: ``bad``, ``warn``, ``look``, ``good``, ``open`` or ``quiet``."""
    if finding.kind == "fail":
        return {"required": "bad", "advised": "warn", "note": "look"}[finding.level]
    return {"pass": "good", "review": "look", "open": "open"}.get(finding.kind, "quiet")


def figure(value: float, digits: int = 1) -> str:
    """Return a number with a real minus sign and ``digits`` decimals."""
    text = f"{value:,.{digits}f}"
    return _MINUS + text[1:] if text.startswith("-") else text


def clock_hms(time_ms: int) -> str:
    """Return ``H:MM:SS``, the form time codes have in JSON."""
    seconds = time_ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def moment(utc: str) -> datetime:
    """Return an ISO 8601 moment; one without an offset is UTC."""
    moment = datetime.fromisoformat(utc)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def length(duration_ms: int) -> str:
    """Return a length of time in words, such as ``15 分 32 秒``."""
    seconds = round(duration_ms / 1000)
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    if hours:
        return _("{hours} h {minutes} min {seconds} s").format(hours=hours, minutes=minutes, seconds=seconds)
    if minutes:
        return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=seconds)
    return _("{seconds} s").format(seconds=seconds)


def gigabytes(size_bytes: int) -> str:
    """Return a size in decimal GB or MB, as disks and notices count."""
    return f"{size_bytes / GB:.3f} GB" if size_bytes >= GB / 10 else f"{size_bytes / 1e6:.1f} MB"


def size_note(size_bytes: int) -> str:
    """Return the same size in GiB and bytes."""
    gib = f"{size_bytes / GIB:.3f} GiB" if size_bytes >= GIB / 10 else f"{size_bytes / 2**20:.1f} MiB"
    return _("{gib} · {bytes} bytes").format(gib=gib, bytes=f"{size_bytes:,}")


def rate(frames_per_second: Fraction) -> str:
    """Return a frame rate as people write it: ``25`` or ``29.97``."""
    return f"{float(frames_per_second):.3f}".rstrip("0").rstrip(".")


def codec(name: str) -> str:
    """Return the name people know a codec by."""
    return _CODECS.get(name, name)


def container(name: str) -> str:
    """Return the name people know a container by, from ffmpeg's demuxer name."""
    known = {
        "mov": "MP4 / MOV",
        "matroska": "MKV / WebM",
        "mpegts": "MPEG-TS",
        "avi": "AVI",
        "flv": "FLV",
        "asf": "WMV",
    }
    return known.get(name.split(",")[0], name)


def picture_line(video: VideoStream) -> str:
    """Return the picture's coding in one line."""
    level = "" if video.level is None else f"@{video.level / 10:.1f}"
    profile = f" {video.profile}{level}" if video.profile else ""
    return f"{codec(video.codec)}{profile} · {video.width}×{video.height} · {video.pixel_format}"


def sound_line(audio: AudioStream) -> str:
    """Return the sound's coding in one line."""
    layout = {1: _("mono"), 2: _("stereo")}.get(audio.channels, _("{count} channels").format(count=audio.channels))
    parts = [codec(audio.codec), f"{audio.sample_rate_hz / 1000:g} kHz", layout]
    if audio.bit_rate_bps:
        parts.append(f"{audio.bit_rate_bps / 1000:.0f} kb/s")
    return " · ".join(parts)


def bit_rate(bps: int) -> str:
    """Return a bit rate in Mb/s or kb/s."""
    return f"{bps / 1e6:.2f} Mb/s" if bps >= 1_000_000 else f"{bps / 1000:.0f} kb/s"


def amount(text: str | None, unit: str | None) -> str | None:
    """Return a finding's value as people say it: known words and units in the language in force.

    Seconds from a minute on become minutes, large sizes GB, and ``(3×)`` at the end a number of places. A number keeps
    together with its sign and its unit.
    """
    if text is None:
        return None
    times = _TIMES.search(text)
    if times:
        value = amount(text[: times.start()], unit)
        return _("{value} ({count} places)").format(value=value, count=times[1])
    return _RANGE.sub(_(" to "), _UNBROKEN.sub("\N{NO-BREAK SPACE}", _worded(text, unit)))


def _worded(text: str, unit: str | None) -> str:
    numbers = [] if _LETTER.search(text) else [abs(_value(match[0])) for match in _NUMBER.finditer(text)]
    if unit == "s" and max(numbers, default=0) >= 60:
        return _in_minutes(text, numbers)
    if unit in {"bytes", "B"} and max(numbers, default=0) >= 1e6:
        return _NUMBER.sub(lambda match: gigabytes(round(_value(match[0]))), text)
    text = re.sub(r"(?<![\w.])-(?=\d)", _MINUS, text)
    text = re.sub(r"\b(\w+)/\1/\1\b", r"\1", text)
    text = re.sub(r"(\d+) × ([\d.]+)(?=, )", _lines_by_characters, text)
    text = _TERM.sub(lambda match: _(_TERMS[match[0]]) if match[0] in _TERMS else _NAMES[match[0]], text)
    if not unit or unit in text:
        return text
    return f"{text}{unit}" if unit == "%" else f"{text} {_(_TERMS.get(unit, unit))}"


def _in_minutes(text: str, numbers: list[float]) -> str:
    """Return seconds as whole minutes, as a length in words, or as clocks, whichever says it shortest."""
    if all(number % 60 == 0 for number in numbers):
        return _("{range} min").format(range=_NUMBER.sub(lambda match: f"{_value(match[0]) / 60:g}", text))
    if len(numbers) == 1:
        return _NUMBER.sub(lambda match: length(round(_value(match[0]) * 1000)), text)
    return _NUMBER.sub(lambda match: _minutes(_value(match[0])), text)


def _lines_by_characters(match: re.Match[str]) -> str:
    return _("{lines} × {characters} characters").format(lines=match[1], characters=match[2])


def total_ms(spans: tuple[Span, ...]) -> int:
    """Return the length of all spans together, milliseconds."""
    return sum(span.duration_ms for span in spans)


def _value(text: str) -> float:
    return float(text.replace(_MINUS, "-").replace(",", "").replace("_", ""))


def _minutes(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"
