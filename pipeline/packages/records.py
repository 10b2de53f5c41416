"""The frozen records of a package: what was gathered, what each file holds, what the rules say."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pipeline.presets import PackagePart, PackageRuleId
from pipeline.records import Kind, Level
from pipeline.texts import N_, Message

Nature = Literal["text", "picture", "sound", "video"]

PART_TITLES: dict[PackagePart, str] = {
    "lecture": N_("Lecture"),
    "story": N_("Epidemic stories"),
    "case": N_("Work cases"),
    "piece": N_("Pictures, sound and video"),
}
PART_FOLDERS: dict[PackagePart, str] = {
    "lecture": "党课",
    "story": "战疫故事汇",
    "case": "工作案例",
    "piece": "图片音视频",
}
"""What each part's folder is called in the package: in Chinese whatever the language, since the receiver reads it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A regular file that was found."""

    part: PackagePart
    path: Path
    inside: tuple[str, ...]
    """Folders below the part's own, then the file's name."""

    @property
    def shown(self) -> str:
        """The file's place in its part, as a person sees it."""
        return "/".join((PART_FOLDERS[self.part], *self.inside))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one file, or with the package where ``place`` is empty."""

    rule: PackageRuleId
    place: str
    message: Message


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that was found in the folders that were named."""

    entries: tuple[Entry, ...]
    """In a fixed order: by part, then by place."""
    faults: tuple[Fault, ...] = ()
    """What was found and is no regular file, or belongs to no part."""
    ignored: tuple[str, ...] = ()
    """Hidden files and files of systems, which nobody delivers."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds, from its content."""

    nature: Nature | None
    """``None`` for what no part asks for, such as a program."""
    form: str
    """Its format's trade name, such as ``JPEG``; empty when unknown."""
    suffixes: tuple[str, ...] = ()
    """The endings that the format's files may have, lower case with the dot; the first is the usual one."""
    problem: Message | None = None
    """Why it cannot be read whole; ``None`` when it can."""
    is_refused: bool = False
    """It is of a kind that is never delivered: a program, a document with macros, an archive."""
    detail: str = ""
    """Its size or length, such as ``1920×1080``, without a language."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the package with what it holds."""

    entry: Entry
    place: str
    """Its path in the package, with ``/``, safe on every system, unlike any other in it."""
    size_bytes: int
    sha256: str
    content: Content

    @property
    def work(self) -> str:
        """The work that it is part of: its folder in the part, or its own name without the ending."""
        inside = self.entry.inside
        return inside[0] if len(inside) > 1 else Path(inside[0]).stem


@dataclass(frozen=True, slots=True)
class LectureVerdict:
    """What the product's own check says of the lecture."""

    place: str
    sha256: str
    is_compliant: bool
    missed: tuple[str, ...]
    """Ids of the required rules that it misses."""
    is_reused: bool
    """It was read from the report that was delivered with the lecture."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's judgement of the package. Values are written out, without a language."""

    rule: PackageRuleId
    level: Level
    kind: Kind
    measured: str
    expected: str
    source: str
    """The clause, from the preset."""
    faults: tuple[Fault, ...] = ()

    @property
    def is_miss(self) -> bool:
        """A required rule that failed: the verdict is 不合格."""
        return self.kind == "fail" and self.level == "required"


@dataclass(frozen=True, slots=True)
class Package:
    """A package with its judgement."""

    name: str
    preset: str
    preset_version: str
    preset_title: dict[str, str]
    items: tuple[Item, ...]
    verdicts: tuple[Verdict, ...]
    lecture: LectureVerdict | None
    ignored: tuple[str, ...] = field(default=())

    @property
    def is_compliant(self) -> bool:
        """No required rule was missed: the verdict is 合格."""
        return not any(verdict.is_miss for verdict in self.verdicts)

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(item.size_bytes for item in self.items)
