"""A package in a few lines for a terminal: the verdict, what is wrong with which file, what there is."""

from pipeline.packages.judging import RULE_TITLES
from pipeline.packages.records import PART_TITLES, Package, Verdict
from pipeline.reporting.html import plain
from pipeline.texts import _

_ORDER = ("required", "advised", "note")


def package_lines(package: Package) -> list[str]:
    """Return the lines, the gravest first; nothing in them can steer a terminal."""
    verdict = _("Compliant") if package.is_compliant else _("Not compliant")
    title = package.preset_title["zh_CN"]
    lines = [f"{verdict}  ·  {package.preset} {title}"]
    missed = [verdict for verdict in package.verdicts if verdict.kind != "pass"]
    for each in sorted(missed, key=lambda verdict: _ORDER.index(verdict.level)):
        lines += _verdict_lines(each)
    lines.append(_("✓ {count} rules passed").format(count=len(package.verdicts) - len(missed)))
    for part, name in PART_TITLES.items():
        count = sum(item.entry.part == part for item in package.items)
        lines.append(_("{part}: {count} files").format(part=_(name), count=count))
    if package.lecture is not None and package.lecture.is_reused:
        lines.append(_("· The lecture's verdict is that of the report delivered with it."))
    if package.ignored:
        lines.append(_("· Left out as files of systems and programs: {count}").format(count=len(package.ignored)))
    return [plain(line) for line in lines]


def _verdict_lines(verdict: Verdict) -> list[str]:
    mark = "✗" if verdict.is_miss else "!" if verdict.kind == "fail" else "?"
    values = _("{measured} (expected {expected})").format(measured=verdict.measured, expected=verdict.expected)
    lines = [f"{mark} {_(RULE_TITLES[verdict.rule])} [{verdict.rule}]  {values}"]
    return lines + ["    " + "  ".join(filter(None, (fault.place, fault.message.show()))) for fault in verdict.faults]
