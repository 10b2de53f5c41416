"""What the cache folder holds, whether it is whole, and what may go: ``weike cache``."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.store import SUMS, Store, file_sha256, noted_sums

RECENT_S = 24 * 3600
"""What was used this lately may belong to a run in progress and is never pruned."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file that a stage made and the store keeps."""

    kind: str
    path: Path
    size_bytes: int
    used_s: float
    """When it was last used, seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Kind:
    """All artefacts of one kind."""

    name: str
    count: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a look at every artefact found."""

    whole: int
    unknown: tuple[Path, ...]
    """No sum was noted for them, as when the power failed while they were made."""
    damaged: tuple[Path, ...]
    """Their content is not what was made; they are removed and made again when they are needed."""


def artefacts(store: Store) -> Iterator[Artefact]:
    """Yield every artefact of a store."""
    for folder in sorted((store.root / "artefacts").iterdir()):
        for path in sorted(folder.iterdir()):
            if path.name == SUMS or not path.is_file():
                continue
            status = path.stat()
            yield Artefact(folder.name, path, status.st_size, status.st_mtime)


def kinds(store: Store) -> tuple[Kind, ...]:
    """Return how much there is of each kind, the largest first."""
    held: dict[str, list[int]] = {}
    for artefact in artefacts(store):
        held.setdefault(artefact.kind, []).append(artefact.size_bytes)
    found = (Kind(name, len(sizes), sum(sizes)) for name, sizes in held.items())
    return tuple(sorted(found, key=lambda kind: -kind.size_bytes))


def verify(store: Store) -> Inspection:
    """Compare every artefact with the sum that was noted when it was made; remove those that differ."""
    whole, unknown, damaged = 0, [], []
    sums: dict[str, dict[str, tuple[int, str]]] = {}
    for artefact in artefacts(store):
        if artefact.kind not in sums:
            sums[artefact.kind] = noted_sums(artefact.path.parent)
        noted = sums[artefact.kind].get(artefact.path.name)
        if noted is None:
            unknown.append(artefact.path)
        elif noted == (artefact.size_bytes, file_sha256(artefact.path)):
            whole += 1
        else:
            damaged.append(artefact.path)
            artefact.path.unlink(missing_ok=True)
    return Inspection(whole, tuple(unknown), tuple(damaged))


def prune(store: Store, *, unused_s: float = 0.0, keep_bytes: int | None = None) -> tuple[Artefact, ...]:
    """Remove artefacts, the longest unused first, and return them; nothing that was used in the last day goes.

    Args:
        store: whose artefacts.
        unused_s: only what was not used for this long, seconds.
        keep_bytes: stop as soon as no more than this is left; ``None`` removes all that may go.
    """
    held = sorted(artefacts(store), key=lambda artefact: artefact.used_s)
    left = sum(artefact.size_bytes for artefact in held)
    latest = time.time() - max(unused_s, RECENT_S)
    gone = []
    for artefact in held:
        if artefact.used_s > latest or (keep_bytes is not None and left <= keep_bytes):
            break
        artefact.path.unlink(missing_ok=True)
        left -= artefact.size_bytes
        gone.append(artefact)
    return tuple(gone)
