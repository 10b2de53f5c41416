"""A package from end to end: gathered, read, judged, listed, packed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import NothingNamedError, PackageNotAskedError, UnreadableFileError
from pipeline.events import Emit, StageAdvanced, StageFinished, StageStarted
from pipeline.output import staged
from pipeline.packages.archive import write_zip
from pipeline.packages.gathering import gather, open_regular
from pipeline.packages.judging import REPORT_FORM, Facts, judge
from pipeline.packages.lectures import is_delivered_report, judge_lecture
from pipeline.packages.manifest import manifest_json
from pipeline.packages.names import safe_places
from pipeline.packages.reading import read_content
from pipeline.packages.records import PART_FOLDERS, Content, Entry, Fault, Item, Package
from pipeline.packages.sheet import manifest_xlsx
from pipeline.presets import PackagePart, Preset
from pipeline.store import Store
from pipeline.texts import N_, Message

STAGE = "package"
_CHUNK_BYTES = 1 << 20
_UNREADABLE = N_("It cannot be read: {reason}.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants packed."""

    name: str
    """Of the package; its folder and its ZIP are called so."""
    folder: Path | None
    """Holds a sub-folder for each part."""
    parts: Mapping[PackagePart, Sequence[Path]] = field(default_factory=dict)
    """Parts that are named by hand."""


def examine(wanted: Wanted, preset: Preset, store: Store, emit: Emit) -> Package:
    """Return the package with its judgement; the files are only read.

    Raises:
        PackageNotAskedError: the preset's notice asks for none.
        NothingNamedError: neither a folder nor a part was named.
        InputError: what was named is not there, or holds nothing.
        MissingToolError: the lecture cannot be checked on this machine.
    """
    settings = preset.package
    if settings is None or not settings.is_asked:
        raise PackageNotAskedError(name=preset.id)
    if wanted.folder is None and not any(wanted.parts.values()):
        raise NothingNamedError
    gathered = gather(wanted.folder, wanted.parts)
    items, faults = _read_all(gathered.entries, emit)
    lecture = judge_lecture(items, preset, store, emit)
    return Package(
        name=wanted.name,
        preset=preset.id,
        preset_version=preset.version,
        preset_title=preset.title.model_dump(),
        items=items,
        verdicts=judge(Facts(items, (*gathered.faults, *faults), lecture, settings)),
        lecture=lecture,
        ignored=gathered.ignored,
    )


def deliver(package: Package, out: Path, *, zipped: bool) -> Path:
    """Return the folder with the package's list, and its ZIP where it is wanted and no required rule is missed.

    Raises:
        OutputBusyError, OutputExistsError, OutputUnwritableError, DiskFullError: the folder is not to be had.
        ChangedWhilePackedError, VerificationError: the ZIP is not what was checked.
    """
    folder = out / package.name
    lists = {"manifest.json": manifest_json(package), "manifest.xlsx": manifest_xlsx(package)}
    with staged(folder) as stage:
        for name, data in lists.items():
            (stage / name).write_bytes(data)
        if zipped and package.is_compliant:
            write_zip(package.items, lists, stage / f"{package.name}.zip")
    return folder


def _read_all(entries: Sequence[Entry], emit: Emit) -> tuple[tuple[Item, ...], tuple[Fault, ...]]:
    places = safe_places((PART_FOLDERS[entry.part], *entry.inside) for entry in entries)
    items, faults = [], []
    emit(StageStarted(STAGE, len(entries), "files"))
    for number, (entry, place) in enumerate(zip(entries, places, strict=True), 1):
        try:
            items.append(_read(entry, place))
        except (UnreadableFileError, OSError) as error:
            reason = error.values["reason"] if isinstance(error, UnreadableFileError) else str(error.strerror)
            faults.append(Fault("package.files", entry.shown, Message(_UNREADABLE, {"reason": reason})))
        emit(StageAdvanced(STAGE, number))
    emit(StageFinished(STAGE))
    return tuple(items), tuple(faults)


def _read(entry: Entry, place: str) -> Item:
    digest, size = hashlib.sha256(), 0
    with open_regular(entry.path) as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    sha256 = digest.hexdigest()
    if entry.part == "lecture" and is_delivered_report(entry.path, sha256):
        content = Content("text", REPORT_FORM, (entry.path.suffix,))
    else:
        content = read_content(entry.path)
    return Item(entry, place, size, sha256, content)
