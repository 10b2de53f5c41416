"""What a file holds, by its content: the first reader that knows it answers, and reads it whole."""

from collections.abc import Callable
from pathlib import Path

from pipeline.packages.reading import documents, media, pictures, programs
from pipeline.packages.records import Content
from pipeline.texts import N_, Message

Reader = Callable[[Path, bytes], Content | None]

_HEAD_BYTES = 4096
READERS: tuple[Reader, ...] = (
    programs.read,
    pictures.read,
    documents.read_pdf,
    documents.read_packed,
    documents.read_old_office,
    documents.read_text,
    media.read,
)
"""Asked in this order, programs first: what is dangerous is refused whatever else it might be."""
_EMPTY = N_("It is empty (0 bytes). Copy it again from where it was made.")
_UNKNOWN = N_("Nothing here knows this kind of file. Deliver pictures, sound, video, .docx, .pdf or .txt.")


def read_content(path: Path) -> Content:
    """Return what the regular file at ``path`` holds; what is wrong with it stands in the answer, nothing is raised."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        return Content(None, "", problem=Message(_EMPTY))
    for reader in READERS:
        content = reader(path, head)
        if content is not None:
            return content
    return Content(None, "", problem=Message(_UNKNOWN))
