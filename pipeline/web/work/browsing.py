"""Recordings that lie in the served folder already, for those who need not upload."""

from pathlib import Path

from pipeline.batch.planning import SUFFIXES
from pipeline.errors import WebFormError
from pipeline.texts import _
from pipeline.web.settings import ServeSettings
from pipeline.web.work.walking import folders

_SHOWN_MAX = 300


def recordings(settings: ServeSettings) -> list[tuple[str, str]]:
    """Return path below the served folder and size of each recording there; no links, nothing hidden, nothing ours."""
    films = (path for _folder, files in folders(settings) for path in files if path.suffix.lower() in SUFFIXES)
    found = sorted(films)[:_SHOWN_MAX]
    return [(path.relative_to(settings.root).as_posix(), f"{path.stat().st_size / 1e6:,.1f} MB") for path in found]


def chosen(settings: ServeSettings, relative: str) -> Path:
    """Return a recording that a person picked.

    Raises:
        WebFormError: it is none of those that are shown.
    """
    root = settings.root.resolve()
    try:
        path = (root / relative).resolve(strict=True)
        is_ours = path.is_relative_to(root) and path.is_file() and path.suffix.lower() in SUFFIXES
        inner = path.relative_to(root).parts if is_ours else (".",)
    except (OSError, ValueError, RuntimeError):
        raise WebFormError(reason=_("the recording that was picked is not there any more")) from None
    if any(part.startswith(".") for part in inner) or inner[0] == settings.lectures.name:
        raise WebFormError(reason=_("the recording that was picked is not there any more"))
    return path
