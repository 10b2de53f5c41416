"""Sound and video, opened through the one door and decoded from end to end."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError, NotMediaError
from pipeline.packages.records import Content, Nature
from pipeline.texts import N_, Message
from pipeline.timing import clock

if TYPE_CHECKING:
    from av.container import InputContainer

_CUT_OFF = N_("The end of the recording is missing. Copy it again from the camera or phone.")
_DAMAGED = N_("{count} places of the recording do not decode. Copy it again, or export it anew.")
_UNOPENED = N_("It does not open: {reason}")


@dataclass(frozen=True, slots=True)
class _Form:
    name: str
    video: tuple[str, ...]
    sound: tuple[str, ...]


_FORMS = {
    "mov": _Form("MP4", (".mp4", ".m4v", ".mov", ".3gp"), (".m4a", ".mp4", ".3gp", ".aac")),
    "matroska": _Form("Matroska", (".mkv", ".webm"), (".mka", ".webm", ".mkv")),
    "avi": _Form("AVI", (".avi",), (".avi",)),
    "mpegts": _Form("MPEG-TS", (".ts", ".mts", ".m2ts"), (".ts",)),
    "mpeg": _Form("MPEG", (".mpg", ".mpeg", ".vob"), (".mpg",)),
    "flv": _Form("FLV", (".flv",), (".flv",)),
    "asf": _Form("ASF", (".wmv", ".asf"), (".wma", ".asf")),
    "rm": _Form("RealMedia", (".rm", ".rmvb"), (".rm", ".ra")),
    "ogg": _Form("Ogg", (".ogv", ".ogg"), (".ogg", ".oga", ".opus")),
    "wav": _Form("WAV", (), (".wav",)),
    "mp3": _Form("MP3", (), (".mp3",)),
    "flac": _Form("FLAC", (), (".flac",)),
    "aac": _Form("AAC", (), (".aac",)),
    "amr": _Form("AMR", (), (".amr",)),
    "aiff": _Form("AIFF", (), (".aif", ".aiff")),
}
"""By the first of ffmpeg's names of the demuxer."""


def read(path: Path, _head: bytes) -> Content | None:
    """Return what a recording holds; ``None`` when it is no media file.

    The sound is decoded whole, the picture at its key frames.
    """
    from pipeline.media.probing.probe import inspect

    try:
        recording = inspect(path)
    except NotMediaError:
        return None
    except InputError as error:
        form = _form_of_suffix(path.suffix.lower())
        nature: Nature = "sound" if form and not form.video else "video"
        found = Content(nature, form.name if form else "", (path.suffix.lower(),))
        return replace(found, problem=Message(_UNOPENED, {"reason": error.message.show()}))
    known = _FORMS.get(recording.container.split(",")[0])
    nature = "video" if recording.video is not None else "sound"
    suffixes = (known.video if nature == "video" else known.sound) if known else ()
    name = known.name if known else recording.container
    detail = clock(recording.duration_ms)
    if recording.video is not None:
        detail = f"{recording.video.width}×{recording.video.height} {detail}"
    return Content(nature, name, suffixes, _problem(path), detail=detail)


def _form_of_suffix(suffix: str) -> _Form | None:
    return next((form for form in _FORMS.values() if suffix in (*form.video, *form.sound)), None)


def _problem(path: Path) -> Message | None:
    from pipeline.media.probing.boxes import declared_bytes
    from pipeline.media.sources import open_container

    declared = declared_bytes(path)
    if declared is not None and path.stat().st_size < declared - 8:
        return Message(_CUT_OFF)
    with open_container(path) as container:
        errors = _decode_errors(container)
    return Message(_DAMAGED, {"count": str(errors)}) if errors else None


def _decode_errors(container: "InputContainer") -> int:
    """Return how many packets or frames the decoders refuse."""
    import av

    from pipeline.media.probing.packets import RASTER_MAX_PX

    streams = [each for each in (*container.streams.video, *container.streams.audio) if each.codec_context is not None]
    for stream in container.streams.video:
        if stream not in streams:
            continue
        stream.codec_context.skip_frame = "NONKEY"
        stream.codec_context.options = {"max_pixels": str(RASTER_MAX_PX * RASTER_MAX_PX // 2)}
    errors = 0
    try:
        for packet in container.demux(streams):
            errors += packet.is_corrupt + _refuses(packet)
    except (av.error.FFmpegError, OSError):
        errors += 1
    return errors


def _refuses(packet: Any) -> int:
    """Return 1 when a packet does not decode, or decodes to a damaged frame."""
    import av

    try:
        return int(any(frame.is_corrupt for frame in packet.decode()))
    except (av.error.FFmpegError, ValueError, RuntimeError, MemoryError):
        return 1
