"""Doubts in groups: what matters most first, nothing lost, long lists folded."""

from dataclasses import replace
from pathlib import Path

from pipeline.records import Cue, CueSheet, Flag, FlagKind, Report
from pipeline.reporting.doubts import MOST_DOUBTS, OPEN_DOUBTS, doubt_groups, doubtful_count
from pipeline.texts import Message
from tests.reporting.sample import make_report


def flag(kind: FlagKind, weight: float, **more: object) -> Flag:
    return replace(Flag(kind, Message(kind), weight), **more)  # type: ignore[arg-type]


def with_flags(folder: Path, *flags: tuple[Flag, ...]) -> Report:
    cues = tuple(Cue(n * 5000, n * 5000 + 3000, f"第{n}句", f"第{n}句", 0.5, own) for n, own in enumerate(flags))
    return replace(make_report(folder)[0], cue_sheet=CueSheet(cues))


def test_hundreds_of_weighty_misheard_cues_do_not_bury_a_name(tmp_path: Path) -> None:
    heard = tuple((flag("low-confidence", 1.0),) for _ in range(300))
    name = flag("homophone", 0.2, found="李名", suggestion="李明", confidence=0.7)
    words, others = doubt_groups(with_flags(tmp_path, *heard, (name,)))
    assert [doubt.number for doubt in words.doubts] == [301]
    assert words.doubts[0].changes[0].suggestion == "李明"
    assert (len(others.doubts), len(others.folded)) == (OPEN_DOUBTS, MOST_DOUBTS - OPEN_DOUBTS)
    assert others.more == 300 - MOST_DOUBTS
    assert others.count == 300


def test_a_cue_stands_in_each_group_its_flags_belong_to_with_those_reasons_only(tmp_path: Path) -> None:
    report = with_flags(tmp_path, (flag("fast", 0.5), flag("deviation", 0.6)), ())
    speech, layout = doubt_groups(report)
    assert (speech.name, speech.doubts[0].reasons) == ("speech", ("deviation",))
    assert (layout.name, layout.doubts[0].reasons) == ("layout", ("fast",))
    assert doubtful_count(report) == 1


def test_a_group_is_ordered_by_weight_then_time(tmp_path: Path) -> None:
    (group,) = doubt_groups(with_flags(tmp_path, *(((flag("long", weight)),) for weight in (0.3, 0.9, 0.3, 0.5))))
    assert [doubt.number for doubt in group.doubts] == [2, 4, 1, 3]


def test_every_kind_of_flag_has_its_group(tmp_path: Path) -> None:
    kinds: tuple[FlagKind, ...] = FlagKind.__args__  # type: ignore[attr-defined]
    for kind in kinds:
        assert sum(group.count for group in doubt_groups(with_flags(tmp_path, (flag(kind, 0.5),)))) == 1, kind


def test_no_flags_make_no_groups(tmp_path: Path) -> None:
    assert doubt_groups(with_flags(tmp_path, ())) == ()
    assert doubt_groups(replace(make_report(tmp_path)[0], cue_sheet=None)) == ()
