"""The frozen records of a season of lectures: what is registered, what became of it, what is reported.

Moments in a register have no time zone: they are the local time of the notice's deadline.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pipeline.records import Finding
from pipeline.texts import Message

Timeliness = Literal["on_time", "late", "missing"]
Verdict = Literal["compliant", "noncompliant", "failed", "waiting"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a register: a lecture."""

    row: int
    """As a spreadsheet numbers it, from 1."""
    title: str | None = None
    speakers: tuple[str, ...] = ()
    unit: str | None = None
    registered_at: datetime | None = None
    planned_at: datetime | None = None
    """When it is meant to be delivered (计划提交时间)."""
    recordings: tuple[Path, ...] = ()
    """Absolute, in the order in which they are one lecture."""
    script: Path | None = None
    terms: Path | None = None
    audio_track: int | None = None
    card: bool | None = None
    """Whether an opening card stands before the lecture; ``None``: as the preset or the command says."""
    logo: Path | None = None
    name: str | None = None
    """What the delivered files are called; ``None``: as the title."""
    remark: str | None = None

    @property
    def speaker(self) -> str | None:
        """All speakers as one text."""
        return "、".join(self.speakers) or None


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell of a register that cannot be used."""

    sheet: str
    """Name of the sheet; empty for CSV."""
    row: int
    """From 1."""
    column: str
    """Its letters, such as ``C``."""
    heading: str
    found: str
    """What stands there, shortened."""
    why: Message
    remedy: Message
    """What to write."""


@dataclass(frozen=True, slots=True)
class Register:
    """A register as it was read."""

    path: Path
    entries: tuple[Entry, ...]
    """Every row that is not empty, bad ones too."""
    bad_cells: tuple[BadCell, ...]
    notices: tuple[Message, ...] = ()

    def bad_in(self, row: int) -> tuple[BadCell, ...]:
        """Return the bad cells of one row."""
        return tuple(cell for cell in self.bad_cells if cell.row == row)


# -- what became of it ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file that a lecture is made of, as it was when the lecture was."""

    path: Path
    size_bytes: int | None
    """``None``: it was not there."""
    mtime_ns: int | None
    sha256: str | None = None
    """Known after success."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What lies in the folder of a delivered lecture, as its own report says."""

    folder: str
    """Name of the folder in ``OUT``; so is ``video`` in it."""
    video: str
    sha256: str
    source_sha256: str
    size_bytes: int
    duration_ms: int
    mtime_ns: int
    """Of the video; while it and the size stay, the hash is believed."""
    preset: str
    is_compliant: bool
    missed: tuple[str, ...]
    """Ids of required rules that are missed."""
    advised_missed: int
    undecided: int
    """Findings that a person has to decide."""
    doubtful: int
    """Doubtful subtitles."""
    subtitles: int
    created_utc: str
    """ISO 8601."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a lecture was not delivered."""

    id: str
    exit_code: int
    message: Message
    advice: Message
    log: str = ""
    """For whoever looks after Weike."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a lecture; it is kept as soon as it is known."""

    name: str
    state: Literal["running", "delivered", "failed"]
    key: str
    """Of all options; with ``files`` it says whether the same thing is asked for again."""
    files: tuple[SeenFile, ...]
    started_utc: str
    ended_utc: str | None = None
    interruptions: int = 0
    """How many runs ended while it was in work."""
    delivered: Delivered | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class SeasonRow:
    """A lecture in the report of a season."""

    name: str
    title: str | None
    speaker: str | None
    unit: str | None
    recordings: tuple[str, ...]
    """Their names without folders."""
    entry: Entry | None
    """Its row in the register; ``None`` without a register."""
    outcome: Outcome | None
    findings: tuple[Finding, ...]
    """What the rules on the register say."""
    registration: Timeliness | None
    """``None`` where the preset has no such deadline."""
    delivery: Timeliness | None
    bad_cells: tuple[BadCell, ...] = ()
    """What is wrong in its row of the register."""

    @property
    def delivered(self) -> Delivered | None:
        """What was delivered."""
        return self.outcome.delivered if self.outcome else None

    @property
    def failure(self) -> Failure | None:
        """Why nothing was delivered."""
        return self.outcome.failure if self.outcome else None

    @property
    def missed(self) -> tuple[str, ...]:
        """Ids of all required rules that are missed, those on the register first."""
        own = tuple(finding.rule for finding in self.findings if finding.is_miss)
        return own + (self.delivered.missed if self.delivered else ())

    @property
    def verdict(self) -> Verdict:
        """Return the verdict on what was delivered and on its row in the register together."""
        if self.failure is not None:
            return "failed"
        if self.delivered is None:
            return "waiting"
        return "noncompliant" if self.missed else "compliant"
