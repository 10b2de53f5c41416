"""What this machine has for the work, what is missing, and the command that mends it."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.errors import WeikeError
from pipeline.media import binaries
from pipeline.presets import load_preset
from pipeline.store import default_cache
from pipeline.texts import N_, Message

MIN_FREE_BYTES = 5_000_000_000
"""Room for one lecture: segments, joined file and delivery under 1 GB each, with some to spare."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked for."""

    id: str
    name: Message
    state: Literal["ok", "missing", "note"]
    """``note``: not there, and the main job does without it."""
    found: str
    advice: Message | None = None

    def as_json(self) -> dict[str, str | None]:
        """Return the check as JSON values."""
        return {
            "id": self.id,
            "state": self.state,
            "found": self.found,
            "advice": None if self.advice is None else self.advice.show(),
        }


def examine(cache: Path | None = None) -> tuple[Check, ...]:
    """Return every check of this machine; nothing is changed."""
    return (
        _python(),
        *_ffmpegs(),
        _encoders(),
        _font(),
        *_models(),
        _gpu(),
        _disk(cache or default_cache()),
    )


def install_missing() -> None:
    """Install what Weike can install by itself: the font.

    Raises:
        NoFontError: it could not be fetched.
    """
    from pipeline.media.rendering.fonts import find_font, install_font

    try:
        find_font(load_preset().captions.font)
    except WeikeError:
        install_font()


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("python", Message(N_("Python")), "ok", version)


def _ffmpegs() -> list[Check]:
    checks = []
    for origin, path in binaries.candidates():
        try:
            found = binaries.inspect(path, origin)
            lacks = ", ".join(found.missing)
        except WeikeError as error:
            checks.append(Check("ffmpeg", Message(N_("ffmpeg")), "note", f"{path}: {error.message.show()}"))
            continue
        advice = Message(N_("This one is not used: it lacks {names}."), {"names": lacks}) if lacks else None
        checks.append(
            Check(
                "ffmpeg", Message(N_("ffmpeg")), "note" if lacks else "ok", f"{path} {found.version} ({origin})", advice
            )
        )
    try:
        chosen = binaries.ffmpeg()
    except WeikeError as error:
        return [*checks, Check("ffmpeg.used", Message(N_("ffmpeg in use")), "missing", "–", error.advice)]
    return [*checks, Check("ffmpeg.used", Message(N_("ffmpeg in use")), "ok", str(chosen.path))]


def _encoders() -> Check:
    from pipeline.media.rendering.encoders import available

    name = Message(N_("Encoders that passed a test encode"))
    try:
        working = available()
    except WeikeError as error:
        return Check("encoders", name, "missing", "–", error.advice)
    return Check("encoders", name, "ok" if "libx264" in working else "missing", ", ".join(working) or "–")


def _font() -> Check:
    from pipeline.media.rendering.fonts import find_font

    return _found_or("font", Message(N_("Chinese font")), lambda: str(find_font(load_preset().captions.font).path))


def _models() -> list[Check]:
    from pipeline.engines.models import find_model, models_here

    here = [
        Check(
            "model", Message(N_("Recognition model")), "ok", f"{path.stem}  {path.stat().st_size / 1e6:,.0f} MB  {path}"
        )
        for path in models_here()
    ]
    wanted = load_preset().recognition.model
    name = Message(N_("Model of the default preset ({model})"), {"model": wanted})
    default = _found_or("model.default", name, lambda: str(find_model(wanted)))
    return [*here, default]


def _gpu() -> Check:
    import torch

    name = Message(N_("GPU for recognition"))
    if torch.cuda.is_available():
        return Check("gpu", name, "ok", torch.cuda.get_device_name(0))
    return Check("gpu", name, "note", "–", Message(N_("Recognition runs on the processor.")))


def _disk(folder: Path) -> Check:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free
    name = Message(N_("Free space for work files"))
    found = f"{free / 1e9:.1f} GB  {folder}"
    if free >= MIN_FREE_BYTES:
        return Check("disk", name, "ok", found)
    advice = Message(
        N_("A lecture needs about {need} GB; free some space or choose another folder with --cache."),
        {"need": f"{MIN_FREE_BYTES / 1e9:.0f}"},
    )
    return Check("disk", name, "missing", found, advice)


def _found_or(id_: str, name: Message, find: Callable[[], str]) -> Check:
    try:
        return Check(id_, name, "ok", find())
    except WeikeError as error:
        return Check(id_, name, "missing", "–", error.advice)
