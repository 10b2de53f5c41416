"""A package as one ZIP: names that every system takes, one order, one time, all of it read back before it is named.

Entries are stored, not compressed: recordings, pictures and documents are compressed already, and what one library
compresses otherwise than another would change the bytes.
"""

import hashlib
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

from pipeline.errors import ChangedWhilePackedError, VerificationError
from pipeline.packages.gathering import open_regular
from pipeline.packages.records import Item
from pipeline.packages.sheet import EPOCH
from pipeline.store import put_in_place

_CHUNK_BYTES = 1 << 20
_UNIX = 3
_MODE = 0o100644


def write_zip(items: Sequence[Item], extras: Mapping[str, bytes], final: Path) -> None:
    """Write the ZIP of ``items`` and ``extras`` (name and content) to ``final``, which never holds a partial one.

    Raises:
        ChangedWhilePackedError: a file is not what it was when it was read, or a link stands in its place.
        VerificationError: what was written does not read back.
        OSError: the disk.
    """
    temporary = final.with_name(f".{final.name}.part")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED, allowZip64=True) as packed:
            for item in sorted(items, key=lambda item: item.place):
                _add(packed, item)
            for name, data in sorted(extras.items()):
                packed.writestr(_info(name, len(data)), data)
        _verify(temporary, items, extras)
        put_in_place(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)


def _add(packed: zipfile.ZipFile, item: Item) -> None:
    digest, size = hashlib.sha256(), 0
    with open_regular(item.entry.path) as source, packed.open(_info(item.place, item.size_bytes), "w") as target:
        while chunk := source.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > item.size_bytes:
                break
            digest.update(chunk)
            target.write(chunk)
    if size != item.size_bytes or digest.hexdigest() != item.sha256:
        raise ChangedWhilePackedError(item.entry.path)


def _info(name: str, size_bytes: int) -> zipfile.ZipInfo:
    """Return what the ZIP says of an entry; a name beyond ASCII is marked as UTF-8 by the library."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.create_system = _UNIX
    info.external_attr = _MODE << 16
    info.file_size = size_bytes
    return info


def _verify(path: Path, items: Iterable[Item], extras: Mapping[str, bytes]) -> None:
    """Read every entry back, with its CRC, and compare it with what should be there."""
    expected = {item.place: item.sha256 for item in items}
    expected |= {name: hashlib.sha256(data).hexdigest() for name, data in extras.items()}
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            if len(names) != len(expected) or set(names) != set(expected):
                raise VerificationError(path, problem="names")
            for name in names:
                with packed.open(name) as entry:
                    if _sha256(entry) != expected[name]:
                        raise VerificationError(path, problem=name)
    except (zipfile.BadZipFile, EOFError) as error:
        raise VerificationError(path, problem=str(error)) from error


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
