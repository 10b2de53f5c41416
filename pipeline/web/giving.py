"""Delivered files as answers: to keep, or to look at with nothing in them allowed to run."""

import re
from pathlib import Path

from fastapi.responses import FileResponse, Response

from pipeline.errors import WebNotFoundError
from pipeline.web.work.results import files_of

_STYLE = re.compile(r"style-src '(sha256-[A-Za-z0-9+/=]{44})'")
_SHOWN = {".mp4": "video/mp4", ".html": "text/html; charset=utf-8", ".pdf": "application/pdf"}


def give(folder: Path, name: str, *, show: bool) -> Response:
    """Return a file of a folder, to look at where that is asked for and can be done.

    Raises:
        WebNotFoundError: there is none of that name that may be taken.
    """
    found = [path for path in files_of(folder) if path.name == name] if folder.is_dir() else []
    if not found:
        raise WebNotFoundError
    path = found[0]
    kind = _SHOWN.get(path.suffix) if show else None
    headers = {"Content-Security-Policy": _policy(path)}
    if kind is None:
        return FileResponse(path, media_type="application/octet-stream", filename=path.name, headers=headers)
    return FileResponse(path, media_type=kind, headers=headers)


def _policy(path: Path) -> str:
    """Return what a delivered file may do when it is looked at: show itself, with its own style, and lead to its files.

    No script runs in it. Without ``allow-same-origin`` its links would be another site's to the browser, which then
    keeps the session to itself: whoever is logged in would be asked to log in again.
    """
    style = _STYLE.search(path.read_text("utf-8", "replace")[:4000]) if path.suffix == ".html" else None
    own = f"'{style[1]}'" if style else "'none'"
    may = "sandbox allow-popups allow-downloads allow-same-origin"
    return f"default-src 'none'; img-src data:; style-src {own}; frame-ancestors 'none'; {may}"
