"""Files, names and counts -> a verdict for every rule of the package; one small function a rule."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.names import why_not_a_theme
from pipeline.packages.records import PART_FOLDERS, Fault, Item, LectureVerdict, Verdict
from pipeline.presets import PACKAGE_RULE_IDS, PackagePart, PackageRuleId, PackageSettings
from pipeline.records import Kind
from pipeline.texts import N_, Message

RULE_TITLES: dict[PackageRuleId, str] = {
    "package.lecture": N_("One lecture"),
    "package.stories": N_("Number of epidemic stories"),
    "package.cases": N_("Number of work cases"),
    "package.pieces": N_("Number of pictures and sound or video pieces"),
    "package.check": N_("The lecture passes its own check"),
    "package.files": N_("Nothing but files that may be delivered"),
    "package.formats": N_("Every file opens and is of the right kind"),
    "package.names": N_("Names tell the theme"),
    "package.duplicates": N_("Nothing twice"),
    "package.size": N_("File sizes"),
}
_FEW = N_("{count} found, {expected} asked. Add to the folder {folder}.")
_MANY = N_("{count} found, {expected} asked. Take some out of {folder}; the files of one work share a folder.")
_UNASKED = N_("{form} is not asked for in this part.")
_ENDING = N_("It is named {suffix} and holds {form}. Give it the ending {right}.")
_TWICE = N_("It has the same content as {other}.")
_LARGE = N_("It has {size} GB, more than {most} GB.")
_MISSED = N_("The lecture misses required rules: {rules}. `weike check` says why.")
_SEVERAL = N_("There is more than one video, so that none was checked.")


@dataclass(frozen=True, slots=True)
class Facts:
    """All that rules may know."""

    items: tuple[Item, ...]
    faults: tuple[Fault, ...]
    """Of gathering."""
    lecture: LectureVerdict | None
    settings: PackageSettings

    def of(self, part: PackagePart) -> list[Item]:
        """Return the files of a part."""
        return [item for item in self.items if item.entry.part == part]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a rule says; level and source come from the preset."""

    measured: str
    expected: str
    faults: tuple[Fault, ...] = ()
    kind: Kind | None = None
    """``None``: passed without faults, failed with one."""


_Rule = Callable[[Facts], _Answer]


def judge(facts: Facts) -> tuple[Verdict, ...]:
    """Return one verdict for every rule, in the rules' order."""
    return tuple(_verdict(rule, RULES[rule](facts), facts.settings) for rule in PACKAGE_RULE_IDS)


def works(items: Iterable[Item], natures: Sequence[str]) -> int:
    """Return how many works there are: a folder is one, and so are files of one name with different endings.

    A work counts by its files of the natures that are asked; one that repeats what came before counts no more.
    """
    seen: set[str] = set()
    named: set[str] = set()
    for item in items:
        if _counts(item, natures) and item.sha256 not in seen:
            seen.add(item.sha256)
            named.add(item.work)
    return len(named)


def _counts(item: Item, natures: Sequence[str]) -> bool:
    return item.content.nature in natures and not item.content.is_refused


def _verdict(rule: PackageRuleId, answer: _Answer, settings: PackageSettings) -> Verdict:
    kind = answer.kind or ("fail" if answer.faults else "pass")
    level, source = settings.levels[rule], settings.sources[rule]
    return Verdict(rule, level, kind, answer.measured, answer.expected, source, answer.faults)


def _count_rule(part: PackagePart, rule: PackageRuleId) -> _Rule:
    def count(facts: Facts) -> _Answer:
        share = getattr(facts.settings, part)
        items = facts.of(part)
        if part in {"lecture", "piece"}:
            found = len({item.sha256 for item in items if _counts(item, share.natures)})
        else:
            found = works(items, share.natures)
        expected = f"{share.at_least}–{share.at_most}" if share.at_least < share.at_most else str(share.at_least)
        if share.at_least <= found <= share.at_most:
            return _Answer(str(found), expected)
        values = {"count": str(found), "expected": expected, "folder": PART_FOLDERS[part]}
        text = _FEW if found < share.at_least else _MANY
        return _Answer(str(found), expected, (Fault(rule, "", Message(text, values)),))

    return count


def _check(facts: Facts) -> _Answer:
    """The lecture's own check."""
    lecture = facts.lecture
    if lecture is None:
        several = any(item.content.nature == "video" for item in facts.of("lecture"))
        faults = (Fault("package.check", "", Message(_SEVERAL)),) if several else ()
        return _Answer("–", "✓", faults, "open")
    if lecture.is_compliant:
        return _Answer("✓", "✓")
    message = Message(_MISSED, {"rules": ", ".join(lecture.missed)})
    return _Answer("✗", "✓", (Fault("package.check", lecture.place, message),))


def _files(facts: Facts) -> _Answer:
    """Links, special files, strays, programs, documents with macros, archives."""
    refused = [
        Fault("package.files", item.entry.shown, item.content.problem)
        for item in facts.items
        if item.content.is_refused and item.content.problem is not None
    ]
    faults = (*facts.faults, *refused)
    return _Answer(str(len(faults)), "0", faults)


def _formats(facts: Facts) -> _Answer:
    """Every file opens to its end, has the ending of what it holds, and is of a nature that its part asks for."""
    faults = tuple(
        Fault("package.formats", item.entry.shown, message)
        for item in facts.items
        if not item.content.is_refused
        for message in _format_faults(item, facts.settings)
    )
    return _Answer(str(len(faults)), "0", faults)


def _format_faults(item: Item, settings: PackageSettings) -> Iterator[Message]:
    content = item.content
    suffix = item.entry.path.suffix.lower()
    if content.problem is not None:
        yield content.problem
    if content.suffixes and suffix not in content.suffixes:
        yield Message(_ENDING, {"suffix": suffix or "–", "form": content.form, "right": content.suffixes[0]})
    asked: tuple[str, ...] = getattr(settings, item.entry.part).natures
    if item.entry.part == "lecture":
        asked = (*asked, "text")
    if content.nature is not None and content.nature not in asked:
        yield Message(_UNASKED, {"form": content.form})


def _names(facts: Facts) -> _Answer:
    """Every file, and every folder in a part, is named by what it is about."""
    faults: dict[str, Fault] = {}
    for item in facts.items:
        if item.content.form == REPORT_FORM:
            continue
        inside = item.entry.inside
        for depth, name in enumerate(inside, 1):
            stem = name if depth < len(inside) else name.removesuffix(item.entry.path.suffix)
            reason = why_not_a_theme(stem)
            if reason is not None:
                place = "/".join((PART_FOLDERS[item.entry.part], *inside[:depth]))
                faults[place] = Fault("package.names", place, Message(reason, {"name": stem}))
    return _Answer(str(len(faults)), "0", tuple(faults.values()))


def _duplicates(facts: Facts) -> _Answer:
    """The same content under two names."""
    first: dict[str, Item] = {}
    faults = []
    for item in facts.items:
        if not item.size_bytes:
            continue
        other = first.setdefault(item.sha256, item)
        if other is not item:
            message = Message(_TWICE, {"other": other.entry.shown})
            faults.append(Fault("package.duplicates", item.entry.shown, message))
    return _Answer(str(len(faults)), "0", tuple(faults))


def _size(facts: Facts) -> _Answer:
    """No file above the preset's size."""
    most = facts.settings.file_max_bytes
    faults = []
    for item in facts.items:
        if item.size_bytes > most:
            values = {"size": f"{item.size_bytes / 1e9:.3f}", "most": f"{most / 1e9:.3f}"}
            faults.append(Fault("package.size", item.entry.shown, Message(_LARGE, values)))
    largest = max((item.size_bytes for item in facts.items), default=0)
    return _Answer(f"{largest / 1e9:.3f} GB", f"≤ {most / 1e9:.3f} GB", tuple(faults))


REPORT_FORM = "Weike"
"""The form of a report that Weike delivered beside the lecture: its name is its own."""
RULES: Mapping[PackageRuleId, _Rule] = {
    "package.lecture": _count_rule("lecture", "package.lecture"),
    "package.stories": _count_rule("story", "package.stories"),
    "package.cases": _count_rule("case", "package.cases"),
    "package.pieces": _count_rule("piece", "package.pieces"),
    "package.check": _check,
    "package.files": _files,
    "package.formats": _formats,
    "package.names": _names,
    "package.duplicates": _duplicates,
    "package.size": _size,
}
