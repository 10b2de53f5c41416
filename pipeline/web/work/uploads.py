"""Recordings on their way in: what lies on the disk is the only truth about how much has arrived.

``uploads/<id>/`` holds ``info.json`` and the file itself, under a safe form of the name it came with. Its size is the
offset at which the next block goes on, so that neither a broken line nor ``kill -9`` of the server loses more than the
block in flight.
"""

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.errors import UploadGoneError, UploadRefusedError
from pipeline.output import safe_name
from pipeline.store import fsync_folder, require_free
from pipeline.texts import _
from pipeline.web.settings import ServeSettings

_INFO = "info.json"
_RESERVE_BYTES = 10**9
"""Space that stays free for the work itself."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that arrives or has arrived."""

    id: str
    owner: str
    name: str
    length: int
    """Bytes in all."""
    begun_s: float


class Uploads:
    """All uploads."""

    def __init__(self, settings: ServeSettings) -> None:
        """Look after the uploads of a served folder."""
        self._settings = settings
        self._folder = settings.uploads
        self._folder.mkdir(parents=True, exist_ok=True)

    def begin(self, owner: str, name: str, length: int) -> Upload:
        """Return a new upload, for which there is room.

        Raises:
            UploadRefusedError: too large, or too many at once.
            DiskFullError: no room.
        """
        most = self._settings.upload_max_bytes
        if not 0 < length <= most:
            reason = _("a file must have between 1 byte and {most} GB").format(most=f"{most / 1e9:g}")
            raise UploadRefusedError(name, reason=reason)
        unfinished = [u for u in self._all() if u.owner == owner and self.offset(u) < u.length]
        if len(unfinished) >= self._settings.uploads_max:
            raise UploadRefusedError(name, reason=_("too many uploads are unfinished"))
        require_free(self._folder, length + _RESERVE_BYTES)
        upload = Upload(secrets.token_hex(16), owner, _safe(name), length, time.time())
        folder = self._folder / upload.id
        folder.mkdir()
        self.path(upload).touch()
        text = json.dumps(asdict(upload), ensure_ascii=False)
        with (folder / _INFO).open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fsync_folder(folder)
        fsync_folder(self._folder)
        return upload

    def find(self, upload: str, owner: str) -> Upload:
        """Return a person's upload.

        Raises:
            UploadGoneError: there is none of that id that is theirs.
        """
        found = self._load(upload) if len(upload) == 32 and upload.isalnum() and upload.isascii() else None
        if found is None or found.owner != owner:
            raise UploadGoneError
        return found

    def path(self, upload: Upload) -> Path:
        """Return where an upload's file lies."""
        return self._folder / upload.id / upload.name

    def offset(self, upload: Upload) -> int:
        """Return how many bytes have arrived."""
        with suppress(OSError):
            return self.path(upload).stat().st_size
        return 0

    def ends_s(self, upload: Upload) -> float:
        """Return when an upload that is not gone on with is removed."""
        with suppress(OSError):
            return self.path(upload).stat().st_mtime + self._settings.upload_kept_s
        return upload.begun_s + self._settings.upload_kept_s

    def drop(self, upload: str) -> None:
        """Remove an upload with all of it."""
        shutil.rmtree(self._folder / upload, ignore_errors=True)

    def sweep(self, used: frozenset[str]) -> None:
        """Remove what was left behind, unless a lecture uses it."""
        for upload in list(self._all()):
            if upload.id not in used and self.ends_s(upload) < time.time():
                self.drop(upload.id)

    def _all(self) -> Iterator[Upload]:
        for folder in self._folder.iterdir():
            found = self._load(folder.name)
            if found is not None:
                yield found

    def _load(self, upload: str) -> Upload | None:
        try:
            return Upload(**json.loads((self._folder / upload / _INFO).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def _safe(name: str) -> str:
    """Return the name a file came with as one that every system takes and that is none of ours."""
    kept = safe_name(Path(name.replace("\\", "/")).name or "recording")
    return f"_{kept}" if kept == _INFO else kept
